package rule_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"botengine/internal/event"
	"botengine/internal/rule"
)

// answers says which rules an ordinary question at that time concerns, and what
// becomes of them.
func answers(t *testing.T, set *rule.Set, at string) string {
	t.Helper()
	now, err := time.ParseInLocation("2006-01-02 15:04", at, time.FixedZone("CST", 8*3600))
	if err != nil {
		t.Fatal(err)
	}
	ev := &event.Event{
		Kind: event.MessageText, Time: now, Received: now, Message: event.Message{Text: "我要退款"},
		Chat: event.Chat{ID: "S:1688850285583026_R:1", Peer: "R:1", Group: true}, Sender: event.Person{ID: "7881302985963919"},
	}
	out := ""
	for _, m := range set.Match(ev, now, false) {
		out += fmt.Sprintf("%s:%s ", m.Rule.ID, m.Outcome)
	}
	return out
}

func TestARuleIsAtWorkOnItsDays(t *testing.T) {
	const head = `version: 1
lists: {holidays: ["2026-10-01..2026-10-07"], workdays: ["2026-10-10"]}
rules:
  - {id: r, on: message.text, match: {any: [退款]}, do: [{reply: 您好}], active: `
	for name, c := range map[string]struct {
		active    string
		on, other string
	}{
		"on the workdays of the calendar":       {`{days: [workday]}`, "2026-10-08 10:00", "2026-10-05 10:00"},
		"on a Saturday that makes up":           {`{days: [workday]}`, "2026-10-10 10:00", "2026-10-17 10:00"},
		"on the days of rest":                   {`{days: [restday]}`, "2026-10-05 10:00", "2026-10-10 10:00"},
		"on a day of rest and each Monday":      {`{days: [restday, mon]}`, "2026-10-12 10:00", "2026-10-13 10:00"},
		"on its dates only":                     {`{dates: ["2026-11-11", "12-12"]}`, "2027-12-12 10:00", "2026-11-12 10:00"},
		"but not on the holidays":               {`{days: [mon-fri], except_dates: {list: holidays}}`, "2026-09-30 10:00", "2026-10-01 10:00"},
		"past midnight of a day that it has":    {`{dates: ["2026-11-11"], hours: ["20:00-02:00"]}`, "2026-11-12 01:59", "2026-11-11 01:59"},
		"not past midnight of one it has not":   {`{except_dates: ["2026-11-11"], hours: ["20:00-02:00"]}`, "2026-11-11 01:59", "2026-11-12 01:59"},
		"on dates of another zone":              {`{dates: ["2026-11-11"], timezone: America/New_York}`, "2026-11-12 12:00", "2026-11-11 12:00"},
		"where clocks show two o'clock not yet": {`{hours: ["02:00-03:00"], timezone: Europe/Berlin}`, "2026-03-28 09:30", "2026-03-29 09:30"},
	} {
		t.Run(name, func(t *testing.T) {
			set := compiled(t, head+c.active+"}\n")
			if got := answers(t, set, c.on); got != "r: " {
				t.Errorf("at %s: %q", c.on, got)
			}
			if got := answers(t, set, c.other); got != "r:inactive " {
				t.Errorf("at %s: %q", c.other, got)
			}
		})
	}
}

// A list belongs to its file, whatever lists of other files are called.
func TestListsOfOneNameInTwoFilesAreTwoCalendars(t *testing.T) {
	file := func(id, date string) rule.Source {
		return rule.Source{Path: "rules/" + id + ".yaml", Text: []byte(`version: 1
lists: {opening: ["` + date + `"]}
rules: [{id: ` + id + `, on: message.text, when: text contains "退款", active: {dates: {list: opening}}, do: [{reply: 您好}]}]
`)}
	}
	set, findings := rule.Compile(rule.Sources{file("a", "2026-10-01"), file("b", "2026-10-02")})
	if set == nil {
		t.Fatal(findings)
	}
	if a, b := answers(t, set, "2026-10-01 10:00"), answers(t, set, "2026-10-02 10:00"); a != "a: b:inactive " || b != "a:inactive b: " {
		t.Errorf("on the first day %q, on the second %q", a, b)
	}
}

// compiled is the set of one file.
func compiled(t *testing.T, text string) *rule.Set {
	t.Helper()
	set, findings := rule.Compile(rule.Sources{{Path: "rules/a.yaml", Text: []byte(text)}})
	if set == nil {
		t.Fatalf("the rules do not compile: %v", findings)
	}
	return set
}

// Opens is the first time at which a rule is at work again: until then it is not.
func TestOpensIsWhenARulesHoursBeginAgain(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var parts []string
		for i := range rapid.IntRange(0, 3).Draw(t, "windows") {
			from, to := rapid.IntRange(0, 23).Draw(t, "from"), rapid.IntRange(0, 23).Draw(t, "to")
			parts = append(parts, fmt.Sprintf("\"%02d:%d0-%02d:30\"", from, i, to))
		}
		active := "timezone: Asia/Shanghai, hours: [" + strings.Join(parts, ", ") + "]"
		if len(parts) == 0 {
			active = "timezone: Asia/Shanghai"
		}
		active += rapid.SampledFrom([]string{", days: [mon-fri]", ", days: [workday]", ", days: [sat]", ", dates: [\"10-03..10-09\"]", ", except_dates: {list: holidays}"}).Draw(t, "days")
		set, findings := rule.Compile(rule.Sources{{Path: "rules/a.yaml", Text: []byte(`lists: {holidays: ["2026-10-01..2026-10-07"], workdays: ["2026-10-10"]}
rules: [{id: r, on: message.text, when: "true", active: {` + active + `, outside: [{reply: 休息}]}, do: [{reply: 您好}]}]`)}})
		if set == nil {
			t.Fatal(findings)
		}
		outside := func(at time.Time) bool {
			ev := event.Event{Kind: event.MessageText, Time: at, Message: event.Message{Text: "在吗"}}
			return set.Match(&ev, at, false)[0].Outside
		}
		now := time.Unix(1790000000+rapid.Int64Range(0, 60*24*3600).Draw(t, "now"), 0)
		if !outside(now) {
			return
		}
		opens := set.Rules[0].Opens(now)
		if !opens.After(now) || outside(opens) || !outside(opens.Add(-time.Second)) {
			t.Fatalf("%s: after %s it opens at %s", active, now, opens)
		}
		between := now.Add(time.Duration(rapid.Int64Range(0, int64(opens.Sub(now))-1).Draw(t, "between")))
		if !outside(between) {
			t.Fatalf("%s: open at %s, before %s", active, between, opens)
		}
	})
}

// Of rules that look for something else there is nothing to tell, whatever the hour.
func TestARuleWhoseConditionIsFalseIsNotReportedInactive(t *testing.T) {
	set := compiled(t, `version: 1
rules:
  - {id: here, on: message.text, when: text contains "退款", active: {hours: ["09:00-18:00"]}, do: [{reply: 您好}]}
  - {id: elsewhere, on: message.text, when: text contains "发票", active: {hours: ["09:00-18:00"]}, do: [{reply: 您好}]}
  - {id: long, on: message.text, when: len(text) > 100, active: {hours: ["09:00-18:00"]}, do: [{reply: 您好}]}
`)
	if got := answers(t, set, "2026-10-01 23:00"); got != "here:inactive " {
		t.Errorf("at night: %q", got)
	}
}
