package actions

import (
	"errors"
	"regexp"
	"strings"

	"botengine/internal/command"
	"botengine/internal/diag"
)

type addFriendParams struct {
	Phone    Text     `yaml:"phone" zh:"手机号" en:"a mobile number" required:"true"`
	Delivery Delivery `yaml:"delivery" zh:"结果不明时怎么办，默认 at_most_once（不再发，由人决定）" en:"what to do when nobody knows whether it happened; by default at_most_once: nothing, a person decides"`
}

var addFriend = define(spec[addFriendParams]{
	Name:    "add_friend",
	Summary: diag.T("按手机号加好友。", "Asks the owner of a mobile number to be a friend."),
	Note: diag.T("号码里的空格、横线和 +86 会去掉。加得太快会被企业微信限制，请在配置里限量。",
		"Blanks, hyphens and +86 are taken out of the number. WeCom restricts those who add people too fast: set a limit in the configuration."),
	Example: `add_friend: "{{hit.groups.phone}}"`,
	Main:    "phone",
	Sends:   Platform{Type: "robot.phone.contact.add", Lane: command.LaneAction, Class: command.Unverifiable, Section: "§3.9"},
	Check: func(p *addFriendParams) []fault {
		literal, ok := p.Phone.Literal()
		if _, fine := phoneNumber(literal); !ok || fine {
			return nil
		}
		return []fault{{Param: "phone", Message: diag.T("`%s` 不是手机号", "`%s` is no mobile number", literal),
			Hint: diag.T("写 11 位手机号；别国的以 + 和国家代码开头", "11 digits; with + and the country's code for other countries than China")}}
	},
	Plan: func(env Env, p *addFriendParams) (Effect, error) {
		written, err := p.Phone.Render(env)
		if err != nil {
			return Effect{}, err
		}
		phone, ok := phoneNumber(written)
		if !ok {
			return Effect{}, errors.New("phone: not a mobile number")
		}
		effect, err := act(struct {
			Phone string `json:"phone"`
		}{phone})
		return withClass(effect, classFor(p.Delivery)), err
	},
})

// phoneForm is a mobile number of China, or one with a country's code.
var phoneForm = regexp.MustCompile(`^(1[3-9][0-9]{9}|\+[1-9][0-9]{6,14})$`)

var phoneNoise = strings.NewReplacer(" ", "", "-", "", "　", "", "－", "")

// phoneNumber reads a number as people write it.
func phoneNumber(s string) (string, bool) {
	s = phoneNoise.Replace(s)
	for _, china := range []string{"+86", "0086"} {
		if rest, ok := strings.CutPrefix(s, china); ok && len(rest) == 11 {
			s = rest
		}
	}
	return s, phoneForm.MatchString(s)
}

// withClass gives the effect's command a class of its own.
func withClass(e Effect, class command.Class) Effect {
	if e.Command != nil {
		e.Command.Class = class
	}
	return e
}
