package main

import (
	"context"
	"errors"
	"fmt"

	"botengine/internal/command"
	"botengine/internal/config"
	"botengine/internal/event"
	"botengine/internal/yjiyun/socket"
)

// truthOf is an answer of yes or no.
func truthOf(yes bool, learn func(*config.Facts, config.Truth), evidence string) probeAnswer {
	truth := config.False
	if yes {
		truth = config.True
	}
	return probeAnswer{truth: truth, evidence: evidence, learn: func(f *config.Facts) { learn(f, truth) }}
}

// sameToken signs in a second time, as another process would.
func (b *prober) sameToken(ctx context.Context) (probeAnswer, error) {
	before, err := b.p.client.Token(ctx, false)
	if err != nil {
		return probeAnswer{}, err
	}
	other, err := newClient(b.p.account)
	if err != nil {
		return probeAnswer{}, err
	}
	defer other.Close()
	again, err := other.Token(ctx, false)
	if err != nil {
		return probeAnswer{}, err
	}
	if _, err := b.p.client.Robots(ctx); err != nil {
		return probeAnswer{}, err
	}
	after, err := b.p.client.Token(ctx, false)
	if err != nil {
		return probeAnswer{}, err
	}
	evidence := b.p.c.say("两次登录得到同一个 token", "both sign-ins gave one token")
	switch {
	case again != before && after == before:
		evidence = b.p.c.say("第二次登录得到另一个 token，旧的还能用", "the second sign-in gave another token, the old one still works")
	case again != before:
		evidence = b.p.c.say("第二次登录得到另一个 token，旧的失效了", "the second sign-in gave another token, the old one no longer works")
	}
	return truthOf(again == before, func(f *config.Facts, t config.Truth) { f.SameToken = t }, evidence), nil
}

// ownHistoryID sends a message and looks it up by its text.
func (b *prober) ownHistoryID(ctx context.Context) (probeAnswer, error) {
	m, err := b.message()
	if err != nil {
		return probeAnswer{}, err
	}
	if err := b.first.emit(ctx, m.Command); err != nil {
		return probeAnswer{}, err
	}
	echoes := b.first.await(ctx, b.wait, 1, m.sends)
	found, err := b.own(ctx, m, 1)
	if err != nil || len(found) == 0 {
		return probeAnswer{evidence: b.p.c.say("发出的消息没有在历史里出现", "the message that was sent did not appear in the history")}, err
	}
	b.works = true
	evidence := fmt.Sprintf(b.p.c.say("发出 %s，回音 %s，历史里是 %s", "sent as %s, echo %s, in the history %s"), m.MessageID, idOf(echoes), found[0].ID)
	return truthOf(found[0].ID == m.MessageID, func(f *config.Facts, t config.Truth) { f.OwnHistoryID = t }, evidence), nil
}

func idOf(events []event.Event) string {
	if len(events) == 0 {
		return "–"
	}
	return events[0].ID
}

// dedupes sends a message twice under one messageId.
func (b *prober) dedupes(ctx context.Context) (probeAnswer, error) {
	m, err := b.message()
	if err != nil {
		return probeAnswer{}, err
	}
	for n := range 2 {
		if err := b.first.emit(ctx, m.Command); err != nil {
			return probeAnswer{}, err
		}
		b.first.await(ctx, b.wait, n+1, m.sends) // the second may have no echo
	}
	found, err := b.own(ctx, m, 2)
	if err != nil || len(found) == 0 {
		return probeAnswer{evidence: b.p.c.say("发出的消息没有在历史里出现", "the message that was sent did not appear in the history")}, err
	}
	echoes := b.first.await(ctx, 0, 1, m.sends)
	evidence := fmt.Sprintf(b.p.c.say("用 %s 发了两次：历史里 %d 条，回音 %d 个", "sent twice as %s: %d in the history, %d echoes"), m.MessageID, len(found), len(echoes))
	return truthOf(len(found) == 1, func(f *config.Facts, t config.Truth) { f.Dedupes = t }, evidence), nil
}

// twoSockets opens a second connection with the same token and sends over it.
func (b *prober) twoSockets(ctx context.Context) (answer probeAnswer, err error) {
	learn := func(f *config.Facts, t config.Truth) { f.TwoSockets = t }
	err = b.p.withSession(ctx, func(second *session) error {
		m, err := b.message()
		if err != nil {
			return err
		}
		if err := second.emit(ctx, m.Command); err != nil {
			return err
		}
		newer := len(second.await(ctx, b.wait, 1, m.sends)) > 0
		older := len(b.first.await(ctx, b.wait, 1, m.sends)) > 0
		switch {
		case newer && older:
			answer = truthOf(true, learn, b.p.c.say("两个连接都收到了回音", "both connections got the echo"))
		case b.first.dropped():
			answer = truthOf(false, learn, b.p.c.say("第二个连接一来，第一个就断了", "the first connection was lost when the second came"))
		case newer:
			answer = truthOf(false, learn, b.p.c.say("只有新的连接收到回音", "only the newer connection got the echo"))
		case older:
			answer = truthOf(false, learn, b.p.c.say("只有旧的连接收到回音", "only the older connection got the echo"))
		default:
			answer.evidence = b.p.c.say("两个连接都没有收到回音", "neither connection got the echo")
		}
		return nil
	})
	if _, refused := errors.AsType[*socket.RejectedError](err); refused {
		return truthOf(false, learn, b.p.c.say("第二个连接被拒绝了", "the second connection was refused")), nil
	}
	return answer, err
}

// bridgeMessages sends a message over the bridge.
func (b *prober) bridgeMessages(ctx context.Context) (probeAnswer, error) {
	m, err := b.message()
	if err != nil {
		return probeAnswer{}, err
	}
	learn := func(f *config.Facts, t config.Truth) { f.BridgeMessages = t }
	end, err := b.p.client.Bridge(ctx, m.Command)
	if err != nil {
		return probeAnswer{}, err
	}
	said := fmt.Sprintf(b.p.c.say("code %s：%s", "code %s: %s"), end.Code, shown(end.Msg))
	if command.EndOf(end.Code, end.Msg) != command.Done {
		if !b.works { // no road works: the robot is at fault, not the bridge
			return probeAnswer{evidence: said}, nil
		}
		return truthOf(false, learn, said), nil
	}
	found, err := b.own(ctx, m, 1)
	if err != nil || len(found) == 0 {
		return probeAnswer{evidence: said + b.p.c.say("，但历史里没有", ", but it is not in the history")}, err
	}
	return truthOf(true, learn, said+b.p.c.say("，历史里也有", ", and it is in the history")), nil
}

// otherHistoryID compares a message of somebody else that came in live with its
// record in the history.
func (b *prober) otherHistoryID(ctx context.Context) (probeAnswer, error) {
	others := func(e *event.Event) bool {
		return e.Kind.IsMessage() && !e.Sender.IsSelf && e.Robot.Key == b.robot.Key && e.ID != ""
	}
	live := b.first.await(ctx, 0, 1, others)
	if len(live) == 0 {
		b.p.c.talk(b.p.c.say("    请用别的账号在会话 %s 里随便说一句（等 %s）\n", "    please write anything in the chat %s from another account (waiting %s)\n"), b.chat, b.wait)
		live = b.first.await(ctx, b.wait, 1, others)
	}
	if len(live) == 0 {
		return probeAnswer{evidence: b.p.c.say("没有人说话", "nobody wrote")}, nil
	}
	said := live[0]
	found, err := b.inHistory(ctx, said.Chat.Peer, said.Time, 1, func(e *event.Event) bool {
		return e.ID == said.ID || said.Message.SvrID != "" && e.Message.SvrID == said.Message.SvrID
	})
	if err != nil || len(found) == 0 {
		return probeAnswer{evidence: b.p.c.say("收到的消息没有在历史里出现", "the message that came in did not appear in the history")}, err
	}
	evidence := fmt.Sprintf(b.p.c.say("实时 %s，历史里是 %s", "live %s, in the history %s"), said.ID, found[0].ID)
	return truthOf(found[0].ID == said.ID, func(f *config.Facts, t config.Truth) { f.OtherHistoryID = t }, evidence), nil
}
