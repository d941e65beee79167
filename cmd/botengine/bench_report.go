package main

import (
	"encoding/json"
	"fmt"
	"io"
	"runtime"
	"strings"
	"time"

	"botengine/internal/rule"
	"botengine/internal/rulebench"
	"botengine/internal/terminal"
)

// dearest is how many rules a report lists.
const dearest = 20

// The JSON of bench, version 1. Times are nanoseconds.
type (
	benchJSON struct {
		V           int            `json:"v"`
		Machine     machineJSON    `json:"machine"`
		Interrupted bool           `json:"interrupted"`
		Rules       int            `json:"rules"`
		Events      benchEventJSON `json:"events"`
		PerSecond   float64        `json:"events_per_second"`
		Match       int64          `json:"match_ns"`
		Decide      int64          `json:"decide_ns"`
		P50         int64          `json:"p50_ns"`
		P99         int64          `json:"p99_ns"`
		Index       benchIndexJSON `json:"index"`
		Top         []costJSON     `json:"top"`
		Residual    []costJSON     `json:"residual"`
	}
	machineJSON struct {
		Go    string `json:"go"`
		OS    string `json:"os"`
		Arch  string `json:"arch"`
		Cores int    `json:"cores"`
	}
	benchEventJSON struct {
		Source    string `json:"source"` // recorded | generated
		Count     int    `json:"count"`
		Concerned int    `json:"concerned"`
		Measured  int    `json:"measured"`
	}
	benchIndexJSON struct {
		Candidates float64        `json:"candidates_per_event"`
		Found      float64        `json:"words_found_per_event"`
		Words      int            `json:"words"`
		Rules      map[string]int `json:"rules_found_by"`
		MiB        float64        `json:"mib"`
	}
	costJSON struct {
		Rule     string  `json:"rule"`
		File     string  `json:"file"`
		Line     int     `json:"line"`
		PerEvent float64 `json:"ns_per_event"`
		Looks    int     `json:"looks"`
		Passed   int     `json:"passed"`
		Mean     int64   `json:"mean_ns"`
		P99      int64   `json:"p99_ns"`
	}
)

func (c *cli) benchJSON(r rulebench.Report, generated bool) error {
	out := benchJSON{
		V: 1, Machine: machineJSON{runtime.Version(), runtime.GOOS, runtime.GOARCH, runtime.NumCPU()},
		Interrupted: r.Interrupted, Rules: r.Rules,
		Events:    benchEventJSON{Source: "recorded", Count: r.Events, Concerned: r.Concerned, Measured: r.Measured},
		PerSecond: r.PerSecond(), Match: int64(r.Match), Decide: int64(r.Decide), P50: int64(r.P50), P99: int64(r.P99),
		Index:    benchIndexJSON{Candidates: r.Candidates, Found: r.Found, Words: r.Index.Words, Rules: map[string]int{}, MiB: float64(r.Index.Bytes) / (1 << 20)},
		Top:      []costJSON{},
		Residual: []costJSON{},
	}
	if generated {
		out.Events.Source = "generated"
	}
	for by, n := range r.Index.Rules {
		out.Index.Rules[string(by)] = n
	}
	for _, one := range r.Costs[:min(dearest, len(r.Costs))] {
		out.Top = append(out.Top, costOf(one))
	}
	for _, one := range residual(r) {
		out.Residual = append(out.Residual, costOf(one))
	}
	e := json.NewEncoder(c.out)
	e.SetIndent("", "  ")
	return e.Encode(out)
}

func costOf(x rulebench.Cost) costJSON {
	return costJSON{
		Rule: x.Rule.ID, File: x.Rule.File, Line: x.Rule.Line, PerEvent: x.PerEvent,
		Looks: x.Looks, Passed: x.Passed, Mean: int64(x.Mean), P99: int64(x.P99),
	}
}

// residual are the rules that no index finds, the dearest first; those that no
// event concerned are last.
func residual(r rulebench.Report) (out []rulebench.Cost) {
	seen := map[*rule.Rule]bool{}
	for _, one := range r.Costs {
		if one.Always {
			out, seen[one.Rule] = append(out, one), true
		}
	}
	for _, one := range r.Index.Always {
		if !seen[one] {
			out = append(out, rulebench.Cost{Rule: one, Always: true})
		}
	}
	return out
}

func (c *cli) benchText(r rulebench.Report, generated bool) error {
	if r.Interrupted && !c.quiet {
		fmt.Fprintln(c.err, c.say("被打断：下面是到这里为止测到的", "interrupted: this is what was measured until here"))
	}
	if _, err := io.WriteString(c.out, c.benchSummary(r, generated)); err != nil {
		return err
	}
	if err := c.costTable(c.say("最花时间的规则", "The rules that took the most time"), r.Costs[:min(dearest, len(r.Costs))],
		c.say("没有看过任何一条规则：没有事件和它们有关", "no rule was looked at: no event concerned any")); err != nil {
		return err
	}
	left := residual(r)
	return c.costTable(c.say("索引找不到的规则：听到的每个事件都要看", "Rules that no index finds: looked at for every event they listen to"), left[:min(dearest, len(left))],
		c.say("没有：每条规则都能由词、聊天、发送者或机器人找到", "none: every rule is found by a word, a chat, a sender or a robot"))
}

// benchSummary is the report without its tables.
func (c *cli) benchSummary(r rulebench.Report, generated bool) string {
	var b strings.Builder
	source := c.say("录下的", "recorded")
	if generated {
		source = c.say("按规则造的", "made from the rules")
	}
	fmt.Fprintf(&b, c.say("%d 条规则；%d 个事件（%s），其中 %d 个有规则可触发；共测 %d 次\n\n",
		"%d rules; %d events (%s), of which %d may fire one; measured %d times\n\n"), r.Rules, r.Events, source, r.Concerned, r.Measured)
	fmt.Fprintf(&b, c.say("每秒 %.0f 个事件，一个核\n", "%.0f events a second on one core\n"), r.PerSecond())
	fmt.Fprintf(&b, c.say("每个事件 %v：找规则 %v，做决定 %v；p50 %v，p99 %v\n", "%v an event: finding rules %v, deciding %v; p50 %v, p99 %v\n"),
		r.Match+r.Decide, r.Match, r.Decide, rough(r.P50), rough(r.P99))
	fmt.Fprintf(&b, c.say("索引：%.2f MiB，%d 个词；每个事件找到 %.2f 个词，看了 %.2f 条规则\n", "index: %.2f MiB, %d words; %.2f words found and %.2f rules looked at for an event\n"),
		float64(r.Index.Bytes)/(1<<20), r.Index.Words, r.Found, r.Candidates)
	fmt.Fprintf(&b, c.say("规则由什么找到：%s\n", "rules are found by: %s\n"), c.foundBy(r.Index))
	return b.String()
}

// foundBy lists by what rules are found, and how many.
func (c *cli) foundBy(x rule.Index) string {
	names := []struct {
		by   rule.FoundBy
		name string
	}{
		{rule.FoundByWord, c.say("词", "a word")}, {rule.FoundByText, c.say("全文", "the whole text")}, {rule.FoundByChat, c.say("聊天", "the chat")},
		{rule.FoundBySender, c.say("发送者", "the sender")}, {rule.FoundByRobot, c.say("机器人", "the robot")},
		{rule.FoundByChatType, c.say("聊天类型", "the type of chat")}, {rule.FoundByNothing, c.say("永远不会触发", "nothing, they never fire")},
		{rule.FoundAlways, c.say("每次都看", "nothing, they are always looked at")},
	}
	var out []string
	for _, n := range names {
		if x.Rules[n.by] > 0 {
			out = append(out, fmt.Sprintf("%s %d", n.name, x.Rules[n.by]))
		}
	}
	return strings.Join(out, c.say("，", ", "))
}

func (c *cli) costTable(title string, costs []rulebench.Cost, none string) error {
	if _, err := fmt.Fprintf(c.out, "\n%s\n", title); err != nil {
		return err
	}
	type column = terminal.Column[rulebench.Cost]
	return terminal.List[rulebench.Cost]{Rows: costs, Complete: true, Columns: []column{
		{Title: c.say("规则", "rule"), Value: func(x rulebench.Cost) any { return x.Rule.ID }, Max: 40},
		{Title: c.say("每个事件", "per event"), Value: func(x rulebench.Cost) any { return fmt.Sprintf("%.1fns", x.PerEvent) }},
		{Title: c.say("看了", "looks"), Value: func(x rulebench.Cost) any { return x.Looks }},
		{Title: c.say("可触发", "passed"), Value: func(x rulebench.Cost) any { return x.Passed }},
		{Title: c.say("平均一次", "mean"), Value: func(x rulebench.Cost) any { return rough(x.Mean).String() }},
		{Title: "p99", Value: func(x rulebench.Cost) any { return rough(x.P99).String() }},
		{Title: c.say("在哪里", "where"), Value: func(x rulebench.Cost) any { return fmt.Sprintf("%s:%d", x.Rule.File, x.Rule.Line) }},
	}}.Write(c.out, terminal.Style{Format: terminal.Format("text"), Empty: none})
}

// rough is a time with about three digits.
func rough(d time.Duration) time.Duration {
	for unit := time.Duration(10); unit < time.Hour; unit *= 10 {
		if d < 100*unit {
			return d.Round(unit / 10)
		}
	}
	return d
}
