package engine

import (
	"slices"
	"time"
	"unicode/utf8"

	"botengine/internal/diag"
	"botengine/internal/event"
	"botengine/internal/expression"
	"botengine/internal/rule"
)

const (
	// keptText is how much of each text a gathering keeps, in bytes: it is written
	// anew with every event that joins.
	keptText = 2 << 10
	// gatheringLost is when a gathering is given up for which the time to begin has
	// passed: its run is woken long before, unless it is gone.
	gatheringLost = 7 * 24 * time.Hour
)

// gathering is what a run has gathered: while Key is set, it takes more.
type gathering struct {
	Key    string                `json:"key,omitempty"` // of the fact that names the run
	Turn   time.Time             `json:"turn,omitzero"` // the rule's limit has no room before
	Events []expression.Gathered `json:"events"`
}

// gatherKey is co/<rule>/<per values>: the run that gathers.
func (d *decider) gatherKey(m rule.Match) string {
	return perKey("co", m.Rule.ID, m.Rule.Coalesce.Per, d.in.Event, m.Hit)
}

// joins gives the event to the gathering that is open for it, if there is one. The
// last event that a gathering takes has the rule fire.
func (d *decider) joins(m rule.Match, v *Verdict) bool {
	if m.Rule.Coalesce == nil || m.Rule.Mode == rule.ModeShadow {
		return false
	}
	r, ok := d.openGathering(d.gatherKey(m))
	if !ok {
		return false
	}
	c := r.rule.Coalesce
	r.run.take(d.in.Event)
	n := len(r.run.Gather.Events)
	switch full := n >= c.Max; {
	case full && r.run.Gather.Turn.After(d.in.Now):
		d.closeGathering(r.run)
		r.run.Due = r.run.Gather.Turn
		v.Outcome, v.Detail = rule.Queued, queuedFor(r.run.Due, d.in.Now)
		r.save()
	case full:
		*v = r.beginNow()
		return true
	default:
		if soonest := dueAt(d.in.Now, c.For); r.run.Due.After(soonest) && r.run.Gather.Turn.IsZero() {
			r.run.Due = soonest // the clock was set back
		}
		v.Outcome, v.Detail = rule.Gathering, gatheredSoFar(n, r.run.Due, d.in.Now)
		r.save()
	}
	v.Run = r.id
	return true
}

// openGathering finds the run that gathers under the key, with the rule text that
// it began with.
func (d *decider) openGathering(key string) (*runner, bool) {
	id, _, ok := d.ledger.read(key)
	if !ok {
		return nil, false
	}
	state, there, err := d.readRun(string(id))
	if !there || err != nil || state.Gather == nil || state.Gather.Key != key {
		return nil, false
	}
	text, err := d.textOf(state)
	if err != nil || text.Coalesce == nil {
		return nil, false
	}
	return &runner{d: d, id: string(id), run: state, rule: text, stored: true}, true
}

// closeGathering has the run take no more events.
func (d *decider) closeGathering(state *run) {
	g := state.Gather
	if g == nil || g.Key == "" {
		return
	}
	d.ledger.write(FactWrite{Key: g.Key, Delete: true})
	g.Key = ""
}

// gather makes the event the first that the run has gathered.
func (r *runner) gather(c *rule.Coalesce) {
	if c == nil {
		return
	}
	r.run.Gather = &gathering{}
	r.run.Event.Members = slices.Clone(r.run.Event.Members)
	r.run.take(r.d.in.Event)
}

// waitsToBegin stores a run that is not to begin yet: its rule gathers, or its
// limit has no room before the turn.
func (r *runner) waitsToBegin(m rule.Match, turn time.Time, v *Verdict) bool {
	d, c := r.d, m.Rule.Coalesce
	switch {
	case c != nil:
		key := d.gatherKey(m)
		r.run.Gather.Key, r.run.Gather.Turn = key, turn
		r.run.Due = dueAt(d.in.Now, c.For)
		if turn.After(r.run.Due) {
			r.run.Due = turn
		}
		d.ledger.write(FactWrite{Key: key, Value: []byte(r.id), Expires: r.run.Due.Add(gatheringLost)})
		v.Outcome, v.Detail = rule.Gathering, gatheredSoFar(1, r.run.Due, d.in.Now)
	case !turn.IsZero():
		r.run.Due = turn
		v.Outcome, v.Detail = rule.Queued, queuedFor(turn, d.in.Now)
	default:
		return false
	}
	r.run.Waits = true
	r.save()
	return true
}

func gatheredSoFar(n int, due, now time.Time) diag.Text {
	return diag.T("第 %[1]d 条，%[2]s 后一起处理", "number %[1]d, all are answered in %[2]s", n, brief(left(due, now)))
}

func queuedFor(turn, now time.Time) diag.Text {
	return diag.T("%s 后轮到", "its turn comes in %s", brief(left(turn, now)))
}

// beginNow begins the steps of a run that had waited to begin.
func (r *runner) beginNow() Verdict {
	r.d.closeGathering(r.run)
	r.run.Waits, r.run.Due = false, time.Time{}
	r.d.coolDown(r.rule, &r.run.Event, r.run.Hit)
	v := Verdict{Rule: r.rule.ID, Detail: diag.T("排队等到了", "its turn has come")}
	if g := r.run.Gather; g != nil {
		v.Detail = diag.T("合并了 %d 条", "%d events gathered", len(g.Events))
	}
	r.start(&v)
	v.Run, v.Steps, v.Commands = r.id, r.reports, r.issued
	return v
}

// take adds the event, and whom it is about to the members, each once.
func (r *run) take(ev *event.Event) {
	g := expression.Gathered{ID: ev.ID, Kind: ev.Kind, Time: ev.Time, Text: cutText(ev.Message.Text, keptText), Sender: ev.Sender, Chat: ev.Chat}
	if ev.Kind == event.FriendRequest {
		g.Sender = event.Person{ID: ev.Friend.ID, Name: ev.Friend.Name, Avatar: ev.Friend.Avatar, Gender: ev.Friend.Gender}
	}
	r.Gather.Events = append(r.Gather.Events, g)
	people := ev.Members
	if g.Sender.ID != "" {
		people = []event.Person{g.Sender}
	}
	for _, p := range people {
		if !slices.ContainsFunc(r.Event.Members, func(q event.Person) bool { return q.ID == p.ID }) {
			r.Event.Members = append(r.Event.Members, p)
		}
	}
}

// gathered are the events that the run has gathered; nil where none were to be.
func (r *run) gathered() []expression.Gathered {
	if r.Gather == nil {
		return nil
	}
	return r.Gather.Events
}

// cutText shortens s to n bytes, never inside of a character.
func cutText(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n]
}

// underWay says whether a run has not ended, as far as this decision went.
func (l *ledger) underWay(id string) bool {
	for _, r := range slices.Backward(l.runs) {
		if r.ID == id {
			return !r.Done
		}
	}
	if l.facts == nil {
		return false
	}
	_, there := l.facts.RunData(id)
	return there
}
