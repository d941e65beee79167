package main

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/expr-lang/expr"
	"github.com/expr-lang/expr/vm"

	"botengine/internal/event"
	"botengine/internal/fold"
)

// folder folds like a rule that names no folds.
var folder = fold.New(fold.Default())

// seen is what a bare expr program is given.
type seen struct {
	Text string // folded
	Chat string
}

// condition is the rule as one expression.
func (a *asked) condition() string {
	var parts []string
	for _, w := range a.words {
		parts = append(parts, fmt.Sprintf("Text contains %q", w))
	}
	if a.pattern != "" {
		parts = append(parts, fmt.Sprintf("Text matches %q", a.pattern))
	}
	text := strings.Join(parts, " || ")
	if a.chat != "" {
		return fmt.Sprintf("Chat == %q && (%s)", a.chat, text)
	}
	return text
}

// exprLoop asks one program after the other.
type exprLoop struct {
	ids      []string
	programs []*vm.Program
	machine  vm.VM
}

func newExprLoop(rules []asked) (*exprLoop, error) {
	l := &exprLoop{}
	for _, a := range rules {
		program, err := expr.Compile(a.condition(), expr.Env(seen{}), expr.AsBool())
		if err != nil {
			return nil, fmt.Errorf("compile %s: %w", a.id, err)
		}
		l.ids, l.programs = append(l.ids, a.id), append(l.programs, program)
	}
	return l, nil
}

func (l *exprLoop) match(ev *event.Event) (ids []string, err error) {
	env := seen{Text: folder.String(ev.Message.Text), Chat: ev.Chat.ID}
	for i, program := range l.programs {
		fits, err := l.machine.Run(program, env)
		if err != nil {
			return nil, err
		}
		if fits == true {
			ids = append(ids, l.ids[i])
		}
	}
	return ids, nil
}

// containsLoop is what one would write by hand: strings.Contains for each word,
// and a pattern only behind its literal.
type containsLoop struct {
	rules    []asked
	patterns []*regexp.Regexp
}

func newContainsLoop(rules []asked) *containsLoop {
	l := &containsLoop{rules: rules, patterns: make([]*regexp.Regexp, len(rules))}
	for i, a := range rules {
		if a.pattern != "" {
			l.patterns[i] = regexp.MustCompile(a.pattern)
		}
	}
	return l
}

func (l *containsLoop) match(ev *event.Event) (ids []string) {
	text := folder.String(ev.Message.Text)
	for i := range l.rules {
		if l.fits(i, text, ev.Chat.ID) {
			ids = append(ids, l.rules[i].id)
		}
	}
	return ids
}

func (l *containsLoop) fits(i int, text, chat string) bool {
	a := &l.rules[i]
	if a.chat != "" && a.chat != chat {
		return false
	}
	for _, w := range a.words {
		if strings.Contains(text, w) {
			return true
		}
	}
	return a.pattern != "" && strings.Contains(text, a.literal) && l.patterns[i].MatchString(text)
}
