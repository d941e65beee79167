package main

import (
	"errors"
	"iter"
	"time"

	"github.com/spf13/cobra"

	"botengine/internal/config"
	"botengine/internal/terminal"
	"botengine/internal/yjiyun/rest"
)

func (c *cli) chatsCmd() *cobra.Command {
	var f platformFlags
	var out outputFlags
	var since, until string
	cmd := &cobra.Command{
		Use:   "chats",
		Short: c.say("最近的会话，新的在前", "the recent conversations, newest first"),
		Args:  c.noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			var q rest.ChatsQuery
			var err error
			if q.Since, q.Until, err = c.period(since, until); err != nil {
				return err
			}
			p, err := c.platformOf(f, out)
			if err != nil {
				return err
			}
			if f.robot != "" {
				robot, err := p.robot(cmd.Context(), f)
				if err != nil {
					return err
				}
				q.RobotKey = robot.Key
			}
			return listing[rest.Chat]{
				name: "chats", empty: c.say("没有会话", "no conversations"), columns: c.chatColumns(),
				extra: func(r rest.Chat) rest.Extra { return r.Extra },
				rows: func(w rest.Walk) iter.Seq2[rest.Chat, error] {
					q.Walk = w
					return p.client.Chats(cmd.Context(), q)
				},
			}.write(p, out)
		},
	}
	f.addAccount(c, cmd)
	cmd.Flags().StringVar(&f.robot, "robot", "", c.say("只看这个机器人（robotKey 或名称）", "this robot only (its robotKey or its name)"))
	c.addPeriod(cmd, &since, &until)
	out.add(c, cmd)
	return cmd
}

func (c *cli) chatColumns() []terminal.Column[rest.Chat] {
	type column = terminal.Column[rest.Chat]
	return []column{
		{Key: "chat_id", Title: "chatId", Value: func(r rest.Chat) any { return r.ID }},
		{Key: "name", Title: c.say("名称", "name"), Value: func(r rest.Chat) any { return r.Name }, Max: 30},
		{Key: "group", Title: c.say("群", "group"), Value: func(r rest.Chat) any { return r.Group }},
		{Key: "unread", Title: c.say("未读", "unread"), Value: func(r rest.Chat) any { return r.Unread }},
		{Key: "last_active", Title: c.say("最近一条", "last active"), Value: func(r rest.Chat) any { return r.LastActive }},
		{Key: "robot_name", Title: c.say("机器人", "robot"), Value: func(r rest.Chat) any { return r.Robot.Name }, Max: 20},
		{Key: "last", Title: c.say("内容", "last message"), Value: func(r rest.Chat) any { return r.Last }, Max: 40},
		{Key: "peer", Value: func(r rest.Chat) any { return r.Peer }},
		{Key: "robot_key", Value: func(r rest.Chat) any { return r.Robot.Key }},
		{Key: "robot_id", Value: func(r rest.Chat) any { return r.Robot.ID }},
		{Key: "assigned_to", Value: func(r rest.Chat) any { return r.AssignedTo }},
		{Key: "avatar", Value: func(r rest.Chat) any { return r.Avatar }},
	}
}

func (c *cli) addPeriod(cmd *cobra.Command, since, until *string) {
	cmd.Flags().StringVar(since, "since", "", c.say("从什么时候开始：2026-03-02、2026-03-02T09:00 或多久以前（2h、7d）", "from when on: 2026-03-02, 2026-03-02T09:00, or how long ago (2h, 7d)"))
	cmd.Flags().StringVar(until, "until", "", c.say("到什么时候为止，写法相同", "up to when, written the same"))
}

// period reads the ends of a time; what is not given is zero.
func (c *cli) period(since, until string) (from, to time.Time, err error) {
	if from, err = c.moment(since); err != nil {
		return from, to, err
	}
	if to, err = c.moment(until); err != nil {
		return from, to, err
	}
	if !to.IsZero() && to.Before(from) {
		return from, to, errors.New(c.say("--until 早于 --since", "--until is before --since"))
	}
	return from, to, nil
}

// moment reads a point in time, in the machine's time zone where none is given.
func (c *cli) moment(text string) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	if ago, err := config.ParseDuration(text); err == nil {
		return time.Now().Add(-ago), nil
	}
	for _, layout := range []string{time.RFC3339, "2006-01-02T15:04:05", "2006-01-02T15:04", "2006-01-02 15:04:05", "2006-01-02 15:04", time.DateOnly} {
		if t, err := time.ParseInLocation(layout, text, time.Local); err == nil {
			return t, nil
		}
	}
	return time.Time{}, errors.New(c.say(text+" 不是时间：写成 2026-03-02T09:00，或 2h、7d", text+" is not a time: write 2026-03-02T09:00, or 2h, 7d"))
}
