package ruletest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"

	"botengine/internal/actions"
	"botengine/internal/diag"
	"botengine/internal/engine"
	"botengine/internal/event"
	"botengine/internal/expression"
	"botengine/internal/rule"
)

// factBook knows what `expect.facts` may ask: any expression of the rule language,
// and two things that only tests speak of, cooldown("RULE") and waiting("RULE").
type factBook struct {
	set      *rule.Set
	words    *expression.Options // nil: not needed so far
	spoken   []string            // the facts that rules speak of, as SCOPE.NAME
	compiled map[string]*expression.Value
}

func newFactBook(set *rule.Set) *factBook {
	return &factBook{set: set, compiled: map[string]*expression.Value{}}
}

// ofRule is how a test asks how long a rule keeps silent, and where it waits.
var ofRule = regexp.MustCompile(`^\s*(cooldown|waiting)\(\s*["']?([^"'()]*?)["']?\s*\)\s*$`)

// factName is a fact in the text of a rule or of a question.
var factName = regexp.MustCompile(`\b(?:user|member|chat|robot|global)\.[\p{L}_][\p{L}\p{N}_]*`)

// compile reads a question; problems say what is wrong with it.
func (b *factBook) compile(words string) (*expression.Value, []expression.Problem) {
	if v, known := b.compiled[words]; known {
		return v, nil
	}
	if b.words == nil {
		b.words = b.set.Words()
		b.words.Gather = false
		for _, src := range b.set.Sources {
			b.spoken = append(b.spoken, factName.FindAllString(string(src.Text), -1)...)
		}
		slices.Sort(b.spoken)
		b.spoken = slices.Compact(b.spoken)
	}
	const before = "{{ "
	v, problems := expression.CompileValue(before+words+" }}", b.words)
	for i := range problems {
		problems[i].Offset = max(0, problems[i].Offset-len(before))
	}
	if len(problems) > 0 {
		return nil, problems
	}
	b.compiled[words] = v
	return v, nil
}

// unspoken finds the facts of a question that no rule speaks of.
func (b *factBook) unspoken(words string) (out []expression.Problem) {
	for _, at := range factName.FindAllStringIndex(words, -1) {
		name := words[at[0]:at[1]]
		scope, _, _ := strings.Cut(name, ".")
		if slices.Contains(b.spoken, name) || expression.IsField(scope, name[len(scope)+1:]) {
			continue
		}
		p := expression.Problem{Offset: len([]rune(words[:at[0]])), Length: len([]rune(name)), Code: "BE201"}
		p.Message = diag.T("没有规则用到 `%s`", "no rule speaks of `%s`", name)
		p.Hint = choices(name, b.spoken)
		out = append(out, p)
	}
	return out
}

// ask says what a question gives after a step, as canonical takes it; nil for
// nothing.
func (s *story) ask(words string) (any, error) {
	ev := s.asked()
	in := s.world.input(ev)
	if m := ofRule.FindStringSubmatch(words); m != nil {
		return s.askOf(in, m[1], m[2])
	}
	v, problems := s.facts.compile(words)
	if len(problems) > 0 {
		return nil, fmt.Errorf("%s: %s", words, problems[0].Message.EN)
	}
	out, err := v.Eval(engine.Reading(in, expression.Hit{}))
	if err != nil {
		return nil, nil //nolint:nilerr // what is not there is nothing: so a test can say that it is not
	}
	return out, nil
}

// askOf says how long the rule keeps silent, or in which step it waits.
func (s *story) askOf(in engine.Input, what, id string) (any, error) {
	r, ok := s.world.set.Rule(id)
	if !ok {
		return nil, fmt.Errorf("there is no rule %q", id)
	}
	if what == "waiting" {
		step, _ := s.world.waiting(in.Event)[id]
		if step == "" {
			return nil, nil
		}
		return step, nil
	}
	left := engine.CooldownLeft(in, r, hitOf(s.world.set, in.Event, s.world.now, r))
	return span(left), nil
}

// hitOf is what the rule's match finds in the event: a cooldown may be kept for it.
func hitOf(set *rule.Set, ev *event.Event, now time.Time, r *rule.Rule) expression.Hit {
	for _, m := range set.Match(ev, now, true) {
		if m.Rule == r {
			return m.Hit
		}
	}
	return expression.Hit{}
}

// span writes a length of time as rules do, to the second where it has seconds.
func span(d time.Duration) string {
	if d >= time.Second {
		d = d.Round(time.Second)
	}
	return diag.Short(d)
}

// waiting are the steps that runs wait in which were begun in the event's chat, by
// their rules.
func (w *world) waiting(ev *event.Event) map[string]string {
	out := map[string]string{}
	for _, run := range w.memory.Runs() {
		if r, step, ok := engine.WaitsAt(w.set, ev, run.Data); ok {
			out[r] = step
		}
	}
	return out
}

// asked is the event that facts are asked about: the latest, or the start of the
// engine when nothing has happened so far.
func (s *story) asked() *event.Event {
	if s.last != nil {
		return s.last
	}
	ev := event.OfStart("", s.robot, s.world.now)
	return &ev
}

// noted is the state of the world before a step, as far as the writes of facts do not
// tell it.
type noted struct{ waiting map[string]string }

// before notes how things are before a step that asks what it leads to.
func (s *story) before(asks bool) noted {
	s.world.before = nil
	if !asks {
		return noted{}
	}
	s.world.before = map[string][]byte{}
	return noted{waiting: s.world.waiting(s.asked())}
}

// changed are the facts that the step changed, in words.
func (s *story) changed(was noted) []SeenFact {
	ev := s.asked()
	var words []string
	for key, old := range s.world.before {
		now, _, _ := s.world.memory.Fact(key)
		if bytes.Equal(old, now) {
			continue
		}
		if w, ok := engine.InWords(ev, key); ok {
			words = append(words, w)
		} else if id, ok := engine.CooldownOf(key); ok {
			words = append(words, fmt.Sprintf("cooldown(%q)", id))
		} else if engine.TaggedOf(ev, key) {
			words = append(words, s.tagsIn(old, now)...)
		}
	}
	is := s.world.waiting(ev)
	for id := range both(was.waiting, is) {
		if was.waiting[id] != is[id] {
			words = append(words, fmt.Sprintf("waiting(%q)", id))
		}
	}
	slices.Sort(words)
	var out []SeenFact
	for _, w := range slices.Compact(words) {
		if v, err := s.ask(w); err == nil {
			out = append(out, SeenFact{Words: w, Value: v})
		}
	}
	return out
}

func both(a, b map[string]string) map[string]string {
	out := maps.Clone(b)
	maps.Copy(out, a)
	return out
}

// tagsIn are the questions about the tags in which two values of a person's tags
// differ.
func (s *story) tagsIn(a, b []byte) (words []string) {
	var old, now []string
	_ = json.Unmarshal(a, &old) // nothing there: no tags
	_ = json.Unmarshal(b, &now)
	for _, id := range append(old, now...) {
		if name, known := s.names[id]; known && slices.Contains(old, id) != slices.Contains(now, id) {
			words = append(words, fmt.Sprintf("tagged(%q)", name))
		}
	}
	return words
}

// sameFact says whether a fact is what was expected; spans of time may be written in
// several ways.
func sameFact(want, got any) bool {
	a, b := canonical(want), canonical(got)
	if a == b {
		return true
	}
	x, errX := actions.ParseDuration(fmt.Sprint(want))
	y, errY := actions.ParseDuration(fmt.Sprint(got))
	return errX == nil && errY == nil && x == y && strings.ContainsAny(fmt.Sprint(got), "smhd")
}
