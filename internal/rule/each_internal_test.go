package rule

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"botengine/internal/event"
)

// brokenSet has a rule whose condition panics, between two that are well.
func brokenSet(t *testing.T) *Set {
	t.Helper()
	set, findings := Compile(Sources{{Path: "rules/a.yaml", Text: []byte(`version: 1
rules:
  - {id: before, on: message.text, match: {any: [退款]}, do: [{reply: 前}]}
  - {id: bad, on: message.text, match: {any: [退款]}, when: len(text) > 1, do: [{reply: 坏}]}
  - {id: after, on: message.text, match: {any: [退款]}, do: [{reply: 后}]}
  - {id: other, on: friend.request, do: [{reply: 别的}]}
`)}})
	if set == nil {
		t.Fatal(findings)
	}
	set.byID["bad"].checks = []check{{}}
	return set
}

func TestARuleThatPanicsIsMarkedAndTheOthersGoOn(t *testing.T) {
	set := brokenSet(t)
	now := time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC)
	ev := &event.Event{Kind: event.MessageText, Time: now, Received: now, Message: event.Message{ContentType: 1, Text: "怎么退款"}}
	panicked := func() (did bool) {
		defer func() { did = recover() != nil }()
		set.Match(ev, now, false)
		return false
	}
	if !panicked() {
		t.Fatal("the rule does not panic")
	}
	for name, c := range map[string]struct {
		aside   string
		want    []string
		blamed  []string
		outcome Outcome
	}{
		"it is blamed":        {"", []string{"before", "bad condition_error", "after"}, []string{"bad"}, ConditionError},
		"set aside, not so":   {"bad", []string{"before", "bad quarantined", "after"}, nil, Quarantined},
		"another's, it still": {"other", []string{"before", "bad condition_error", "after"}, []string{"bad"}, ConditionError},
	} {
		t.Run(name, func(t *testing.T) {
			matches, blamed := set.MatchEach(ev, now, func(id string) bool { return id == c.aside })
			var got []string
			for _, m := range matches {
				word := m.Rule.ID
				if m.Outcome != "" {
					word += " " + string(m.Outcome)
				}
				got = append(got, word)
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Error(diff)
			}
			if diff := cmp.Diff(c.blamed, blamed); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// Where no rule panics, both ways of asking say the same.
func TestRulesAskedOneByOneSayTheSame(t *testing.T) {
	set := brokenSet(t)
	set.byID["bad"].checks = nil
	now := time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC)
	for _, ev := range []event.Event{
		{Kind: event.MessageText, Message: event.Message{ContentType: 1, Text: "怎么退款"}},
		{Kind: event.MessageText, Message: event.Message{ContentType: 1, Text: "你好"}},
		{Kind: event.FriendRequest, Friend: event.Friend{ID: "7881300000000001", Reason: "退款"}},
	} {
		ev.Time, ev.Received = now, now
		each, _ := set.MatchEach(&ev, now, func(string) bool { return false })
		ids := func(all []Match) (out []string) {
			for _, m := range all {
				out = append(out, m.Rule.ID+" "+string(m.Outcome))
			}
			return out
		}
		if diff := cmp.Diff(ids(set.Match(&ev, now, false)), ids(each)); diff != "" {
			t.Error(diff)
		}
	}
}
