package engine

import (
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"math/rand/v2"
	"time"

	"botengine/internal/command"
)

// How long a command may wait before it is worth sending no more: an answer that
// comes an hour late is none, a tag still is one a day later.
const (
	messageLife = time.Hour
	actionLife  = 24 * time.Hour
)

// timeouts is how long the result of a command may take, by class, unless the
// step or the action says otherwise.
var timeouts = map[command.Class]time.Duration{
	command.Verifiable:   30 * time.Second,
	command.Idempotent:   time.Minute,
	command.Queryable:    time.Minute,
	command.Unverifiable: time.Minute,
}

// tagsSync asks for a robot's tags (§3.12).
func tagsSync() command.Command {
	return command.Command{Type: tagsSyncType, Lane: command.LaneAction, Class: command.Idempotent, Fields: []byte("{}")}
}

// issue completes the command and hands it out; the run awaits its end. All that
// is stamped follows from the event, the rule and the step.
func (r *runner) issue(c command.Command, path string) {
	ev, step := &r.run.Event, r.inHand()
	c.Key = command.Key(r.run.Key, r.rule.ID, path, c.Chat)
	c.MessageID = command.MessageID(ev.Time, c.Key)
	c.Account, c.Robot = ev.Account, cmp.Or(c.Robot, ev.Robot.Key)
	c.Rule, c.Run, c.Step, c.Hops = r.rule.ID, r.id, step.ID, ev.Cause.Hops
	c.Expires = r.d.in.Now.Add(actionLife)
	if c.Class == command.Verifiable { // what people read: a message, or one that is forwarded
		c.Expires = r.d.in.Now.Add(messageLife)
	}
	if step.Timeout > 0 {
		c.Timeout = step.Timeout
	}
	if c.Timeout == 0 {
		c.Timeout = timeouts[c.Class]
	}
	c.Unasked = ev.Kind.IsSchedule()
	r.holdable(&c)
	r.d.noteCopies(&c)
	r.d.noteRename(&c, ev)
	r.run.Await = c.MessageID
	r.issued = append(r.issued, c.MessageID)
	r.d.ledger.commands = append(r.d.ledger.commands, c)
}

// dueAt is when a wait is over, in whole milliseconds: timers are named by them.
func dueAt(now time.Time, wait time.Duration) time.Time {
	return time.UnixMilli(now.Add(wait).UnixMilli()).UTC()
}

// seeded returns numbers in [0,1) that follow from the event, the rule and the step.
func seeded(eventKey, ruleID, path string) func() float64 {
	var source *rand.Rand // few steps draw anything
	return func() float64 {
		if source == nil {
			sum := sha256.Sum256([]byte(command.Key(eventKey, ruleID, path, "random")))
			source = rand.New(rand.NewPCG(binary.BigEndian.Uint64(sum[:]), binary.BigEndian.Uint64(sum[8:])))
		}
		return source.Float64()
	}
}
