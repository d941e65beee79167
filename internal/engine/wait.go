package engine

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"botengine/internal/diag"
	"botengine/internal/event"
	"botengine/internal/expression"
	"botengine/internal/rule"
)

// WaitsFact is the fact that is there as long as any run may wait for a message:
// without it no message can be an answer.
const WaitsFact = "wait"

// maxWaits is how many runs may wait for one person in one chat.
const maxWaits = 20

// CodeTooManyWaits is the code of a wait that could not begin.
const CodeTooManyWaits = "too_many_waits"

// anyone stands in a key for whoever writes.
const anyone = "*"

// waiter is a run that waits for a message.
type waiter struct {
	Run   string `json:"run"`
	Until int64  `json:"until"` // unix ms
}

// waitKey is wait/<robot>/<peer>/<person>.
func waitKey(robot, peer, person string) string {
	if person != anyone {
		person = "=" + person
	}
	return path("wait", robot, peer, person)
}

// MayAnswer reports whether a run waits for messages of the event's sender in its
// chat: whether Decide has to be asked although no rule matches.
func MayAnswer(facts Facts, ev *event.Event, now time.Time) bool {
	if !canAnswer(ev) {
		return false
	}
	for _, person := range []string{ev.Sender.ID, anyone} {
		if _, until, ok := facts.Fact(waitKey(ev.Robot.Key, peerOf(ev), person)); ok && now.Before(until) {
			return true
		}
	}
	return false
}

// canAnswer says whether the event is a message of somebody else than a robot.
func canAnswer(ev *event.Event) bool {
	return ev.Kind.IsMessage() && !ev.Sender.IsSelf && !ev.Sender.IsRobot && ev.Sender.ID != ""
}

// wait begins to wait for a message.
func (r *runner) wait(s *rule.Step) (waiting bool) {
	if early := r.hush(); early != nil {
		r.recordAnswer(s, early)
		r.run.goTo(s.Next)
		return false
	}
	people, err := r.waitsFor(s.Wait)
	if err != nil {
		r.end(event.CodeInvalid, "wait_for: "+err.Error())
		return false
	}
	r.run.Due = dueAt(r.d.in.Now, s.Wait.Timeout)
	if !r.listenTo(people, r.run.Due) {
		r.end(CodeTooManyWaits, fmt.Sprintf("%d runs wait for the same person here already", maxWaits))
		return false
	}
	r.d.noteWaits(r.run.Due)
	return true
}

// listenTo puts the run among those that wait for any of the people; false when
// there are too many.
func (r *runner) listenTo(people []string, until time.Time) bool {
	for _, person := range people {
		if !r.listen(waitKey(r.run.Event.Robot.Key, peerOf(&r.run.Event), person), until) {
			r.deafen()
			return false
		}
	}
	return true
}

// waitsFor says whose message it is.
func (r *runner) waitsFor(wf *rule.WaitFor) ([]string, error) {
	ev := &r.run.Event
	if peerOf(ev) == "" {
		return nil, errors.New("the event has no chat")
	}
	switch wf.From {
	case rule.FromAnyone:
		return []string{anyone}, nil
	case rule.FromSender:
		people := peopleOf(ev)
		if people == "" {
			return nil, errors.New("the event is about nobody")
		}
		return strings.Split(people, ","), nil
	}
	who, err := wf.Who.Render(r.scope())
	if err == nil && strings.Trim(who, "0123456789") != "" || who == "" {
		err = errors.Join(err, errors.New("from: not the id of a person"))
	}
	return []string{who}, err
}

// listen puts the run among those that wait under the key; false when there are
// too many.
func (r *runner) listen(key string, until time.Time) bool {
	waiters, last := r.d.ledger.waiters(key)
	if len(waiters) >= maxWaits {
		return false
	}
	waiters = append(waiters, waiter{Run: r.id, Until: until.UnixMilli()})
	r.run.Ears = append(r.run.Ears, key)
	return r.d.ledger.putWaiters(key, waiters, later(last, until))
}

// deafen takes the run out of those that wait.
func (r *runner) deafen() {
	for _, key := range r.run.Ears {
		waiters, _ := r.d.ledger.waiters(key)
		waiters = slices.DeleteFunc(waiters, func(w waiter) bool { return w.Run == r.id })
		var last time.Time
		for _, w := range waiters {
			last = later(last, time.UnixMilli(w.Until))
		}
		r.d.ledger.putWaiters(key, waiters, last)
	}
	r.run.Ears = nil
}

// waiters are the runs that wait under a key, those left out whose time is over or
// that are gone, and when the last of them stops.
func (l *ledger) waiters(key string) (waiters []waiter, last time.Time) {
	raw, last, ok := l.read(key)
	if !ok || json.Unmarshal(raw, &waiters) != nil {
		return nil, time.Time{}
	}
	return slices.DeleteFunc(waiters, func(w waiter) bool {
		return !l.underWay(w.Run) || w.Until < l.now.UnixMilli()
	}), last
}

func (l *ledger) putWaiters(key string, waiters []waiter, last time.Time) bool {
	if len(waiters) == 0 {
		l.write(FactWrite{Key: key, Delete: true})
		return true
	}
	raw, err := json.Marshal(waiters)
	if err != nil {
		return false
	}
	l.write(FactWrite{Key: key, Value: raw, Expires: last})
	return true
}

// noteWaits remembers until when messages may be answers.
func (d *decider) noteWaits(until time.Time) {
	if _, last, ok := d.ledger.read(WaitsFact); !ok || last.Before(until) {
		d.ledger.write(FactWrite{Key: WaitsFact, Value: []byte("1"), Expires: until})
	}
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// answer hands a message to the runs that wait for it: the one that asked last
// first, and further ones as long as none keeps it for itself.
func (d *decider) answer() []Woken {
	ev := d.in.Event
	if d.in.Facts == nil || !canAnswer(ev) {
		return nil
	}
	var waiters []waiter
	for _, person := range []string{ev.Sender.ID, anyone} {
		some, _ := d.ledger.waiters(waitKey(ev.Robot.Key, peerOf(ev), person))
		waiters = append(some, waiters...)
	}
	var woken []Woken
	for _, w := range slices.Backward(waiters) {
		if d.taken != nil {
			break
		}
		if one := d.handOver(w.Run); one != nil {
			woken = append(woken, *one)
		}
	}
	return woken
}

// handOver gives the message to a run, if it is what the run waits for. A run that
// panics over it is given up, and the message is everybody else's.
func (d *decider) handOver(id string) (w *Woken) {
	mark := d.ledger.mark()
	defer func() {
		if cause := recover(); cause != nil {
			d.ledger.rollback(mark)
			d.drop(id, "", "it panicked over a message")
			w = nil
		}
	}()
	r := d.stored(id, func(state *run) bool { return state.mayHear(d.in.Now) })
	if r == nil {
		return nil
	}
	s := r.hears()
	if s == nil {
		return nil
	}
	m := s.Wait.Hears(d.in.Event, d.in.Now)
	if m.Outcome != "" || !r.takes(s.Wait, m.Hit) {
		return nil
	}
	if s.Wait.Consume {
		d.taken = r.rule
	}
	d.noteVolley()
	if s != r.inHand() {
		return r.keep(m.Hit)
	}
	return d.carry(r, func() { r.answered(s, m.Hit) })
}

// takes asks the condition of the wait about the message. One that breaks takes
// nothing: the person may write again.
func (r *runner) takes(wf *rule.WaitFor, hit expression.Hit) bool {
	if wf.When == nil {
		return true
	}
	scope := r.scope()
	scope.Event, scope.Hit, scope.Steps = r.d.in.Event, hit, r.assumed()
	ok, err := wf.When.Eval(scope)
	if err != nil {
		r.d.ledger.problem(r.rule.ID, r.waitsIn(), "wait_for: "+err.Error())
	}
	return ok && err == nil
}

// answered ends the wait with the message.
func (r *runner) answered(s *rule.Step, hit expression.Hit) {
	r.deafen()
	r.recordAnswer(s, answerIn(r.d.in.Event, hit))
	r.run.goTo(s.Next)
}

// answerIn is what a message says as an answer.
func answerIn(ev *event.Event, hit expression.Hit) *expression.Answer {
	return &expression.Answer{
		Text: ev.Message.Text, Type: strings.TrimPrefix(string(ev.Kind), "message."), URL: ev.Message.URL, FileName: ev.Message.FileName,
		SvrID: ev.Message.SvrID, SenderID: ev.Sender.ID, SenderName: ev.Sender.Name, Hit: hit,
	}
}

func (r *runner) recordAnswer(s *rule.Step, a *expression.Answer) {
	r.record(s, event.CodeOK, "")
	result := r.run.Steps[s.ID]
	result.Answer = a
	r.run.Steps[s.ID] = result
}

// unanswered ends a wait whose time is over. That nobody answered is no failure.
func (r *runner) unanswered(s *rule.Step) {
	r.deafen()
	r.record(s, event.CodeTimeout, "nobody answered")
	switch s.Wait.OnTimeout {
	case rule.Continue:
		r.run.goTo(s.Next)
	case rule.Rescued:
		r.run.goTo(s.Targets[0])
	default:
		r.run.goTo(rule.End)
	}
}

// consumed says of a rule whether the message was an answer that it does not see:
// the rule that asked comes before it.
func (d *decider) consumed(r *rule.Rule) (rule.Outcome, diag.Text) {
	if d.taken == nil || r.Priority > d.taken.Priority {
		return "", diag.Text{}
	}
	return rule.Answered, diag.T("这条消息是回答规则 `%s` 的提问", "the message answers what rule `%s` asked", d.taken.ID)
}
