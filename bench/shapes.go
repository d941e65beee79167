package main

import (
	"fmt"
	"strings"

	"botengine/internal/event"
	"botengine/internal/rule"
	"botengine/internal/rule/ruleload"
)

// longText is how large a text is that is as long as rules ever see.
const longText = 16 << 10

// shaped are rules and events that are hard on an index.
type shaped struct {
	name   string
	set    *rule.Set
	load   ruleload.Load
	events []event.Event
	parts  float64 // of a normal text that one of these is
	next   int
}

func newShaped(shape ruleload.Shape, n int) (*shaped, error) {
	s := &shaped{name: string(shape), load: ruleload.New(1, shape, n, frames), parts: 1}
	set, findings := rule.Compile(s.load.Sources)
	if set == nil {
		return nil, fmt.Errorf("compile rules of the shape %s: %d findings", shape, len(findings))
	}
	s.set, s.events = set, s.load.Events
	return s, nil
}

// long is the same rules with one long text.
func (s *shaped) long(name, text string) *shaped {
	out := *s
	out.name = name
	out.events = []event.Event{s.load.Events[0]}
	out.events[0].Message.Text = text
	normal := 0
	for i := range s.events {
		normal += len(s.events[i].Message.Text)
	}
	out.parts = float64(len(text)) * float64(len(s.events)) / float64(normal)
	return &out
}

// quiet is a long text of messages that concern no rule.
func (s *shaped) quiet() string {
	var text strings.Builder
	for i := range s.events {
		ev := s.events[i]
		if text.Len()+len(ev.Message.Text) > longText {
			break
		}
		ev.Message.Text = text.String() + ev.Message.Text
		if len(s.set.Match(&ev, s.load.Now, false)) == 0 {
			text.WriteString(s.events[i].Message.Text)
		}
	}
	return text.String()
}

func (s *shaped) side() side {
	return side{name: s.name, do: func(n int) {
		for range n {
			s.set.Match(&s.events[s.next%len(s.events)], s.load.Now, false)
			s.next++
		}
	}}
}

// shapeRows compares rules and texts that are hard on an index with normal ones.
func shapeRows(t *table, e effort) error {
	mixed, err := newShaped(ruleload.Mixed, e.most())
	if err != nil {
		return err
	}
	hard := []*shaped{mixed.long("a text of 16 KiB that concerns no rule, per byte", mixed.quiet()),
		mixed.long("a text of 16 KiB with several rules' words, per byte", ruleload.Long(2, longText))}
	for _, shape := range ruleload.Shapes()[1:] {
		s, err := newShaped(shape, e.most())
		if err != nil {
			return err
		}
		hard = append(hard, s)
	}
	sides := []side{mixed.side()}
	for _, s := range hard {
		sides = append(sides, s.side())
	}
	got := interleave(e.rounds, e.slice, sides...)
	for _, s := range hard {
		t.atMost(fmt.Sprintf("match %d, %s / mixed rules", e.most(), s.name), got.ratio(s.name, mixed.name)/s.parts, 3)
	}
	t.note("match over %d mixed rules %v, over a text of 16 KiB with several rules' words %v", e.most(), got.typical(mixed.name), got.typical(hard[1].name))
	return nil
}
