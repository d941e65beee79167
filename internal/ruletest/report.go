package ruletest

import (
	"fmt"
	"strings"

	"botengine/internal/command"
	"botengine/internal/diag"
	"botengine/internal/engine"
)

// Failure is one thing a test found otherwise than expected.
type Failure struct {
	File string
	Line int
	Test string
	What diag.Text
	// Diff is how what was expected differs from what happened, a line each: "- " was
	// expected only, "+ " happened only.
	Diff []string
	// Why is what became of the rules that it is about, and why; a line each.
	Why []diag.Text
}

// First is the failure in one clickable line, without why.
func (f Failure) First(lang diag.Lang) string {
	return fmt.Sprintf("%s:%d: %s: %s", f.File, f.Line, f.Test, f.What.In(lang))
}

// In is the failure and why in one clickable line.
func (f Failure) In(lang diag.Lang) string {
	words := []string{f.First(lang)}
	for _, w := range f.Why {
		words = append(words, w.In(lang))
	}
	return strings.Join(words, "; ")
}

// String is the failure in English.
func (f Failure) String() string { return f.In(diag.EN) }

// Result is what one test found.
type Result struct {
	File, Name string
	Line       int
	Failures   []Failure
	Steps      []Taken
	// Asking are the steps that expect nothing yet and are to be told what they lead
	// to: all steps of a test that expects nothing, and every `expect:` without a value.
	Asking []int

	names map[string]string // of the people that the test names, by their ids
}

// Taken is a step that was carried out.
type Taken struct {
	Step *Step
	Seen Seen
}

// Seen is what a step led to.
type Seen struct {
	Rules    []string // that fired, in order
	Commands []command.Command
	Verdicts map[string]engine.Verdict // by rule
	Order    []string                  // the rules of Verdicts, in the order in which they were judged
	Facts    []SeenFact                // that the step changed, in the order of their words; only where they were asked for
	Asked    []SeenFact                // that its `expect` asks for
	Chat     string                    // of the step's event
}

// SeenFact is a fact in the words of the rule language, and its value as canonical
// takes it.
type SeenFact struct {
	Words string
	Value any
}

// asking are the steps that ask what they lead to.
func (t *Test) asking() []int {
	none := true
	for i := range t.Steps {
		none = none && t.Steps[i].Expect.nothing()
	}
	var out []int
	for i := range t.Steps {
		if s := &t.Steps[i]; none || s.Expect != nil && s.Expect.nothing() {
			out = append(out, i)
		}
	}
	return out
}

// people are the names that the steps of a test name, by their ids.
func (t *Test) people() map[string]string {
	out := map[string]string{}
	for i := range t.Steps {
		s := &t.Steps[i]
		for _, name := range append([]string{"张三", s.By, s.Friend}, s.Join...) {
			if name != "" && idOf(name) != name {
				out[idOf(name)] = name
			}
		}
	}
	return out
}
