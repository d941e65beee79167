package engine

import (
	"errors"
	"fmt"
	"strconv"

	"botengine/internal/actions"
	"botengine/internal/event"
	"botengine/internal/expression"
	"botengine/internal/rule"
)

// runner carries one run from step to step until it has to wait, or has ended.
type runner struct {
	d       *decider
	id      string
	run     *run
	rule    *rule.Rule
	stored  bool // the run was read from the store
	reports []StepReport
	issued  []string // message ids
}

// proceed goes on with the step in hand.
func (r *runner) proceed() {
	for r.run.Step < len(r.rule.Steps) {
		if r.step(r.rule.Steps[r.run.Step]) {
			r.save()
			return
		}
	}
	r.finish()
}

// step does the step in hand; waiting says that the run pauses in it.
func (r *runner) step(s rule.Step) (waiting bool) {
	if !r.run.Started {
		r.run.Started = true
		if ok, err := r.wanted(s); err != nil {
			r.end(event.CodeInvalid, "when: "+err.Error())
			return false
		} else if !ok {
			r.skip(s)
			return false
		}
	}
	effect, err := s.Action.Plan(r.env())
	var unknown *actions.UnknownTagError
	switch {
	case errors.As(err, &unknown):
		return r.askTags(unknown)
	case err != nil:
		r.end(event.CodeInvalid, err.Error())
		return false
	}
	return r.apply(s, effect)
}

func (r *runner) wanted(s rule.Step) (bool, error) {
	if s.When == nil {
		return true, nil
	}
	return s.When.Eval(r.scope())
}

func (r *runner) scope() *expression.Scope {
	s := r.d.scope(&r.run.Event, r.run.Hit)
	s.Steps, s.Found = r.run.Steps, r.run.Found
	return s
}

func (r *runner) env() actions.Env {
	return actions.Env{
		Scope:   r.scope(),
		Tags:    &lazyBook{d: r.d, robot: r.run.Event.Robot.Key},
		Random:  seeded(r.run.Key, r.rule.ID, r.path()),
		Attempt: r.run.Attempt,
	}
}

// path names the step in hand in command keys: its number, and the target's
// number when there were others before.
func (r *runner) path() string {
	if r.run.Attempt == 0 {
		return strconv.Itoa(r.run.Step + 1)
	}
	return fmt.Sprintf("%d#%d", r.run.Step+1, r.run.Attempt)
}

// apply does what the step came to. Local steps take effect at once.
func (r *runner) apply(s rule.Step, effect actions.Effect) (waiting bool) {
	switch {
	case effect.Command != nil:
		r.run.More, r.run.Next = effect.More, effect.Next
		r.run.Many = r.run.Many || effect.Next
		r.issue(*effect.Command, r.path())
		return true
	case effect.Wait > 0:
		r.run.Due = dueAt(r.d.in.Now, effect.Wait)
		return true
	case effect.Log != "":
		r.d.ledger.logs = append(r.d.ledger.logs, Log{Rule: r.rule.ID, Step: s.ID, Text: effect.Log})
	}
	if err := r.d.ledger.remember(&r.run.Event, effect.Facts); err != nil {
		r.end(event.CodeInvalid, err.Error())
		return false
	}
	r.end(event.CodeOK, "")
	return false
}

// askTags asks the platform for the robot's tags, once a step; when the answer has
// come and the names are still unknown, the step ends. A rule with a misspelt tag
// that fires often does not ask each time.
func (r *runner) askTags(unknown *actions.UnknownTagError) (waiting bool) {
	robot := r.run.Event.Robot.Key
	book := &lazyBook{d: r.d, robot: robot}
	if r.run.Tags && book.load().size() > 0 {
		r.d.noteNoTags(robot, unknown.Names)
	}
	if r.run.Tags || r.d.knowsNoTags(robot, unknown.Names) {
		r.end(CodeUnknownTag, book.explain(unknown.Names))
		return false
	}
	r.run.Tags = true
	r.issue(tagsSync(), r.path()+"/tags")
	return true
}

// skip passes over a step whose `when` is false; that is no failure.
func (r *runner) skip(s rule.Step) {
	r.record(s, CodeSkipped, "")
	r.run.nextStep()
}

// end closes the step in hand. A failure ends the run, unless the step says
// `on_error: continue`.
func (r *runner) end(code, msg string) {
	s := r.rule.Steps[r.run.Step]
	r.record(s, code, msg)
	r.run.nextStep()
	if code == event.CodeOK {
		return
	}
	r.d.ledger.problem(r.rule.ID, s.ID, fmt.Sprintf("step ended with code %s: %s", code, msg))
	if s.OnError != rule.Continue {
		r.run.Step = len(r.rule.Steps)
	}
}

func (r *runner) record(s rule.Step, code, msg string) {
	if r.run.Steps == nil {
		r.run.Steps = make(map[string]expression.StepResult)
	}
	r.run.Steps[s.ID] = expression.StepResult{Code: code, Msg: msg, OK: code == event.CodeOK}
	r.reports = append(r.reports, StepReport{ID: s.ID, Action: s.Action.Name(), Code: code, Msg: msg})
}

// waitsIn is the id of the step that the run waits in; "" = it has ended.
func (r *runner) waitsIn() string {
	if r.run.Step >= len(r.rule.Steps) {
		return ""
	}
	return r.rule.Steps[r.run.Step].ID
}

// save stores the run and, once, the text it began with.
func (r *runner) save() {
	l := r.d.ledger
	data, err := r.run.encode()
	if err != nil { // its command still goes out, but nothing can wait for the end
		l.problem(r.rule.ID, r.waitsIn(), "run given up: "+err.Error())
		r.finish()
		return
	}
	l.runs = append(l.runs, RunWrite{ID: r.id, Robot: r.run.Event.Robot.Key, Due: r.run.Due, Data: data})
	if r.stored || l.archived(r.rule.Hash) {
		return
	}
	text, err := encodeArchive(r.d.in.Set.SourceOf(r.rule))
	if err != nil { // the run lives as long as its text is the current one
		l.problem(r.rule.ID, r.waitsIn(), err.Error())
		return
	}
	l.archives = append(l.archives, Archive{Hash: r.rule.Hash, Data: text})
}

// finish removes the run, if it ever was stored.
func (r *runner) finish() {
	if r.stored {
		r.d.ledger.runs = append(r.d.ledger.runs, RunWrite{ID: r.id, Robot: r.run.Event.Robot.Key, Done: true})
	}
}
