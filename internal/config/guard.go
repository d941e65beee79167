package config

import (
	"regexp"
	"strconv"
	"time"

	"botengine/internal/diag"
	"botengine/internal/schema"

	"go.yaml.in/yaml/v3"
)

// Guard takes the right to act from a rule that does badly shortly after a change.
type Guard struct {
	NewRule time.Duration // for how long after a change a rule is watched; 0 = not at all
	Share   float64       // of the messages in its scope: firing on more than this is too much; 0 = any
	Min     int           // but not before so many of them were seen
	Errors  float64       // of its firings: more failures than this are too much; 0 = any
}

// Blast says how much rules may do of what cannot be taken back. What is more is
// not done at all.
type Blast struct {
	PerHour    int     // by each robot; 0 = any number
	PerRule    int     // by each rule in an hour; 0 = any number
	GroupShare float64 // of a group's members within 24 h, by all rules; 0 = any
}

func defaultGuard() Guard { return Guard{NewRule: 2 * time.Hour, Share: 0.6, Min: 50, Errors: 0.2} }

// guard reads how rules are watched after a change, or off.
func (d *decoder) guard(g *Guard) setter {
	fields := d.object(map[string]setter{
		"new_rule": d.duration(&g.NewRule, time.Minute, 30*day),
		"share":    d.percent(&g.Share),
		"min":      d.number(&g.Min, 1, 1_000_000),
		"errors":   d.percent(&g.Errors),
	})
	return unlessOff(orOff(fields.node), fields.read, func() { *g = Guard{} })
}

// blast reads how much of one kind rules may do, or off. Only people in a group have
// a share of it.
func (d *decoder) blast(b *Blast, ofGroups bool) setter {
	settings := map[string]setter{
		"per_hour": d.number(&b.PerHour, 1, 1_000_000),
		"per_rule": d.number(&b.PerRule, 1, 1_000_000),
	}
	if ofGroups {
		settings["group_share"] = d.percent(&b.GroupShare)
	}
	fields := d.object(settings)
	return unlessOff(orOff(fields.node), fields.read, func() { *b = Blast{} })
}

func isOff(n *yaml.Node) bool { return n.Kind == yaml.ScalarNode && n.Value == "off" }

// unlessOff reads what read does, or off.
func unlessOff(node *schema.Node, read func(*yaml.Node), off func()) setter {
	return setter{node: node, read: func(n *yaml.Node) {
		if isOff(n) {
			off()
			return
		}
		read(n)
	}}
}

// percentage is a share as people write it.
var percentage = regexp.MustCompile(`^(100(\.0+)?|[0-9]{1,2}(\.[0-9]{1,4})?)%$`)

// percent reads a share such as 20%, or off.
func (d *decoder) percent(dst *float64) setter {
	share := d.share(dst)
	return unlessOff(schema.OrWords(share.node, "off"), share.read, func() { *dst = 0 })
}

// share reads a share such as 20%.
func (d *decoder) share(dst *float64) setter {
	return setter{node: schema.Scalar(percentage.String(), percentHint), read: func(n *yaml.Node) {
		s, ok := d.scalar(n)
		if !ok {
			return
		}
		if percentage.MatchString(s) {
			if v, err := strconv.ParseFloat(s[:len(s)-1], 64); err == nil && v > 0 {
				*dst = v / 100
				return
			}
		}
		d.report(d.at(n).Error("BE522", diag.T("`%s` 不是百分比", "`%s` is not a percentage", n.Value)).
			WithHint(percentHint))
	}}
}

var percentHint = diag.T("写成 `20%%`，大于 0%%，不超过 100%%；`off` 是不限", "write `20%%`: more than 0%% and at most 100%%; `off` is no limit")

// orOff is a group that may be switched off.
func orOff(group *schema.Node) *schema.Node {
	return schema.Or(group, schema.OneOf(schema.Words("off")...))
}
