// Package oracle says what an engine should have done: a model of it that is too
// simple to be wrong, and the comparison of what it expects with what people saw. It
// knows nothing of the engine, and nothing of the engine is used in it.
package oracle

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Promise is what is promised of an effect (the classes of commands).
type Promise int

// The promises.
const (
	Once        Promise = iota // exactly once, in its order
	AtLeastOnce                // it holds; being done again changes nothing
	AtMostOnce                 // never twice; if it is missing, a person was told
)

// Effect is something that people see.
type Effect struct {
	Chat    string // where
	Kind    string // what: text, tag, accept, …
	Text    string // which: no two wanted effects of one chat and kind have the same
	Promise Promise
	// Line is the sequence it belongs to: the effects of one chat and one line come in
	// the order in which they are wanted. Empty: its order does not matter.
	Line string
}

func (e Effect) key() string    { return e.Chat + "\x00" + e.Kind + "\x00" + e.Text }
func (e Effect) String() string { return fmt.Sprintf("%s %q in %s", e.Kind, e.Text, e.Chat) }

// Input is what somebody said or asked for.
type Input struct {
	Chat string
	Text string
}

// Rule is one rule of the model: what a text that begins with Word leads to, in
// order. `*` in a text stands for what comes after the word.
type Rule struct {
	Word    string
	Effects []Effect
}

// Want returns the effects that the inputs should have, in order.
func Want(rules []Rule, inputs []Input) (want []Effect) {
	for _, in := range inputs {
		for _, r := range rules {
			rest, ok := strings.CutPrefix(in.Text, r.Word)
			if !ok {
				continue
			}
			for _, e := range r.Effects {
				e.Chat = cmp.Or(e.Chat, in.Chat)
				e.Text = strings.ReplaceAll(e.Text, "*", strings.TrimSpace(rest))
				want = append(want, e)
			}
		}
	}
	return want
}

// Report is the difference between what was wanted and what was seen.
type Report struct {
	Lost       []Effect // wanted, and never seen
	Duplicates []Effect // seen twice, and promised not to be
	Reordered  []Effect // seen before what was wanted before it
	Phantoms   []Effect // seen, and not wanted
	Missing    []Effect // promised at most once, and not seen: a person has to be told of each
}

// OK says whether all promises were kept; what is Missing is for the caller.
func (r Report) OK() bool {
	return len(r.Lost)+len(r.Duplicates)+len(r.Reordered)+len(r.Phantoms) == 0
}

// String says what was wrong.
func (r Report) String() string {
	return fmt.Sprintf("lost %v, duplicate %v, reordered %v, phantom %v, missing %v", r.Lost, r.Duplicates, r.Reordered, r.Phantoms, r.Missing)
}

// Compare says how what was seen, in order, differs from what was wanted.
func Compare(want, got []Effect) (r Report) {
	wanted := make(map[string]int, len(want)) // the place in want
	for i, e := range want {
		wanted[e.key()] = i
	}
	seen := make(map[string]int)
	latest := make(map[string]int) // the furthest place reached in a line
	for _, e := range got {
		i, ok := wanted[e.key()]
		seen[e.key()]++
		switch {
		case !ok:
			r.Phantoms = append(r.Phantoms, e)
		case seen[e.key()] > 1 && want[i].Promise != AtLeastOnce:
			r.Duplicates = append(r.Duplicates, e)
		case seen[e.key()] == 1 && want[i].Line != "":
			line := e.Chat + "\x00" + want[i].Line
			if i < latest[line] {
				r.Reordered = append(r.Reordered, e)
			}
			latest[line] = max(latest[line], i)
		}
	}
	for _, e := range want {
		switch {
		case seen[e.key()] > 0:
		case e.Promise == AtMostOnce:
			r.Missing = append(r.Missing, e)
		default:
			r.Lost = append(r.Lost, e)
		}
	}
	return r
}

// Complete says whether all that is promised to happen was seen.
func Complete(want, got []Effect) bool { return len(Compare(want, got).Lost) == 0 }

// Seen returns the effects whose kind is one of the given ones.
func Seen(all []Effect, kinds ...string) (out []Effect) {
	for _, e := range all {
		if slices.Contains(kinds, e.Kind) {
			out = append(out, e)
		}
	}
	return out
}
