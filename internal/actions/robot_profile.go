package actions

import (
	"botengine/internal/command"
	"botengine/internal/diag"
)

type robotProfileParams struct {
	Name     Text                `yaml:"name" zh:"姓名" en:"its name"`
	Alias    Text                `yaml:"alias" zh:"别名" en:"its alias"`
	Gender   Choice[genderWords] `yaml:"gender" zh:"性别" en:"its gender"`
	Phone    Text                `yaml:"phone" zh:"座机" en:"its desk phone"`
	Mobile   Text                `yaml:"mobile" zh:"手机" en:"its mobile number"`
	Position Text                `yaml:"position" zh:"职位" en:"its position"`
}

type genderWords struct{}

func (genderWords) words() []string { return []string{"male", "female"} }

// genders are the platform's numbers (§3.14).
var genders = map[string]int{"male": 1, "female": 2}

var robotProfile = define(spec[robotProfileParams]{
	Name:    "robot_profile",
	Summary: diag.T("修改机器人自己的资料。", "Changes the robot's own profile."),
	Note:    diag.T("没写的项目不变。", "What is not written stays as it is."),
	Example: `robot_profile: {alias: 售后小助手, position: 客服}`,
	Sends:   Platform{Type: "robot.info.modify", Lane: command.LaneAction, Class: command.Idempotent, Section: "§3.14"},
	Check: func(p *robotProfileParams) []fault {
		texts := map[string]Text{"name": p.Name, "alias": p.Alias, "phone": p.Phone, "mobile": p.Mobile, "position": p.Position}
		any := p.Gender.word != ""
		for _, t := range texts {
			any = any || t.Given()
		}
		if !any {
			return []fault{nothingWritten("robot_profile", "name", "alias", "gender", "phone", "mobile", "position")}
		}
		return checkText("name", p.Name)
	},
	Plan: func(env Env, p *robotProfileParams) (Effect, error) {
		var fields struct {
			Name     *string `json:"name,omitempty"`
			Alias    *string `json:"alias,omitempty"`
			Gender   int     `json:"gender,omitempty"`
			Phone    *string `json:"phone,omitempty"`
			Mobile   *string `json:"mobile,omitempty"`
			Position *string `json:"position,omitempty"`
		}
		fields.Gender = genders[p.Gender.word]
		for _, f := range []struct {
			text Text
			into **string
		}{{p.Name, &fields.Name}, {p.Alias, &fields.Alias}, {p.Phone, &fields.Phone}, {p.Mobile, &fields.Mobile}, {p.Position, &fields.Position}} {
			value, err := given(env, f.text)
			if err != nil {
				return Effect{}, err
			}
			*f.into = value
		}
		return act(fields)
	},
})
