package main

import (
	"iter"
	"time"

	"github.com/spf13/cobra"

	"botengine/internal/event"
	"botengine/internal/terminal"
	"botengine/internal/yjiyun"
	"botengine/internal/yjiyun/rest"
)

func (c *cli) historyCmd() *cobra.Command {
	var f platformFlags
	var out outputFlags
	var since, until string
	var q rest.HistoryQuery
	cmd := &cobra.Command{
		Use:   "history CHAT",
		Short: c.say("一个会话的消息，新的在前（会话写 chatId、群编号、userId、群名或客户名）", "the messages of a chat, newest first (its chatId, a group's id, a userId, or the name of a group or customer)"),
		Args:  c.oneArg("CHAT"),
		RunE: func(cmd *cobra.Command, args []string) (err error) {
			if q.From, q.To, err = c.period(since, until); err != nil {
				return err
			}
			p, robot, err := c.platformRobot(cmd.Context(), f, out)
			if err != nil {
				return err
			}
			chat, err := p.peer(cmd.Context(), robot, args[0])
			if err != nil {
				return err
			}
			q.RobotKey, q.ChatUser = robot.Key, chat.id
			return listing[historyRow]{
				name: "messages", empty: c.say("没有消息", "no messages"), columns: c.historyColumns(),
				rows: func(w rest.Walk) iter.Seq2[historyRow, error] {
					q.Walk = w
					return p.historyRows(p.client.History(cmd.Context(), q))
				},
			}.write(p, out)
		},
	}
	f.add(c, cmd)
	c.addPeriod(cmd, &since, &until)
	cmd.Flags().IntVar(&q.ContentType, "type", 0, c.say("只看一种消息（contentType：1 文本、7 图片、8 文件、13 链接…）", "one kind of message (contentType: 1 text, 7 image, 8 file, 13 link…)"))
	out.add(c, cmd)
	return cmd
}

// historyRow is a message of the history, and what its frame says when it can be
// read.
type historyRow struct {
	rest.HistoryMessage
	said event.Event
}

func (p *access) historyRows(walk iter.Seq2[rest.HistoryMessage, error]) iter.Seq2[historyRow, error] {
	return func(yield func(historyRow, error) bool) {
		for m, err := range walk {
			row := historyRow{HistoryMessage: m}
			if events, bad := yjiyun.Decode(p.account.Name, yjiyun.EventMessage, m.Frame, time.Now()); bad == nil && len(events) > 0 {
				row.said = events[0]
			}
			if !yield(row, err) {
				return
			}
		}
	}
}

func (c *cli) historyColumns() []terminal.Column[historyRow] {
	type column = terminal.Column[historyRow]
	return []column{
		{Key: "time", Title: c.say("时间", "time"), Value: func(r historyRow) any { return r.Time }},
		{Key: "sender_name", Title: c.say("谁", "who"), Value: func(r historyRow) any { return r.said.Sender.Name }, Max: 20},
		{Key: "self", Title: c.say("自己", "self"), Value: func(r historyRow) any { return r.said.Sender.IsSelf }},
		{Key: "kind", Title: c.say("类型", "kind"), Value: func(r historyRow) any { return string(r.said.Kind) }},
		{Key: "text", Title: c.say("内容", "text"), Value: func(r historyRow) any { return contentOf(r.said.Message) }, Max: 60},
		{Key: "send_status", Title: c.say("发送", "sent"), Value: func(r historyRow) any {
			return terminal.Named{Value: fates[r.SendStatus], Name: c.fateName(r.SendStatus)}
		}},
		{Key: "message_id", Title: "messageId", Value: func(r historyRow) any { return r.MessageID }},
		{Key: "svr_id", Value: func(r historyRow) any { return r.SvrID }},
		{Key: "content_type", Value: func(r historyRow) any { return r.said.Message.ContentType }},
		{Key: "url", Value: func(r historyRow) any { return r.said.Message.URL }},
		{Key: "at", Value: func(r historyRow) any { return r.said.Message.At }},
		{Key: "sender_id", Value: func(r historyRow) any { return r.said.Sender.ID }},
		{Key: "chat_id", Value: func(r historyRow) any { return r.ChatID }},
		{Key: "chat_name", Value: func(r historyRow) any { return r.ChatName }},
		{Key: "robot_key", Value: func(r historyRow) any { return r.RobotKey }},
	}
}

// contentOf is the one line that stands for a message.
func contentOf(m event.Message) string {
	for _, text := range []string{m.Text, m.Link.Title, m.FileName, m.URL} {
		if text != "" {
			return text
		}
	}
	return ""
}

// fates are the values of sendStatus for programs; "" where the record has none.
var fates = map[rest.SendStatus]string{
	rest.SendStatusNotSent: "not_sent", rest.SendStatusSent: "sent", rest.SendStatusFailed: "failed",
}

// fateName says a sendStatus (§2.11).
func (c *cli) fateName(s rest.SendStatus) string {
	switch s {
	case rest.SendStatusNotSent:
		return c.say("未发送", "not sent")
	case rest.SendStatusSent:
		return c.say("已发送", "sent")
	case rest.SendStatusFailed:
		return c.say("失败", "failed")
	case rest.SendStatusAbsent:
		return ""
	default:
		return "?"
	}
}
