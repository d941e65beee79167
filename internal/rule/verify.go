package rule

import (
	"time"

	"go.yaml.in/yaml/v3"

	"botengine/internal/actions"
	"botengine/internal/diag"
)

// Verify has the platform asked whether what a step did is really so: after it went
// well, and when nobody knows.
type Verify struct {
	Within time.Duration // how long it may take to become so
	Every  time.Duration // how long before each look
}

const (
	defaultWithin   = time.Minute
	minLook         = 2 * time.Second
	maxVerifyWithin = 24 * time.Hour
	maxLooks        = 100
)

var verifyForm = formOf("verify", "verify: {within: 1m, every: 10s}")

// verify reads `true`, a duration or `{within, every}`.
func (b *builder) verify(n *yaml.Node) *Verify {
	v := &Verify{Within: defaultWithin, Every: defaultEvery}
	switch {
	case n.Kind == yaml.ScalarNode && n.Style == 0 && n.Value == "true":
		return v
	case n.Kind == yaml.ScalarNode && n.Style == 0 && n.Value == "false":
		return nil
	case n.Kind == yaml.ScalarNode:
		b.fail(n, "BE104", diag.T("`verify` 写成 `true` 或 `{within: 1m, every: 10s}`", "`verify` is `true` or `{within: 1m, every: 10s}`"), diag.Text{})
		return nil
	}
	f, _ := b.fields(n, verifyForm, keysOf("verify"))
	if within := f.get("within"); within != nil {
		if d := b.duration(within); d > maxVerifyWithin {
			b.fail(within, "BE126", diag.T("最长 24h", "at most 24h"), diag.Text{})
		} else if d > 0 {
			v.Within = d
		}
	}
	if every := f.get("every"); every != nil {
		if d := b.duration(every); d > 0 && d < minLook {
			b.fail(every, "BE126", diag.T("至少 2s", "at least 2s"), diag.Text{})
		} else if d > 0 {
			v.Every = d
		}
	}
	if v.Within/v.Every > maxLooks {
		b.fail(n, "BE126", diag.T("查的次数太多：最多 %d 次", "too many looks: at most %d", maxLooks), diag.T("把 `every` 写长一些", "make `every` longer"))
	}
	return v
}

// checkVerify holds that the platform can be asked about what the step does.
func (p *program) checkVerify(at *yaml.Node, s *Step) {
	if s.Verify == nil || s.Op == OpAction && s.Action == nil {
		return
	}
	if v, ok := s.Action.(actions.Verifier); ok && v.CanVerify() {
		return
	}
	p.fail(at, "BE310", diag.T("`%s` 没有办法核实", "`%s` can't be verified", s.Does()),
		diag.T("能核实的有 accept_friend、invite、kick、rename_group、tag", "accept_friend, invite, kick, rename_group and tag can be"))
}
