package engine

import (
	"errors"
	"strconv"
	"time"

	"botengine/internal/actions"
	"botengine/internal/diag"
	"botengine/internal/event"
	"botengine/internal/rule"
)

// pauseKey is pause/<scope>/<whose>; ok is false when there is no chat to pause.
func pauseKey(scope, robot, peer string) (key string, ok bool) {
	switch scope {
	case actions.ScopeGlobal:
		return "pause/" + actions.ScopeGlobal, true
	case actions.ScopeRobot:
		return path("pause", scope, robot), true
	default:
		return sharedKey("pause/"+actions.ScopeChat, robot, peer), peer != ""
	}
}

// pause does what a `pause` step says.
func (d *decider) pause(ev *event.Event, p *actions.Pause) error {
	key, ok := pauseKey(p.Scope, ev.Robot.Key, peerOf(ev))
	if !ok {
		return errors.New("pause: the event happened in no chat")
	}
	if p.For <= 0 {
		d.ledger.write(FactWrite{Key: key, Delete: true})
		return nil
	}
	until := d.in.Now.Add(p.For)
	d.ledger.write(FactWrite{Key: key, Value: strconv.AppendInt(nil, until.UnixMilli(), 10), Expires: until})
	return nil
}

// paused says whether the rule has to be silent: everything is paused, or its
// robot, or the event's chat. One that pauses others never has.
func (d *decider) paused(r *rule.Rule) (rule.Outcome, diag.Text) {
	if r.Pauses() {
		return "", diag.Text{}
	}
	until, ok := pausedUntil(d.ledger, d.in.Event.Robot.Key, peerOf(d.in.Event))
	if !ok {
		return "", diag.Text{}
	}
	return rule.Paused, diag.T("还要暂停 %s", "for another %s", brief(left(until, d.in.Now)))
}

// pausedUntil is when the longest of the pauses ends that concern a robot's chat.
func pausedUntil(l *ledger, robot, peer string) (until time.Time, ok bool) {
	for _, scope := range [...]string{actions.ScopeGlobal, actions.ScopeRobot, actions.ScopeChat} {
		key, known := pauseKey(scope, robot, peer)
		if !known {
			continue
		}
		if at, found := readMoment(l, key); found && l.now.Before(at) && at.After(until) {
			until, ok = at, true
		}
	}
	return until, ok
}
