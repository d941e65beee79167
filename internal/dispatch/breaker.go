package dispatch

import "time"

// BreakerState says whether a breaker lets commands through.
type BreakerState string

// The states of a breaker. One that is closed and remembers nothing is not kept.
const (
	BreakerClosed   BreakerState = "closed"    // it lets everything through
	BreakerOpen     BreakerState = "open"      // nothing leaves until its pause is over
	BreakerHalfOpen BreakerState = "half_open" // one command is out, and its end decides
)

// What opens a breaker.
const (
	BreakerRisk        = "risk_answer" // the platform's answer hinted at risk control
	BreakerUndelivered = "undelivered" // messages did not arrive, one after the other
)

// Breaker keeps a robot, or one chat of it, from sending on when that does harm. It is
// a value: its methods are handed the time and return what it is then.
type Breaker struct {
	Robot    string        `json:"robot"`
	Chat     string        `json:"chat,omitempty"` // "" = all that the robot sends
	State    BreakerState  `json:"state"`
	Cause    string        `json:"cause"`          // what opened it last
	Code     string        `json:"code,omitempty"` // of the answer that did
	Since    time.Time     `json:"since"`          // when it opened last
	Until    time.Time     `json:"until"`          // open: the end of the pause; half open: of its wait for the probe; closed: when it is forgotten
	Pause    time.Duration `json:"pause"`          // the present one, or the last
	Openings int           `json:"openings"`       // since it was last calm
	Probe    string        `json:"probe,omitempty"`
}

// BreakerPauses are the first pause of a breaker and the longest.
type BreakerPauses struct{ First, Longest time.Duration }

// probeWait is how long the end of a probe is waited for. Nobody may ever know it, and
// a robot is not to be silent for as long as somebody asks.
const probeWait = time.Minute

// Trip opens the breaker, for twice as long as the time before. One that is open
// stays as it is: what was on the wire when it opened says nothing new.
func (b Breaker) Trip(now time.Time, cause, code string, p BreakerPauses) Breaker {
	if b.State == BreakerOpen {
		return b
	}
	b.Pause = min(max(2*b.Pause, p.First), p.Longest)
	b.State, b.Cause, b.Code, b.Probe = BreakerOpen, cause, code, ""
	b.Since, b.Until = now, now.Add(b.Pause)
	b.Openings++
	return b
}

// Admit says whether a command may leave. The first one after the pause is the probe;
// until one has ended well, no other may while that is out and its end is waited for.
func (b Breaker) Admit(now time.Time, messageID string) (Breaker, bool) {
	switch b.State {
	case BreakerOpen:
		if b.waits(now, b.Pause) {
			return b, false
		}
	case BreakerHalfOpen:
		if b.Probe != "" && b.waits(now, probeWait) {
			return b, b.Probe == messageID
		}
	default:
		return b, true
	}
	b.State, b.Probe, b.Until = BreakerHalfOpen, messageID, now.Add(probeWait)
	return b, true
}

// waits reports whether a wait of such a length, that Until ends, goes on. One that is
// longer than that was begun before the clock was set back.
func (b Breaker) waits(now time.Time, length time.Duration) bool {
	return now.Before(b.Until) && b.Until.Sub(now) <= length
}

// Heeds reports whether the bad end of a command that was sent at a time says anything
// new: while one is tried, what was on the wire when the breaker opened does not.
func (b Breaker) Heeds(messageID string, sent time.Time) bool {
	return b.State != BreakerHalfOpen || b.Probe == messageID || !sent.Before(b.Since)
}

// Ended tells the end of a command that did not trip the breaker. The probe's success
// closes it; it remembers for as long as its longest pause how long it was open, and by
// which probe it closed. Any other end of the probe makes way for another one.
func (b Breaker) Ended(now time.Time, messageID string, well bool, p BreakerPauses) Breaker {
	if b.State != BreakerHalfOpen || b.Probe != messageID {
		return b
	}
	if !well {
		b.Probe = ""
		return b
	}
	b.State, b.Until = BreakerClosed, now.Add(p.Longest)
	return b
}

// Over reports whether the breaker is closed and has been calm for so long that
// nothing of it need be remembered.
func (b Breaker) Over(now time.Time) bool { return b.State == BreakerClosed && !now.Before(b.Until) }

// Holds reports whether the breaker surely holds a command, by what is known without
// asking for admission.
func (b Breaker) Holds(now time.Time, messageID string) bool {
	_, may := b.Admit(now, messageID)
	return !may
}
