package app

import (
	"context"
	"errors"
	"time"

	"botengine/internal/command"
	"botengine/internal/event"
)

// requestFor bounds a command that is a request, of which its lane expects the end
// within a minute.
const requestFor = 50 * time.Second

// endFor bounds how long the end of a request may take to be taken in while the
// account stops.
const endFor = 5 * time.Second

// request carries out a command that is a request (§2), or a call of another server, and takes its answer in as
// the command's end. It does not hold up the robot's other lanes. A request that
// the stop cut short has no end: the next start treats it as its class wants.
func (a *account) request(c command.Command) {
	ctx, cancel := context.WithTimeout(a.life, patience(c.Timeout))
	defer cancel()
	execute := a.rest.Execute
	if c.Type == command.TypeCall {
		execute = a.calls.Do
	}
	end, err := execute(ctx, c)
	if err != nil {
		end = event.CommandEnd{Code: codeOf(&c, err), Msg: err.Error()}
		if a.life.Err() != nil && end.Code == event.CodeUnknown {
			return
		}
	}
	a.endRequest(&c, end)
}

// patience is how long a request may take: less than the time its lane waits for
// the end, so that the end is said by whoever knows more.
func patience(lane time.Duration) time.Duration {
	if lane <= 0 {
		return requestFor
	}
	return lane * 5 / 6
}

// endRequest hands the end to line 1, which stops after the account does.
func (a *account) endRequest(c *command.Command, end event.CommandEnd) {
	end.Type, end.MessageID = c.Type, c.MessageID
	now := time.Now()
	ev := event.Event{
		Kind: event.Result, Account: a.name, Robot: event.Robot{Key: c.Robot, Status: event.StatusUnknown},
		Time: now, Received: now, Result: end,
	}
	ctx, cancel := context.WithCancel(context.WithoutCancel(a.life))
	defer cancel()
	defer context.AfterFunc(a.life, func() { time.AfterFunc(endFor, cancel) })()
	if err := a.submit(ctx, ev); err != nil {
		a.log.Error("the end of a request could not be taken in", "type", c.Type, "message_id", c.MessageID, "error", err)
	}
}

// codeOf says what an error means for the command: it never can be sent; surely
// nothing happened, or once more does no harm, so that it is tried again as after
// a busy answer; or nobody knows.
func codeOf(c *command.Command, err error) string {
	switch {
	case errors.Is(err, command.ErrInvalid):
		return event.CodeInvalid
	case errors.Is(err, command.ErrNotSent), c.Class == command.Idempotent:
		return command.CodeBusy
	default:
		return event.CodeUnknown
	}
}
