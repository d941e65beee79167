package ruletest

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"botengine/internal/command"
	"botengine/internal/diag"
	"botengine/internal/engine"
	"botengine/internal/rule"
)

// seen is what the decisions of a step led to.
func (s *story) seen(decisions []engine.Decision) Seen {
	out := Seen{Rules: []string{}, Verdicts: map[string]engine.Verdict{}, Chat: s.asked().Chat.ID}
	for _, d := range decisions {
		for _, v := range d.Verdicts {
			if _, known := out.Verdicts[v.Rule]; !known {
				out.Order = append(out.Order, v.Rule)
			}
			if out.Verdicts[v.Rule].Outcome != rule.Fired { // by another robot, which heard of it too
				out.Verdicts[v.Rule] = v
			}
			if v.Outcome == rule.Fired {
				out.Rules = append(out.Rules, v.Rule)
			}
		}
		for _, c := range d.Commands {
			if c.Type != "robot.tags.sync" { // how names become ids is nobody's expectation
				out.Commands = append(out.Commands, c)
			}
		}
	}
	return out
}

// compare says everything in which a step led to something else than was expected.
func (s *story) compare(step *Step, seen *Seen) ([]Failure, error) {
	want := step.Expect
	if want.nothing() {
		return nil, nil
	}
	var wrong []Failure
	if want.Rules != nil && !slices.Equal(*want.Rules, seen.Rules) {
		wrong = append(wrong, Failure{
			What: diag.T("触发的规则：要 %v，实际 %v", "rules that fired: want %v, got %v", *want.Rules, seen.Rules),
			Diff: difference(*want.Rules, seen.Rules),
			Why:  s.why(aboutRules(*want.Rules, seen.Rules), seen),
		})
	}
	for _, id := range slices.Sorted(maps.Keys(want.Outcomes)) {
		if got := seen.Verdicts[id]; string(got.Outcome) != want.Outcomes[id] {
			wrong = append(wrong, Failure{
				What: diag.T("规则 %s 的结果：要 %s，实际 %s", "outcome of %s: want %s, got %s", id, want.Outcomes[id], cmp.Or(string(got.Outcome), "-")),
				Diff: []string{"- " + want.Outcomes[id], "+ " + cmp.Or(string(got.Outcome), "-")},
				Why:  s.why([]string{id}, seen),
			})
		}
	}
	if want.Commands != nil {
		wrong = append(wrong, s.compareCommands(*want.Commands, seen)...)
	}
	facts, err := s.compareFacts(want.Facts, seen)
	return append(wrong, facts...), err
}

// compareFacts asks what is known after the step.
func (s *story) compareFacts(want []Fact, seen *Seen) (wrong []Failure, err error) {
	for _, f := range want {
		got, err := s.ask(f.Words)
		if err != nil {
			return nil, err
		}
		seen.Asked = append(seen.Asked, SeenFact{f.Words, got})
		if sameFact(f.Want, got) {
			continue
		}
		a, b := shown(f.Want), shown(got)
		wrong = append(wrong, Failure{
			What: diag.T("%s：要 %s，实际 %s", "%s: want %s, got %s", f.Words, a, b),
			Diff: []string{"- " + a, "+ " + b},
		})
	}
	return wrong, nil
}

// shown is a value as a failure shows it.
func shown(v any) string {
	if v == nil {
		return "null"
	}
	return canonical(v)
}

// aboutRules are the rules that either list has more of.
func aboutRules(want, got []string) (ids []string) {
	for _, id := range append(slices.Clone(want), got...) {
		if times(want, id) != times(got, id) && !slices.Contains(ids, id) {
			ids = append(ids, id)
		}
	}
	return ids
}

func times(list []string, id string) (n int) {
	for _, one := range list {
		if one == id {
			n++
		}
	}
	return n
}

// why explains what became of each of the rules.
func (s *story) why(ids []string, seen *Seen) (because []diag.Text) {
	for _, id := range ids {
		if v, ok := seen.Verdicts[id]; ok {
			because = append(because, explain(v))
			because = append(because, s.tree(v)...)
		}
	}
	return because
}

// explain says what became of a rule and why.
func explain(v engine.Verdict) diag.Text {
	words := v.Outcome.Text()
	out := diag.Text{ZH: fmt.Sprintf("%s %s（%s）", v.Rule, v.Outcome, words.ZH), EN: fmt.Sprintf("%s %s (%s)", v.Rule, v.Outcome, words.EN)}
	if !v.Detail.IsZero() {
		out.ZH, out.EN = out.ZH+"："+v.Detail.ZH, out.EN+": "+v.Detail.EN
	}
	return out
}

func (s *story) compareCommands(want []map[string]any, seen *Seen) []Failure {
	got := seen.Commands
	if len(want) != len(got) {
		n, all := len(got), describe(got)
		return []Failure{{
			What: diag.Text{
				ZH: fmt.Sprintf("命令：要 %d 条，实际 %d 条：%s", len(want), n, all),
				EN: fmt.Sprintf("commands: want %d, got %d: %s", len(want), n, all),
			},
			Diff: commandDifference(want, got),
			Why:  s.why(rulesOf(got), seen),
		}}
	}
	var wrong []Failure
	for i := range want {
		for _, key := range slices.Sorted(maps.Keys(want[i])) {
			have, expected := field(got[i], key), canonical(want[i][key])
			if have != expected {
				wrong = append(wrong, Failure{
					What: diag.T("第 %d 条命令的 %s：要 %s，实际 %s", "command %d, %s: want %s, got %s", i+1, key, expected, have),
					Diff: []string{"- " + key + ": " + expected, "+ " + key + ": " + have},
					Why:  []diag.Text{diag.T("规则 %s 的步骤 %s 发的", "issued by rule %s, step %s", got[i].Rule, got[i].Step)},
				})
			}
		}
	}
	return wrong
}

// rulesOf are the rules that issued the commands.
func rulesOf(commands []command.Command) (ids []string) {
	for _, c := range commands {
		if !slices.Contains(ids, c.Rule) {
			ids = append(ids, c.Rule)
		}
	}
	return ids
}

// fits says whether a command is what an entry of `commands` says.
func fits(want map[string]any, got command.Command) bool {
	for key, v := range want {
		if field(got, key) != canonical(v) {
			return false
		}
	}
	return true
}

func describe(commands []command.Command) string {
	words := make([]string, len(commands))
	for i, c := range commands {
		words[i] = c.Type + " " + string(c.Fields)
	}
	return strings.Join(words, ", ")
}

// field is one field of a command as canonical JSON; "type", "chat" and
// "robot" are the command's own.
func field(c command.Command, key string) string {
	switch key {
	case "type":
		return canonical(c.Type)
	case "chat":
		return canonical(c.Chat)
	case "robot":
		return canonical(c.Robot)
	}
	var fields map[string]any
	dec := json.NewDecoder(bytes.NewReader(c.Fields))
	dec.UseNumber()
	if err := dec.Decode(&fields); err != nil {
		return "unreadable: " + err.Error()
	}
	v, ok := fields[key]
	if !ok {
		return "nothing"
	}
	return canonical(v)
}

// canonical writes a value as JSON with every scalar as a string: in a test
// 14073751575621261 and "14073751575621261" are the same id.
func canonical(v any) string {
	data, err := json.Marshal(texts(v))
	if err != nil {
		return fmt.Sprint(v)
	}
	return string(data)
}

func texts(v any) any {
	switch v := v.(type) {
	case []any:
		out := make([]any, len(v))
		for i := range v {
			out[i] = texts(v[i])
		}
		return out
	case map[string]any:
		out := make(map[string]any, len(v))
		for k := range v {
			out[k] = texts(v[k])
		}
		return out
	default:
		return fmt.Sprint(v)
	}
}

// labels builds the answer to robot.tags.sync from the tags of a test, and says
// what each id is called.
func labels(tags []Tag) (answer []byte, names map[string]string) {
	type label struct {
		ID        json.Number `json:"labelId"`
		Name      string      `json:"name"`
		GroupName string      `json:"groupName"`
		FullName  string      `json:"fullName"`
	}
	list, names := make([]label, 0, len(tags)), map[string]string{}
	for i, t := range tags {
		group, name, _ := strings.Cut(t.Name, "/")
		id := cmp.Or(t.ID, strconv.Itoa(14073751575621261+i))
		names[id] = t.Name
		list = append(list, label{ID: json.Number(id), Name: name, GroupName: group, FullName: group + ":" + name})
	}
	data, err := json.Marshal(map[string]any{"code": "0", "labels": list})
	if err != nil {
		return nil, names // an id that is no number; reading the file refuses it
	}
	return data, names
}
