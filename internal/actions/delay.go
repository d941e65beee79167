package actions

import (
	"time"

	"botengine/internal/diag"
)

// maxDelay is the longest a run may sleep: beyond it a typing error is likelier.
const maxDelay = 30 * day

type delayParams struct {
	For Span `yaml:"for" zh:"等多久：30s，或范围 20s..90s（每次随机取一个）" en:"how long: 30s, or a range 20s..90s of which a random one is taken each time" required:"true"`
}

var delay = define(spec[delayParams]{
	Name:    "delay",
	Summary: diag.T("等一会儿再做后面的步骤。", "Waits before the steps that follow."),
	Note:    diag.T("等待跨重启有效；最长 30 天。", "The wait survives restarts; it is at most 30 days."),
	Example: `delay: 20s..90s`,
	Main:    "for",
	Check: func(p *delayParams) []fault {
		if p.For.max > 0 && p.For.max <= maxDelay {
			return nil
		}
		return []fault{{Param: "for", Message: diag.T("等待时间要在 0 到 30 天之间", "a wait is more than nothing and at most 30 days"),
			Hint: diag.T("写成 `30s`、`10m`、`20s..90s` 这样", "write it like `30s`, `10m`, `20s..90s`")}}
	},
	Plan: func(env Env, p *delayParams) (Effect, error) {
		wait := max(time.Millisecond, p.For.draw(env.Random))
		return Effect{Wait: wait, WaitMax: max(wait, p.For.max)}, nil
	},
})
