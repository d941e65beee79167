package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"botengine/internal/command"
	"botengine/internal/event"
	"botengine/internal/yjiyun"
	"botengine/internal/yjiyun/rest"
)

const (
	clockSkew   = 10 * time.Minute // how far the platform's clock may be from ours
	historyPage = 50               // messages looked at for one of the probe's own
)

// prober asks the questions, one after the other.
type prober struct {
	p     *access
	robot rest.Robot
	chat  peer
	wait  time.Duration
	first *session
	sent  int
	works bool // a message sent over the socket was seen in the history
}

// probeMessage is one test message.
type probeMessage struct {
	command.Command
	text string
	at   time.Time
}

// message makes a test message that no other is like.
func (b *prober) message() (probeMessage, error) {
	b.sent++
	now := time.Now()
	m := probeMessage{at: now, text: fmt.Sprintf(b.p.c.say("botengine 测试消息 %d（请忽略）%s", "botengine test message %d (please ignore) %s"), b.sent, now.Format("150405.000"))}
	m.Command = command.Command{
		Robot: b.robot.Key, Chat: event.ChatID(b.robot.ID, b.chat.id), Type: command.MessageText,
		Lane: command.LaneChat, Class: command.Verifiable,
	}
	b.p.stamp(&m.Command)
	return m, setFields(&m.Command, map[string]any{"content": m.text})
}

// sends reports whether an event is the message's echo, whatever its id.
func (m *probeMessage) sends(e *event.Event) bool { return e.IsEcho() && e.Message.Text == m.text }

// inHistory looks for messages until there are n of them or the wait is over.
func (b *prober) inHistory(ctx context.Context, peerID string, since time.Time, n int, match func(*event.Event) bool) ([]event.Event, error) {
	over := time.NewTimer(b.wait)
	defer over.Stop()
	again := time.NewTicker(max(b.wait/10, 50*time.Millisecond))
	defer again.Stop()
	for {
		found, err := b.look(ctx, peerID, since, match)
		if err != nil || len(found) >= n {
			return found, err
		}
		select {
		case <-again.C:
		case <-over.C:
			return found, nil
		case <-ctx.Done():
			return found, ctx.Err()
		}
	}
}

// look reads the newest messages of a chat that were really sent.
func (b *prober) look(ctx context.Context, peerID string, since time.Time, match func(*event.Event) bool) ([]event.Event, error) {
	records, err := b.p.client.Messages(ctx, rest.MessagesQuery{RobotKey: b.robot.Key, ChatUser: peerID, From: since.Add(-clockSkew), Count: historyPage})
	if err != nil {
		return nil, err
	}
	var all []event.Event
	for _, r := range records {
		if fate := r.Fate(); fate == rest.FateNotSent || fate == rest.FateFailed {
			continue // nobody saw it: it says nothing about those that are seen
		}
		events, err := yjiyun.Decode(b.p.account.Name, yjiyun.EventMessage, r.Frame, time.Now())
		if err != nil {
			continue // a record nobody can read is none of ours
		}
		all = append(all, events...)
	}
	return slices.DeleteFunc(all, func(e event.Event) bool { return !match(&e) }), nil
}

// own looks for n copies of a test message.
func (b *prober) own(ctx context.Context, m probeMessage, n int) ([]event.Event, error) {
	return b.inHistory(ctx, b.chat.id, m.at, n, m.sends)
}

// oldest is the oldest message of a chat, as far as can be told by asking ever
// further back; zero when there is none.
func (b *prober) oldest(ctx context.Context, peerID string) (time.Time, error) {
	var found time.Time
	now := time.Now()
	until := now
	for days := 1; days < 4096; days *= 2 {
		records, err := b.p.client.Messages(ctx, rest.MessagesQuery{RobotKey: b.robot.Key, ChatUser: peerID, To: until, Count: 1})
		if err != nil {
			return found, err
		}
		if len(records) == 0 {
			return found, nil
		}
		found = records[0].Time
		until = now.AddDate(0, 0, -days)
	}
	return found, nil
}

// quietest are the robot's chats in which nothing was said for longest.
func (b *prober) quietest(ctx context.Context, n int) (peers []string, err error) {
	for chat, err := range b.p.client.Chats(ctx, rest.ChatsQuery{RobotKey: b.robot.Key}) {
		if err != nil {
			return nil, err
		}
		peers = append(peers, chat.Peer)
	}
	return peers[max(0, len(peers)-n):], nil
}

func isRefused(err error) bool {
	_, ok := errors.AsType[*rest.RefusedError](err)
	return ok
}
