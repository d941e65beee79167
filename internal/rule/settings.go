package rule

import (
	"slices"
	"time"

	"go.yaml.in/yaml/v3"

	"botengine/internal/diag"
)

// What a rule has that says nothing.
const (
	defaultPriority = 100
	defaultMaxAge   = 10 * time.Minute
	maxPriority     = 1_000_000
	maxFuse         = 1000 // of the firings of a loop guard
)

// settings are the fields of a rule that a file may set for all its rules.
type settings struct {
	mode      Mode
	priority  int
	maxAge    time.Duration
	cooldown  *Cooldown
	loopGuard *Fuse
	gates     Gates
	scope     *scope
	active    *active
	include   include
	takeover  *time.Duration
	responder Responder
	run       *RunMode
	rollout   *Rollout
	unless    *yaml.Node // compiled for each rule: what it may name depends on the triggers
}

// include says whose messages a rule sees beside those of people.
type include struct{ self, robots bool }

// settingFields are the names of the settings.
var settingFields = append([]string{"cooldown", "scope", "priority", "mode", "max_age", "loop_guard", "active", "include", "takeover", "responder", "run", "unless", "rollout"}, gateFields...)

// readDefaults reads `defaults`.
func (b *builder) readDefaults(n *yaml.Node) settings {
	base := settings{
		mode: ModeLive, priority: defaultPriority, maxAge: defaultMaxAge,
		loopGuard: &Fuse{Count: 6, Within: time.Minute}, responder: ResponderOne,
	}
	if n == nil {
		return base
	}
	f, _ := b.fields(n, defaultsForm, names{known: settingFields})
	return b.settings(f, base)
}

// settings reads those that f has; the others stay as in base. A field replaces
// the default as a whole.
func (b *builder) settings(f fields, base settings) settings {
	s := base
	if n := f.get("mode"); n != nil {
		mode, _ := b.choice(n, choicesOf("rule", "mode"))
		s.mode = Mode(mode)
	}
	if n := f.get("priority"); n != nil {
		s.priority = b.integer(n, 0, maxPriority)
	}
	if n := f.get("max_age"); n != nil {
		s.maxAge = b.duration(n)
	}
	if n := f.get("cooldown"); n != nil {
		s.cooldown = b.cooldown(n)
	}
	if n := f.get("loop_guard"); n != nil {
		s.loopGuard = b.fuse(n)
	}
	if n := f.get("scope"); n != nil {
		s.scope = b.scope(n)
	}
	if n := f.get("active"); n != nil {
		s.active = b.active(n)
	}
	if n := f.get("run"); n != nil {
		s.run = b.runMode(n)
	}
	if n := f.get("rollout"); n != nil {
		s.rollout = b.rollout(n)
	}
	if n := f.get("takeover"); n != nil {
		s.takeover = b.takeover(n)
	}
	if n := f.get("responder"); n != nil {
		s.responder = b.responder(n)
	}
	if n := f.get("include"); n != nil {
		words := b.choices(n, choicesOf("rule", "include"))
		s.include = include{self: slices.Contains(words, "self"), robots: slices.Contains(words, "robots")}
	}
	s.gates = b.gates(f, base.gates)
	if n := f.get("unless"); n != nil {
		s.unless = n
	}
	return s
}

// isOff says whether a field is switched off.
func isOff(n *yaml.Node) bool { return n.Kind == yaml.ScalarNode && n.Value == "off" }

// perWords are what a cooldown may be kept per, in the order they are kept in.
var perWords = []string{PerRule, PerRobot, PerChat, PerMember, PerHit}

// cooldown reads `30s`, `{for, per}` or `off`.
func (b *builder) cooldown(n *yaml.Node) *Cooldown {
	c := &Cooldown{Per: defaultPer()}
	switch {
	case isOff(n):
		return nil
	case n.Kind == yaml.ScalarNode:
		c.For = b.duration(n)
		return c
	}
	f, ok := b.fields(n, cooldownForm, keysOf("cooldown"))
	if d := f.get("for"); d != nil {
		c.For = b.duration(d)
	} else if ok {
		b.missing(f, "for", diag.T("写成 `cooldown: {for: 30s}`", "write `cooldown: {for: 30s}`"))
	}
	if per := f.get("per"); per != nil {
		c.Per = inOrder(b.choices(per, names{known: perWords}))
	}
	return c
}

// inOrder sorts words as perWords has them.
func inOrder(words []string) []string {
	slices.SortFunc(words, func(a, b string) int { return slices.Index(perWords, a) - slices.Index(perWords, b) })
	return words
}

// fuse reads `{count, within}` or `off`.
func (b *builder) fuse(n *yaml.Node) *Fuse {
	if isOff(n) {
		return nil
	}
	fuse := &Fuse{Count: 6, Within: time.Minute}
	if n.Kind == yaml.ScalarNode {
		b.fail(n, "BE104", diag.T("`loop_guard` 写成 `{count: 6, within: 60s}` 或 `off`", "`loop_guard` is `{count: 6, within: 60s}` or `off`"), diag.Text{})
		return fuse
	}
	f, _ := b.fields(n, fuseForm, keysOf("loop_guard"))
	if c := f.get("count"); c != nil {
		fuse.Count = b.integer(c, 1, maxFuse)
	}
	if w := f.get("within"); w != nil {
		fuse.Within = b.duration(w)
	}
	return fuse
}
