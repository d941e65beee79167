package actions

import (
	"time"

	"go.yaml.in/yaml/v3"

	"botengine/internal/diag"
	"botengine/internal/expression"
)

type countParams struct {
	Name  CounterName `yaml:"name" zh:"计数器，写成「范围.名称」；范围是 user（人）、chat（会话）、member（会话里的人）、robot、global" en:"the counter: SCOPE.NAME; the scopes are user (a person), chat, member (a person in a chat), robot and global" required:"true"`
	By    Count       `yaml:"by" zh:"加多少，默认 1" en:"how much to add, by default 1"`
	TTL   Duration    `yaml:"ttl" zh:"每次计数记多久，默认 30 天，最长 366 天" en:"how long each count is kept, by default 30 days, at most 366"`
	Reset YesNo       `yaml:"reset" zh:"从零开始，忘掉计过的" en:"begin at zero: forget what was counted"`
}

// How long a counter keeps what it counted.
const (
	counterTTL = 30 * day
	maxTTL     = 366 * day
)

// CountWrite is a change of one counter of the event's own user, chat and so on.
type CountWrite struct {
	Scope, Name string
	By          int
	TTL         time.Duration // how long it counts
	Reset       bool          // forget all of it instead
}

var count = define(spec[countParams]{
	Name:    "count",
	Summary: diag.T("给计数器加一。", "Adds one to a counter."),
	Note: diag.T("条件和文字里用 `count(\"member.ads\", \"24h\")` 看最近多少次，用 `since(\"member.ads\")` 看上一次过去多久。同名的计数器各条规则共用，同一事件里马上看得到。每个计数器精确记住最近 500 次，更早的合并计算。",
		"Conditions and texts ask `count(\"member.ads\", \"24h\")` how often it was counted, and `since(\"member.ads\")` how long ago. Rules that use one name share the counter; it is seen at once, in the same event already. The newest 500 counts are exact, older ones are put together."),
	Example: `count: {name: member.ads, ttl: 7d}`,
	Main:    "name",
	Check: func(p *countParams) []fault {
		switch {
		case p.TTL.d > maxTTL:
			return []fault{{Param: "ttl", Message: diag.T("最长 366 天", "at most 366 days"), Hint: diag.Text{}}}
		case p.Reset.yes && p.By.n > 0:
			return []fault{{Param: "by", Message: diag.T("`reset` 从零开始，不能同时加", "`reset` begins at zero: nothing is added"), Hint: diag.T("留一个", "keep one of them")}}
		}
		return nil
	},
	Plan: func(_ Env, p *countParams) (Effect, error) {
		w := &CountWrite{Scope: p.Name.scope, Name: p.Name.name, By: max(1, p.By.n), TTL: p.TTL.d, Reset: p.Reset.yes}
		if w.TTL == 0 {
			w.TTL = counterTTL
		}
		return Effect{Count: w}, nil
	},
})

// CounterName is the name of a counter, such as member.ads.
type CounterName struct{ scope, name string }

func (*CounterName) kind() Kind { return KindCounter }

func (c *CounterName) read(n *yaml.Node, b *Binder) {
	source, ok := b.scalar(n)
	if !ok {
		return
	}
	var problems []expression.Problem
	c.scope, c.name, problems = expression.ParseCounter(source, b.opts)
	b.problems(n, problems)
}
