package actions

import (
	"regexp"

	"botengine/internal/diag"
)

// Emit is what an `emit` step does: other rules take it for an event.
type Emit struct {
	Name string
	Text string // of the event; "" = that of the event the run is about
}

type emitParams struct {
	Name Constant `yaml:"name" zh:"事件的名称；别的规则用 \"on: emit.名称\" 监听" en:"the event's name; other rules listen to it by \"on: emit.NAME\"" required:"true"`
	Text Text     `yaml:"text" zh:"事件的文字，默认是原来的消息" en:"the event's text; by default that of the original message"`
}

// emitName is what an event may be called.
var emitName = regexp.MustCompile(EmitPattern)

// EmitPattern is the form of the name of an event that rules make.
const EmitPattern = `^[\p{L}\p{N}_-]{1,50}$`

// IsEmitName reports whether an event that rules make may be called so.
func IsEmitName(name string) bool { return emitName.MatchString(name) }

var emit = define(spec[emitParams]{
	Name:    "emit",
	Summary: diag.T("发出一个事件，让别的规则接着做。", "Makes an event for other rules to go on with."),
	Note: diag.T("监听 `emit.名称` 的规则马上判断，会话、发送者和消息与原来的相同，`event.name` 是名称，`event.rule` 是发出它的规则。规则再引出规则，最多 3 层。",
		"Rules that listen to `emit.NAME` are judged at once, with the chat, the sender and the message of the original event; `event.name` is the name, `event.rule` the rule that made it. Rules may lead to rules 3 times over, not more."),
	Example: `emit: 报名成功`,
	Main:    "name",
	Check: func(p *emitParams) []fault {
		if !p.Name.Given() || IsEmitName(p.Name.text) {
			return nil
		}
		return []fault{{Param: "name", Message: diag.T("事件名称 `%s` 写法不对", "bad name of an event: `%s`", p.Name.text),
			Hint: diag.T("用文字、数字、`_` 和 `-`，最多 50 个", "letters, digits, `_` and `-`, at most 50")}}
	},
	Plan: func(env Env, p *emitParams) (Effect, error) {
		text, err := p.Text.Render(env)
		return Effect{Emit: &Emit{Name: p.Name.text, Text: text}}, err
	},
})
