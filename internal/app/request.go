package app

import (
	"context"
	"errors"
	"time"

	"botengine/internal/command"
	"botengine/internal/event"
)

// requestFor bounds a command that is a request: less than the time its lane
// waits for the end, so that the end is said by whoever knows more.
const requestFor = 50 * time.Second

// request carries out a command that is a request (§2) and takes its answer in as
// the command's end. It does not hold up the robot's other lanes.
func (a *account) request(c command.Command) {
	ctx, cancel := context.WithTimeout(a.life, requestFor)
	defer cancel()
	end, err := a.rest.Execute(ctx, c)
	if err != nil {
		end = event.CommandEnd{Code: codeOf(err), Msg: err.Error()}
	}
	end.Type, end.MessageID = c.Type, c.MessageID
	now := time.Now()
	ev := event.Event{Kind: event.Result, Account: a.name, Robot: event.Robot{Key: c.Robot}, Time: now, Received: now, Result: end}
	if err := a.submit(a.life, ev); err != nil && a.life.Err() == nil {
		a.log.Error("the end of a request could not be taken in", "type", c.Type, "message_id", c.MessageID, "error", err)
	}
}

// codeOf says what an error means for the command: it never can be sent; surely
// nothing happened, so that it is tried again as after a busy answer; or nobody
// knows.
func codeOf(err error) string {
	switch {
	case errors.Is(err, command.ErrInvalid):
		return event.CodeInvalid
	case errors.Is(err, command.ErrNotSent):
		return command.CodeBusy
	default:
		return event.CodeUnknown
	}
}
