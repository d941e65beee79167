package expression

import (
	"strings"

	"github.com/expr-lang/expr/file"
	"github.com/expr-lang/expr/parser/utils"
)

// ParseFact takes apart the name of a fact as a step writes it, such as
// user.level, and holds it to the same rules by which expressions read facts: a
// known scope that the rule's triggers give, and a name that is no field there,
// nor nearly one.
func ParseFact(src string, o *Options) (scope, name string, problems []Problem) {
	if o == nil {
		o = &Options{}
	}
	all := whole(src)
	scope, name, ok := strings.Cut(src, ".")
	root, known := roots[scope]
	if !known || !root.fact {
		p := say(file.Location{From: 0, To: max(1, len([]rune(scope)))}, "BE201", "`%s` 下面不能存东西", "nothing can be kept under `%s`", scope)
		return "", "", []Problem{p.choose(scope, factScopes())}
	}
	if !ok || !utils.IsValidIdentifier(name) {
		p := say(all, "BE204", "要写成「范围.名称」，名称由文字、数字和 _ 组成", "write SCOPE.NAME, the name made of letters, digits and _")
		return "", "", []Problem{p.hint("例如 `user.level`", "such as `user.level`")}
	}
	at := file.Location{From: len(scope) + 1, To: all.To}
	if _, isField := fieldsOf(root.typ)[name]; isField {
		return "", "", []Problem{say(at, "BE208", "`%s` 是事件自带的属性，不能改", "`%s` comes with the event and cannot be set", src)}
	}
	if p, wrong := mistypedField(at, scope, name); wrong {
		return "", "", []Problem{p}
	}
	if missing := root.missing(o.Kinds); len(missing) > 0 {
		return "", "", []Problem{say(all, "BE211", "触发条件 %[1]s 没有 `%[2]s`", "there is no `%[2]s` in %[1]s", strings.Join(missing, ", "), scope)}
	}
	return scope, name, nil
}

// factScopes are the names facts can be kept under.
func factScopes() []string {
	var out []string
	for name, r := range roots {
		if r.fact {
			out = append(out, name)
		}
	}
	return out
}
