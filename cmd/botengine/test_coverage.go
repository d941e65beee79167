package main

import (
	"fmt"
	"strings"

	"botengine/internal/rule"
	"botengine/internal/ruletest"
	"botengine/internal/terminal"
)

// gap is one thing that no test has shown.
type gap struct {
	Rule  string `json:"rule"`
	File  string `json:"file"`
	Line  int    `json:"line"`
	Never string `json:"never"`          // "fired", "true" or "false"
	Place string `json:"at,omitempty"`   // of a condition: where, exclude, when, unless
	Name  string `json:"name,omitempty"` // of an exception
	Cond  string `json:"condition,omitempty"`
}

// gaps are all things that no test has shown, in the order of the rules.
func gaps(cover *ruletest.Coverage) []gap {
	out := []gap{}
	for _, r := range cover.Rules() {
		one := gap{Rule: r.Rule.ID, File: r.Rule.File, Line: r.Rule.Line}
		if r.Fired == 0 {
			g := one
			g.Never = "fired"
			out = append(out, g)
		}
		for _, c := range r.Conditions {
			g := one
			g.Place, g.Name, g.Cond = c.Sort, c.Name, c.Cond.Source()
			if c.True == 0 {
				g.Never = "true"
				out = append(out, g)
			}
			if c.False == 0 && !c.Always() {
				g.Never = "false"
				out = append(out, g)
			}
		}
	}
	return out
}

// coverText lists what no test has shown, and how much was shown.
func (t *tester) coverText(b *strings.Builder, cover *ruletest.Coverage) {
	missing := gaps(cover)
	rules := cover.Rules()
	fired := 0
	for _, r := range rules {
		fired += min(1, r.Fired)
	}
	if len(missing) > 0 {
		list := terminal.List[gap]{Rows: missing, Columns: []terminal.Column[gap]{
			{Key: "rule", Title: t.say("规则", "RULE"), Value: func(g gap) any { return g.Rule }},
			{Key: "never", Title: t.say("缺什么", "MISSING"), Value: func(g gap) any { return t.neverWord(g.Never) }},
			{Key: "at", Title: t.say("哪个条件", "CONDITION"), Value: func(g gap) any { return g.asked() }},
			{Key: "place", Title: t.say("位置", "PLACE"), Value: func(g gap) any { return fmt.Sprintf("%s:%d", g.File, g.Line) }},
		}}
		if err := list.Write(b, terminal.Style{Format: terminal.Text}); err != nil {
			return // a strings.Builder never fails
		}
	}
	fmt.Fprintf(b, t.say("覆盖率 %.1f%%：%d 条规则触发了 %d 条\n", "%.1f%% covered: of %d rules, %d fired\n"), cover.Percent(), len(rules), fired)
}

func (t *tester) neverWord(never string) string {
	switch never {
	case "fired":
		return t.say("从没触发", "never fired")
	case "true":
		return t.say("从没成立", "never true")
	}
	return t.say("从没不成立", "never false")
}

// asked is the condition with where it stands.
func (g gap) asked() string {
	switch g.Place {
	case "":
		return ""
	case rule.AskUnless:
		return fmt.Sprintf("unless %s: %s", g.Name, g.Cond)
	}
	return g.Place + ": " + g.Cond
}

type coverageJSON struct {
	Percent float64    `json:"percent"`
	Rules   []ruleJSON `json:"rules"`
	Missing []gap      `json:"missing"`
}

type ruleJSON struct {
	Rule       string          `json:"rule"`
	File       string          `json:"file"`
	Line       int             `json:"line"`
	Fired      int             `json:"fired"`
	Conditions []conditionJSON `json:"conditions,omitempty"`
}

type conditionJSON struct {
	At        string `json:"at"`
	Name      string `json:"name,omitempty"`
	Condition string `json:"condition"`
	True      int    `json:"true"`
	False     int    `json:"false"`
}

func coverJSON(cover *ruletest.Coverage) *coverageJSON {
	out := &coverageJSON{Percent: cover.Percent(), Rules: []ruleJSON{}, Missing: gaps(cover)}
	for _, r := range cover.Rules() {
		one := ruleJSON{Rule: r.Rule.ID, File: r.Rule.File, Line: r.Rule.Line, Fired: r.Fired}
		for _, c := range r.Conditions {
			one.Conditions = append(one.Conditions, conditionJSON{c.Sort, c.Name, c.Cond.Source(), c.True, c.False})
		}
		out.Rules = append(out.Rules, one)
	}
	return out
}
