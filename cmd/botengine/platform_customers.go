package main

import (
	"iter"

	"github.com/spf13/cobra"

	"botengine/internal/terminal"
	"botengine/internal/yjiyun/rest"
)

func (c *cli) customersCmd() *cobra.Command {
	var f platformFlags
	var out outputFlags
	var q rest.CustomersQuery
	var status string
	cmd := &cobra.Command{
		Use:   "customers",
		Short: c.say("机器人的客户", "the customers of a robot"),
		Args:  c.noArgs,
		RunE: func(cmd *cobra.Command, _ []string) (err error) {
			if q.Status, err = c.statusFilter(status); err != nil {
				return err
			}
			p, robot, err := c.platformRobot(cmd.Context(), f, out)
			if err != nil {
				return err
			}
			q.RobotKey = robot.Key
			return listing[rest.Customer]{
				name: "customers", empty: c.say("没有客户", "no customers"), columns: c.customerColumns(),
				extra: func(r rest.Customer) rest.Extra { return r.Extra },
				rows: func(w rest.Walk) iter.Seq2[rest.Customer, error] {
					q.Walk = w
					return p.client.Customers(cmd.Context(), q)
				},
			}.write(p, out)
		},
	}
	f.add(c, cmd)
	flags := cmd.Flags()
	flags.StringVar(&status, "status", "", c.say("1 正常，0 已删除", "1 normal, 0 deleted"))
	flags.StringVar(&q.UserID, "user-id", "", c.say("只看这一位（userId）", "this one alone (userId)"))
	flags.StringVar(&q.Name, "name", "", c.say("名称或备注里有这些字", "a part of the name or of the remark"))
	flags.StringArrayVar(&q.Tags, "tag", nil, c.say("有其中一个标签（标签名，可以写多次）", "has one of these tags (names, may be repeated)"))
	out.add(c, cmd)
	return cmd
}

func (c *cli) customerColumns() []terminal.Column[rest.Customer] {
	type column = terminal.Column[rest.Customer]
	return []column{
		{Key: "user_id", Title: "userId", Value: func(r rest.Customer) any { return r.UserID }},
		{Key: "name", Title: c.say("名称", "name"), Value: func(r rest.Customer) any { return r.Name }, Max: 30},
		{Key: "remark", Title: c.say("备注", "remark"), Value: func(r rest.Customer) any { return r.Remark }, Max: 30},
		{Key: "description", Title: c.say("描述", "description"), Value: func(r rest.Customer) any { return r.Description }, Max: 30},
		{Key: "gender", Title: c.say("性别", "gender"), Value: func(r rest.Customer) any {
			return terminal.Named{Value: r.Gender, Name: c.genderName(r.Gender)}
		}},
		{Key: "mobile", Title: c.say("手机", "mobile"), Value: func(r rest.Customer) any { return r.Mobile }},
		{Key: "outer", Title: c.say("微信用户", "of WeChat"), Value: func(r rest.Customer) any { return r.Outer }},
		{Key: "state", Title: c.say("关系", "state"), Value: func(r rest.Customer) any {
			return terminal.Named{Value: r.State, Name: c.friendState(r.State)}
		}},
		{Key: "created", Title: c.say("添加时间", "added"), Value: func(r rest.Customer) any { return r.Created }},
		{Key: "modified", Value: func(r rest.Customer) any { return r.Modified }},
		{Key: "status", Value: func(r rest.Customer) any { return r.Status }},
		{Key: "flag", Value: func(r rest.Customer) any { return r.Flag }},
		{Key: "external", Value: func(r rest.Customer) any { return r.External }},
		{Key: "deleted", Value: func(r rest.Customer) any { return r.Deleted }},
		{Key: "position", Value: func(r rest.Customer) any { return r.Position }},
		{Key: "email", Value: func(r rest.Customer) any { return r.Email }},
		{Key: "avatar", Value: func(r rest.Customer) any { return r.Avatar }},
		{Key: "corp_id", Value: func(r rest.Customer) any { return r.CorpID }},
		{Key: "external_user_id", Value: func(r rest.Customer) any { return r.ExternalUserID }},
		{Key: "remark_corp", Value: func(r rest.Customer) any { return r.RemarkCorp }},
		{Key: "remark_image", Value: func(r rest.Customer) any { return r.RemarkImage }},
		{Key: "customer_since", Value: func(r rest.Customer) any { return r.CustomerSince }},
		{Key: "source", Value: func(r rest.Customer) any { return r.Source }},
		{Key: "pinyin", Value: func(r rest.Customer) any { return r.Pinyin }},
	}
}

func (c *cli) genderName(gender int) string {
	switch gender {
	case 1:
		return c.say("男", "male")
	case 2:
		return c.say("女", "female")
	default:
		return ""
	}
}

// friendState says who of the two deleted the other (§2.3).
func (c *cli) friendState(state int) string {
	switch state {
	case 0:
		return c.say("互相删除", "both deleted")
	case 1:
		return c.say("正常", "normal")
	case 2:
		return c.say("被客户删除", "deleted by the customer")
	case 3:
		return c.say("已删除客户", "customer deleted")
	default:
		return ""
	}
}
