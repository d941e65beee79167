package actions

import (
	"botengine/internal/command"
	"botengine/internal/diag"
)

type tagParams struct {
	Add    Texts `yaml:"add" zh:"要打上的标签：组/标签，不重名时只写标签名，或标签 id" en:"tags to put on: group/tag, the bare tag where only one has that name, or a tag's id"`
	Remove Texts `yaml:"remove" zh:"要去掉的标签，写法相同" en:"tags to take off, written the same way"`
	User   Text  `yaml:"user" zh:"给谁打标签，默认是发送者或好友申请人" en:"whose tags; by default the sender's, or those of who asked to be a friend"`
}

var tag = define(spec[tagParams]{
	Name:    "tag",
	Summary: diag.T("给客户打标签、去标签。", "Puts tags on a customer, or takes them off."),
	Note: diag.T("标签名在执行时换成 id；遇到没见过的名字，先向平台重新查询一次标签，仍然没有则这一步以 `unknown_tag` 结束。15 位以上的数字一律当作 id。",
		"Names become ids when the step runs. An unknown name makes the robot ask the platform for its tags once; if it is still unknown, the step ends with `unknown_tag`. Numbers of 15 digits and more are ids."),
	Example: `tag: {add: ["售后/退款"], remove: ["售前/咨询"]}`,
	Main:    "add",
	Sends:   Platform{Type: "robot.cust.tags", Lane: command.LaneAction, Class: command.Idempotent, Section: "§3.11"},
	Wants: func(p *tagParams) []Need {
		if p.User.Given() {
			return nil
		}
		return []Need{Person}
	},
	Check: func(p *tagParams) []fault {
		if p.Add.Given() || p.Remove.Given() {
			return nil
		}
		return []fault{{Message: diag.T("`tag` 没有写要打或去掉的标签", "`tag` names no tag"),
			Hint: diag.T("写 `add` 或 `remove`", "write `add` or `remove`")}}
	},
	Plan:   planTag,
	Verify: verifyTag,
})

func planTag(env Env, p *tagParams) (Effect, error) {
	user, err := person(env, p.User)
	if err != nil {
		return Effect{}, err
	}
	var missing []string
	add, err := labels(env, p.Add, &missing)
	if err != nil {
		return Effect{}, err
	}
	remove, err := labels(env, p.Remove, &missing)
	if err != nil {
		return Effect{}, err
	}
	if len(missing) > 0 {
		return Effect{}, &UnknownTagError{Names: unique(missing)}
	}
	return act(struct {
		UserID      string   `json:"userId"`
		Tags        []string `json:"tags"`
		ErasingTags []string `json:"erasingTags"`
	}{user, add, remove})
}

// labels turns names into ids and adds those it does not know to missing.
func labels(env Env, names Texts, missing *[]string) ([]string, error) {
	rendered, err := names.Render(env)
	if err != nil {
		return nil, err
	}
	ids := make([]string, 0, len(rendered))
	for _, name := range rendered {
		id, ok := label(env.Tags, name)
		if !ok {
			*missing = append(*missing, name)
			continue
		}
		ids = append(ids, id)
	}
	return ids, nil
}

// minLabelID is the least number of digits of what is an id beyond doubt; a tag
// may be called 1111.
const minLabelID = 15

func label(book TagBook, name string) (string, bool) {
	if isDecimal(name) && len(name) >= minLabelID {
		return name, true
	}
	if book == nil {
		return "", false
	}
	return book.Label(name)
}
