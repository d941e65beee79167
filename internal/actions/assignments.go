package actions

import (
	"errors"
	"fmt"
	"math"
	"regexp"
	"slices"
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

// Scopes lists the scopes of facts.
func Scopes() []string {
	return []string{ScopeUser, ScopeChat, ScopeMember, ScopeRobot, ScopeGlobal}
}

// taken are the names that the event itself has under a scope: a fact of that
// name could never be read.
var taken = map[string][]string{
	ScopeChat:  {"id", "name", "type", "peer"},
	ScopeRobot: {"key", "id", "name", "status"},
}

var factName = regexp.MustCompile(`^[\p{L}_][\p{L}\p{N}_]*$`)

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
	scope, name, _ := strings.Cut(key.Value, ".")
	if !checkFactName(scope, name, key, b) {
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

func checkFactName(scope, name string, key *yaml.Node, b *Binder) bool {
	if !slices.Contains(Scopes(), scope) {
		b.fail(key, "BE107", diag.T("没有 `%s` 这种范围", "there is no scope `%s`", scope), diag.Suggestion(scope, Scopes()))
		return false
	}
	if !factName.MatchString(name) {
		b.fail(key, "BE304", diag.T("`%s` 不能作名称", "`%s` can't be a name", name),
			diag.T("名称由文字、数字和下划线组成，不以数字开头", "a name has letters, digits and underscores and does not begin with a digit"))
		return false
	}
	if slices.Contains(taken[scope], name) {
		b.fail(key, "BE304", diag.T("`%s` 是事件自带的，不能设置", "`%s` belongs to the event and can't be set", key.Value),
			diag.T("换一个名称", "take another name"))
		return false
	}
	return true
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
