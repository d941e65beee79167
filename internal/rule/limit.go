package rule

import (
	"slices"
	"time"

	"go.yaml.in/yaml/v3"

	"botengine/internal/diag"
)

// Gates are the settings by which a rule looks at what happened before: all of
// them keep their state under the rule's id, so that it outlives every reload.
//
// For an event that concerns the rule they are asked in this order, and the first
// that holds it says what became of it:
//
//  1. A gathering that is open takes the event in (Gathering). Nothing else is
//     asked: the firing it belongs to has begun.
//  2. Threshold counts the event, and holds it while there were too few
//     (BelowThreshold). It counts what happened, not what the rule did: also what
//     the gates after it hold, and also in shadow mode.
//  3. Once, then the cooldown, then the loop guard hold an event of which the rule
//     has answered another (OnceOnly, OnCooldown, LoopGuard).
//  4. Limit drops what is too much (OverLimit), or has it wait (Queued).
//  5. What is left is a firing. It is counted by the gates from 2 to 4, now and not
//     when it was held: a drop is no firing. With Coalesce it only begins to gather
//     (Gathering), without it the steps begin (Fired).
//
// A gathering and what waits in a queue become Fired when their steps begin; from
// then on the cooldown runs anew. In shadow mode all but the counting of Threshold
// leaves nothing behind.
type Gates struct {
	Limit     *Limit     // nil = none, as for the others
	Threshold *Threshold // how many events one firing takes
	Once      *Once
	Coalesce  *Coalesce
}

// Limit is how often a rule may fire within a time, for each combination of what
// Per names: in every window of that length at most Count times.
type Limit struct {
	Count  int
	Within time.Duration
	Per    []string
	Queue  bool // what is too much waits for its turn; else it is dropped
}

// Threshold is how many events have to come within a time before a rule fires. It
// begins to count anew when the rule has fired.
type Threshold struct {
	Count    int
	Within   time.Duration
	Per      []string
	Distinct string // count different values of this; "" = count events
}

// DistinctText is what a threshold may count the different values of besides the
// words of Per.
const DistinctText = "text"

// Once is how seldom a rule fires: once, or once within a time.
type Once struct {
	Per    []string
	Within time.Duration // 0 = ever
}

// Coalesce is how a rule gathers events: it fires once for all that come within For
// of the first, or once there are Max.
type Coalesce struct {
	For time.Duration
	Max int
	Per []string
}

// What may be written for a gate.
const (
	maxCount     = 1000 // of a limit or a threshold
	maxGathered  = 200
	defaultMax   = 100 // of a gathering
	leastCounted = 2   // of a threshold: one event is what every rule waits for
)

// gateFields are the names of the gates.
var gateFields = []string{"limit", "threshold", "once", "coalesce"}

// distinctWords are what a threshold may tell apart.
var distinctWords = []string{PerMember, DistinctText, PerChat, PerRobot, PerHit}

// gates reads those that f has; the others stay as in base.
func (b *builder) gates(f fields, base Gates) Gates {
	g := base
	if n := f.get("limit"); n != nil {
		g.Limit = b.limit(n)
	}
	if n := f.get("threshold"); n != nil {
		g.Threshold = b.threshold(n)
	}
	if n := f.get("once"); n != nil {
		g.Once = b.once(n)
	}
	if n := f.get("coalesce"); n != nil {
		g.Coalesce = b.coalesce(n)
	}
	return g
}

// limit reads `{count, within, per, over}` or `off`.
func (b *builder) limit(n *yaml.Node) *Limit {
	if isOff(n) {
		return nil
	}
	f, ok := b.fields(n, limitForm, keysOf("limit"))
	l := &Limit{Per: b.per(f)}
	l.Count, l.Within = b.countWithin(f, ok, 1, limitForm.example)
	if over := f.get("over"); over != nil {
		word, _ := b.choice(over, choicesOf("limit", "over"))
		l.Queue = word == "queue"
	}
	return l
}

// threshold reads `{count, within, per, distinct}` or `off`.
func (b *builder) threshold(n *yaml.Node) *Threshold {
	if isOff(n) {
		return nil
	}
	f, ok := b.fields(n, thresholdForm, keysOf("threshold"))
	t := &Threshold{Per: b.per(f)}
	t.Count, t.Within = b.countWithin(f, ok, leastCounted, thresholdForm.example)
	if d := f.get("distinct"); d != nil {
		t.Distinct, _ = b.choice(d, names{known: distinctWords})
	}
	if t.Distinct != "" && slices.Contains(t.Per, t.Distinct) {
		b.fail(f.get("distinct"), "BE411", diag.T("每个 %[1]s 分开计数，不同的 %[1]s 永远只有一个", "each %[1]s is counted for itself, so there is never more than one %[1]s", t.Distinct),
			diag.T("从 `per` 里去掉 `%s`，或去掉 `distinct`", "take `%s` out of `per`, or take `distinct` out", t.Distinct))
	}
	return t
}

// countWithin reads the two fields that limits and thresholds must have.
func (b *builder) countWithin(f fields, ok bool, least int, hint diag.Text) (count int, within time.Duration) {
	if n := f.get("count"); n != nil {
		count = b.integer(n, least, maxCount)
	} else if ok {
		b.missing(f, "count", hint)
	}
	if n := f.get("within"); n != nil {
		within = b.duration(n)
	} else if ok {
		b.missing(f, "within", hint)
	}
	return count, within
}

// once reads `{per, within}`, the words of `per` alone, or `off`.
func (b *builder) once(n *yaml.Node) *Once {
	switch {
	case isOff(n):
		return nil
	case n.Kind != yaml.MappingNode:
		return &Once{Per: inOrder(b.choices(n, names{known: perWords}))}
	}
	f, _ := b.fields(n, onceForm, keysOf("once"))
	o := &Once{Per: b.per(f)}
	if w := f.get("within"); w != nil {
		o.Within = b.duration(w)
	}
	return o
}

// coalesce reads `20s`, `{for, max, per}` or `off`.
func (b *builder) coalesce(n *yaml.Node) *Coalesce {
	c := &Coalesce{Max: defaultMax, Per: defaultPer()}
	switch {
	case isOff(n):
		return nil
	case n.Kind == yaml.ScalarNode:
		c.For = b.duration(n)
		return c
	}
	f, ok := b.fields(n, coalesceForm, keysOf("coalesce"))
	c.Per = b.per(f)
	if d := f.get("for"); d != nil {
		c.For = b.duration(d)
	} else if ok {
		b.missing(f, "for", coalesceForm.example)
	}
	if m := f.get("max"); m != nil {
		c.Max = b.integer(m, 2, maxGathered)
	}
	return c
}

// defaultPer is what is counted apart where nobody says so.
func defaultPer() []string { return []string{PerRule, PerChat} }

// per reads what is counted apart.
func (b *builder) per(f fields) []string {
	if n := f.get("per"); n != nil {
		return inOrder(b.choices(n, names{known: perWords}))
	}
	return defaultPer()
}

// advisePer warns of a gate that tells apart what the rule's events do not have.
func (b *builder) advisePer(r *Rule, f fields) {
	for _, name := range gateFields {
		n := f.get(name)
		if n == nil || len(r.On) == 0 {
			continue
		}
		if r.tells(name, PerHit) && !f.written("match") {
			b.warn(n, "BE411", diag.T("这条规则没有 `match`，没有 `hit` 可以区分", "the rule has no `match`, so there is no `hit` to tell apart"),
				diag.T("去掉 `hit`，或加上 `match`", "take `hit` out, or add a `match`"))
		}
		if r.tells(name, DistinctText) && !r.hears(hasText) {
			b.warn(n, "BE411", diag.T("`%s` 没有文字，不能按文字区分", "`%s` has no text to tell apart", r.On[0].Name),
				diag.T("改用 `distinct: member`", "use `distinct: member`"))
		}
	}
}

// tells says whether the gate of that name tells events apart by the word.
func (r *Rule) tells(gate, word string) bool {
	var per []string
	switch {
	case gate == "limit" && r.Limit != nil:
		per = r.Limit.Per
	case gate == "threshold" && r.Threshold != nil:
		per = append(slices.Clone(r.Threshold.Per), r.Threshold.Distinct)
	case gate == "once" && r.Once != nil:
		per = r.Once.Per
	case gate == "coalesce" && r.Coalesce != nil:
		per = r.Coalesce.Per
	}
	return slices.Contains(per, word)
}
