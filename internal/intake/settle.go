package intake

import (
	"time"

	"botengine/internal/command"
	"botengine/internal/event"
	"botengine/internal/state"
)

// busyAttempts is how often a command is sent to a platform that is busy.
const busyAttempts = 5

// settlement is what an event says about a command of ours.
type settlement struct {
	changed *state.Entry     // the entry as it is now; nil = none was changed
	ended   *command.Command // the command, if this is its end
	late    bool             // a result for no command, or for one that has ended
	ours    bool             // it is about a command of ours, whatever became of that
}

// settle finds the command that ev is the result or the echo of, and writes what
// became of it. Only the messageId, with the robot it belongs to, connects the
// two; a second end of one command changes nothing.
func settle(tx state.Tx, ev *event.Event, now time.Time, random func() float64) settlement {
	end, ok := endIn(ev)
	if !ok {
		return settlement{}
	}
	e, ok := tx.Entry(end.MessageID)
	ours := ok && e.Command.Robot == ev.Robot.Key
	if ours && end.Code == command.CodeUndelivered && e.State == state.Confirmed {
		return overturn(tx, e, end)
	}
	if !ours || e.Ended() {
		return settlement{late: ev.Kind == event.Result, ours: ours}
	}
	if isRepeated(ev, &e) {
		return settlement{ours: true}
	}
	was := e.State
	apply(&e, end, now, random)
	if e.State == state.Pending {
		e.BusyAt = ev.Time
	}
	if e.State == was && was == state.Pending {
		return settlement{ours: true} // busy, and waiting to be sent again already
	}
	tx.PutEntry(e)
	if !e.Ended() {
		return settlement{changed: &e, ours: true}
	}
	return settlement{changed: &e, ended: &e.Command, ours: true}
}

// isRepeated reports whether an answer that the platform is busy is not about the send
// under way, but came for one before already: all sends of a command have one id.
// Where the platform does not say when it answered, only what may be done twice is
// sent again for it; the fate of everything else is found out when its time is over.
func isRepeated(ev *event.Event, e *state.Entry) bool {
	if e.BusyAt.IsZero() || ev.Kind != event.Result || command.EndOf(ev.Result.Code, ev.Result.Msg) != command.Busy {
		return false
	}
	unsaid := ev.Time.Equal(ev.Received)
	return !ev.Time.After(e.BusyAt) || unsaid && e.Command.Class != command.Idempotent
}

// endIn returns the end of a command that ev may be. Our own message coming back
// says that it was sent.
func endIn(ev *event.Event) (event.CommandEnd, bool) {
	switch {
	case ev.Kind == event.Result:
		return ev.Result, true
	case ev.IsEcho() && ev.ID != "":
		return event.CommandEnd{MessageID: ev.ID, Code: event.CodeOK}, true
	default:
		return event.CommandEnd{}, false
	}
}

// apply moves the entry to where the end's code says.
func apply(e *state.Entry, end event.CommandEnd, now time.Time, random func() float64) {
	meaning := command.EndOf(end.Code, end.Msg)
	e.Code, e.Msg = end.Code, end.Msg
	if meaning == command.Busy && mayTryAgain(e, now) {
		e.State = state.Pending
		e.NotBefore = now.Add(busyPause(e.Attempt, random))
		return
	}
	e.State = states[meaning]
	e.EndedAt = now
}

// states are where the ends lead. A platform that stays busy has refused.
var states = map[command.End]state.EntryState{
	command.Done:     state.Confirmed,
	command.Busy:     state.Failed,
	command.Refused:  state.Failed,
	command.Lapsed:   state.Expired,
	command.Doubtful: state.Unknown,
}

func mayTryAgain(e *state.Entry, now time.Time) bool {
	expires := e.Command.Expires
	return e.Attempt < busyAttempts && (expires.IsZero() || now.Before(expires))
}

// busyPause grows from about 2 s to about a minute, and differs between robots
// that were told to wait at the same moment.
func busyPause(attempt int, random func() float64) time.Duration {
	pause := time.Second << min(max(attempt, 1), 6)
	return time.Duration(float64(pause) * (0.5 + random()))
}
