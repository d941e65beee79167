package catchup

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"time"

	"botengine/internal/command"
	"botengine/internal/dispatch"
	"botengine/internal/event"
	"botengine/internal/failpoint"
	"botengine/internal/yjiyun/rest"
)

// HistoryLag is how far the history may lag: a message it does not have so long
// after it was sent is absent even if nothing else shows that the history is up
// to date. It is less than a doubt is pursued (dispatch.Times.Doubt).
const HistoryLag = 330 * time.Second

// ErrLag says that the history does not have a message, and that this proves
// nothing yet.
var ErrLag = errors.New("the chat history does not have the message, but may lag behind")

// answers says what a message's fate means to whoever sent it.
var answers = map[rest.Fate]dispatch.Answer{
	rest.FateAbsent: dispatch.Absent, rest.FateAccepted: dispatch.Accepted, rest.FateSent: dispatch.Sent,
	rest.FateNotSent: dispatch.NotSent, rest.FateFailed: dispatch.Failed,
}

// History is what of the platform a Lookup needs: *rest.Client.
type History interface {
	Messages(ctx context.Context, q rest.MessagesQuery) ([]rest.HistoryMessage, error)
	Chats(ctx context.Context, q rest.ChatsQuery) iter.Seq2[rest.Chat, error]
}

// Lookup finds out what became of messages. All of it must be set.
type Lookup struct {
	History History
	Clock   *Clock
	Now     func() time.Time
}

// Ask looks a message up in the chat history (§2.11), as dispatch.Asker says. It
// answers Absent or NotSent only when the history is known to be up to date: it shows
// something newer than the send in any chat of the robot, or a lagging history would
// have caught up. Else it returns ErrLag.
func (l Lookup) Ask(ctx context.Context, c command.Command, sent time.Time) (dispatch.Answer, error) {
	_, peer, ok := event.SplitChatID(c.Chat)
	if !ok {
		return dispatch.Absent, fmt.Errorf("chat id %q names no peer", c.Chat)
	}
	sent = l.Clock.Platform(sent)
	upToDate, err := l.upToDate(ctx, c.Robot, sent) // before the question: what is newer now proves nothing about then
	if err != nil {
		return dispatch.Absent, err
	}
	found, err := l.History.Messages(ctx, rest.MessagesQuery{RobotKey: c.Robot, ChatUser: peer, IDs: []string{c.MessageID}, From: lookFrom(&c, sent)})
	if err != nil {
		return dispatch.Absent, err
	}
	fate := rest.FateOf(found, c.MessageID)
	if (fate == rest.FateAbsent || fate == rest.FateNotSent) && !upToDate { // it may be an earlier try that was not sent
		return dispatch.Absent, ErrLag
	}
	return answers[fate], nil
}

// lookFrom is from when on a message is looked for. It was sent after the event that it
// answers: that time is the platform's own, whatever became of our clock since.
func lookFrom(c *command.Command, sent time.Time) time.Time {
	if event, ok := command.MessageTime(c.MessageID); ok && event.Before(sent) {
		sent = event
	}
	return sent.Add(-dispatch.LookBack)
}

// upToDate reports whether the history shows what came after that moment. What is newer
// by the platform's clock says nothing before it is known how that differs from ours.
func (l Lookup) upToDate(ctx context.Context, robot string, moment time.Time) (bool, error) {
	if l.Clock.Platform(l.Now()).Sub(moment) > failpoint.Hurry(HistoryLag) {
		return true, nil
	}
	if _, known := l.Clock.Skew(); !known {
		return false, nil
	}
	for chat, err := range l.History.Chats(ctx, rest.ChatsQuery{RobotKey: robot, Since: moment, Walk: rest.Walk{Limit: 1}}) {
		return err == nil && chat.LastActive.After(moment), err
	}
	return false, nil
}
