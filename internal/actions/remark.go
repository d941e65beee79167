package actions

import (
	"botengine/internal/command"
	"botengine/internal/diag"
)

type remarkParams struct {
	Remark      Text `yaml:"remark" zh:"备注名" en:"the name we call the customer by"`
	Description Text `yaml:"description" zh:"描述" en:"what we note about the customer"`
	User        Text `yaml:"user" zh:"改谁的，默认是发送者或好友申请人" en:"whose; by default the sender's, or that of who asked to be a friend"`
}

var remark = define(spec[remarkParams]{
	Name:    "remark",
	Summary: diag.T("修改客户的备注名和描述。", "Changes the name and the description we keep of a customer."),
	Note:    inferredNote,
	Example: `remark: {remark: "{{sender.name}}（退款）", description: 三月咨询过退款}`,
	Main:    "remark",
	Sends:   Platform{Type: "robot.modify.friend.remark", Lane: command.LaneAction, Class: command.Queryable, Section: "§3.13", Inferred: true},
	Wants: func(p *remarkParams) []Need {
		if p.User.Given() {
			return nil
		}
		return []Need{Person}
	},
	Check: func(p *remarkParams) []fault {
		if !p.Remark.Given() && !p.Description.Given() {
			return []fault{nothingWritten("remark", "remark", "description")}
		}
		return append(checkText("remark", p.Remark), checkText("description", p.Description)...)
	},
	Plan: func(env Env, p *remarkParams) (Effect, error) {
		user, err := person(env, p.User)
		if err != nil {
			return Effect{}, err
		}
		name, err := given(env, p.Remark)
		if err != nil {
			return Effect{}, err
		}
		description, err := given(env, p.Description)
		if err != nil {
			return Effect{}, err
		}
		return act(struct {
			UserID      string  `json:"userId"`
			RealRemarks *string `json:"realRemarks,omitempty"`
			Remarks     *string `json:"remarks,omitempty"`
		}{user, name, description})
	},
})

// given renders a parameter; nil when it was not written, so that the field is
// left out and the platform leaves alone what it is about.
func given(env Env, t Text) (*string, error) {
	if !t.Given() {
		return nil, nil //nolint:nilnil // absent is a value here
	}
	s, err := t.Render(env)
	return &s, err
}

// nothingWritten is the fault of an action of which nothing was written that it
// could do.
func nothingWritten(action string, params ...string) fault {
	return fault{Message: diag.T("`%s` 没有写要做什么", "`%s` has nothing to do", action),
		Hint: diag.Text{ZH: "至少写一个：" + listed(params), EN: "write at least one of " + listed(params)}}
}
