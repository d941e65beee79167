package main

import (
	"iter"

	"github.com/spf13/cobra"

	"botengine/internal/terminal"
	"botengine/internal/yjiyun/rest"
)

func (c *cli) groupsCmd() *cobra.Command {
	var f platformFlags
	var out outputFlags
	var q rest.GroupsQuery
	var status string
	cmd := &cobra.Command{
		Use:   "groups",
		Short: c.say("机器人的群", "the groups of a robot"),
		Args:  c.noSuchCommand,
		RunE: func(cmd *cobra.Command, _ []string) (err error) {
			if q.Status, err = c.statusFilter(status); err != nil {
				return err
			}
			p, robot, err := c.platformRobot(cmd.Context(), f, out)
			if err != nil {
				return err
			}
			q.RobotKey = robot.Key
			return listing[rest.Group]{
				name: "groups", empty: c.say("没有群", "no groups"), columns: c.groupColumns(),
				extra: func(g rest.Group) rest.Extra { return g.Extra },
				rows: func(w rest.Walk) iter.Seq2[rest.Group, error] {
					q.Walk = w
					return p.client.Groups(cmd.Context(), q)
				},
			}.write(p, out)
		},
	}
	f.add(c, cmd)
	flags := cmd.Flags()
	flags.StringVar(&status, "status", "", c.say("1 正常，0 已退出或解散", "1 normal, 0 left or dissolved"))
	flags.StringVar(&q.ID, "group-id", "", c.say("只看这一个（R:…）", "this one alone (R:…)"))
	flags.StringVar(&q.CreatorID, "creator-id", "", c.say("群主的 userId", "the owner's userId"))
	flags.StringVar(&q.Name, "name", "", c.say("群名里有这些字", "a part of the name"))
	out.add(c, cmd)
	cmd.AddCommand(c.groupsDownloadCmd())
	return cmd
}

func (c *cli) groupColumns() []terminal.Column[rest.Group] {
	type column = terminal.Column[rest.Group]
	return []column{
		{Key: "group_id", Title: "conversationId", Value: func(g rest.Group) any { return g.ID }},
		{Key: "name", Title: c.say("群名", "name"), Value: func(g rest.Group) any { return g.Name }, Max: 40},
		{Key: "members", Title: c.say("人数", "members"), Value: func(g rest.Group) any { return g.Members }},
		{Key: "outer_members", Title: c.say("外部", "outer"), Value: func(g rest.Group) any { return g.Outer }},
		{Key: "creator_name", Title: c.say("群主", "owner"), Value: func(g rest.Group) any { return g.CreatorName }, Max: 20},
		{Key: "creator_id", Title: c.say("群主 userId", "owner's userId"), Value: func(g rest.Group) any { return g.CreatorID }},
		{Key: "status", Value: func(g rest.Group) any { return g.Status }},
		{Key: "external", Value: func(g rest.Group) any { return g.External }},
		{Key: "founded", Title: c.say("创建时间", "created"), Value: func(g rest.Group) any { return g.Founded }},
		{Key: "created", Value: func(g rest.Group) any { return g.Created }},
		{Key: "modified", Value: func(g rest.Group) any { return g.Modified }},
	}
}
