package actions

import (
	"errors"

	"go.yaml.in/yaml/v3"

	"botengine/internal/command"
	"botengine/internal/diag"
	"botengine/internal/expression"
)

type lookupParams struct {
	Admins   Target  `yaml:"admins" zh:"群管理员的 id，不含群主；得到 id 的列表" en:"the ids of a group's admins without its owner; gives a list of ids"`
	Contacts Texts   `yaml:"contacts" zh:"这些人或群（id）的资料；得到列表，每项有 id、name、remark、description、phone、position、avatar、gender、is_external" en:"what is known of these people or groups (ids); gives a list of id, name, remark, description, phone, position, avatar, gender, is_external"`
	Group    Target  `yaml:"group" zh:"群的资料；得到 id、name、owner_id、owner_name、member_count、is_external" en:"what is known of a group; gives id, name, owner_id, owner_name, member_count, is_external"`
	Members  Target  `yaml:"members" zh:"群成员；得到列表，每项有 id、name、avatar、is_owner、is_external" en:"a group's members; gives a list of id, name, avatar, is_owner, is_external"`
	Tags     YesNo   `yaml:"tags" zh:"机器人能用的客户标签；得到列表，每项有 id、name、group" en:"the customer tags that the robot can use; gives a list of id, name, group"`
	As       NewName `yaml:"as" zh:"后面的步骤用什么名称" en:"the name by which later steps know it" required:"true"`
}

// The commands by which things are looked up.
const (
	adminsType   = "robot.conv.admins"
	contactsType = "robot.contacts.inquiry"
	tagsType     = "robot.tags.sync"
	groupType    = "rest.group"
	membersType  = "rest.group_members"
)

var lookup = define(spec[lookupParams]{
	Name:    "lookup",
	Summary: diag.T("向平台查询，结果给后面的步骤用。", "Asks the platform; later steps use the answer."),
	Note: diag.T("一步查一样。后面步骤的 `when` 和文字里直接写 `as` 起的名称，例如 `sender.id in boss`、`here.member_count`、`people[0].name`。没查到（这一步失败或跳过）的名称不能用：用到它的步骤以 `invalid` 结束。id 是文字，一位不差。",
		"A step looks up one thing. The `when` and the texts of later steps use the name given by `as`, such as `sender.id in boss`, `here.member_count`, `people[0].name`. A name whose step failed or was skipped cannot be used: a step that does ends with `invalid`. Ids are texts, exact to the last digit."),
	Example: `lookup: {admins: true, as: boss}`,
	Sends:   lookupPlatform(adminsType, "§3.16"),
	Also: []Platform{
		lookupPlatform(contactsType, "§3.21"), lookupPlatform(groupType, "§2.4"), lookupPlatform(membersType, "§2.6"), lookupPlatform(tagsType, "§3.12"),
	},
	Wants: func(p *lookupParams) []Need {
		if p.Admins.own || p.Group.own || p.Members.own {
			return []Need{Group}
		}
		return nil
	},
	Check: checkLookup,
	Plan:  planLookup,
	Looks: func(p *lookupParams) *Look {
		shape := p.shape()
		return &Look{As: p.As.name, Shape: shape, Read: readers[shape]}
	},
})

func lookupPlatform(typ, section string) Platform {
	return Platform{Type: typ, Lane: command.LaneAction, Class: command.Idempotent, Section: section}
}

func checkLookup(p *lookupParams) []fault {
	given := 0
	for _, yes := range []bool{p.Admins.Given(), p.Contacts.Given(), p.Group.Given(), p.Members.Given(), p.Tags.yes} {
		if yes {
			given++
		}
	}
	var faults []fault
	if given != 1 {
		faults = append(faults, fault{Message: diag.T("`lookup` 一步查一样，这里有 %d 样", "a `lookup` asks for one thing, here are %d", given),
			Hint: diag.T("admins、contacts、group、members、tags 选一个", "choose one of admins, contacts, group, members, tags")})
	}
	for _, one := range p.Contacts.list {
		if literal, ok := one.Literal(); ok && !isPeer(literal) {
			return append(faults, notAPeer("contacts", literal))
		}
	}
	return faults
}

// shape is what the one thing looked up looks like.
func (p *lookupParams) shape() expression.Shape {
	switch {
	case p.Contacts.Given():
		return expression.ShapeContacts
	case p.Group.Given():
		return expression.ShapeGroup
	case p.Members.Given():
		return expression.ShapeMembers
	case p.Tags.yes:
		return expression.ShapeTags
	}
	return expression.ShapeIDs
}

func planLookup(env Env, p *lookupParams) (Effect, error) {
	switch p.shape() {
	case expression.ShapeContacts:
		return askContacts(env, p.Contacts)
	case expression.ShapeGroup:
		return askGroup(env, groupType, groupQuestion{}, p.Group)
	case expression.ShapeMembers:
		return askGroup(env, membersType, groupQuestion{Status: inGroupNow}, p.Members)
	case expression.ShapeTags:
		return asking(tagsType, struct{}{})
	default:
		group, err := groupFor(env, p.Admins.id)
		if err != nil {
			return Effect{}, err
		}
		return asking(adminsType, struct {
			ConversationID string `json:"conversationId"`
		}{group})
	}
}

func askContacts(env Env, who Texts) (Effect, error) {
	ids, err := who.Render(env)
	if err != nil {
		return Effect{}, err
	}
	for _, id := range ids {
		if !isPeer(id) {
			return Effect{}, errors.New("contacts: not the id of a person or a group")
		}
	}
	return asking(contactsType, struct {
		Contacts []any `json:"contacts"` // integers and R: ids, as in §3.21
	}{integers(unique(ids))})
}

// askGroup asks one of the requests about a group (§2.4, §2.6).
func askGroup(env Env, typ string, q groupQuestion, of Target) (Effect, error) {
	group, err := groupFor(env, of.id)
	if err != nil {
		return Effect{}, err
	}
	q.RobotKey, q.ConversationID = env.Scope.Event.Robot.Key, group
	return asking(typ, q)
}

type groupQuestion struct {
	RobotKey       string `json:"robotKey"`
	ConversationID string `json:"conversationId"`
	Status         int    `json:"status,omitempty"`
}

// inGroupNow leaves out those who have left (§2.6).
const inGroupNow = 1

func asking(typ string, fields any) (Effect, error) {
	effect, err := act(fields)
	if err == nil {
		effect.Command.Type = typ
	}
	return effect, err
}

// NewName is a name that a step gives to what it found.
type NewName struct{ name string }

func (*NewName) kind() Kind { return KindName }

func (w *NewName) read(n *yaml.Node, b *Binder) {
	source, ok := b.scalar(n)
	if !ok {
		return
	}
	if p, fine := expression.NameProblem(source, b.opts); !fine {
		b.problems(n, []expression.Problem{p})
		return
	}
	w.name = source
}
