package main

import (
	"cmp"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"botengine/internal/app"
)

// shownLanes is how many lanes the text of a queue has.
const shownLanes = 50

func (c *cli) ctlQueueCmd(f *ctlFlags) *cobra.Command {
	return &cobra.Command{
		Use:   "queue",
		Short: c.say("等着发送的命令：每个会话几条、多久了、被什么挡住", "the commands that wait: how many in each chat, how long, and what holds them"),
		Args:  c.noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			var q app.Queue
			if err := c.call(cmd.Context(), f, "queue", nil, &q); err != nil {
				return err
			}
			if f.output == "json" {
				return c.writeJSON(q)
			}
			_, err := io.WriteString(c.out, c.queueText(&q))
			return err
		},
	}
}

func (c *cli) queueText(q *app.Queue) string {
	if q.Depth == 0 {
		return c.say("队列是空的\n", "the queue is empty\n")
	}
	var b strings.Builder
	fmt.Fprintf(&b, c.say("%d 条，分在 %d 处，最早的 %s 前放进来\n", "%d commands in %d places, the oldest put there %s ago\n"), q.Depth, len(q.Lanes), ageOf(q.Oldest))
	for i := range q.Lanes[:min(len(q.Lanes), shownLanes)] {
		l := &q.Lanes[i]
		fmt.Fprintf(&b, c.say("%s %s：%d 条，最早的 %s 前；", "%s %s: %d, the oldest %s ago; "), shown(cmp.Or(l.RobotName, l.Robot)), c.laneName(l), l.Depth, ageOf(l.Age))
		fmt.Fprintf(&b, c.say("下一条 %s（规则 %s，%s）：%s", "next %s (rule %s, %s): %s"), shown(l.Next.Type), cmp.Or(l.Next.Rule, "-"), l.Next.MessageID, c.say(l.WhyZH, l.Why))
		if at := cmp.Or(l.Next.Due, l.Until); !at.IsZero() {
			b.WriteString(c.say("，到 ", ", until ") + at.Local().Format(time.DateTime))
		}
		b.WriteByte('\n')
	}
	if more := len(q.Lanes) - shownLanes; more > 0 {
		fmt.Fprintf(&b, c.say("还有 %d 处：-o json 列出全部\n", "and %d more places: -o json lists all\n"), more)
	}
	return b.String()
}

func (c *cli) laneName(l *app.QueueLane) string {
	switch l.Lane {
	case "chat":
		return c.say("会话 ", "chat ") + shown(l.Chat)
	case "call":
		return c.say("外部调用", "calls of other servers")
	}
	return c.say("操作", "actions")
}

// ageOf is a span of seconds in words.
func ageOf(s float64) string {
	return (time.Duration(s) * time.Second).String()
}
