package dispatch

import (
	"cmp"
	"log/slog"
	"math/rand/v2"
	"time"

	"botengine/internal/command"
	"botengine/internal/failpoint"
)

// Times are all durations and bounds of line 2. Those that are zero get the
// default beside them.
type Times struct {
	Message  time.Duration // how long a message's echo may take; 30 s
	Action   time.Duration // how long a command's result may take; 60 s
	ClaimAge time.Duration // the oldest a claim may be when it is sent; 2 s
	Send     time.Duration // how long one write may take; 10 s
	Ready    time.Duration // pause between two looks at a robot that cannot speak; 1 s
	Grace    time.Duration // for late echoes, before the history is asked; 5 s
	Ask      time.Duration // how long one question may take; 20 s
	Settle   time.Duration // between two absences that are believed; 10 s
	Doubt    time.Duration // the least time a doubt is pursued, also past Expires; 6 min
	Report   time.Duration // after which a verdict nobody took in is told again; 30 s
	Retry    time.Duration // the first pause between attempts, doubled up to RetryMax; 1 s
	RetryMax time.Duration // 30 s
	Attempts int           // the most sends of one command; 3
}

func (t Times) withDefaults() Times {
	return Times{
		Message:  cmp.Or(t.Message, failpoint.Hurry(30*time.Second)),
		Action:   cmp.Or(t.Action, failpoint.Hurry(time.Minute)),
		ClaimAge: cmp.Or(t.ClaimAge, failpoint.Hurry(2*time.Second)),
		Send:     cmp.Or(t.Send, 10*time.Second),
		Ready:    cmp.Or(t.Ready, failpoint.Hurry(time.Second)),
		Grace:    cmp.Or(t.Grace, failpoint.Hurry(5*time.Second)),
		Ask:      cmp.Or(t.Ask, 20*time.Second),
		Settle:   cmp.Or(t.Settle, failpoint.Hurry(10*time.Second)),
		Doubt:    cmp.Or(t.Doubt, 6*time.Minute),
		Report:   cmp.Or(t.Report, failpoint.Hurry(30*time.Second)),
		Retry:    cmp.Or(t.Retry, failpoint.Hurry(time.Second)),
		RetryMax: cmp.Or(t.RetryMax, failpoint.Hurry(30*time.Second)),
		Attempts: cmp.Or(t.Attempts, 3),
	}
}

// asksAtOnce bounds the questions under way over all robots: after a
// disconnection every chat may have one, and the platform is to survive it.
const asksAtOnce = 4

// LookBack is how long before a send, or the event that it answers, the history is
// looked at: the platform's clock is not ours.
const LookBack = 10 * time.Minute

func (o Options) withDefaults() Options {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Random == nil {
		o.Random = rand.Float64
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	o.Times = o.Times.withDefaults()
	return o
}

// timeout is how long the end of a command is waited for.
func (t *Times) timeout(c *command.Command) time.Duration {
	if c.IsMessage() {
		return cmp.Or(failpoint.Hurry(c.Timeout), t.Message)
	}
	return cmp.Or(failpoint.Hurry(c.Timeout), t.Action)
}

// pause is the time before the nth attempt after a failure: doubled each time,
// and no two robots at the same moment.
func (t *Times) pause(failures int, random func() float64) time.Duration {
	d := t.Retry
	for range min(failures, 30) - 1 {
		d = min(2*d, t.RetryMax)
	}
	return time.Duration(float64(d) * (0.5 + random()))
}
