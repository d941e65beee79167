package actions

import (
	"time"

	"go.yaml.in/yaml/v3"

	"botengine/internal/diag"
)

// Pause is what a `pause` step does: it silences the rules of a scope for a time.
type Pause struct {
	Scope string        // ScopeChat, ScopeRobot or ScopeGlobal
	For   time.Duration // 0 = they may speak again
}

type pauseParams struct {
	For   PauseTime          `yaml:"for" zh:"停多久：30m、2h、7d；off 表示马上恢复" en:"for how long: 30m, 2h, 7d; off lets them speak again" required:"true"`
	Scope Choice[pauseWords] `yaml:"scope" zh:"停哪里：chat（本会话，默认）、robot（这个机器人）、global（全部）" en:"where: chat (this chat, the default), robot (this robot) or global (everything)"`
}

type pauseWords struct{}

func (pauseWords) words() []string { return []string{ScopeChat, ScopeRobot, ScopeGlobal} }

// maxPause is the longest a pause may be: beyond it a typing error is likelier.
const maxPause = 366 * day

var pause = define(spec[pauseParams]{
	Name:    "pause",
	Summary: diag.T("让规则在一段时间里不出声。", "Keeps the rules silent for a time."),
	Note: diag.T("停的是整条规则，结果记为 `paused`；已经排队还没发出的消息也不再发。有 `pause` 步骤的规则自己不受影响，所以能用 `pause: off` 恢复。重启和换规则之后仍然有效；再写一次以后写的为准。",
		"Whole rules are silenced, with the outcome `paused`; messages that wait in the queue are not sent either. A rule with a `pause` step is not silenced itself, so that `pause: off` can end it. It holds over restarts and new rules; the last one written counts."),
	Example: `pause: 30m`,
	Main:    "for",
	Wants: func(p *pauseParams) []Need {
		if p.scope() == ScopeChat {
			return []Need{Chat}
		}
		return nil
	},
	Check: func(p *pauseParams) []fault {
		if p.For.off || p.For.d > 0 && p.For.d <= maxPause {
			return nil
		}
		return []fault{{Param: "for", Message: diag.T("暂停的时间要大于 0，不超过 366 天", "a pause is more than nothing and at most 366 days"),
			Hint: diag.T("写成 `30m`、`2h`、`7d`；恢复写 `off`", "write `30m`, `2h`, `7d`; `off` ends it")}}
	},
	Plan: func(_ Env, p *pauseParams) (Effect, error) {
		return Effect{Pause: &Pause{Scope: p.scope(), For: p.For.d}}, nil
	},
})

func (p *pauseParams) scope() string {
	if p.Scope.word == "" {
		return ScopeChat
	}
	return p.Scope.word
}

// PauseTime is a length of time, or off.
type PauseTime struct {
	d   time.Duration
	off bool
}

func (*PauseTime) kind() Kind { return KindDuration }

func (*PauseTime) choices() []string { return []string{pauseOff} }

// pauseOff ends a pause.
const pauseOff = "off"

func (t *PauseTime) read(n *yaml.Node, b *Binder) {
	if n.Kind == yaml.ScalarNode && n.Value == pauseOff {
		t.off = true
		return
	}
	var d Duration
	d.read(n, b)
	t.d = d.d
}
