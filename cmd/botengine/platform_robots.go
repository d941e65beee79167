package main

import (
	"strconv"

	"github.com/spf13/cobra"

	"botengine/internal/event"
	"botengine/internal/terminal"
	"botengine/internal/yjiyun/rest"
)

func (c *cli) robotsCmd() *cobra.Command {
	var f platformFlags
	var out outputFlags
	cmd := &cobra.Command{
		Use:   "robots",
		Short: c.say("账号里的机器人", "the robots of the account"),
		Args:  c.noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := out.check(c); err != nil {
				return err
			}
			p, err := c.platform(f)
			if err != nil {
				return err
			}
			all, err := p.client.Robots(cmd.Context())
			return listing[rest.Robot]{
				name: "robots", empty: c.say("没有机器人", "no robots"), columns: c.robotColumns(), rows: each(all, err),
				extra: func(r rest.Robot) rest.Extra { return r.Extra },
			}.write(p, out)
		},
	}
	f.addAccount(c, cmd)
	out.add(c, cmd)
	return cmd
}

func (c *cli) robotColumns() []terminal.Column[rest.Robot] {
	type column = terminal.Column[rest.Robot]
	return []column{
		{Key: "robot_key", Title: "robotKey", Value: func(r rest.Robot) any { return r.Key }},
		{Key: "robot_id", Title: "wxid", Value: func(r rest.Robot) any { return r.ID }},
		{Key: "name", Title: c.say("名称", "name"), Value: func(r rest.Robot) any { return r.Name }, Max: 30},
		{Key: "alias", Title: c.say("别名", "alias"), Value: func(r rest.Robot) any { return r.Alias }, Max: 20},
		{Key: "status", Title: c.say("状态", "status"), Value: func(r rest.Robot) any {
			return terminal.Named{Value: int(r.Status), Name: c.statusName(r.Status)}
		}},
		{Key: "last_login", Title: c.say("上次登录", "last login"), Value: func(r rest.Robot) any { return r.LastLogin }},
		{Key: "avatar", Value: func(r rest.Robot) any { return r.Avatar }},
		{Key: "corp_id", Value: func(r rest.Robot) any { return r.CorpID }},
		{Key: "official_user_id", Value: func(r rest.Robot) any { return r.OfficialUserID }},
		{Key: "client_code", Value: func(r rest.Robot) any { return r.ClientCode }},
		{Key: "master_client_code", Value: func(r rest.Robot) any { return r.MasterClientCode }},
	}
}

// statusName says a robotStatus (§2.2).
func (c *cli) statusName(s event.Status) string {
	switch s {
	case event.StatusInitial:
		return c.say("未登录", "never logged in")
	case event.StatusOnline:
		return c.say("在线", "online")
	case event.StatusOffline:
		return c.say("离线", "offline")
	case event.StatusBanned:
		return c.say("被封", "banned")
	case event.StatusKicked:
		return c.say("被踢下线", "kicked out")
	case event.StatusUnknown:
		return c.say("未知", "unknown")
	default:
		return strconv.Itoa(int(s))
	}
}
