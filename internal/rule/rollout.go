package rule

import (
	"fmt"
	"math"
	"regexp"
	"strconv"
	"time"

	"go.yaml.in/yaml/v3"

	"botengine/internal/diag"
	"botengine/internal/expression"
)

// Rollout is how a change of a rule is taken into use: at first in a share of the
// chats, and for good only when it did well there.
type Rollout struct {
	Off    bool    // nobody watches the rule after a change
	Canary float64 // the share of chats in which a change acts at first, above 0 to 1
	For    time.Duration
	Abort  *expression.Alarm // nil = none
}

// String writes it as rules do.
func (r *Rollout) String() string {
	if r.Off {
		return "off"
	}
	text := fmt.Sprintf("canary: %s%%, for: %s", strconv.FormatFloat(math.Round(r.Canary*1e6)/1e4, 'f', -1, 64), diag.Short(r.For))
	if r.Abort != nil {
		text += ", abort_if: " + r.Abort.Source()
	}
	return text
}

// What a rollout has that says nothing, and the longest it may take.
const (
	defaultSoak = 2 * time.Hour
	maxSoak     = 30 * 24 * time.Hour
)

// rollout reads `{canary, for, abort_if}` or `off`.
func (b *builder) rollout(n *yaml.Node) *Rollout {
	r := &Rollout{Canary: 1, For: defaultSoak}
	if isOff(n) {
		return &Rollout{Off: true}
	}
	f, ok := b.fields(n, rolloutForm, keysOf("rollout"))
	if c := f.get("canary"); c != nil {
		r.Canary = b.percent(c)
	}
	if d := f.get("for"); d != nil {
		if r.For = b.duration(d); r.For > maxSoak {
			b.fail(d, "BE126", diag.T("`for` 最长 30 天", "`for` is at most 30 days"), diag.Text{})
		}
	}
	if a := f.get("abort_if"); a != nil {
		r.Abort = b.alarm(a)
	}
	if ok && !f.written("canary") && !f.written("abort_if") {
		b.fail(n, "BE103", diag.T("`rollout` 没有写要怎样试用", "`rollout` says nothing to try the rule by"), rolloutForm.example)
	}
	return r
}

// percentage is a share as people write it.
var percentage = regexp.MustCompile(`^(100(\.0+)?|[0-9]{1,2}(\.[0-9]{1,4})?)[%％]$`)

// percent reads a share such as 5%. It returns 1 when there is something wrong
// with it.
func (b *builder) percent(n *yaml.Node) float64 {
	hint := diag.T("写成 `5%%`，大于 0%%，不超过 100%%", "write `5%%`: more than 0%% and at most 100%%")
	if n.Kind != yaml.ScalarNode {
		b.fail(n, "BE137", diag.T("这里要写百分比", "a percentage is wanted here"), hint)
		return 1
	}
	if share, ok := ParsePercent(n.Value); ok {
		return share
	}
	b.fail(n, "BE137", diag.T("`%s` 不是百分比", "`%s` is not a percentage", n.Value), hint)
	return 1
}

// ParsePercent reads a share that is written in percent, more than 0% and at most
// 100%.
func ParsePercent(s string) (share float64, ok bool) {
	if !percentage.MatchString(s) {
		return 0, false
	}
	digits := []rune(s)
	v, err := strconv.ParseFloat(string(digits[:len(digits)-1]), 64)
	return v / 100, err == nil && v > 0
}

// alarm reads `abort_if`; nil when there is something wrong with it.
func (b *builder) alarm(n *yaml.Node) *expression.Alarm {
	if b.filled[n] {
		b.fail(n, "BE143", diag.T("条件不能是模板的输入：输入是值，不是代码", "a condition can't be an input of a template: inputs are values, not code"), diag.Text{})
		return nil
	}
	if _, ok := b.text(n); !ok {
		return nil
	}
	a, problems := expression.CompileAlarm(b.source(n).text)
	for _, p := range problems {
		b.problem(n, p)
	}
	return a
}
