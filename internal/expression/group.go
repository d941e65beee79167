package expression

import (
	"reflect"

	"github.com/expr-lang/expr"
	"github.com/expr-lang/expr/ast"

	"botengine/internal/event"
)

// Labels are the labels that a rule file gives to groups.
type Labels interface {
	// Of returns the labels of the chat. They are only read.
	Of(chat *event.Chat) []string
}

// noLabels are those of a file that has none.
type noLabels struct{}

func (noLabels) Of(chat *event.Chat) []string { return chat.Labels }

// labelsRef hides the labels from expr, which looks into constants.
type labelsRef struct{ labels Labels }

// groupField is a field of chat that the event does not bring: it is known only
// when the platform's list of groups was read.
type groupField struct {
	function string
	typ      reflect.Type
}

// groupFields are those fields.
var groupFields = map[string]groupField{
	"owner":      {"__chat_owner", reflect.TypeFor[string]()},
	"owner_name": {"__chat_owner_name", reflect.TypeFor[string]()},
	"size":       {"__chat_size", reflect.TypeFor[int]()},
	"labels":     {"__chat_labels", reflect.TypeFor[[]string]()},
}

func groupFunctions() []expr.Option {
	return []expr.Option{
		expr.Function("__chat_owner", ofGroup(func(c *event.Chat, r *run) any { return c.Owner }), new(func(*run) string)),
		expr.Function("__chat_owner_name", ofGroup(func(c *event.Chat, r *run) any {
			if r.clean {
				return cleanName(c.OwnerName)
			}
			return c.OwnerName
		}), new(func(*run) string)),
		expr.Function("__chat_size", ofGroup(func(c *event.Chat, r *run) any { return c.Size }), new(func(*run) int)),
		expr.Function("__chat_labels", chatLabels, new(func(*run, *labelsRef) []string)),
	}
}

// ofGroup reads a field of a group. One that is not known yet has no value: any
// that stood for it could fulfil a condition.
func ofGroup(field func(*event.Chat, *run) any) func(...any) (any, error) {
	return func(p ...any) (any, error) {
		r := p[0].(*run)
		if r.scope.Event == nil {
			return field(&event.Chat{}, r), nil
		}
		c := &r.scope.Event.Chat
		if c.Group && !c.Known {
			return nil, because("群信息还没有取到", "the group is not known yet")
		}
		return field(c, r), nil
	}
}

func chatLabels(p ...any) (any, error) {
	r := p[0].(*run)
	if r.scope.Event == nil {
		return []string{}, nil
	}
	labels := p[1].(*labelsRef).labels.Of(&r.scope.Event.Chat)
	if labels == nil {
		labels = []string{}
	}
	return labels, r.burn(1 + len(labels))
}

// groupMember resolves chat.NAME of what belongs to the group; nil for anything
// else.
func (r *resolver) groupMember(n *ast.MemberNode) ast.Node {
	base, ok := n.Node.(*ast.IdentifierNode)
	name, constant := n.Property.(*ast.StringNode)
	if !ok || !constant || base.Value != "chat" {
		return nil
	}
	field, known := groupFields[name.Value]
	if !known {
		return nil
	}
	r.node(base)
	if name.Value != "labels" {
		return r.make(n, field.function)
	}
	labels := r.o.Labels
	if labels == nil {
		labels = noLabels{}
	}
	return r.make(n, field.function, &ast.ConstantNode{Value: &labelsRef{labels}})
}

// groupType is what the function gives.
func groupType(function string) (reflect.Type, bool) {
	for _, f := range groupFields {
		if f.function == function {
			return f.typ, true
		}
	}
	return nil, false
}
