package actions

import (
	"errors"

	"botengine/internal/command"
	"botengine/internal/diag"
)

type inviteParams struct {
	Group Texts `yaml:"group" zh:"群 id（R: 开头）；写几个时先邀请进第一个，被平台拒绝（比如群满）再试下一个" en:"the group's id (it begins with R:); of several, the first is tried, and the next one when the platform refuses, because it is full for instance" required:"true"`
	Who   Texts `yaml:"who" zh:"邀请谁，默认是发送者或好友申请人" en:"who is invited; by default the sender, or who asked to be a friend"`
}

var invite = define(spec[inviteParams]{
	Name:    "invite",
	Summary: diag.T("邀请好友进群。", "Invites friends into a group."),
	Example: `invite: {group: "R:10696052725010172"}`,
	Main:    "group",
	Sends:   Platform{Type: "robot.invite.friends.join.group", Lane: command.LaneAction, Class: command.Queryable, Section: "§3.18"},
	Wants: func(p *inviteParams) []Need {
		if p.Who.Given() {
			return nil
		}
		return []Need{Person}
	},
	Check:  checkInvite,
	Plan:   planInvite,
	Verify: verifyInvite,
})

func checkInvite(p *inviteParams) []fault {
	for _, g := range p.Group.list {
		if literal, ok := g.Literal(); ok && !isGroupID(literal) {
			return []fault{notAGroup("group", literal)}
		}
		if g.template.Said() {
			return []fault{{Param: "group", Message: diag.T("进哪个群不能来自别人写的话", "which group it is must not come from what people write"),
				Hint: diag.T("写明群 id，或用 `{{vars.名称}}`、`vars.名称[hit.word]` 这样的值", "write the group's id, or a value such as `{{vars.NAME}}` and `vars.NAME[hit.word]`")}}
		}
	}
	return nil
}

func planInvite(env Env, p *inviteParams) (Effect, error) {
	groups, err := p.Group.Render(env)
	if err != nil {
		return Effect{}, err
	}
	if env.Attempt >= len(groups) {
		return Effect{}, errors.New("no group is left to try")
	}
	group := groups[env.Attempt]
	if !isGroupID(group) {
		return Effect{}, errors.New("not a group's id")
	}
	people, err := p.people(env)
	if err != nil {
		return Effect{}, err
	}
	effect, err := act(groupMembers{group, integers(people)})
	effect.More = env.Attempt+1 < len(groups)
	return effect, err
}

func (p *inviteParams) people(env Env) ([]string, error) {
	if !p.Who.Given() {
		id, err := personOf(env.Scope.Event)
		return []string{id}, err
	}
	return people(env, "who", p.Who)
}
