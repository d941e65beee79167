package main

import (
	"iter"

	"github.com/spf13/cobra"

	"botengine/internal/terminal"
	"botengine/internal/yjiyun/rest"
)

func (c *cli) membersCmd() *cobra.Command {
	var f platformFlags
	var out outputFlags
	var q rest.MembersQuery
	var status string
	cmd := &cobra.Command{
		Use:   "members GROUP",
		Short: c.say("群成员（群可以写编号 R:… 或群名）", "the members of a group (its id R:… or its name)"),
		Args:  c.oneArg("GROUP"),
		RunE: func(cmd *cobra.Command, args []string) (err error) {
			if q.Status, err = c.statusFilter(status); err != nil {
				return err
			}
			p, robot, err := c.platformRobot(cmd.Context(), f, out)
			if err != nil {
				return err
			}
			group, err := p.group(cmd.Context(), robot, args[0])
			if err != nil {
				return err
			}
			q.RobotKey, q.GroupID = robot.Key, group.id
			return listing[rest.Member]{
				name: "members", empty: c.say("没有成员", "no members"), columns: c.memberColumns(),
				extra: func(m rest.Member) rest.Extra { return m.Extra },
				rows: func(w rest.Walk) iter.Seq2[rest.Member, error] {
					q.Walk = w
					return p.client.Members(cmd.Context(), q)
				},
			}.write(p, out)
		},
	}
	f.add(c, cmd)
	flags := cmd.Flags()
	flags.StringVar(&status, "status", "", c.say("1 在群里，0 已退出", "1 in the group, 0 no longer"))
	flags.StringVar(&q.UserID, "user-id", "", c.say("只看这一位（userId）", "this one alone (userId)"))
	flags.StringVar(&q.Name, "name", "", c.say("名称里有这些字", "a part of the name"))
	out.add(c, cmd)
	return cmd
}

func (c *cli) memberColumns() []terminal.Column[rest.Member] {
	type column = terminal.Column[rest.Member]
	return []column{
		{Key: "user_id", Title: "userId", Value: func(m rest.Member) any { return m.UserID }},
		{Key: "name", Title: c.say("名称", "name"), Value: func(m rest.Member) any { return m.Name }, Max: 30},
		{Key: "creator", Title: c.say("群主", "owner"), Value: func(m rest.Member) any { return m.Creator }},
		{Key: "outer", Title: c.say("微信用户", "of WeChat"), Value: func(m rest.Member) any { return m.Outer }},
		{Key: "external", Title: c.say("外部", "external"), Value: func(m rest.Member) any { return m.External }},
		{Key: "status", Value: func(m rest.Member) any { return m.Status }},
		{Key: "created", Title: c.say("进群时间", "joined"), Value: func(m rest.Member) any { return m.Created }},
		{Key: "modified", Value: func(m rest.Member) any { return m.Modified }},
		{Key: "avatar", Value: func(m rest.Member) any { return m.Avatar }},
		{Key: "group_id", Value: func(m rest.Member) any { return m.GroupID }},
		{Key: "group_name", Value: func(m rest.Member) any { return m.GroupName }},
	}
}
