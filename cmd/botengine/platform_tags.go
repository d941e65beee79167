package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"botengine/internal/command"
	"botengine/internal/terminal"
	"botengine/internal/yjiyun"
	"botengine/internal/yjiyun/rest"
)

func (c *cli) tagsCmd() *cobra.Command {
	var f platformFlags
	var out outputFlags
	var name string
	cmd := &cobra.Command{
		Use:   "tags",
		Short: c.say("客户标签", "the customers' tags"),
		Args:  c.noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			p, robot, err := c.platformRobot(cmd.Context(), f, out)
			if err != nil {
				return err
			}
			all, err := p.tags(cmd.Context(), robot)
			if err != nil {
				return err
			}
			var tags []tag
			for _, t := range all {
				if strings.Contains(t.group+"/"+t.name, name) {
					tags = append(tags, t)
				}
			}
			return listing[tag]{name: "tags", empty: c.say("没有标签", "no tags"), columns: c.tagColumns(), rows: each(tags, nil)}.write(p, out)
		},
	}
	f.add(c, cmd)
	cmd.Flags().StringVar(&name, "name", "", c.say("标签组/标签 里有这些字", "a part of group/tag"))
	out.add(c, cmd)
	return cmd
}

// tag is one customer tag (§3.12).
type tag struct {
	id, name, group string
	corporate       bool
}

func (c *cli) tagColumns() []terminal.Column[tag] {
	type column = terminal.Column[tag]
	return []column{
		{Key: "tag_id", Title: "labelId", Value: func(t tag) any { return t.id }},
		{Key: "group", Title: c.say("标签组", "group"), Value: func(t tag) any { return t.group }, Max: 30},
		{Key: "name", Title: c.say("标签", "tag"), Value: func(t tag) any { return t.name }, Max: 30},
		{Key: "corporate", Title: c.say("企业标签", "of the company"), Value: func(t tag) any { return t.corporate }},
	}
}

// tags asks for all tags a robot can give (§3.12), over the bridge.
func (p *access) tags(ctx context.Context, robot rest.Robot) ([]tag, error) {
	end, err := p.bridge(ctx, command.Command{Robot: robot.Key, Type: "robot.tags.sync", Lane: command.LaneAction, Class: command.Idempotent})
	if err != nil {
		return nil, err
	}
	if command.EndOf(end.Code, end.Msg) != command.Done {
		return nil, fmt.Errorf(p.c.say("平台拒绝了（code %s：%s）", "the platform refused (code %s: %s)"), end.Code, shown(end.Msg))
	}
	tags, ok := readTags(end.Payload)
	if !ok {
		return nil, errors.New(p.c.say("平台的回答里没有标签", "the platform's answer holds no tags"))
	}
	return tags, nil
}

// label is a tag or a group of tags on the wire.
type label struct {
	ID        yjiyun.ID     `json:"labelId"`
	Name      yjiyun.Text   `json:"name"`
	Group     yjiyun.Text   `json:"groupName"`
	Corporate yjiyun.Number `json:"isCorpLabel"`
	IsGroup   yjiyun.Number `json:"isGroupLabel"`
	Labels    []label       `json:"subLabelList"`
}

// readTags finds the tags in a result. The list's own key is not known: any list
// of objects that carry a labelId is one.
func readTags(payload json.RawMessage) (tags []tag, ok bool) {
	var fields map[string]json.RawMessage
	if json.Unmarshal(payload, &fields) != nil {
		return nil, false
	}
	for _, raw := range fields {
		var list []label
		if json.Unmarshal(raw, &list) != nil || len(list) == 0 || list[0].ID == "" {
			continue
		}
		for _, l := range list {
			tags = l.flatten(tags, "")
		}
		return tags, true
	}
	return nil, false
}

// flatten adds the label, or those in it when it is a group.
func (l *label) flatten(tags []tag, group string) []tag {
	if l.IsGroup == 0 && len(l.Labels) == 0 {
		if l.Group != "" {
			group = string(l.Group)
		}
		return append(tags, tag{string(l.ID), string(l.Name), group, l.Corporate == 1})
	}
	for i := range l.Labels {
		tags = l.Labels[i].flatten(tags, string(l.Name))
	}
	return tags
}
