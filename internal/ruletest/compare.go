package ruletest

import (
	"bytes"
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

// compare says, in words, everything in which the decisions differ from what
// was expected.
func compare(want *Expect, decisions []engine.Decision) []diag.Text {
	if want == nil {
		return nil
	}
	var wrong []diag.Text
	fired, outcomes, commands := summary(decisions)
	if want.Rules != nil && !slices.Equal(*want.Rules, fired) {
		because := why(*want.Rules, outcomes)
		wrong = append(wrong, diag.Text{
			ZH: fmt.Sprintf("触发的规则：要 %v，实际 %v%s", *want.Rules, fired, because.ZH),
			EN: fmt.Sprintf("rules that fired: want %v, got %v%s", *want.Rules, fired, because.EN),
		})
	}
	for _, id := range slices.Sorted(maps.Keys(want.Outcomes)) {
		if got := outcomes[id]; string(got.Outcome) != want.Outcomes[id] {
			wrong = append(wrong, diag.Text{
				ZH: fmt.Sprintf("规则 %s 的结果：要 %s，实际 %s（%s）", id, want.Outcomes[id], got.Outcome, got.Detail.ZH),
				EN: fmt.Sprintf("outcome of %s: want %s, got %s (%s)", id, want.Outcomes[id], got.Outcome, got.Detail.EN),
			})
		}
	}
	if want.Commands != nil {
		wrong = append(wrong, compareCommands(*want.Commands, commands)...)
	}
	return wrong
}

func summary(decisions []engine.Decision) (fired []string, outcomes map[string]engine.Verdict, commands []command.Command) {
	outcomes = map[string]engine.Verdict{}
	for _, d := range decisions {
		for _, v := range d.Verdicts {
			if outcomes[v.Rule].Outcome != rule.Fired { // by another robot, which heard of it too
				outcomes[v.Rule] = v
			}
			if v.Outcome == rule.Fired {
				fired = append(fired, v.Rule)
			}
		}
		for _, c := range d.Commands {
			if c.Type != "robot.tags.sync" { // how names become ids is nobody's expectation
				commands = append(commands, c)
			}
		}
	}
	return fired, outcomes, commands
}

// why explains each rule that should have fired and did not.
func why(want []string, outcomes map[string]engine.Verdict) (because diag.Text) {
	for _, id := range want {
		if v, ok := outcomes[id]; ok && v.Outcome != rule.Fired {
			because.ZH += fmt.Sprintf("；%s：%s（%s）", id, v.Outcome, v.Detail.ZH)
			because.EN += fmt.Sprintf("; %s: %s (%s)", id, v.Outcome, v.Detail.EN)
		}
	}
	return because
}

func compareCommands(want []map[string]any, got []command.Command) []diag.Text {
	if len(want) != len(got) {
		n, all := len(got), describe(got)
		return []diag.Text{{
			ZH: fmt.Sprintf("命令：要 %d 条，实际 %d 条：%s", len(want), n, all),
			EN: fmt.Sprintf("commands: want %d, got %d: %s", len(want), n, all),
		}}
	}
	var wrong []diag.Text
	for i := range want {
		for _, key := range slices.Sorted(maps.Keys(want[i])) {
			have, expected := field(got[i], key), canonical(want[i][key])
			if have != expected {
				wrong = append(wrong, diag.Text{
					ZH: fmt.Sprintf("第 %d 条命令的 %s：要 %s，实际 %s", i+1, key, expected, have),
					EN: fmt.Sprintf("command %d, %s: want %s, got %s", i+1, key, expected, have),
				})
			}
		}
	}
	return wrong
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

// labels builds the answer to robot.tags.sync from the tags of a test file.
func labels(tags []Tag) []byte {
	type label struct {
		ID        json.Number `json:"labelId"`
		Name      string      `json:"name"`
		GroupName string      `json:"groupName"`
		FullName  string      `json:"fullName"`
	}
	list := make([]label, 0, len(tags))
	for i, t := range tags {
		group, name, _ := strings.Cut(t.Name, "/")
		id := json.Number(t.ID.Value)
		if id == "" {
			id = json.Number(strconv.Itoa(14073751575621261 + i))
		}
		list = append(list, label{ID: id, Name: name, GroupName: group, FullName: group + ":" + name})
	}
	data, err := json.Marshal(map[string]any{"code": "0", "labels": list})
	if err != nil {
		return nil // an id in a test file that is no number: the tag is then unknown, and the test says so
	}
	return data
}
