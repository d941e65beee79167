package engine

import (
	"encoding/json"
	"fmt"
	"math"
	"strings"
	"time"

	"botengine/internal/command"
)

// CodeBlast ends a step whose command would do more of what cannot be taken back
// than rules may do in that time. Nothing of it is done.
const CodeBlast = "blast_limit"

// Blast says how much rules may do of what cannot be taken back.
type Blast struct {
	Kick, Broadcast BlastLimit
}

// BlastLimit is how much rules may do of one kind. Each part is off when it is 0.
type BlastLimit struct {
	PerHour    int     // by each robot
	PerRule    int     // by each rule in an hour
	GroupShare float64 // of a group's members within 24 h, by all rules of all robots
}

// The commands that the limits are about.
const (
	kickType      = "robot.delete.group.members"
	broadcastType = "rest.broadcast"
)

// The windows of the limits.
const (
	blastHour = time.Hour
	blastDay  = 24 * time.Hour
)

// quota is one count that a command adds to.
type quota struct {
	key    string
	within time.Duration
	most   int
	whose  string // for the log
}

// tooMuch counts a command that is about to be issued, and says why it may not be;
// "" = it may. A try after a failure is counted like the first: nobody knows for
// certain that nothing happened.
func (r *runner) tooMuch(c *command.Command) string {
	limits := r.d.in.Blast
	if limits == nil {
		return ""
	}
	switch c.Type {
	case kickType:
		return r.countBlast(&limits.Kick, "kick", c, kickedBy(c))
	case broadcastType:
		return r.countBlast(&limits.Broadcast, "broadcast", c, 1)
	}
	return ""
}

// countBlast adds n to every count that the limit is about, or to none.
func (r *runner) countBlast(l *BlastLimit, kind string, c *command.Command, n int) string {
	quotas := r.quotas(l, kind, c)
	facts := r.d.ledger
	for _, q := range quotas {
		done := facts.readCounter(q.key)
		if sum := int(done.within(q.within)); sum+n > q.most {
			return fmt.Sprintf("%s: %d in %s already %s, %d are allowed", kind, sum, brief(q.within), q.whose, q.most)
		}
	}
	for _, q := range quotas {
		done := facts.readCounter(q.key)
		done.add(n, q.within)
		raw, err := json.Marshal(done)
		if err != nil { // numbers: it cannot fail
			continue
		}
		facts.write(FactWrite{Key: q.key, Value: raw, Expires: facts.now.Add(q.within)})
	}
	return ""
}

func (r *runner) quotas(l *BlastLimit, kind string, c *command.Command) []quota {
	var out []quota
	ev := &r.run.Event
	robot := c.Robot
	if robot == "" {
		robot = ev.Robot.Key
	}
	if l.PerHour > 0 {
		out = append(out, quota{path("bl", kind, "robot", robot), blastHour, l.PerHour, "by this robot"})
	}
	if l.PerRule > 0 {
		out = append(out, quota{path("bl", kind, "rule", r.rule.ID), blastHour, l.PerRule, "by this rule"})
	}
	group := ev.Chat.GroupID()
	if l.GroupShare > 0 && ev.Chat.Known && ev.Chat.Size > 0 && group != "" {
		most := max(1, int(math.Floor(l.GroupShare*float64(ev.Chat.Size)+1e-9)))
		out = append(out, quota{path("bl", kind, "group", ev.Account, group), blastDay, most, fmt.Sprintf("in this group of %d", ev.Chat.Size)})
	}
	return out
}

// kickedBy is how many people the command removes: one at least.
func kickedBy(c *command.Command) int {
	var fields struct {
		Friends []json.RawMessage `json:"friends"`
	}
	if json.Unmarshal(c.Fields, &fields) != nil {
		return 1
	}
	return max(1, len(fields.Friends))
}

// blasted ends the step in hand for which a limit leaves no room.
func (r *runner) blasted(why string) {
	l := r.d.ledger
	l.logs = append(l.logs, Log{Rule: r.rule.ID, Step: r.inHand().ID, Problem: true, Alert: true, Text: "held back, it cannot be undone: " + strings.TrimSpace(why)})
	r.end(CodeBlast, why)
}
