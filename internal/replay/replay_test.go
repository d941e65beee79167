package replay_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"
	"pgregory.net/rapid"

	"botengine/internal/diag"
	"botengine/internal/event"
	"botengine/internal/replay"
	"botengine/internal/rule"
	"botengine/internal/state"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var noon = time.Date(2026, 11, 20, 4, 0, 0, 0, time.UTC) // 12:00 in Shanghai, a Friday

func compile(t testing.TB, text string) *rule.Set {
	t.Helper()
	set, findings := rule.Compile(rule.Sources{{Path: "rules/a.yaml", Text: []byte("version: 1\n" + text)}})
	if set == nil {
		t.Fatalf("the rules do not compile: %s", findings.Summary(diag.EN))
	}
	return set
}

// said is what a person said in a group, that long after noon.
func said(n int, after time.Duration, person, group, words string) replay.Item {
	at := noon.Add(after)
	return replay.Item{Record: state.Record{
		Position: uint64(n), Text: state.TextFull,
		Event: event.Event{
			Kind: event.MessageText, ID: fmt.Sprintf("20261120%08d", n), Account: "main",
			Robot: event.Robot{Key: "robot", ID: "1688850000000001", Name: "小助手", Status: event.StatusOnline}, Time: at, Received: at,
			Chat:    event.Chat{ID: "S:1688850000000001_R:" + group, Peer: "R:" + group, Name: "群" + group, Group: true},
			Sender:  event.Person{ID: person, Name: "客户" + person, IsMember: true},
			Message: event.Message{SvrID: fmt.Sprint(1000 + n), ContentType: 1, Text: words},
		},
		Fate: state.Fate{At: at, Origin: state.Live},
	}}
}

func each(items []replay.Item) iter.Seq2[*replay.Item, error] {
	return func(yield func(*replay.Item, error) bool) {
		for i := range items {
			if !yield(&items[i], nil) {
				return
			}
		}
	}
}

func run(t testing.TB, o replay.Options, items ...replay.Item) replay.Report {
	t.Helper()
	o.Events, o.Takeover = each(items), rule.DefaultTakeover
	r, err := replay.Run(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// brief is a change in one line.
func brief(changes []replay.Change) []string {
	var out []string
	for _, c := range changes {
		out = append(out, fmt.Sprintf("%s %s %d %s -> %s", c.Class, c.Rule, c.Event.Position, words(c.Old), words(c.New)))
	}
	return out
}

func words(a *replay.Answer) string {
	if a == nil {
		return "-"
	}
	var fields struct{ Content string }
	_ = json.Unmarshal(a.Fields, &fields)
	return fields.Content
}

const shop = `rules:
  - {id: refund, on: message.text, match: {any: [退款]}, cooldown: {for: 10m}, do: [{reply: 请回复订单号}]}
  - id: hello
    on: message.text
    match: {any: [您好]}
    do:
      - reply: 您好
      - delay: 30m
      - reply: 还在吗？
`

func TestRulesAnswerRecordedEvents(t *testing.T) {
	got := run(t, replay.Options{Set: compile(t, shop)},
		said(1, 0, "7001", "1", "怎么退款"), said(2, time.Minute, "7002", "1", "我也要退款"), said(3, 2*time.Minute, "7001", "2", "您好"),
		said(4, 20*time.Minute, "7002", "1", "退款呢？"), said(5, time.Hour, "7002", "1", "有人吗"))
	want := []replay.RuleCount{{Rule: "hello", Fired: 1, Commands: 2}, {Rule: "refund", Fired: 2, Commands: 2, Held: 1}}
	if diff := cmp.Diff(want, got.Rules.Rules); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if got.Events != 5 || got.Rules.Commands != 4 || got.Rules.Answered != 3 || got.Rules.Waiting != 0 {
		t.Errorf("report = %+v", got)
	}
}

func TestTheClockStopsAtTheLastEvent(t *testing.T) {
	got := run(t, replay.Options{Set: compile(t, shop)}, said(1, 0, "7001", "1", "您好"), said(2, 10*time.Minute, "7001", "1", "好"))
	if got.Rules.Commands != 1 || got.Rules.Waiting != 1 {
		t.Errorf("report = %+v", got.Rules)
	}
}

func TestChangesAreToldByClassRuleAndChat(t *testing.T) {
	fresh := strings.NewReplacer("请回复订单号", "请发订单号", "还在吗？", "还有别的问题吗？", "[您好]", "[您好, 在吗]").Replace(shop)
	old := shop + "  - {id: price, on: message.text, match: {any: [价格]}, do: [{reply: 99 元}]}\n"
	got := run(t, replay.Options{Set: compile(t, fresh), Against: compile(t, old)},
		said(1, 0, "7001", "1", "怎么退款"), said(2, time.Minute, "7002", "1", "您好"), said(3, 2*time.Minute, "7001", "2", "价格"),
		said(4, 3*time.Minute, "7002", "3", "在吗"), said(5, time.Hour, "7002", "1", "好"))
	want := []string{
		"no_longer price 3 99 元 -> -",
		"differently hello 2 还在吗？ -> 还有别的问题吗？",
		"differently refund 1 请回复订单号 -> 请发订单号",
		"newly hello 4 - -> 您好",
		"newly hello 4 - -> 还有别的问题吗？",
	}
	if diff := cmp.Diff(want, brief(got.Changes)); diff != "" || got.Changed != 4 {
		t.Errorf("%d events (-want +got):\n%s", got.Changed, diff)
	}
}

func TestWhatWasRecordedIsComparedByTheCommandsOfTheMoment(t *testing.T) {
	set := compile(t, shop)
	first := run(t, replay.Options{Set: set, Against: compile(t, "rules: []\n")}, said(1, 0, "7001", "1", "怎么退款"), said(2, time.Minute, "7001", "1", "您好"))
	if len(first.Changes) != 2 {
		t.Fatalf("changes = %v", brief(first.Changes))
	}
	recorded := func(n int, after time.Duration, words, id, content string) replay.Item {
		item := said(n, after, "7001", "1", words)
		item.Commands = []string{id}
		if content != "" {
			e := state.Entry{State: state.Confirmed}
			e.Command.MessageID, e.Command.Rule, e.Command.Type = id, "refund", "message.text"
			e.Command.Fields = json.RawMessage(`{"content":"` + content + `"}`)
			item.Entries = append(item.Entries, e)
		}
		return item
	}
	items := []replay.Item{recorded(1, 0, "怎么退款", "1", "旧的话"), said(2, time.Minute, "7001", "1", "您好"), recorded(3, 2*time.Minute, "价格", "3", "")}
	items[2].Verdicts = []state.RecordedVerdict{{Rule: "price", Outcome: "fired"}}
	got := run(t, replay.Options{Set: set, Changed: true}, append(items, said(4, time.Hour, "7001", "1", "好"))...)
	want := []string{
		"no_longer price 3  -> -", // what it said is not known any more
		"differently refund 1 旧的话 -> 请回复订单号",
		"newly hello 2 - -> 您好", // and not the word that comes later, of which nothing is recorded
	}
	if diff := cmp.Diff(want, brief(got.Changes)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// A robot's own message ends the command that sent it, and its run goes on: what
// follows belongs to the event that the run began with.
func TestWhatARobotsOwnMessageCarriedOnIsNotHeldAgainstIt(t *testing.T) {
	own := said(2, time.Second, "7001", "1", "好的")
	own.Ours, own.Commands = true, []string{"2"}
	next := state.Entry{State: state.Confirmed}
	next.Command.MessageID, next.Command.Rule, next.Command.Type, next.Command.Fields = "2", "refund", "robot.cust.tags", json.RawMessage(`{"tags":["1"]}`)
	own.Entries = []state.Entry{next}
	got := run(t, replay.Options{Set: compile(t, shop), Changed: true}, said(1, 0, "7001", "1", "天气"), own)
	if len(got.Changes) != 0 {
		t.Errorf("changes = %v", brief(got.Changes))
	}
}

func TestATagIsReplayedByItsNameNotAsAQuestionForTheList(t *testing.T) {
	set := compile(t, "rules: [{id: a, on: message.text, match: {any: [退款]}, do: [{tag: {add: [售后/退款]}}]}]\n")
	got := run(t, replay.Options{Set: set, Against: compile(t, "rules: []\n")}, said(1, 0, "7001", "1", "退款"))
	if len(got.Changes) != 1 || got.Changes[0].New.Type != "robot.cust.tags" || !strings.Contains(string(got.Changes[0].New.Fields), `"tags":["售后/退款"]`) {
		t.Errorf("changes = %v", brief(got.Changes))
	}
}

func TestAnAnswerToAQuestionIsHeard(t *testing.T) {
	set := compile(t, `rules:
  - id: ask
    on: message.text
    match: {any: [退款]}
    do:
      - reply: 订单号是多少？
      - wait_for: {on: message.text, from: sender, timeout: 5m, on_timeout: [{reply: 没有等到}]}
      - reply: 收到
`)
	none := compile(t, "rules: []\n")
	got := run(t, replay.Options{Set: set, Against: none}, said(1, 0, "7001", "1", "退款"), said(2, time.Minute, "7001", "1", "12345"), said(3, time.Hour, "7001", "2", "退款"), said(4, 2*time.Hour, "7001", "1", "好"))
	want := []string{"newly ask 1 - -> 订单号是多少？", "newly ask 2 - -> 收到", "newly ask 3 - -> 订单号是多少？", "newly ask 3 - -> 没有等到"}
	if diff := cmp.Diff(want, brief(got.Changes)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestSchedulesHappenInBetween(t *testing.T) {
	set := compile(t, `rules:
  - {id: morning, on: {schedule: {cron: "0 13 * * *"}}, scope: {chats: ["群*"]}, do: [{reply: 下午好}]}
`)
	got := run(t, replay.Options{Set: set, Against: compile(t, "rules: []\n")},
		said(1, 0, "7001", "1", "好"), said(2, time.Minute, "7001", "2", "好"), said(3, 2*time.Hour, "7001", "3", "好"), said(4, 26*time.Hour, "7001", "3", "好"))
	if want := 2 + 3; got.Rules.Commands != want || got.Changed != want || got.Changes[0].Event.Kind != event.ScheduleChat {
		t.Errorf("%d commands, want %d: %v", got.Rules.Commands, want, brief(got.Changes))
	}
}

// What concerns nobody is passed over, but for what it tells of robots and groups.
func TestRobotsAreHeardOfInMessagesThatConcernNobody(t *testing.T) {
	set := compile(t, `rules:
  - {id: robots, on: {schedule: {cron: "0 13 * * *"}}, do: [{log: 一点了}]}
  - {id: groups, on: {schedule: {cron: "0 14 * * *"}}, scope: {chats: ["群*"]}, do: [{reply: 两点了}]}
`)
	var items []replay.Item
	for i := range 1000 {
		item := said(i+1, time.Duration(i)*time.Second, "7001", fmt.Sprint(max(0, 1+(i-700)/100)), "没人管的话")
		if i%2 == 0 {
			item.Event.Chat = event.Chat{ID: "S:1688850000000001_7001", Peer: "7001"}
		}
		if i == 301 || i == 302 {
			item.Event.Robot.Key, item.Event.Robot.ID = "other", "1688850000000002"
		}
		items = append(items, item)
	}
	items = append(items, said(2000, 3*time.Hour, "7001", "1", "再见"))
	r := run(t, replay.Options{Set: set}, items...)
	// Of four groups both robots know one, in which one of them answers.
	want := []replay.RuleCount{{Rule: "groups", Fired: 4, Commands: 4, Held: 1}, {Rule: "robots", Fired: 2}}
	if diff := cmp.Diff(want, r.Rules.Rules); diff != "" || r.Events != len(items) {
		t.Errorf("%d events: %s", r.Events, diff)
	}
}

func TestAnErrorOfTheJournalEndsTheReplay(t *testing.T) {
	broken := errors.New("broken")
	seq := func(yield func(*replay.Item, error) bool) {
		one := said(1, 0, "1", "1", "退款")
		if yield(&one, nil) {
			yield(nil, broken)
		}
	}
	r, err := replay.Run(t.Context(), replay.Options{Set: compile(t, shop), Events: seq})
	if !errors.Is(err, broken) || r.Events != 1 {
		t.Errorf("%v, %+v", err, r)
	}
}

func TestWhoStopsAReplayGetsWhatWasFound(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	endless := func(yield func(*replay.Item, error) bool) {
		for n := 1; ; n++ {
			one := said(n, time.Duration(n)*time.Second, "7001", fmt.Sprint(n), "退款")
			if !yield(&one, nil) {
				return
			}
		}
	}
	r, err := replay.Run(ctx, replay.Options{Set: compile(t, shop), Events: endless, Progress: func(done int, _ time.Time) {
		if done >= 1000 {
			cancel()
		}
	}})
	if err != nil || !r.Stopped || r.Events < 1000 || r.Rules.Commands != r.Events {
		t.Errorf("%v, %d events, %d commands, stopped %v", err, r.Events, r.Rules.Commands, r.Stopped)
	}
}

// somewhere are events of a day: a few people in a few groups who say all kinds of
// things, some of them by hand on the robot's phone.
func somewhere(rt *rapid.T) []replay.Item {
	var items []replay.Item
	at := time.Duration(0)
	for n := range rapid.IntRange(1, 60).Draw(rt, "events") {
		at += time.Duration(rapid.IntRange(0, 1200).Draw(rt, "pause")) * time.Second
		item := said(n+1, at, rapid.SampledFrom([]string{"7001", "7002", "7003"}).Draw(rt, "person"), rapid.SampledFrom([]string{"1", "2"}).Draw(rt, "group"),
			rapid.SampledFrom([]string{"怎么退款", "您好", "价格？", "退款，您好", "投诉", "好的", "12345"}).Draw(rt, "words"))
		if rapid.IntRange(0, 20).Draw(rt, "by hand") == 0 {
			item.ByHand, item.Event.Sender.IsSelf, item.Event.Sender.IsRobot, item.Event.Sender.ID = true, true, true, "1688850000000001"
		}
		items = append(items, item)
	}
	return items
}

// rulesOf are rules of all kinds that do not know of each other.
var rulesOf = []string{
	"  - {id: refund, on: message.text, match: {any: [退款]}, cooldown: {for: 10m}, do: [{reply: 请回复订单号}]}\n",
	"  - {id: hello, on: message.text, match: {any: [您好]}, limit: {count: 2, within: 1h}, do: [{reply: 您好}, {delay: 20s..40m}, {reply: 还在吗？}]}\n",
	"  - {id: price, on: message.text, match: {any: [价格]}, threshold: {count: 2, within: 2h}, do: [{choose: [{weight: 1, do: [{reply: 99 元}]}, {weight: 1, do: [{reply: 请看公告}]}]}]}\n",
	"  - {id: complain, on: message.text, match: {any: [投诉]}, coalesce: {for: 10m}, do: [{reply: 已转人工}, {pause: 5m}]}\n",
	"  - {id: tick, on: {schedule: {every: 3h}}, scope: {chats: [\"群*\"]}, do: [{reply: 整点提醒}]}\n",
}

func TestRulesHeldAgainstThemselvesChangeNothing(t *testing.T) {
	set := compile(t, "rules:\n"+strings.Join(rulesOf, ""))
	rapid.Check(t, func(rt *rapid.T) {
		got := run(t, replay.Options{Set: set, Against: set}, somewhere(rt)...)
		if len(got.Changes) > 0 {
			rt.Errorf("changes = %v", brief(got.Changes))
		}
		if diff := cmp.Diff(got.Rules, got.Against); diff != "" {
			rt.Errorf("the sides differ:\n%s", diff)
		}
	})
}

func TestTheSameReplaySaysTheSame(t *testing.T) {
	set, other := compile(t, "rules:\n"+strings.Join(rulesOf, "")), compile(t, "rules:\n"+strings.Join(rulesOf[1:4], ""))
	rapid.Check(t, func(rt *rapid.T) {
		items := somewhere(rt)
		said := func() string {
			text, err := json.Marshal(run(t, replay.Options{Set: set, Against: other, Text: true}, slices.Clone(items)...))
			if err != nil {
				rt.Fatal(err)
			}
			return string(text)
		}
		if first, second := said(), said(); first != second {
			rt.Errorf("first %s\nthen  %s", first, second)
		}
	})
}

// TestARuleLessChangesWhatItAnswered: rules that share nothing. (A pause concerns
// all, so that rule stays out.)
func TestARuleLessChangesWhatItAnswered(t *testing.T) {
	apart := []string{rulesOf[0], rulesOf[1], rulesOf[2], rulesOf[4]}
	ids := []string{"refund", "hello", "price", "tick"}
	all := compile(t, "rules:\n"+strings.Join(apart, ""))
	none := compile(t, "rules: []\n")
	rapid.Check(t, func(rt *rapid.T) {
		i := rapid.IntRange(0, len(apart)-1).Draw(rt, "rule")
		less := compile(t, "rules:\n"+strings.Join(slices.Delete(slices.Clone(apart), i, i+1), ""))
		items := somewhere(rt)
		var want, got []string
		for _, c := range run(t, replay.Options{Set: none, Against: all}, items...).Changes {
			if c.Rule == ids[i] {
				want = append(want, brief([]replay.Change{c})[0]+c.Event.Key)
			}
		}
		for _, c := range run(t, replay.Options{Set: less, Against: all}, items...).Changes {
			got = append(got, brief([]replay.Change{c})[0]+c.Event.Key)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			rt.Errorf("without %s (-want +got):\n%s", ids[i], diff)
		}
	})
}
