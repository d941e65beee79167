package expression

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/expr-lang/expr/ast"
	"github.com/expr-lang/expr/checker"
	"github.com/expr-lang/expr/compiler"
	"github.com/expr-lang/expr/conf"
	"github.com/expr-lang/expr/file"
	"github.com/expr-lang/expr/parser"
	"github.com/expr-lang/expr/vm"
)

// Figures are what `abort_if` of a rollout sees: how the rule did since its text
// changed.
type Figures struct {
	Share  float64 `expr:"share"`  // of Seen on which it fired, 0 to 1
	Fired  int     `expr:"fired"`  // how often it fired
	Seen   int     `expr:"seen"`   // events that it listens to, in its scope
	Errors int     `expr:"errors"` // steps that failed
}

// figureNames are the names of the figures.
var figureNames = []string{"share", "fired", "seen", "errors"}

// Alarm is a compiled yes/no expression over Figures, safe for concurrent use.
type Alarm struct {
	source string
	code   *vm.Program
}

// maxAlarmNodes bounds an alarm: it is computed whenever a watched rule fires.
const maxAlarmNodes = 100

// CompileAlarm compiles src; the Alarm is nil when there are problems. It may
// compare, compute and combine the figures, and nothing else: so it always ends.
func CompileAlarm(src string) (*Alarm, []Problem) {
	if p, ok := braceInCondition(src); ok {
		return nil, []Problem{p}
	}
	switch {
	case len(src) > maxSource:
		return nil, []Problem{say(file.Location{From: 0, To: 1}, "BE209", "表达式太长（%d 字节，最多 %d）", "the expression is too long (%d bytes, %d at most)", len(src), maxSource)}
	case strings.TrimSpace(src) == "":
		return nil, []Problem{say(whole(src), "BE204", "表达式是空的", "the expression is empty")}
	}
	if problems := scan(src); len(problems) > 0 {
		return nil, problems
	}
	config := conf.New(Figures{})
	config.MaxNodes = maxAlarmNodes
	tree, err := parser.ParseWithConfig(src, config)
	if err != nil && strings.Contains(src, "%") {
		return nil, []Problem{percentProblem(whole(src))}
	} else if err != nil {
		return nil, []Problem{alarmProblem(err, src)}
	}
	looker := &alarmLooker{}
	ast.Walk(&tree.Node, looker)
	if len(looker.problems) > 0 {
		return nil, looker.problems[:min(len(looker.problems), maxProblems)]
	}
	typ, err := checker.Check(tree, config)
	if err != nil {
		return nil, []Problem{alarmProblem(err, src)}
	}
	if k := kindOfType(typ); k != yesNo {
		return nil, []Problem{say(whole(src), "BE203", "`abort_if` 的结果应该是真或假，这里是%[1]s", "`abort_if` has to be a yes or no, this is %[2]s", k.in().ZH, k.in().EN).
			hint("例如 `share > 0.3 or errors >= 3`", "such as `share > 0.3 or errors >= 3`")}
	}
	code, err := compiler.Compile(tree, config)
	if err != nil {
		return nil, []Problem{alarmProblem(err, src)}
	}
	return &Alarm{source: src, code: code}, nil
}

// Source is the text the alarm was compiled from.
func (a *Alarm) Source() string { return a.source }

// Holds says whether the alarm is true of the figures. What cannot be computed,
// such as a division by nothing, is no alarm, and an error.
func (a *Alarm) Holds(f Figures) (bool, error) {
	out, err := vm.Run(a.code, f)
	if err != nil {
		return false, fmt.Errorf("abort_if: %w", err)
	}
	yes, _ := out.(bool)
	return yes, nil
}

// alarmProblem says in our words what the library found.
func alarmProblem(err error, src string) Problem {
	var at *file.Error
	if !errors.As(err, &at) {
		at = &file.Error{Location: whole(src), Message: err.Error()}
	}
	return syntaxProblem(at, src)
}

// percentProblem reports a share that is written in percent.
func percentProblem(at file.Location) Problem {
	return say(at, "BE204", "这里不写 `%%`", "there is no `%%` here").
		hint("`share` 是 0 到 1 之间的数：30%% 写成 `0.3`", "`share` is a number from 0 to 1: write `0.3` for 30%%")
}

// alarmLooker refuses all but numbers, truth values, their operators and the names
// of the figures.
type alarmLooker struct{ problems []Problem }

// Visit implements ast.Visitor.
func (l *alarmLooker) Visit(node *ast.Node) {
	switch n := (*node).(type) {
	case *ast.IdentifierNode:
		if !slices.Contains(figureNames, n.Value) {
			l.problems = append(l.problems, say(n.Location(), "BE201", "`abort_if` 里没有 `%s`", "`abort_if` has no `%s`", n.Value).choose(n.Value, figureNames))
		}
	case *ast.BinaryNode:
		if n.Operator == "%" {
			l.problems = append(l.problems, percentProblem(n.Location()))
		}
	case *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode, *ast.UnaryNode:
	default:
		l.problems = append(l.problems, say((*node).Location(), "BE204", "`abort_if` 里只能比较和计算这几个数字", "`abort_if` only compares and computes these numbers").list(figureNames))
	}
}
