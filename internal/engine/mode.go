package engine

import (
	"encoding/json"
	"slices"
	"time"

	"botengine/internal/diag"
	"botengine/internal/event"
	"botengine/internal/expression"
	"botengine/internal/rule"
)

// lookAtQueue is how often a run that waits for another looks whether that is
// still there: it is told when the other ends, unless that was lost.
const lookAtQueue = time.Hour

// slot is the runs of a rule that are under way, and those that wait for them to
// end, in the order in which they came.
type slot struct {
	Runs  []string `json:"runs,omitempty"`
	Queue []string `json:"queue,omitempty"`
}

// slotKey is rm/<rule>/<per values>.
func slotKey(r *rule.Rule, ev *event.Event, hit expression.Hit) string {
	return perKey("rm", r.ID, r.Run.Per, ev, hit)
}

// slot reads who is under way; runs that are gone are left out.
func (l *ledger) slot(key string) slot {
	var s slot
	if raw, _, ok := l.read(key); !ok || json.Unmarshal(raw, &s) != nil {
		return slot{}
	}
	gone := func(id string) bool { return !l.underWay(id) }
	return slot{Runs: slices.DeleteFunc(s.Runs, gone), Queue: slices.DeleteFunc(s.Queue, gone)}
}

func (l *ledger) putSlot(key string, s slot) {
	if len(s.Runs)+len(s.Queue) == 0 {
		l.write(FactWrite{Key: key, Delete: true})
		return
	}
	if raw, err := json.Marshal(s); err == nil {
		l.write(FactWrite{Key: key, Value: raw})
	}
}

// busy says whether the rule may not fire because its runs under way leave no room.
func (d *decider) busy(m rule.Match) (rule.Outcome, diag.Text) {
	if m.Rule.Run == nil {
		return "", diag.Text{}
	}
	return d.noRoom(m.Rule.Run, d.ledger.slot(slotKey(m.Rule, d.in.Event, m.Hit)))
}

// noRoom says whether a slot leaves no room for one more.
func (d *decider) noRoom(mode *rule.RunMode, s slot) (rule.Outcome, diag.Text) {
	switch {
	case mode.Mode == rule.RunSingle && len(s.Runs) > 0:
		return rule.Running, diag.T("上一次执行还没结束", "the run before has not ended")
	case mode.Mode == rule.RunParallel && len(s.Runs) >= mode.Max:
		return rule.Running, diag.T("已有 %d 次在执行", "%d runs are under way", len(s.Runs))
	case mode.Mode == rule.RunQueued && len(s.Queue) >= mode.Max:
		return rule.Running, diag.T("已有 %d 次在排队", "%d runs wait already", len(s.Queue))
	}
	return "", diag.Text{}
}

// start begins the steps of a run, or has it wait for the runs before it. The
// verdict says which.
func (r *runner) start(v *Verdict) {
	if mode := r.rule.Run; mode != nil && r.heldUp(mode, v) {
		return
	}
	r.proceed()
	r.noteFired()
	if r.run.Slot != "" && r.inHand() != nil {
		s := r.d.ledger.slot(r.run.Slot)
		s.Runs = append(s.Runs, r.id)
		r.d.ledger.putSlot(r.run.Slot, s)
	}
	v.Outcome, v.Step = rule.Fired, r.waitsIn()
}

// heldUp says whether the run may not begin now. One that may not at all is gone.
func (r *runner) heldUp(mode *rule.RunMode, v *Verdict) bool {
	l := r.d.ledger
	r.run.Slot = slotKey(r.rule, &r.run.Event, r.run.Hit)
	s := l.slot(r.run.Slot)
	place := slices.Index(s.Queue, r.id)
	switch {
	case mode.Mode == rule.RunRestart:
		r.endOthers(s.Runs)
		s.Runs = nil
	case mode.Mode == rule.RunQueued && (len(s.Runs) > 0 || place > 0 || place < 0 && len(s.Queue) > 0):
		if place < 0 {
			s.Queue = append(s.Queue, r.id)
		}
		v.Outcome, v.Detail = rule.Queued, diag.T("等前面的 %d 次执行结束", "waits for %d runs before it", len(s.Runs)+max(0, slices.Index(s.Queue, r.id)))
		r.run.Waits, r.run.Due = true, dueAt(r.d.in.Now, lookAtQueue)
		r.save()
		l.putSlot(r.run.Slot, s)
		return true
	case mode.Mode != rule.RunQueued:
		if outcome, detail := r.d.noRoom(mode, s); outcome != "" {
			v.Outcome, v.Detail = outcome, detail
			r.run.Slot = ""
			r.finish()
			return true
		}
	}
	if place >= 0 {
		s.Queue = slices.Delete(s.Queue, place, place+1)
	}
	l.putSlot(r.run.Slot, s)
	return false
}

// endOthers ends runs in favour of this one. What they sent already stays sent.
func (r *runner) endOthers(ids []string) {
	for _, id := range ids {
		r.d.ledger.runs = append(r.d.ledger.runs, RunWrite{ID: id, Robot: r.run.Event.Robot.Key, Done: true})
	}
}

// leave makes room for the run that waits next.
func (r *runner) leave() {
	key := r.run.Slot
	if key == "" {
		return
	}
	r.run.Slot = ""
	s := r.d.vacate(key, r.id)
	if len(s.Runs) > 0 || len(s.Queue) == 0 {
		return
	}
	for _, id := range s.Queue { // one that cannot be carried on is gone now
		if next := r.d.stored(id, func(state *run) bool { return state.Waits }); next != nil {
			r.d.begun = append(r.d.begun, next.beginNow())
			return
		}
	}
}

// vacate takes a run out of its slot.
func (d *decider) vacate(key, id string) slot {
	if key == "" {
		return slot{}
	}
	s := d.ledger.slot(key)
	s.Runs = slices.DeleteFunc(s.Runs, func(one string) bool { return one == id })
	d.ledger.putSlot(key, s)
	return s
}
