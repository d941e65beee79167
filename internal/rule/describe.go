package rule

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"botengine/internal/actions"
	"botengine/internal/diag"
	"botengine/internal/event"
)

// Description is a rule as it was understood: with every default and every setting
// of its file applied, words as they are compared, and its steps as the flat list
// that runs go through. It is equal for equal rules.
type Description struct {
	ID     string            `json:"id"`
	File   string            `json:"file"`
	Line   int               `json:"line"`
	Fields []DescribedField  `json:"fields"` // in the order in which they are asked
	Steps  []StepDescription `json:"steps"`
}

// DescribedField is one field in the words of the rule language: match.any, cooldown.
type DescribedField struct {
	Name   string   `json:"name"`
	Values []string `json:"values"`
	// Kind says what the parameter of a step takes; empty for all else.
	Kind string `json:"kind,omitempty"`
	// Default says that nobody wrote the parameter: this is what holds then.
	Default bool `json:"default,omitempty"`
}

// StepDescription is one instruction. Next and what Ways lead to are paths of
// steps, or empty where the run ends.
type StepDescription struct {
	Path   string           `json:"path"`
	ID     string           `json:"id,omitempty"` // only one that was given
	Does   string           `json:"does"`
	Line   int              `json:"line"`
	Fields []DescribedField `json:"fields,omitempty"`
	Ways   []StepWay        `json:"ways,omitempty"`
	Next   string           `json:"next"`
}

// StepWay is a way from a step into one of its blocks.
type StepWay struct {
	Name string `json:"name"`
	To   string `json:"to"`
}

// described collects fields; what is empty is left out.
type described []DescribedField

func (d *described) add(name string, values ...string) {
	if len(values) > 0 && (len(values) > 1 || values[0] != "") {
		*d = append(*d, DescribedField{Name: name, Values: values})
	}
}

// Describe says how the rule was understood.
func (r *Rule) Describe() Description {
	var d described
	d.add("name", r.Name)
	d.add("owner", r.Owner)
	d.add("enabled", strconv.FormatBool(r.Enabled))
	d.add("mode", string(r.Mode))
	d.add("priority", strconv.Itoa(r.Priority))
	d.add("stop", strconv.FormatBool(r.Stop))
	d.add("on", describedTriggers(r.On)...)
	d.scope("scope", r.scope)
	d.conditions(r, inWhere, "scope.where")
	d.conditions(r, exceptWhere, "scope.exclude.where")
	d.match(r.match)
	d.conditions(r, inWhen, "when")
	d.conditions(r, inUnless, "unless")
	if r.active != nil {
		d.add("active", r.active.written)
	}
	d.add("max_age", diag.Short(r.MaxAge))
	d.gates(r)
	d.guards(r)
	if r.Rollout != nil {
		d.add("rollout", r.Rollout.String())
	}
	return Description{ID: r.ID, File: r.File, Line: r.Line, Fields: d, Steps: r.describedSteps()}
}

func describedTriggers(on []Trigger) []string {
	var out []string
	for _, t := range on {
		text := t.Name
		if t.Schedule != nil {
			text += fmt.Sprintf(" %s, missed: %s", t.Schedule, t.Schedule.Missed)
		}
		out = append(out, text)
	}
	return out
}

func (d *described) scope(name string, s *scope) {
	if s == nil {
		return
	}
	d.add(name+".accounts", writtenPatterns(s.accounts)...)
	d.add(name+".robots", writtenPatterns(s.robots)...)
	d.add(name+".chat_type", string(s.kind))
	d.add(name+".chats", writtenPatterns(s.chats)...)
	d.add(name+".members", writtenPatterns(s.members)...)
	d.add(name+".owners", writtenPatterns(s.owners)...)
	if s.size != nil {
		d.add(name+".size", s.size.String())
	}
	d.add(name+".labels", labelNames(s.labels))
	d.scope(name+".exclude", s.exclude)
}

func writtenPatterns(patterns []pattern) []string {
	var out []string
	for _, p := range patterns {
		out = append(out, strings.ReplaceAll(p.text, noSlash, "/"))
	}
	return out
}

// match shows each word as texts are searched for it.
func (d *described) match(m *matcher) {
	if m == nil {
		return
	}
	d.add("match.any", foldedWords(m.any)...)
	d.add("match.all", foldedWords(m.all)...)
	d.add("match.none", foldedWords(m.none)...)
	d.add("match.exact", foldedWords(m.exact)...)
	d.add("match.prefix", foldedWords(m.prefix)...)
	d.add("match.suffix", foldedWords(m.suffix)...)
	d.add("match.regex", m.pattern)
	if m.list != nil {
		d.add("match.list", fmt.Sprintf("%s (%d)", m.list.name, len(m.list.words)))
	}
	d.add("match.fields", fieldNames(m.fields)...)
	d.add("match.fold", foldNames(m.folds)...)
}

func foldedWords(words []word) []string {
	var out []string
	for _, w := range words {
		for _, f := range w.folded {
			if !slices.Contains(out, f) {
				out = append(out, f)
			}
		}
	}
	return out
}

func fieldNames(fields []event.TextField) []string {
	var out []string
	for _, f := range fields {
		out = append(out, string(f))
	}
	return out
}

// foldNames are the folds by name; none is [].
func foldNames(set foldSet) []string {
	var out []string
	for _, name := range []string{"width", "case", "zero", "space", "variant", "pinyin"} {
		if set&foldWords[name] != 0 {
			out = append(out, name)
		}
	}
	if out == nil {
		return []string{"[]"}
	}
	return out
}

func (d *described) conditions(r *Rule, sort checkSort, name string) {
	for _, c := range r.checks {
		if c.sort != sort {
			continue
		}
		full := name
		if c.name != "" {
			full += "." + c.name
		}
		d.add(full, c.cond.Explicit())
	}
}

func (d *described) gates(r *Rule) {
	if t := r.Threshold; t != nil {
		text := fmt.Sprintf("count: %d, within: %s, per: [%s]", t.Count, diag.Short(t.Within), strings.Join(t.Per, ", "))
		if t.Distinct != "" {
			text += ", distinct: " + t.Distinct
		}
		d.add("threshold", text)
	}
	if o := r.Once; o != nil {
		text := "per: [" + strings.Join(o.Per, ", ") + "]"
		if o.Within > 0 {
			text += ", within: " + diag.Short(o.Within)
		}
		d.add("once", text)
	}
	if c := r.Cooldown; c != nil {
		d.add("cooldown", fmt.Sprintf("for: %s, per: [%s]", diag.Short(c.For), strings.Join(c.Per, ", ")))
	} else {
		d.add("cooldown", "off")
	}
	if g := r.LoopGuard; g != nil {
		d.add("loop_guard", fmt.Sprintf("count: %d, within: %s", g.Count, diag.Short(g.Within)))
	} else {
		d.add("loop_guard", "off")
	}
	if l := r.Limit; l != nil {
		over := "drop"
		if l.Queue {
			over = "queue"
		}
		d.add("limit", fmt.Sprintf("count: %d, within: %s, per: [%s], over: %s", l.Count, diag.Short(l.Within), strings.Join(l.Per, ", "), over))
	}
	if c := r.Coalesce; c != nil {
		d.add("coalesce", fmt.Sprintf("for: %s, max: %d, per: [%s]", diag.Short(c.For), c.Max, strings.Join(c.Per, ", ")))
	}
}

func (d *described) guards(r *Rule) {
	switch {
	case r.Takeover != nil && *r.Takeover == 0:
		d.add("takeover", "off")
	case r.Takeover != nil:
		d.add("takeover", diag.Short(*r.Takeover))
	}
	d.add("responder", string(r.Responder))
	if m := r.Run; m != nil {
		text := fmt.Sprintf("mode: %s, per: [%s]", m.Mode, strings.Join(m.Per, ", "))
		if m.Max > 0 {
			text += fmt.Sprintf(", max: %d", m.Max)
		}
		d.add("run", text)
	}
	var include []string
	if r.include.self {
		include = append(include, "self")
	}
	if r.include.robots {
		include = append(include, "robots")
	}
	d.add("include", include...)
}

func (r *Rule) describedSteps() []StepDescription {
	path := func(at int) string {
		if at < 0 || at >= len(r.Steps) {
			return ""
		}
		return r.Steps[at].Path
	}
	out := make([]StepDescription, 0, len(r.Steps))
	for i := range r.Steps {
		s := &r.Steps[i]
		one := StepDescription{Path: s.Path, Does: s.Does(), Line: s.Line, Fields: s.describedFields(), Next: path(s.Next)}
		if s.ID != s.Path {
			one.ID = s.ID
		}
		for slot, to := range s.Targets {
			one.Ways = append(one.Ways, StepWay{Name: s.wayName(slot), To: path(to)})
		}
		if s.OnError == Rescued {
			one.Ways = append(one.Ways, StepWay{Name: "on_error", To: path(s.Rescue)})
		}
		out = append(out, one)
	}
	return out
}

// wayName is what the block is called that the target begins.
func (s *Step) wayName(slot int) string {
	switch {
	case s.Op == OpIf && slot == 0:
		return "then"
	case s.Op == OpIf:
		return "else"
	case s.Op == OpChoose && slot < len(s.Choice.Options):
		o := s.Choice.Options[slot]
		return fmt.Sprintf("%s (%d)", o.Name, o.Weight)
	case s.Op == OpWait:
		return "on_timeout"
	}
	return "do"
}

func (s *Step) describedFields() []DescribedField {
	var d described
	for _, p := range actions.Understand(s.Action) {
		d = append(d, DescribedField{Name: p.Name, Values: p.Values, Kind: string(p.Kind), Default: p.Default})
	}
	if s.When != nil {
		d.add("when", s.When.Explicit())
	}
	if s.Cond != nil {
		d.add("condition", s.Cond.Explicit())
	}
	if s.Choice != nil {
		d.add("sticky", s.Choice.Sticky)
	}
	if t := s.Repeat; t != nil {
		if t.Times > 0 {
			d.add("times", strconv.Itoa(t.Times))
		}
		if t.Each != nil {
			d.add("each", t.Each.Source())
		}
		d.add("as", t.As)
		d.add("max", strconv.Itoa(t.Max))
	}
	if w := s.Wait; w != nil {
		d.wait(w)
	}
	d.add("reason", s.Reason)
	if s.Timeout > 0 {
		d.add("timeout", diag.Short(s.Timeout))
	}
	if s.Retry != nil {
		d.add("retry", fmt.Sprintf("times: %d, every: %s", s.Retry.Times, diag.Short(s.Retry.Every)))
	}
	if s.Verify != nil {
		d.add("verify", fmt.Sprintf("within: %s, every: %s", diag.Short(s.Verify.Within), diag.Short(s.Verify.Every)))
	}
	d.add("on_error", string(s.OnError))
	return d
}

func (d *described) wait(w *WaitFor) {
	d.add("from", w.From)
	if w.Who != nil {
		d.add("from", w.Who.Text())
	}
	if w.When != nil {
		d.add("until", w.When.Explicit())
	}
	d.add("within", diag.Short(w.Timeout))
	d.add("on_timeout", string(w.OnTimeout))
	d.add("consume", strconv.FormatBool(w.Consume))
}
