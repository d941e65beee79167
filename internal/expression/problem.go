package expression

import (
	"slices"
	"strings"

	"github.com/expr-lang/expr/file"

	"botengine/internal/diag"
)

// maxProblems bounds what one source is told at once.
const maxProblems = 10

// say makes a problem without a hint.
func say(at file.Location, code, zh, en string, args ...any) Problem {
	return Problem{Offset: at.From, Length: max(1, at.To-at.From), Code: code, Message: diag.T(zh, en, args...)}
}

// hint adds what to do about it.
func (p Problem) hint(zh, en string, args ...any) Problem {
	p.Hint = diag.T(zh, en, args...)
	return p
}

// choose hints at the one candidate that was most likely meant, else at all.
func (p Problem) choose(word string, candidates []string) Problem {
	if s, ok := diag.Suggest(word, candidates); ok {
		return p.hint("是不是想写 `%s`?", "did you mean `%s`?", s)
	}
	return p.list(candidates)
}

// list hints at all candidates.
func (p Problem) list(candidates []string) Problem {
	if len(candidates) == 0 {
		return p
	}
	const most = 60
	sorted := slices.Compact(slices.Sorted(slices.Values(candidates)))
	more := ""
	if len(sorted) > most {
		sorted, more = sorted[:most], " …"
	}
	return p.hint("可以写的有：%s", "possible here: %s", strings.Join(sorted, ", ")+more)
}

// shift moves problems n runes to the right.
func shift(problems []Problem, n int) []Problem {
	for i := range problems {
		problems[i].Offset += n
	}
	return problems
}

// inMacro says of a problem that the mistake is in a macro, which the place only uses.
func (p Problem) inMacro(name string) Problem {
	if p.Code == "BE214" { // names them all
		return p
	}
	p.Message = diag.Text{ZH: "宏 `" + name + "`：" + p.Message.ZH, EN: "macro `" + name + "`: " + p.Message.EN}
	return p
}
