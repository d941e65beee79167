package ruletest

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"botengine/internal/rule"
)

// edit puts a text in the place of some bytes of a file.
type edit struct {
	from, to int
	text     string
}

// Update is the text of the file in which every `expect` of the results says what
// happened, and the steps that ask have one. Nothing but what stands in an `expect`
// changes, and of that only what differs. It is an error when the outcome could not
// be read back as meant; nothing is changed then.
func Update(f *File, results []Result) ([]byte, error) {
	u := updater{file: f, text: f.src.Text, starts: lineStarts(f.src.Text)}
	for i := range results {
		u.result(&results[i])
	}
	if u.err != nil {
		return nil, u.err
	}
	out := u.apply()
	if err := f.sameBut(out); err != nil {
		return nil, fmt.Errorf("%s: %w", f.Path, err)
	}
	return out, nil
}

// Text is the file as it was read.
func (f *File) Text() []byte { return f.src.Text }

// updater gathers the edits of a file.
type updater struct {
	file   *File
	text   []byte
	starts []int // of the lines
	edits  []edit
	err    error
}

func (u *updater) apply() []byte {
	slices.SortStableFunc(u.edits, func(a, b edit) int { return cmp.Compare(a.from, b.from) })
	var out []byte
	at := 0
	for _, e := range u.edits {
		out = append(append(out, u.text[at:e.from]...), e.text...)
		at = e.to
	}
	return append(out, u.text[at:]...)
}

func (u *updater) result(r *Result) {
	for i := range r.Steps {
		taken := &r.Steps[i]
		if slices.Contains(r.Asking, i) {
			u.fill(taken, r.names)
			continue
		}
		if e := taken.Step.Expect; e != nil {
			u.mend(e, &taken.Seen, r.names)
		}
	}
}

// fill writes the `expect` of a step that has none.
func (u *updater) fill(t *Taken, names map[string]string) {
	parts, n := t.Seen.parts(names), t.Step.node
	flow := n.Style&yaml.FlowStyle != 0
	if e := t.Step.Expect; e != nil { // an empty one
		u.fillEmpty(t.Step, parts, flow)
		return
	}
	if flow {
		end := u.end(n) - 1 // before the closing brace
		last := u.end(n.Content[len(n.Content)-1])
		u.edits = append(u.edits, edit{last, last, ", expect: " + flowOf(parts)})
		if bytes.Contains(u.text[last:end], []byte(",")) {
			u.edits[len(u.edits)-1] = edit{end, end, "expect: " + flowOf(parts)}
		}
		return
	}
	at := u.lineEnd(u.end(n.Content[len(n.Content)-1]))
	u.edits = append(u.edits, edit{at, at, u.eol() + blockOf(parts, n.Column-1, u.eol())})
}

// fillEmpty writes what stands behind an `expect:` without a value, or with one that
// says nothing.
func (u *updater) fillEmpty(s *Step, parts []part, flow bool) {
	if e := s.Expect.node; !isNull(e) || e.Value != "" { // {} or ~
		from := u.offset(e)
		u.edits = append(u.edits, edit{from, u.end(e), flowOf(parts)})
		return
	}
	at := u.end(s.key) + 1 // behind the colon
	if flow {
		u.edits = append(u.edits, edit{at, at, " " + flowOf(parts)})
		return
	}
	lines := partLines(parts, s.key.Column+1)
	at = u.lineEnd(at)
	u.edits = append(u.edits, edit{at, at, u.eol() + strings.Join(lines, u.eol())})
}

// mend rewrites what an `expect` says otherwise than it happened.
func (u *updater) mend(e *Expect, seen *Seen, names map[string]string) {
	all := seen.parts(names)
	if e.Rules != nil && !slices.Equal(*e.Rules, seen.Rules) {
		u.list(e.parts["rules"], scalars(seen.Rules), matching(len(*e.Rules), len(seen.Rules), func(i, j int) bool { return (*e.Rules)[i] == seen.Rules[j] }))
	}
	if e.Commands != nil {
		u.commands(e, seen, all[1].list, names)
	}
	for id, want := range e.Outcomes {
		got := string(seen.Verdicts[id].Outcome)
		switch got {
		case want:
		case "":
			u.fail("%s: nothing became of the rule in line %d: take it out of `outcomes` by hand", id, e.node.Line)
		default:
			u.replace(valueOf(e.parts["outcomes"], id), scalar(got))
		}
	}
	for i, f := range e.Facts {
		if i < len(seen.Asked) && !sameFact(f.Want, seen.Asked[i].Value) {
			u.replace(f.node, value(seen.Asked[i].Value, names))
		}
	}
}

func (u *updater) fail(format string, args ...any) {
	u.err = errors.Join(u.err, fmt.Errorf(format, args...))
}

// commands mends the list of commands: where as many came as were expected, only the
// fields that differ; else the entries that fit stay as they are written.
func (u *updater) commands(e *Expect, seen *Seen, fresh []string, names map[string]string) {
	want, got := *e.Commands, seen.Commands
	list := e.parts["commands"]
	if len(want) != len(got) {
		u.list(list, fresh, matching(len(want), len(got), func(i, j int) bool { return fits(want[i], got[j]) }))
		return
	}
	for i := range want {
		if fits(want[i], got[i]) {
			continue
		}
		entry := list.Content[i]
		if kind, named := want[i]["type"]; named && kind != got[i].Type {
			u.replace(entry, fresh[i])
			continue
		}
		for key, v := range want[i] {
			if have := field(got[i], key); have != canonical(v) {
				u.field(valueOf(entry, key), entry, fresh[i], have, got[i].Fields, key, names)
			}
		}
	}
}

// field puts what a field of a command is in the place of what was expected; where the
// command has no such field, the whole entry is written anew.
func (u *updater) field(n, entry *yaml.Node, fresh, have string, fields []byte, key string, names map[string]string) {
	for _, f := range fieldsInOrder(fields) {
		if f.key == key {
			u.replace(n, value(f.value, names))
			return
		}
	}
	if have == "nothing" {
		u.edits = slices.DeleteFunc(u.edits, func(e edit) bool { return e.from >= u.offset(entry) && e.to <= u.end(entry) })
		u.replace(entry, fresh)
		return
	}
	u.replace(n, strings.Trim(scalar(strings.Trim(have, `"`)), " "))
}

// list rewrites a list; entries with a partner stay as they are written.
func (u *updater) list(n *yaml.Node, fresh []string, partner []int) {
	texts := slices.Clone(fresh)
	kept := make([]bool, len(fresh))
	for i, j := range partner {
		if j >= 0 {
			texts[j], kept[j] = string(u.text[u.offset(n.Content[i]):u.end(n.Content[i])]), true
		}
	}
	if n.Style&yaml.FlowStyle != 0 || len(texts) == 0 {
		u.replace(n, "["+strings.Join(texts, ", ")+"]")
		return
	}
	margin := u.eol() + strings.Repeat(" ", n.Column-1) + "- "
	u.replace(n, "- "+strings.Join(texts, margin))
}

// replace puts a text in the place of a node.
func (u *updater) replace(n *yaml.Node, text string) {
	from, to := u.offset(n), u.end(n)
	if slices.ContainsFunc(u.edits, func(e edit) bool { return e.from <= from && to <= e.to && e.from < e.to }) {
		return // within what is written anew already
	}
	if n.Kind == yaml.ScalarNode && n.Style&(yaml.LiteralStyle|yaml.FoldedStyle) != 0 && u.text[to-1] == '\n' {
		text += u.eol()
	}
	u.edits = append(u.edits, edit{from, to, text})
}

// sameBut holds that a text is the file's but for what its `expect`s say.
func (f *File) sameBut(text []byte) error {
	g, found := Read(rule.Source{Path: f.Path, Text: text})
	if found.HasErrors() {
		return fmt.Errorf("the new text can't be read back: %w", Faults(found))
	}
	if !reflect.DeepEqual(f.world(), g.world()) {
		return errors.New("an `expect` is written in a way that can't be rewritten: write it anew by hand")
	}
	return nil
}

// world is all that a file says of its tests, but for what they expect and where it
// stands.
func (f *File) world() []Test {
	out := make([]Test, len(f.Tests))
	for i, t := range f.Tests {
		t.Head, t.Line = t.over(f.Head), 0
		t.Steps = slices.Clone(t.Steps)
		for k := range t.Steps {
			s := &t.Steps[k]
			s.Expect, s.Line, s.node, s.key = nil, 0, nil, nil
		}
		out[i] = t
	}
	return out
}
