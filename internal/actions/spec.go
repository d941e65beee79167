package actions

import (
	"cmp"
	"fmt"
	"slices"

	"go.yaml.in/yaml/v3"

	"botengine/internal/command"
	"botengine/internal/diag"
	"botengine/internal/event"
)

// spec is the whole of one action; P is the struct of its parameters, whose tags
// are the only description of the fields: decoding, docs and schema read them.
type spec[P any] struct {
	Name    string
	Summary diag.Text
	Note    diag.Text // what a user should know beyond the summary
	Example string
	Main    string             // the parameter of the short form
	Sends   Platform           // zero: a local step
	Also    []Platform         // other commands that it may make instead
	Needs   []Need             // what every use needs
	Wants   func(p *P) []Need  // what this use needs besides
	Check   func(p *P) []fault // what the types cannot say
	Plan    func(env Env, p *P) (Effect, error)
	Verify  func(env Env, p *P, n int) (*Question, error) // how to ask whether it is so; nil: nobody can tell
	Looks   func(p *P) *Look                              // what its result is known by later; nil: nothing
	Refers  func(p *P) []Reference                        // what it uses of the configuration; nil: nothing
}

// fault is one parameter whose value the action does not take.
type fault struct {
	Param         string
	Message, Hint diag.Text
	Advice        bool // it may be done, but is hardly wise
}

// define makes an Action of its spec.
func define[P any](s spec[P]) Action { return &action[P]{spec: s, shape: shapeOf[P](s.Main)} }

type action[P any] struct {
	spec  spec[P]
	shape shape
}

func (a *action[P]) Name() string       { return a.spec.Name }
func (a *action[P]) Summary() diag.Text { return a.spec.Summary }
func (a *action[P]) Note() diag.Text    { return a.spec.Note }
func (a *action[P]) Example() string    { return a.spec.Example }
func (a *action[P]) Main() string       { return a.spec.Main }
func (a *action[P]) Needs() []Need      { return slices.Clone(a.spec.Needs) }
func (a *action[P]) Params() []Param    { return slices.Clone(a.shape.params) }
func (a *action[P]) Sends() []Platform  { return a.spec.platforms() }

// Bind reads the parameters, checks them, and checks what they need of the event.
func (a *action[P]) Bind(n *yaml.Node, kinds []event.Kind, b *Binder) Bound {
	before := b.errors()
	b.example = a.Example()
	p := new(P)
	nodes := b.decode(a.Name(), a.shape, n, p)
	if b.errors() > before {
		return nil // no cascade: what could not be read is not checked
	}
	a.check(p, n, nodes, b)
	b.checkNeeds(a.Name(), a.needsOf(p), kinds, b.place(n))
	if b.errors() > before {
		return nil
	}
	return &bound[P]{spec: &a.spec, params: p}
}

func (a *action[P]) check(p *P, n *yaml.Node, nodes map[string]*yaml.Node, b *Binder) {
	if a.spec.Check != nil {
		b.faults(a.spec.Check(p), n, nodes)
	}
}

// faults adds each fault at the node of its parameter, else at the whole.
func (b *Binder) faults(list []fault, whole *yaml.Node, nodes map[string]*yaml.Node) {
	for _, f := range list {
		at := whole
		if node, ok := nodes[f.Param]; ok {
			at = node
		}
		if f.Advice {
			b.warn(at, "BE304", f.Message, f.Hint)
		} else {
			b.fail(at, "BE304", f.Message, f.Hint)
		}
	}
}

// platforms are the commands that the action may make.
func (s *spec[P]) platforms() []Platform {
	if s.Sends.Type == "" {
		return nil
	}
	return append([]Platform{s.Sends}, s.Also...)
}

// stamp says of a command what the catalogue says of its type; the first type is
// that of an action which names none, and the class that of one which has none.
func (s *spec[P]) stamp(c *command.Command) {
	as := s.Sends
	for _, p := range s.Also {
		if p.Type == c.Type {
			as = p
		}
	}
	c.Type = cmp.Or(c.Type, as.Type)
	c.Lane = cmp.Or(c.Lane, as.Lane)
	c.Class = cmp.Or(c.Class, as.Class)
}

func (a *action[P]) needsOf(p *P) []Need {
	needs := slices.Clone(a.spec.Needs)
	if a.spec.Wants != nil {
		needs = append(needs, a.spec.Wants(p)...)
	}
	return unique(needs)
}

type bound[P any] struct {
	spec   *spec[P]
	params *P
}

func (b *bound[P]) Name() string { return b.spec.Name }

// Refers implements Referrer.
func (b *bound[P]) Refers() []Reference {
	if b.spec.Refers == nil {
		return nil
	}
	return b.spec.Refers(b.params)
}

// Looks implements Bound.
func (b *bound[P]) Looks() *Look {
	if b.spec.Looks == nil {
		return nil
	}
	return b.spec.Looks(b.params)
}

// Plan stamps what the catalogue says about the command on what the action made.
func (b *bound[P]) Plan(env Env) (Effect, error) {
	effect, err := b.spec.Plan(env, b.params)
	if err != nil {
		return Effect{}, fmt.Errorf("plan %s: %w", b.spec.Name, err)
	}
	if effect.Command != nil {
		b.spec.stamp(effect.Command)
	}
	return effect, nil
}
