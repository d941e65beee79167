package actions

import (
	"errors"
	"strings"

	"go.yaml.in/yaml/v3"

	"botengine/internal/diag"
	"botengine/internal/event"
)

// isGroupID reports whether s is a group's id: R: and digits.
func isGroupID(s string) bool {
	id, ok := strings.CutPrefix(s, "R:")
	return ok && isDecimal(id)
}

// isPeer reports whether s is the id of a person or of a group.
func isPeer(s string) bool { return isDecimal(s) || isGroupID(s) }

// notAGroup is the fault of a parameter that has to be a group's id.
func notAGroup(param, value string) fault {
	return fault{Param: param, Message: diag.T("`%s` 不是群 id", "`%s` is not a group's id", value),
		Hint: diag.T("群 id 以 R: 开头，例如 R:10696052725010172", "a group's id begins with R:, such as R:10696052725010172")}
}

// notAPerson is the fault of a parameter that has to be a person's id.
func notAPerson(param, value string) fault {
	return fault{Param: param, Message: diag.T("`%s` 不是人的 id", "`%s` is not a person's id", value),
		Hint: diag.T("人的 id 全是数字，例如 7881302985963919", "a person's id is digits, such as 7881302985963919")}
}

// notAPeer is the fault of a recipient that is neither.
func notAPeer(param, value string) fault {
	return fault{Param: param, Message: diag.T("`%s` 不是人或群的 id", "`%s` is neither a person's nor a group's id", value),
		Hint: diag.T("人的 id 全是数字；群 id 以 R: 开头，例如 R:10696052725010172", "a person's id is digits; a group's begins with R:, such as R:10696052725010172")}
}

// checkGroup refuses what is no group's id.
func checkGroup(param string, c Constant) []fault {
	if !c.Given() || isGroupID(c.text) {
		return nil
	}
	return []fault{notAGroup(param, c.text)}
}

// groupNeed is what a parameter that stands for a group needs of the event.
func groupNeed(c Constant) []Need {
	if c.Given() {
		return nil
	}
	return []Need{Group}
}

// groupFor is the group that is meant: the parameter's, else the event's.
func groupFor(env Env, c Constant) (string, error) {
	if c.Given() {
		return c.text, nil
	}
	return groupOf(env.Scope.Event)
}

// robotFor is the key of the robot that is meant: the parameter's, else the event's.
func robotFor(env Env, c Constant) string {
	if c.Given() {
		return c.text
	}
	return env.Scope.Event.Robot.Key
}

// checkRobot refuses what can't be a robotKey: it is known by its key alone, for
// its name may change.
func checkRobot(param string, c Constant) []fault {
	if !c.Given() || strings.Trim(c.text, "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_-") == "" {
		return nil
	}
	return []fault{{Param: param, Message: diag.T("`%s` 不是 robotKey", "`%s` is no robotKey", c.text),
		Hint: diag.T("这里写 robotKey，不写名字", "the robotKey is wanted here, not the name")}}
}

// checkPeople refuses the constants among a list that are no people's ids.
func checkPeople(param string, t Texts) []fault {
	for _, one := range t.list {
		if literal, ok := one.Literal(); ok && !isDecimal(literal) {
			return []fault{notAPerson(param, literal)}
		}
	}
	return nil
}

// people renders a list of people's ids, each once.
func people(env Env, param string, t Texts) ([]string, error) {
	ids, err := t.Render(env)
	for _, id := range ids {
		if !isDecimal(id) {
			return nil, errors.New(param + ": not a person's id")
		}
	}
	return unique(ids), err
}

// Target is a group to ask about: true means the event's own.
type Target struct {
	own bool
	id  Constant
}

func (*Target) kind() Kind { return KindTarget }

func (t *Target) read(n *yaml.Node, b *Binder) {
	if n.Kind == yaml.ScalarNode && n.Style == 0 && n.Value == "true" {
		t.own = true
		return
	}
	before := b.errors()
	t.id.read(n, b)
	if b.errors() == before && !isGroupID(t.id.text) {
		f := notAGroup("", t.id.text)
		b.fail(n, "BE304", f.Message, f.Hint)
	}
}

// Given reports whether the parameter was written.
func (t Target) Given() bool { return t.own || t.id.Given() }

// chatIn is the chat of the event's robot that a constant names, by the whole id
// or by the peer.
func chatIn(env Env, id string) (string, error) {
	robot := env.Scope.Event.Robot
	owner, _, whole := event.SplitChatID(id)
	switch {
	case !whole:
		return chatWith(robot, id)
	case robot.ID != "" && owner != robot.ID:
		return "", errors.New("the chat belongs to another robot")
	}
	return id, nil
}

// chatWith is the id of the robot's chat with a peer.
func chatWith(robot event.Robot, peer string) (string, error) {
	if robot.ID == "" {
		return "", errors.New("the robot's own id is not known")
	}
	return event.ChatID(robot.ID, peer), nil
}
