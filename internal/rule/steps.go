package rule

import (
	"maps"
	"regexp"
	"slices"

	"go.yaml.in/yaml/v3"

	"botengine/internal/actions"
	"botengine/internal/diag"
	"botengine/internal/expression"
)

// commonKeys stand beside the action of every step.
var commonKeys = []string{"id", "when", "timeout", "retry", "verify", "on_error"}

// errorWords are what a failure may lead to, beside steps of its own.
var errorWords = []string{string(Stop), string(Continue)}

// stepID is a name that `steps.NAME` can have. It is no number, which an unnamed
// step has.
var stepID = regexp.MustCompile(`^[a-z_][a-z0-9_]*$`)

// withFound adds what the step looks up to what the steps before it did.
func withFound(found map[string]expression.Shape, s Step, n *yaml.Node) map[string]expression.Shape {
	look := lookOf(s.Action, n)
	if look == nil {
		return found
	}
	found = maps.Clone(found)
	if found == nil {
		found = map[string]expression.Shape{}
	}
	found[look.As] = look.Shape
	return found
}

// lookOf says what the step looks up. One with mistakes has its name all the same,
// so that the steps that use it do not get findings for it.
func lookOf(action actions.Bound, n *yaml.Node) *actions.Look {
	if action != nil {
		return action.Looks()
	}
	for _, name := range []string{"lookup", "call"} {
		as := valueOf(valueOf(n, name), "as")
		if as != nil && as.Kind == yaml.ScalarNode && identifier.MatchString(as.Value) {
			return &actions.Look{As: as.Value, Shape: expression.ShapeBroken}
		}
	}
	return nil
}

// uniqueStep checks that no step before this one has its id.
func (b *builder) uniqueStep(id string, n *yaml.Node, ids map[string]*yaml.Node) {
	at := childOf(n, "id")
	if first, twice := ids[id]; twice {
		f := diag.At(b.doc.path, b.doc.at(at)).Error("BE105", diag.T("步骤编号 `%s` 重复", "step id `%s` is there twice", id)).
			WithRelated(b.doc.path, b.doc.at(first), diag.T("第一次在这里", "the first one is here"))
		b.findings = append(b.findings, f)
		return
	}
	ids[id] = at
}

// childOf returns the value of a key, or the node itself.
func childOf(n *yaml.Node, name string) *yaml.Node {
	for i := 0; i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value == name {
			return n.Content[i+1]
		}
	}
	return n
}

// isAction says whether an action has that name.
func isAction(name string) bool {
	_, ok := actions.ByName(name)
	return ok
}

// unknownAction is the finding on a key that is neither action nor common.
func (b *builder) unknownAction(key *yaml.Node) {
	name := key.Value
	b.fail(key, "BE301", diag.T("没有叫 `%s` 的动作", "there is no action `%s`", name),
		diag.Suggestion(name, slices.Concat(actions.Names(), controlWords, companionWords(), commonKeys)))
}

// bareAction reads a step that is only the name of an action.
func (b *builder) bareAction(n *yaml.Node, r *Rule, opts *expression.Options) actions.Bound {
	switch {
	case isAction(n.Value):
		return b.bind(field{n, &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!null", Line: n.Line, Column: n.Column}}, r, opts)
	case identifier.MatchString(n.Value):
		b.unknownAction(n)
	default:
		b.notAMapping(n, stepForm)
	}
	return nil
}

// bind gives an action its parameters.
func (b *builder) bind(p field, r *Rule, opts *expression.Options) actions.Bound {
	action, _ := actions.ByName(p.key.Value)
	binder := actions.NewBinder(b.doc.path, opts, b.locate)
	if r.scope != nil && r.scope.kind == privateChat {
		binder.PrivateOnly()
	}
	value := p.value
	if isNull(value) {
		value = &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!null", Line: p.key.Line, Column: p.key.Column}
	}
	bound := action.Bind(value, opts.Kinds, binder)
	b.findings = append(b.findings, binder.Findings()...)
	return bound
}

// common reads a key that every step may have.
func (b *builder) common(s *Step, p field, opts *expression.Options) {
	if isNull(p.value) {
		b.empty(p.key)
		return
	}
	switch p.key.Value {
	case "id":
		if id, ok := b.text(p.value); ok {
			b.stepID(s, p.value, id)
		}
	case "when":
		s.When = b.condition(p.value, opts)
	case "timeout":
		s.Timeout = b.duration(p.value)
	case "verify":
		s.Verify = b.verify(p.value)
	case "retry":
		s.Retry = b.retry(p.value)
	case "on_error":
		if p.value.Kind == yaml.SequenceNode {
			s.OnError = Rescued // its steps are compiled behind the step
			return
		}
		s.OnError = b.onError(p.value)
	}
}

var stepIDHint = diag.T("用小写字母、数字和下划线，以字母开头，例如 `greet`", "lower-case letters, digits and underscores, beginning with a letter, such as `greet`")

func (b *builder) stepID(s *Step, n *yaml.Node, id string) {
	if !stepID.MatchString(id) {
		b.fail(n, "BE106", diag.T("步骤编号 `%s` 写法不对", "bad step id `%s`", id),
			stepIDHint)
		return
	}
	s.ID = id
}

// onError reads what a failed step leads to.
func (b *builder) onError(n *yaml.Node) OnError {
	word, ok := b.choice(n, names{known: errorWords})
	if !ok {
		return Stop
	}
	return OnError(word)
}
