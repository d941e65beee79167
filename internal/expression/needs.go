package expression

import (
	"maps"
	"slices"

	"github.com/expr-lang/expr/ast"
)

// Needs is what must be true of an event for a condition to hold: one atom of
// every set. It may say less than the condition, never more, so an event that
// lacks a need surely does not fulfil the condition. No sets: nothing is known.
type Needs []AnyOf

// AnyOf are atoms of which one is true. None at all: the condition never holds.
type AnyOf []Atom

// Atom is one thing that is true of an event or is not.
type Atom struct {
	Place Place
	Value string
}

// Place says where the value of an atom is found.
type Place uint8

// The places. Where one has several names, the value is one of them.
const (
	InText      Place = iota // somewhere in the text
	InFolded                 // somewhere in the text with every fold
	TheText                  // the text is it
	TheFolded                // the folded text is it
	TheChat                  // the chat's id, peer or name
	TheRobot                 // the robot's key, id or name
	TheSender                // the sender's id or name
	TheChatType              // group, private or nothing, as chat.type has it
)

// What is worked out at most.
const (
	maxSets  = 12  // of one condition
	maxAtoms = 512 // of one set
)

// Needs says what the condition needs of an event.
func (c *Condition) Needs() Needs { return c.needs }

// never is what a condition needs that cannot hold.
var never = Needs{AnyOf{}}

// scene is what a name of the tree stands for at some place in it: what `let` or
// a loop around it says.
type scene struct {
	name  string // "" for the entry of a loop
	value ast.Node
	outer *scene
}

// find returns what the name stands for, and where.
func (s *scene) find(name string) (ast.Node, *scene) {
	for ; s != nil; s = s.outer {
		if s.name == name {
			return s.value, s.outer
		}
	}
	return nil, nil
}

// needs works on a tree whose names are resolved. It says what must be so for n to
// give want.
func needs(n ast.Node, in *scene, want bool) Needs {
	switch n := n.(type) {
	case *ast.BoolNode:
		if n.Value != want {
			return never
		}
	case *ast.NilNode:
		return never
	case *ast.ChainNode:
		return needs(n.Node, in, want)
	case *ast.UnaryNode:
		if n.Operator == "not" || n.Operator == "!" {
			return needs(n.Node, in, !want)
		}
	case *ast.ConditionalNode:
		return either(
			both(needs(n.Cond, in, true), needs(n.Exp1, in, want)),
			both(needs(n.Cond, in, false), needs(n.Exp2, in, want)))
	case *ast.VariableDeclaratorNode:
		return needs(n.Expr, &scene{name: n.Name, value: n.Value, outer: in}, want)
	case *ast.IdentifierNode:
		if value, at := in.find(n.Value); value != nil {
			return needs(value, at, want)
		}
	case *ast.BinaryNode:
		return operatorNeeds(n, in, want)
	case *ast.CallNode:
		if want {
			return callNeeds(n, in)
		}
	case *ast.BuiltinNode:
		if want {
			return builtinNeeds(n, in)
		}
	}
	return nil
}

// both is what is needed for two things to be so.
func both(a, b Needs) Needs {
	out := slices.Concat(a, b)
	return out[:min(len(out), maxSets):min(len(out), maxSets)]
}

// either is what is needed for one of two things to be so.
func either(a, b Needs) Needs {
	var out Needs
	for _, x := range a {
		for _, y := range b {
			if len(out) < maxSets && len(x)+len(y) <= maxAtoms {
				out = append(out, slices.Concat(x, y))
			}
		}
	}
	return out
}

func operatorNeeds(n *ast.BinaryNode, in *scene, want bool) Needs {
	switch n.Operator {
	case "and", "&&", "or", "||":
		l, r := needs(n.Left, in, want), needs(n.Right, in, want)
		if want == (n.Operator == "and" || n.Operator == "&&") {
			return both(l, r)
		}
		return either(l, r)
	case "==", "!=":
		if want != (n.Operator == "==") {
			return nil
		}
		if s, ok := textOf(n.Right, in); ok {
			return equal(n.Left, in, s)
		}
		if s, ok := textOf(n.Left, in); ok {
			return equal(n.Right, in, s)
		}
	case "contains", "startsWith", "endsWith":
		if s, ok := textOf(n.Right, in); ok && want {
			return holds(n.Left, in, s)
		}
	}
	return nil
}

// callNeeds are those of one of the hidden functions.
func callNeeds(n *ast.CallNode, in *scene) Needs {
	callee, ok := n.Callee.(*ast.IdentifierNode)
	if !ok || len(n.Arguments) != 3 {
		return nil
	}
	constant, ok := n.Arguments[2].(*ast.ConstantNode)
	if !ok {
		return nil
	}
	switch v := constant.Value.(type) {
	case *pattern:
		if callee.Value == "__matches" {
			return holds(n.Arguments[1], in, v.literals...)
		}
	case *wordSet:
		switch callee.Value {
		case "__in":
			if len(v.exact) <= maxAtoms {
				return equal(n.Arguments[1], in, slices.Sorted(maps.Keys(v.exact))...)
			}
		case "__contains_any":
			return folded(n.Arguments[1], in, v.words())
		}
	}
	return nil
}

// words are those that s finds, or the first of too many to be atoms.
func (s *wordSet) words() []string {
	var out []string
	for _, r := range slices.Sorted(maps.Keys(s.folded)) {
		if out = append(out, s.folded[r]...); len(out) > maxAtoms {
			break
		}
	}
	return out
}

// folded is what is needed for a word to be in the folded text.
func folded(n ast.Node, in *scene, words []string) Needs {
	if s, ok := subjectOf(n, in); !ok || s.place != TheText || s.part {
		return nil
	}
	return atoms(InFolded, words)
}

// builtinNeeds are those of one of expr's own functions.
func builtinNeeds(n *ast.BuiltinNode, in *scene) Needs {
	if len(n.Arguments) != 2 {
		return nil
	}
	switch n.Name {
	case "hasPrefix", "hasSuffix":
		if s, ok := textOf(n.Arguments[1], in); ok {
			return holds(n.Arguments[0], in, s)
		}
	case "any", "all":
		return loopNeeds(n, in)
	}
	return nil
}

// loopNeeds are those of any(list, …) and all(list, …) over texts that are known.
func loopNeeds(n *ast.BuiltinNode, in *scene) Needs {
	body, ok := n.Arguments[1].(*ast.PredicateNode)
	words, known := constantTexts(n.Arguments[0])
	if !ok || !known || len(words) == 0 || len(words) > maxAtoms {
		return nil
	}
	turn := func(word string) Needs {
		return needs(body.Node, &scene{value: &ast.StringNode{Value: word}, outer: in}, true)
	}
	out := turn(words[0])
	for _, w := range words[1:] {
		if n.Name == "all" {
			out = both(out, turn(w))
		} else {
			out = either(out, turn(w))
		}
	}
	return out
}

// textOf is the text that n is, if it is known.
func textOf(n ast.Node, in *scene) (string, bool) {
	switch n := n.(type) {
	case *ast.StringNode:
		return n.Value, true
	case *ast.IdentifierNode:
		if value, at := in.find(n.Value); value != nil {
			return textOf(value, at)
		}
	case *ast.PointerNode:
		if value, at := in.find(""); value != nil && n.Name == "" {
			return textOf(value, at)
		}
	}
	return "", false
}

// subject is what of the event an expression gives.
type subject struct {
	place Place // TheText, TheFolded, TheChat …
	part  bool  // only a piece of it
}

// fieldPlaces says what the fields are.
var fieldPlaces = map[string]Place{
	"chat.id": TheChat, "chat.peer": TheChat, "chat.name": TheChat, "chat.type": TheChatType,
	"robot.key": TheRobot, "robot.id": TheRobot, "robot.name": TheRobot,
	"sender.id": TheSender, "sender.name": TheSender,
}

func subjectOf(n ast.Node, in *scene) (subject, bool) {
	switch n := n.(type) {
	case *ast.ChainNode:
		return subjectOf(n.Node, in)
	case *ast.IdentifierNode:
		if value, at := in.find(n.Value); value != nil {
			return subjectOf(value, at)
		}
		return subject{place: TheText}, n.Value == "text"
	case *ast.MemberNode:
		base, ok := n.Node.(*ast.IdentifierNode)
		field, constant := n.Property.(*ast.StringNode)
		if !ok || !constant {
			return subject{}, false
		}
		if value, _ := in.find(base.Value); value != nil {
			return subject{}, false
		}
		place, known := fieldPlaces[base.Value+"."+field.Value]
		return subject{place: place}, known
	case *ast.BuiltinNode:
		if n.Name == "trim" || n.Name == "trimPrefix" || n.Name == "trimSuffix" {
			return pieceOf(n.Arguments[0], in)
		}
	case *ast.CallNode:
		return callSubject(n, in)
	}
	return subject{}, false
}

func callSubject(n *ast.CallNode, in *scene) (subject, bool) {
	callee, ok := n.Callee.(*ast.IdentifierNode)
	if !ok || len(n.Arguments) < 2 {
		return subject{}, false
	}
	switch callee.Value {
	case "__substr":
		return pieceOf(n.Arguments[1], in)
	case "__fold":
		s, ok := subjectOf(n.Arguments[1], in)
		return subject{place: TheFolded}, ok && s == subject{place: TheText}
	}
	return subject{}, false
}

// pieceOf is a piece of what n gives.
func pieceOf(n ast.Node, in *scene) (subject, bool) {
	s, ok := subjectOf(n, in)
	s.part = true
	return s, ok
}

// equal is what is needed for n to be one of the values.
func equal(n ast.Node, in *scene, values ...string) Needs {
	s, ok := subjectOf(n, in)
	switch {
	case !ok:
		return nil
	case s.part:
		return holds(n, in, values...)
	}
	return atoms(s.place, values)
}

// holds is what is needed for one of the values to be in what n gives. A value
// that is nothing is in everything.
func holds(n ast.Node, in *scene, values ...string) Needs {
	s, ok := subjectOf(n, in)
	if !ok || len(values) == 0 {
		return nil
	}
	switch s.place {
	case TheText:
		return atoms(InText, values)
	case TheFolded:
		return atoms(InFolded, values)
	default:
		return nil
	}
}

// atoms makes one set. An empty value says nothing: what is not there is empty too.
func atoms(place Place, values []string) Needs {
	if len(values) > maxAtoms || slices.Contains(values, "") {
		return nil
	}
	set := make(AnyOf, 0, len(values))
	for _, v := range values {
		set = append(set, Atom{Place: place, Value: v})
	}
	return Needs{set}
}
