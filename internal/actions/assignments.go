package actions

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"botengine/internal/diag"
	"botengine/internal/expression"
)

// The scopes of facts: whose they are.
const (
	ScopeUser   = "user"   // a person, wherever met
	ScopeChat   = "chat"   // a conversation
	ScopeMember = "member" // a person in one conversation
	ScopeRobot  = "robot"
	ScopeGlobal = "global"
)

// Assignments are the facts that one step sets, in the order written.
type Assignments struct{ list []assignment }

type assignment struct {
	scope, name string
	constant    any // when value is nil; nil forgets the fact
	value       *expression.Value
}

func (*Assignments) kind() Kind { return KindFacts }

// read is never called: the keys come one by one, to assign.
func (a *Assignments) read(n *yaml.Node, b *Binder) {
	b.fail(n, "BE104", diag.T("这里要写 `范围.名称: 值`", "`scope.name: value` is wanted here"), diag.Text{})
}

// assign reads one pair of a key `<scope>.<name>` and its value.
func (a *Assignments) assign(key, val *yaml.Node, b *Binder) {
	scope, name, problems := expression.ParseFact(key.Value, b.opts)
	if len(problems) > 0 {
		b.problems(key, problems)
		return
	}
	constant, isConstant := constantOf(val)
	one := assignment{scope: scope, name: name, constant: constant}
	if !isConstant {
		source, ok := b.scalar(val)
		if !ok {
			return
		}
		b.looksLikeNumber(val)
		value, problems := expression.CompileValue(source, b.opts)
		b.problems(val, problems)
		one.value = value
	}
	a.list = append(a.list, one)
}

// constantOf returns the value of a scalar that YAML itself types. A number that
// YAML would change in reading (00123, 2^64) is none: it stays a text.
func constantOf(n *yaml.Node) (any, bool) {
	if n.Kind != yaml.ScalarNode {
		return nil, false
	}
	switch n.ShortTag() {
	case "!!null":
		return nil, true
	case "!!bool":
		return strings.EqualFold(n.Value, "true"), true
	case "!!int":
		i, err := strconv.ParseInt(n.Value, 10, 64)
		return i, err == nil && strconv.FormatInt(i, 10) == n.Value
	case "!!float":
		f, ok := plainFloat(n.Value)
		return f, ok
	}
	return nil, false
}

// compute returns the value of the fact for the event.
func (a assignment) compute(env Env) (any, error) {
	if a.value == nil {
		return a.constant, nil
	}
	v, err := a.value.Eval(env.Scope)
	if err != nil {
		return nil, err
	}
	return factValue(v)
}

// factValue brings a value to one of the types that facts have.
func factValue(v any) (any, error) {
	switch v := v.(type) {
	case nil, string, bool, int64:
		return v, nil
	case int:
		return int64(v), nil
	case float64:
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return nil, errors.New("the value is no finite number")
		}
		return v, nil
	}
	return nil, fmt.Errorf("a fact is a text, a number or yes/no, not %T", v)
}
