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
	Until    time.Time     `json:"until"`          // open: the end of the pause; closed: when it is forgotten
	Pause    time.Duration `json:"pause"`          // the present one, or the last
	Openings int           `json:"openings"`       // since it was last calm
	Probe    string        `json:"probe,omitempty"`
}

// BreakerPauses are the first pause of a breaker and the longest.
type BreakerPauses struct{ First, Longest time.Duration }

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
// while that is out, and until one has ended well, no other may.
func (b Breaker) Admit(now time.Time, messageID string) (Breaker, bool) {
	switch b.State {
	case BreakerOpen:
		if now.Before(b.Until) && b.Until.Sub(now) <= b.Pause { // else the clock was set back
			return b, false
		}
		b.State, b.Probe = BreakerHalfOpen, messageID
		return b, true
	case BreakerHalfOpen:
		if b.Probe == "" {
			b.Probe = messageID
		}
		return b, b.Probe == messageID
	default:
		return b, true
	}
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
