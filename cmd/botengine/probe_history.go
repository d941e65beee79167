package main

import (
	"context"
	"fmt"
	"time"

	"botengine/internal/config"
	"botengine/internal/yjiyun/rest"
)

// quietChats is how many of the quietest chats are asked for old messages.
const quietChats = 5

// historyDays looks for the oldest message there is: in the chat of the probe and
// in those in which nothing was said for longest. It is a lower bound.
func (b *prober) historyDays(ctx context.Context) (probeAnswer, error) {
	peers, err := b.quietest(ctx, quietChats)
	if err != nil {
		return probeAnswer{}, err
	}
	var oldest time.Time
	in := ""
	for _, peerID := range append(peers, b.chat.id) {
		at, err := b.oldest(ctx, peerID)
		if err != nil {
			return probeAnswer{}, err
		}
		if !at.IsZero() && (oldest.IsZero() || at.Before(oldest)) {
			oldest, in = at, peerID
		}
	}
	if oldest.IsZero() {
		return probeAnswer{evidence: b.p.c.say("历史里没有消息", "the history holds no message")}, nil
	}
	evidence := fmt.Sprintf(b.p.c.say("找到的最早一条：%s，会话 %s（看了 %d 个会话）", "the oldest found: %s in the chat %s (%d chats looked at)"),
		oldest.In(time.Local).Format(time.DateTime), in, len(peers)+1)
	days := int(time.Since(oldest).Hours() / 24)
	if days < 1 {
		return probeAnswer{evidence: evidence}, nil // an account this young tells nothing
	}
	return probeAnswer{
		number: days, words: fmt.Sprintf(b.p.c.say("至少 %d 天", "at least %d days"), days), evidence: evidence,
		learn: func(f *config.Facts) { f.HistoryDays = max(f.HistoryDays, days) },
	}, nil
}

// historyCount asks for more messages than are given at once.
func (b *prober) historyCount(ctx context.Context) (probeAnswer, error) {
	refusal := ""
	for _, asked := range []int{1000, 200, 100, 20} {
		records, err := b.page(ctx, 0, asked)
		if isRefused(err) {
			refusal = fmt.Sprintf(b.p.c.say("要 %d 条被拒绝；", "%d were refused; "), asked)
			continue
		}
		if err != nil {
			return probeAnswer{}, err
		}
		more, err := b.page(ctx, len(records), 1)
		if err != nil {
			return probeAnswer{}, err
		}
		return b.countAnswer(asked, len(records), len(more) > 0, refusal), nil
	}
	return probeAnswer{evidence: refusal}, nil
}

func (b *prober) page(ctx context.Context, offset, count int) ([]rest.HistoryMessage, error) {
	return b.p.client.Messages(ctx, rest.MessagesQuery{RobotKey: b.robot.Key, ChatUser: b.chat.id, Offset: offset, Count: count})
}

// countAnswer tells a limit of the platform from a chat that has no more.
func (b *prober) countAnswer(asked, got int, more bool, refusal string) probeAnswer {
	if got == 0 {
		return probeAnswer{evidence: b.p.c.say("历史里没有消息", "the history holds no message")}
	}
	limited := more && got < asked
	a := probeAnswer{
		number:   got,
		words:    fmt.Sprintf(b.p.c.say("至少 %d 条", "at least %d"), got),
		evidence: refusal + fmt.Sprintf(b.p.c.say("要 %d 条，给了 %d 条", "asked for %d, got %d"), asked, got),
		learn:    func(f *config.Facts) { f.HistoryCount = max(f.HistoryCount, got) },
	}
	switch {
	case limited:
		a.words = fmt.Sprintf(b.p.c.say("%d 条", "%d"), got)
		a.evidence += b.p.c.say("，后面还有", ", and there are more")
		a.learn = func(f *config.Facts) { f.HistoryCount = got }
	case got < asked:
		a.evidence += b.p.c.say("，会话里没有更多了", ", the chat holds no more")
	}
	return a
}
