package config

import (
	"regexp"
	"slices"
	"strings"
	"time"

	"botengine/internal/diag"
	"botengine/internal/schema"

	"go.yaml.in/yaml/v3"
)

// Limits say how fast robots may act. They delay, they never drop; but what is
// beyond Kick and Broadcast is not done at all.
type Limits struct {
	Robot     Quota                  // of each robot
	Chat      Quota                  // of each robot in each chat
	Robots    map[string]RobotLimits // of certain robots, by robotKey
	WarmUp    WarmUp
	Ceiling   Ceiling
	Jitter    Span // added to what people can see
	Kick      Blast
	Broadcast Blast
}

// Quota is how many there may be in any minute, hour and day.
type Quota struct {
	PerMinute Count
	PerHour   Count
	PerDay    Count
}

// Count is how many of all kinds together, and of single kinds; 0 = not limited.
type Count struct {
	All   int
	Kinds map[string]int
}

// RobotLimits are what holds for one robot, in place of what holds for each.
type RobotLimits struct {
	Quota
	Old bool // it is no new robot: there is no warm-up
}

// WarmUp gives a new robot a share of its pace: Start on its first day, growing to
// all of it in Days. Zero Days: none.
type WarmUp struct {
	Days  int
	Start float64
}

// Ceiling is what holds whatever else is said.
type Ceiling struct {
	Robot Rates // of each robot
	All   Rates // of all robots together
}

// Rates are how many there may be; 0 = not limited.
type Rates struct {
	PerMinute int
	PerHour   int
	PerDay    int
}

// Clamp returns the count, not above the ceiling.
func (c Count) Clamp(ceiling int) Count {
	if ceiling == 0 {
		return c
	}
	out := Count{All: min(c.All, ceiling)}
	for kind, n := range c.Kinds {
		if out.Kinds == nil {
			out.Kinds = map[string]int{}
		}
		out.Kinds[kind] = min(n, ceiling)
	}
	return out
}

func defaultLimits() Limits {
	return Limits{
		Robot: Quota{
			PerMinute: Count{All: 20},
			PerDay:    Count{Kinds: map[string]int{"accept_friend": 80}},
		},
		Chat:   Quota{PerMinute: Count{All: 6}},
		WarmUp: WarmUp{Days: 7, Start: 0.25},
		Ceiling: Ceiling{
			Robot: Rates{PerMinute: 60, PerHour: 1500, PerDay: 15_000},
			All:   Rates{PerMinute: 3000, PerHour: 60_000, PerDay: 600_000},
		},
		Jitter: Span{Min: time.Second, Max: 3 * time.Second},

		Kick:      Blast{PerHour: 20, PerRule: 20, GroupShare: 0.2},
		Broadcast: Blast{PerHour: 10, PerRule: 5},
	}
}

// What a number of these may be: more is a mistake, not a wish.
var (
	mostOfRobot = Rates{PerMinute: 1000, PerHour: 60_000, PerDay: 1_000_000}
	mostOfAll   = Rates{PerMinute: 100_000, PerHour: 6_000_000, PerDay: 100_000_000}
)

// Kinds are the names of what quotas know, beside "all" and the platform's own types
// of commands.
var Kinds = []string{
	"accept_friend", "add_friend", "announce", "broadcast", "call", "copy_group_settings", "create_group", "forward", "invite", "kick",
	"message", "remark", "rename_group", "robot_profile", "set_admins", "tag", "tags_sync",
}

// kindShape is what a kind of action looks like.
var kindShape = regexp.MustCompile(`^[a-z][a-z0-9_.]*$`)

// limits reads how fast robots may act.
func (d *decoder) limits(l *Limits) setter {
	w := &written{d: d}
	fields := d.object(map[string]setter{
		"robot":   d.object(w.quota(&l.Robot)),
		"chat":    d.object(w.quota(&l.Chat)),
		"robots":  w.robots(&l.Robots),
		"warm_up": d.warmUp(&l.WarmUp),
		"ceiling": d.object(map[string]setter{
			"robot": d.object(w.rates(&l.Ceiling.Robot, mostOfRobot, true)),
			"all":   d.object(w.rates(&l.Ceiling.All, mostOfAll, false)),
		}),
		"jitter": d.jitter(&l.Jitter),

		"kick":      d.blast(&l.Kick, true),
		"broadcast": d.blast(&l.Broadcast, false),
	})
	return setter{node: fields.node, read: func(n *yaml.Node) {
		fields.read(n)
		w.compare(l)
	}}
}

// written are the numbers that stand in the file, to be compared when all are read.
type written struct {
	d       *decoder
	numbers []writtenNumber
}

type writtenNumber struct {
	node    *yaml.Node
	name    string // per_minute, …
	n       int
	ceiling bool // it is one of a robot's ceiling
}

// quota reads how many there may be, over all kinds or by kind.
func (w *written) quota(q *Quota) map[string]setter {
	return map[string]setter{
		"per_minute": w.count(&q.PerMinute, "per_minute", mostOfRobot.PerMinute),
		"per_hour":   w.count(&q.PerHour, "per_hour", mostOfRobot.PerHour),
		"per_day":    w.count(&q.PerDay, "per_day", mostOfRobot.PerDay),
	}
}

// count reads a number, or numbers by kind; kinds that are not named keep their
// default.
func (w *written) count(dst *Count, name string, most int) setter {
	one := w.number(&dst.All, name, most, false)
	table := w.d.table(w.d.number(new(int), 1, most).node, func(key, value *yaml.Node) {
		if key.Value == "all" {
			one.read(value)
			return
		}
		if !w.knowsKind(key) {
			return
		}
		var n int
		w.number(&n, name, most, false).read(value)
		if n > 0 {
			if dst.Kinds == nil {
				dst.Kinds = map[string]int{}
			}
			dst.Kinds[key.Value] = n
		}
	})
	return setter{node: schema.Or(one.node, table.node), read: func(n *yaml.Node) {
		if n.Kind == yaml.MappingNode {
			table.read(n)
			return
		}
		one.read(n)
	}}
}

// knowsKind reports what is no kind of command. The platform's own types are taken as
// they are.
func (w *written) knowsKind(key *yaml.Node) bool {
	switch d := w.d; {
	case slices.Contains(Kinds, key.Value), strings.Contains(key.Value, ".") && kindShape.MatchString(key.Value):
		return true
	default:
		d.report(d.at(key).Error("BE524", diag.T("没有动作 `%s`", "there is no action `%s`", key.Value)).
			WithHint(diag.Suggestion(key.Value, append([]string{"all"}, Kinds...))))
		return false
	}
}

// number reads a number and remembers where it stands.
func (w *written) number(dst *int, name string, most int, ceiling bool) setter {
	s := w.d.number(dst, 1, most)
	return setter{node: s.node, read: func(n *yaml.Node) {
		var v int
		w.d.number(&v, 1, most).read(n)
		if v > 0 {
			*dst = v
			w.numbers = append(w.numbers, writtenNumber{n, name, v, ceiling})
		}
	}}
}

// rates reads numbers over all kinds.
func (w *written) rates(r *Rates, most Rates, ofRobot bool) map[string]setter {
	one := func(dst *int, name string, most int) setter {
		if ofRobot {
			return w.number(dst, name, most, true)
		}
		return w.d.number(dst, 1, most)
	}
	return map[string]setter{
		"per_minute": one(&r.PerMinute, "per_minute", most.PerMinute),
		"per_hour":   one(&r.PerHour, "per_hour", most.PerHour),
		"per_day":    one(&r.PerDay, "per_day", most.PerDay),
	}
}

// robots reads what holds for certain robots.
func (w *written) robots(dst *map[string]RobotLimits) setter {
	fields := func(r *RobotLimits) setter {
		all := w.quota(&r.Quota)
		all["warm_up"] = setter{node: schema.OneOf(schema.Words("off")...), read: func(n *yaml.Node) {
			var s string
			w.d.word(&s, "off").read(n)
			r.Old = s == "off"
		}}
		return w.d.object(all)
	}
	return w.d.table(fields(&RobotLimits{}).node, func(key, value *yaml.Node) {
		var r RobotLimits
		fields(&r).read(value)
		if *dst == nil {
			*dst = map[string]RobotLimits{}
		}
		(*dst)[key.Value] = r
	})
}

// warmUp reads how new robots begin, or off.
func (d *decoder) warmUp(w *WarmUp) setter {
	fields := d.object(map[string]setter{"days": d.number(&w.Days, 1, 90), "start": d.share(&w.Start)})
	return unlessOff(orOff(fields.node), fields.read, func() { *w = WarmUp{} })
}

// compare reports what is above the ceiling: there the ceiling holds.
func (w *written) compare(l *Limits) {
	for _, one := range w.numbers {
		ceiling, where := l.Ceiling.Robot.of(one.name), "limits.ceiling.robot."+one.name
		if one.ceiling {
			ceiling, where = l.Ceiling.All.of(one.name), "limits.ceiling.all."+one.name
		}
		if ceiling == 0 || one.n <= ceiling {
			continue
		}
		w.d.report(w.d.at(one.node).Warning("BE523", diag.T("`%d` 高于上限 %d，按 %d 执行", "`%d` is above the ceiling of %d: %d holds", one.n, ceiling, ceiling)).
			WithHint(diag.T("写成不超过 %d，或者提高 `%s`", "write %d at most, or raise `%s`", ceiling, where)))
	}
}

func (r Rates) of(name string) int {
	return map[string]int{"per_minute": r.PerMinute, "per_hour": r.PerHour, "per_day": r.PerDay}[name]
}
