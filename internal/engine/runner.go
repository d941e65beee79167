package engine

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

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

// maxInstructions is how many steps a run does before it has to wait: a program
// that does more is one that never ends.
const maxInstructions = 1000

// proceed goes on with the step in hand.
func (r *runner) proceed() {
	for fuel := maxInstructions; r.inHand() != nil; fuel-- {
		if fuel == 0 {
			r.end(CodeEndless, fmt.Sprintf("%d steps without a wait", maxInstructions))
			r.run.goTo(rule.End)
			break
		}
		if r.rests() || r.step(r.inHand()) {
			r.save()
			return
		}
	}
	r.finish()
}

// inHand is the step in hand; nil when the run is through.
func (r *runner) inHand() *rule.Step {
	if r.run.Step < 0 || r.run.Step >= len(r.rule.Steps) {
		return nil
	}
	return &r.rule.Steps[r.run.Step]
}

// step does the step in hand; waiting says that the run pauses in it.
func (r *runner) step(s *rule.Step) (waiting bool) {
	if !r.run.Started {
		r.run.Started = true
		if s.Op != rule.OpWait {
			r.hush()
		}
		if ok, err := r.wanted(s); err != nil {
			r.end(event.CodeInvalid, "when: "+err.Error())
			return false
		} else if !ok {
			r.skip(s)
			return false
		}
	}
	if s.Op != rule.OpAction {
		return r.control(s)
	}
	return r.plan(s)
}

// plan does what the step's action comes to.
func (r *runner) plan(s *rule.Step) (waiting bool) {
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

// wanted asks the step's condition: of a repeat once, not before each turn.
func (r *runner) wanted(s *rule.Step) (bool, error) {
	if _, again := r.run.Turns[r.run.Step]; again || s.When == nil {
		return true, nil
	}
	r.watch(s)
	return s.When.Eval(r.scope())
}

func (r *runner) scope() *expression.Scope {
	s := r.d.scope(&r.run.Event, r.run.Hit)
	s.Steps, s.Found, s.Gathered = r.run.Steps, r.run.Found, r.run.gathered()
	return s
}

func (r *runner) env() actions.Env {
	return actions.Env{
		Scope:   r.scope(),
		Tags:    &lazyBook{d: r.d, robot: r.run.Event.Robot.Key},
		Random:  seeded(r.run.Key, r.rule.ID, r.path()),
		Attempt: r.run.Attempt,
		Chats:   r.d.in.Chats,
	}
}

// path names the step in hand in command keys: where it stands, the turns of the
// repeats around it, the target's number when there were others before, and that
// of the try.
func (r *runner) path() string {
	s := r.inHand()
	path := s.Path + r.turns(s)
	if r.run.Attempt > 0 {
		path += "#" + strconv.Itoa(r.run.Attempt)
	}
	if r.run.Try > 0 {
		path += "~" + strconv.Itoa(r.run.Try)
	}
	return path
}

// turns are those of the repeats around the step, outermost first: @2,1.
func (r *runner) turns(s *rule.Step) string {
	if len(s.Loops) == 0 {
		return ""
	}
	counts := make([]string, len(s.Loops))
	for i, at := range s.Loops {
		counts[i] = strconv.Itoa(r.run.Turns[at].Count)
	}
	return "@" + strings.Join(counts, ",")
}

// apply does what the step came to. Local steps take effect at once.
func (r *runner) apply(s *rule.Step, effect actions.Effect) (waiting bool) {
	switch {
	case effect.Sparing != nil && !r.spare(s, &effect):
		return false
	case effect.Command != nil:
		if why := r.tooMuch(effect.Command); why != "" {
			r.blasted(why)
			return false
		}
		if code, why := r.fused(effect.Command); code != "" {
			r.end(code, why)
			return false
		}
		r.run.More, r.run.Next = effect.More, effect.Next
		r.run.Many = r.run.Many || effect.Next
		r.issue(*effect.Command, r.path())
		r.listenEarly(s, effect.Command)
		return true
	case effect.Wait > 0:
		r.run.Due = dueAt(r.d.in.Now, effect.Wait)
		return true
	case effect.Pause != nil:
		if err := r.d.pause(&r.run.Event, effect.Pause); err != nil {
			r.end(event.CodeInvalid, err.Error())
			return false
		}
	case effect.Count != nil:
		if err := r.d.ledger.count(&r.run.Event, effect.Count); err != nil {
			r.end(event.CodeInvalid, err.Error())
			return false
		}
	case effect.List != nil && r.d.ledger.changeList(effect.List):
		r.end(CodeListFull, fmt.Sprintf("rules have put %d entries on the list: no more are taken", maxListed))
		return false
	case effect.Emit != nil:
		if err := r.emit(effect.Emit); err != nil {
			r.end(event.CodeInvalid, err.Error())
			return false
		}
	case effect.Log != "":
		r.d.ledger.logs = append(r.d.ledger.logs, Log{Rule: r.rule.ID, Step: s.ID, Text: effect.Log, Plain: effect.LogPlain})
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
func (r *runner) skip(s *rule.Step) {
	r.record(s, CodeSkipped, "")
	r.run.goTo(s.Next)
}

// end closes the step in hand. A failure ends the run, unless the step says
// otherwise under `on_error`.
func (r *runner) end(code, msg string) {
	s := r.inHand()
	if (code == event.CodeOK || code == event.CodeUnknown) && r.look() { // it happened, they say, or nobody knows
		return
	}
	if !r.run.Many && r.again(code) { // of several targets each was tried again by itself
		r.run.Attempt = 0
		return
	}
	r.record(s, code, msg)
	delete(r.run.Turns, r.run.Step)
	if code == event.CodeOK {
		r.run.goTo(s.Next)
		return
	}
	if !event.IsHeldBack(code) && code != CodePingPong && code != CodeChatFuse {
		r.d.ledger.problem(r.rule.ID, s.ID, fmt.Sprintf("step ended with code %s: %s", code, msg))
		r.d.noteError(r.rule)
	}
	switch s.OnError {
	case rule.Continue:
		r.run.goTo(s.Next)
	case rule.Rescued:
		r.run.goTo(s.Rescue)
	default:
		r.run.goTo(rule.End)
	}
}

func (r *runner) record(s *rule.Step, code, msg string) {
	if r.run.Steps == nil {
		r.run.Steps = make(map[string]expression.StepResult)
	}
	r.run.Steps[s.ID] = expression.StepResult{Code: code, Msg: msg, OK: code == event.CodeOK}
	r.reports = append(r.reports, StepReport{ID: s.ID, Action: s.Does(), Code: code, Msg: msg, Path: r.path()})
}

// waitsIn is the id of the step that the run waits in; "" = it has ended.
func (r *runner) waitsIn() string {
	if s := r.inHand(); s != nil {
		return s.ID
	}
	return ""
}

// save stores the run and, once, the text it began with.
func (r *runner) save() {
	l := r.d.ledger
	data, kept, err := r.d.encodeOrKeep(r.id, r.run)
	if err != nil { // its command still goes out, but nothing can wait for the end
		l.problem(r.rule.ID, r.waitsIn(), "run given up: "+err.Error())
		r.finish()
		return
	}
	l.runs = append(l.runs, RunWrite{ID: r.id, Robot: r.run.Event.Robot.Key, Due: r.run.Due, Data: data, Kept: kept})
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
	r.hush()
	if r.stored {
		r.d.ledger.runs = append(r.d.ledger.runs, RunWrite{ID: r.id, Robot: r.run.Event.Robot.Key, Done: true})
	}
	r.leave()
}
