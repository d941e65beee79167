package engine

import (
	"fmt"

	"botengine/internal/event"
	"botengine/internal/expression"
	"botengine/internal/rule"
)

// control does a step that says how the run goes on.
func (r *runner) control(s *rule.Step) (waiting bool) {
	switch s.Op {
	case rule.OpIf:
		r.branch(s)
	case rule.OpChoose:
		r.choose(s)
	case rule.OpRepeat:
		r.repeat(s)
	case rule.OpWait:
		return r.wait(s)
	case rule.OpStop:
		r.record(s, event.CodeOK, s.Reason)
		r.run.goTo(rule.End)
	default:
		r.end(event.CodeInvalid, "no such step: "+string(s.Op))
	}
	return false
}

// enter turns to one of the blocks of the step in hand.
func (r *runner) enter(s *rule.Step, slot int, why string) {
	r.record(s, event.CodeOK, why)
	r.run.goTo(s.Targets[slot])
}

func (r *runner) branch(s *rule.Step) {
	yes, err := s.Cond.Eval(r.scope())
	switch {
	case err != nil:
		r.end(event.CodeInvalid, "if: "+err.Error())
	case yes:
		r.enter(s, 0, "then")
	default:
		r.enter(s, 1, "else")
	}
}

// choose draws one of the options. Who has drawn before and sticks to it draws the
// same again, for the draw follows from nothing but the rule, the step and whose
// it is.
func (r *runner) choose(s *rule.Step) {
	seed, name := r.run.Key, r.path()
	if s.Choice.Sticky != "" {
		if whose, ok := factKey(&r.run.Event, s.Choice.Sticky, ""); ok {
			seed, name = whose, s.ID
		}
	}
	slot := draw(s.Choice, seeded(seed, r.rule.ID, name)())
	r.enter(s, slot, s.Choice.Options[slot].Name)
}

// draw is the option that a number in [0,1) falls on.
func draw(c *rule.Choice, at float64) int {
	total := 0
	for _, o := range c.Options {
		total += o.Weight
	}
	left := int(at * float64(total))
	for i, o := range c.Options {
		if left < o.Weight {
			return i
		}
		left -= o.Weight
	}
	return len(c.Options) - 1
}

// repeat begins the next turn, or is through.
func (r *runner) repeat(s *rule.Step) {
	at := r.run.Step
	t, err := r.nextTurn(s)
	if err != nil {
		r.end(event.CodeInvalid, "repeat: "+err.Error())
		return
	}
	goesOn, err := r.goesOn(s, t)
	switch {
	case err != nil:
		r.end(event.CodeInvalid, "repeat: "+err.Error())
	case !goesOn:
		r.end(event.CodeOK, fmt.Sprintf("%d times", t.Count-1))
	case t.Count > s.Repeat.Max:
		r.end(CodeEndless, fmt.Sprintf("more than %d times", s.Repeat.Max))
	default:
		if r.run.Turns == nil {
			r.run.Turns = make(map[int]turns)
		}
		r.run.Turns[at] = t
		r.name(s, t)
		r.run.goTo(s.Targets[0])
	}
}

// nextTurn is the turn after the one in hand. What it goes over is looked at once.
func (r *runner) nextTurn(s *rule.Step) (turns, error) {
	t, under := r.run.Turns[r.run.Step]
	if !under && s.Repeat.Each != nil {
		each, err := s.Repeat.Each.Eval(r.scope())
		if err != nil {
			return t, err
		}
		if len(each) > s.Repeat.Max {
			return t, fmt.Errorf("a list of %d entries, %d are allowed", len(each), s.Repeat.Max)
		}
		t.Each = each
	}
	t.Count++
	return t, nil
}

// goesOn says whether the turn is to be.
func (r *runner) goesOn(s *rule.Step, t turns) (bool, error) {
	switch {
	case s.Repeat.Times > 0 && t.Count > s.Repeat.Times, s.Repeat.Each != nil && t.Count > len(t.Each):
		return false, nil
	case s.Cond == nil:
		return true, nil
	}
	return s.Cond.Eval(r.scope())
}

// name lets the steps of the turn know its number, or what it is about.
func (r *runner) name(s *rule.Step, t turns) {
	if s.Repeat.As == "" {
		return
	}
	if r.run.Found == nil {
		r.run.Found = make(map[string]expression.Found)
	}
	if s.Repeat.Each == nil {
		r.run.Found[s.Repeat.As] = expression.Found{Shape: expression.ShapeNumber, Number: t.Count}
		return
	}
	r.run.Found[s.Repeat.As] = expression.Found{Shape: expression.ShapeText, Text: t.Each[t.Count-1]}
}
