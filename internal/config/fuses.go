package config

import (
	"slices"
	"time"

	"botengine/internal/diag"
	"botengine/internal/schema"

	"go.yaml.in/yaml/v3"
)

// Fuses keep robots from talking without end, and from talking on when the platform
// does not like it. Each part is off when it is 0.
type Fuses struct {
	ChatPerMinute int // answers in one chat, of all rules together
	PingPong      PingPong
	Breaker       Breaker
}

// PingPong says when somebody who answers a robot is taken for a machine.
type PingPong struct {
	Fast       int // so many answers in a row within FastWithin
	FastWithin time.Duration
	Turns      int // so many in a row within Within
	Within     time.Duration
	Same       int           // the same words so often in a row
	Hold       time.Duration // for how long nothing is answered then; 0 = nobody is held
}

// Breaker says when a robot stops sending, and for how long.
type Breaker struct {
	Pause         Span     // the first pause, and the longest it grows to; Max 0 = there is no breaker
	Codes         []string // of answers that hint at risk control
	Words         []string // in their messages
	ChatFailures  int      // messages in a row that a chat did not get
	RobotFailures int      // messages in a row, to as many chats, that did not arrive
}

// A program answers within a second; who reads and types does not, and surely not
// five times in a row. Slower programs (those that think) are told from people by
// their patience alone: a dozen answers in a row without ever taking ten seconds.
// Menus and quizzes end before that.
func defaultFuses() Fuses {
	return Fuses{
		ChatPerMinute: 20,
		PingPong:      PingPong{Fast: 5, FastWithin: time.Second, Turns: 12, Within: 10 * time.Second, Same: 3, Hold: 10 * time.Minute},
		Breaker: Breaker{
			Pause: Span{Min: 5 * time.Minute, Max: 2 * time.Hour}, Words: DefaultRiskWords(), ChatFailures: 3, RobotFailures: 5,
		},
	}
}

// DefaultRiskWords are what answers of the platform say when it does not like how a
// robot behaves. Its document names none: they are inferred.
func DefaultRiskWords() []string {
	return []string{
		"频繁", "风控", "风险", "违规", "封号", "封禁", "被限制", "使用受限", "操作异常",
		"too frequent", "too often", "too many requests", "rate limit", "frequency limit", "risk control",
	}
}

// fuses reads what stops a robot that talks too much.
func (d *decoder) fuses(f *Fuses) setter {
	return d.object(map[string]setter{
		"chat_per_minute": d.countOrOff(&f.ChatPerMinute, 1, mostOfRobot.PerMinute),
		"ping_pong": d.groupOrOff(func() { f.PingPong = PingPong{} }, map[string]setter{
			"fast":        d.countOrOff(&f.PingPong.Fast, 3, 100),
			"fast_within": d.duration(&f.PingPong.FastWithin, 100*time.Millisecond, 5*time.Second),
			"turns":       d.countOrOff(&f.PingPong.Turns, 4, 1000),
			"within":      d.duration(&f.PingPong.Within, time.Second, time.Minute),
			"same":        d.countOrOff(&f.PingPong.Same, 2, 100),
			"hold":        d.duration(&f.PingPong.Hold, time.Minute, day),
		}),
		"breaker": d.groupOrOff(func() { f.Breaker = Breaker{} }, map[string]setter{
			"pause":          d.pause(&f.Breaker.Pause),
			"codes":          d.texts(&f.Breaker.Codes),
			"words":          d.texts(&f.Breaker.Words),
			"chat_failures":  d.countOrOff(&f.Breaker.ChatFailures, 2, 100),
			"robot_failures": d.countOrOff(&f.Breaker.RobotFailures, 2, 100),
		}),
	})
}

// groupOrOff reads a group of settings, or off.
func (d *decoder) groupOrOff(off func(), settings map[string]setter) setter {
	fields := d.object(settings)
	return unlessOff(orOff(fields.node), fields.read, off)
}

// countOrOff reads a whole number within limits, or off for 0.
func (d *decoder) countOrOff(dst *int, least, most int) setter {
	number := d.number(dst, least, most)
	return unlessOff(schema.OrWords(number.node, "off"), number.read, func() { *dst = 0 })
}

// texts reads a list of texts, in place of the default.
func (d *decoder) texts(dst *[]string) setter {
	var read []string
	list := d.list(setter{node: schema.Text(), read: func(n *yaml.Node) {
		var s string
		if d.text(&s).read(n); s != "" && !slices.Contains(read, s) {
			read = append(read, s)
		}
	}})
	return setter{node: list.node, read: func(n *yaml.Node) {
		read = nil
		list.read(n)
		*dst = read
	}}
}

// pause reads how long a breaker stays open at first, and at most.
func (d *decoder) pause(dst *Span) setter {
	hint := diag.T("写成 5m..2h：第一次停多久，以后加倍，最多停多久", "write 5m..2h: the first pause, which doubles, and the longest")
	return setter{node: d.jitter(&Span{}).node, read: func(n *yaml.Node) {
		s, ok := d.scalar(n)
		if !ok {
			return
		}
		v, err := ParseSpan(s)
		if err != nil {
			d.report(d.at(n).Error("BE509", diag.T("`%s` 不是时长的范围", "`%s` is not a range of durations", n.Value)).WithHint(hint))
			return
		}
		if v.Min < 10*time.Second || v.Max > 7*day {
			d.report(d.at(n).Error("BE511", diag.T("要在 %s 到 %s 之间", "it has to be between %s and %s", short(10*time.Second), short(7*day))).WithHint(hint))
			return
		}
		*dst = v
	}}
}
