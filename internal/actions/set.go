package actions

import (
	"fmt"

	"botengine/internal/diag"
)

type setParams struct {
	Facts Assignments `yaml:"*" zh:"要记住的值；范围是 user（人）、chat（会话）、member（会话里的人）、robot、global；空值表示忘掉" en:"the value to remember; the scopes are user (a person), chat, member (a person in a chat), robot and global; an empty value forgets it" required:"true"`
	TTL   Duration    `yaml:"ttl" zh:"多久以后忘掉，默认一直记住" en:"when to forget it; by default never"`
}

var set = define(spec[setParams]{
	Name:    "set",
	Summary: diag.T("记住一个值，以后的条件和文字里可以用。", "Remembers a value that later conditions and texts can use."),
	Note: diag.T("整个值就是一个 `{{ }}` 时保留它的类型，否则是文字。同一事件里后面的步骤和规则马上看得到。",
		"A value that is exactly one `{{ }}` keeps its type, any other is text. Later steps and rules see it at once, in the same event already."),
	Example: `set: {user.level: 2, ttl: 7d}`,
	Check: func(p *setParams) []fault {
		if len(p.Facts.list) > 0 {
			return nil
		}
		return []fault{{Message: diag.T("`set` 没有写要记住的值", "`set` names no value to remember"),
			Hint: diag.T("写成 `set: {user.level: 2}`", "write `set: {user.level: 2}`")}}
	},
	Plan: func(env Env, p *setParams) (Effect, error) {
		facts := make([]FactWrite, 0, len(p.Facts.list))
		for _, a := range p.Facts.list {
			value, err := a.compute(env)
			if err != nil {
				return Effect{}, fmt.Errorf("%s.%s: %w", a.scope, a.name, err)
			}
			facts = append(facts, FactWrite{Scope: a.scope, Name: a.name, Value: value, TTL: p.TTL.d})
		}
		return Effect{Facts: facts}, nil
	},
})
