package ruletest

import (
	"slices"
	"time"

	"botengine/internal/command"
	"botengine/internal/diag"
	"botengine/internal/engine"
	"botengine/internal/event"
	"botengine/internal/expression"
	"botengine/internal/rule"
)

// Explanation says what becomes of an event: what is matched, the verdict on every
// rule that comes near to firing or was asked for, how many others there are and
// why, and the commands that would leave at once. It is plain data: a running engine
// sends it over its control socket.
type Explanation struct {
	Kind       event.Kind        `json:"kind"`
	Folded     string            `json:"folded,omitempty"` // the text as keywords see it
	Keys       []string          `json:"keys,omitempty"`   // by which it is known again
	Generation string            `json:"generation"`
	Total      int               `json:"total"` // rules of the set
	Rules      []Explained       `json:"rules"`
	Others     []Others          `json:"others,omitempty"`
	Commands   []command.Command `json:"commands,omitempty"`
	Later      []command.Command `json:"later,omitempty"` // that follow, if those before them end well
	After      map[string]int64  `json:"after,omitempty"` // by message id: milliseconds from the event, of those behind a delay
}

// Explained is what becomes of one rule.
type Explained struct {
	Rule       string            `json:"rule"`
	Name       string            `json:"name,omitempty"`
	Outcome    rule.Outcome      `json:"outcome"`
	Detail     diag.Text         `json:"detail,omitzero"`
	Conditions []Condition       `json:"conditions,omitempty"`
	Steps      []ExplainedStep   `json:"steps,omitempty"` // that ended at once
	WaitsIn    string            `json:"waits_in,omitempty"`
	Run        string            `json:"run,omitempty"`
	EndsIn     string            `json:"ends_in,omitempty"` // the step in which it waits for somebody, when all before it went well
	EndsAs     string            `json:"ends_as,omitempty"` // what that step does
	Would      []command.Command `json:"would,omitempty"`   // a rule in shadow mode
}

// Of returns those of the commands that the firing of the rule led to.
func (x *Explained) Of(commands []command.Command) (out []command.Command) {
	for i := range commands {
		if commands[i].Rule == x.Rule && commands[i].Run == x.Run {
			out = append(out, commands[i])
		}
	}
	return out
}

// Condition is one that was asked, part by part.
type Condition struct {
	Where string           `json:"where"` // when, unless, where, exclude; do: of a step
	Name  string           `json:"name,omitempty"`
	Tree  *expression.Tree `json:"tree"`
}

// ExplainedStep is how a step ended.
type ExplainedStep struct {
	ID     string `json:"id,omitempty"`
	Path   string `json:"path"`
	Action string `json:"action"`
	Code   string `json:"code"`
	Msg    string `json:"msg,omitempty"`
}

// Others are rules that have the same reason for not coming near to firing.
type Others struct {
	Outcome rule.Outcome `json:"outcome"`
	Count   int          `json:"count"`
	Some    []string     `json:"some"` // the first few of them
}

// Asking says which rules an explanation goes into besides those that come near.
type Asking struct {
	Rule string `json:"rule,omitempty"` // this one, and no other
	All  bool   `json:"all,omitempty"`
}

// someOthers is how many rules are named of those that have one reason.
const someOthers = 5

// near says whether a rule comes near to firing: it listens to the event, it is
// meant for it, and its words are there.
func near(o rule.Outcome) bool {
	switch o { //nolint:exhaustive // these and no others keep a rule far off
	case rule.Off, rule.OtherTrigger, rule.OwnMessage, rule.OtherRobot, rule.OutOfScope, rule.NoKeyword:
		return false
	}
	return true
}

func (a Asking) wants(id string, o rule.Outcome) bool {
	if a.Rule != "" {
		return id == a.Rule
	}
	return a.All || near(o)
}

// Explain decides the event as if it had happened at now to an engine without
// any facts. Nothing is sent or kept.
func Explain(set *rule.Set, ev event.Event, now time.Time, ask Asking) Explanation {
	w := newWorld(set, now)
	ev.Sender.IsStaff = set.IsStaff(ev.Sender.ID)
	return ExplainInput(w.input(&ev), ask)
}

// ExplainInput decides what the input asks, with every rule of its set. Nothing of it
// happens: the decision is thrown away.
func ExplainInput(in engine.Input, ask Asking) Explanation {
	conditions := map[string][]Condition{}
	ev := in.Event
	in.Watch = &engine.Watch{
		Wants: func(r *rule.Rule, o rule.Outcome) bool {
			return ask.wants(r.ID, o) && (near(o) || o == rule.OutOfScope)
		},
		Tell: func(a engine.Asked) {
			conditions[a.Rule] = append(conditions[a.Rule], Condition{a.Where, a.Name, a.Tree})
		},
	}
	in.Matches = in.Set.Match(ev, in.Now, true)
	d := engine.Decide(in)
	after := later(in, d)
	x := Explanation{
		Kind: ev.Kind, Folded: expression.Folded(ev.Message.Text), Keys: ev.Keys(), Generation: in.Set.Hash, Total: len(in.Set.Rules), Rules: []Explained{},
	}
	for _, v := range d.Verdicts {
		if ask.wants(v.Rule, v.Outcome) {
			one := explained(in.Set, v, conditions[v.Rule])
			after.tell(&one)
			x.Rules = append(x.Rules, one)
			delete(conditions, v.Rule) // what a rule led to is told without them
		} else if ask.Rule == "" {
			x.count(v)
		}
	}
	x.Commands, x.Later, x.After = ask.of(after.written(d.Commands)), ask.of(after.commands), after.after
	return x
}

// of returns the commands of the rules that are of interest.
func (a Asking) of(commands []command.Command) (out []command.Command) {
	for _, c := range commands {
		if a.Rule == "" || c.Rule == a.Rule {
			out = append(out, c)
		}
	}
	return out
}

func explained(set *rule.Set, v engine.Verdict, conditions []Condition) Explained {
	out := Explained{
		Rule: v.Rule, Outcome: v.Outcome, Detail: v.Detail, Conditions: conditions, WaitsIn: v.Step, Run: v.Run, Would: v.Would,
	}
	if r, ok := set.Rule(v.Rule); ok {
		out.Name = r.Name
	}
	for _, s := range v.Steps {
		out.Steps = append(out.Steps, ExplainedStep{s.ID, s.Path, s.Action, s.Code, s.Msg})
	}
	return out
}

// count adds a rule to those that have the same reason.
func (x *Explanation) count(v engine.Verdict) {
	i := slices.IndexFunc(x.Others, func(o Others) bool { return o.Outcome == v.Outcome })
	if i < 0 {
		i = len(x.Others)
		x.Others = append(x.Others, Others{Outcome: v.Outcome})
	}
	o := &x.Others[i]
	if o.Count++; len(o.Some) < someOthers {
		o.Some = append(o.Some, v.Rule)
	}
}
