package rule

import (
	"strings"

	"go.yaml.in/yaml/v3"

	"botengine/internal/actions"
	"botengine/internal/diag"
	"botengine/internal/expression"
)

// source is the text of an expression: of a block scalar as written, line by
// line, of any other the value.
func (b *builder) source(n *yaml.Node) placed {
	home, own, base := b.doc.home(n)
	p, ok := home.lines.raw(own)
	if !ok {
		return placed{text: n.Value}
	}
	for i := range p.places {
		p.places[i].Line += base
	}
	return p
}

// condition compiles an expression that is true or false. It returns nil when
// there is something wrong with it.
func (b *builder) condition(n *yaml.Node, opts *expression.Options) *expression.Condition {
	if b.filled[n] {
		b.fail(n, "BE143", diag.T("条件不能是模板的输入：输入是值，不是代码", "a condition can't be an input of a template: inputs are values, not code"),
			diag.T("把条件写在模板里，用 `inputs.名称` 取值", "write the condition in the template and name the value as `inputs.NAME`"))
		return nil
	}
	if _, ok := b.text(n); !ok {
		return nil
	}
	c, problems := expression.CompileCondition(b.source(n).text, opts)
	for _, p := range problems {
		b.problem(n, p)
	}
	return c
}

// problem places what is wrong with an expression into the file.
func (b *builder) problem(n *yaml.Node, p expression.Problem) {
	rng := b.doc.firstLine(n)
	if src := b.source(n); len(src.places) > 0 {
		rng = src.span(p.Offset, p.Length)
	}
	if p.Unfinished && n.LineComment != "" {
		b.cutByComment(n, rng)
		return
	}
	b.failAt(rng, p.Code, p.Message, actions.HintFor(n, p.Hint))
}

// locate tells the actions where a piece of a scalar stands.
func (b *builder) locate(n *yaml.Node, offset, length int) diag.Range {
	return b.doc.piece(n, offset, length)
}

// cutByComment is the finding on an expression that YAML ends where a `#` stands
// behind a space, such as any(list, # > 1) without quotes.
func (b *builder) cutByComment(n *yaml.Node, rng diag.Range) {
	quoted := "'" + strings.ReplaceAll(n.Value+" "+n.LineComment, "'", "''") + "'"
	b.failAt(rng, "BE113", diag.T("表达式在这里断了：空格加 `#` 之后，YAML 都当成注释", "the expression breaks off here: YAML takes what follows a space and `#` for a comment"),
		diag.T("给整个表达式加引号：%s", "quote the whole expression: %s", quoted))
}
