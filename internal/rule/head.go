package rule

import (
	"bytes"
	"regexp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"botengine/internal/diag"
	"botengine/internal/expression"
)

var fileFields = keysOf("file")

// file compiles what the document holds.
func (b *builder) file() []*Rule {
	if isNull(b.doc.root) {
		b.noRules(diag.Span(1, 1, 1))
		return nil
	}
	f, ok := b.fields(b.doc.root, fileForm, fileFields)
	if !ok {
		return nil
	}
	b.version(f.get("version"))
	b.use(f.get("use"))
	b.define(f)
	b.noteChanging(f.get("lists"), b.doc.root)
	if bytes.Contains(b.used[0].Text, []byte("workday()")) {
		b.checkWorkdays()
	}
	b.macros = b.readMacros(f)
	if isLibrary(f) {
		b.checkTemplates(b.templates)
		return nil
	}
	upToHere := len(b.findings)
	b.defaultsNode = f.get("defaults")
	b.defaults = b.readDefaults(b.defaultsNode)
	b.checkTemplates(b.templates)
	rules := b.rules(f)
	b.findings = slices.Concat(b.findings[:upToHere], slices.DeleteFunc(b.findings[upToHere:], b.usesBrokenMacro))
	b.adviseUnused(f)
	return rules
}

// usesBrokenMacro says whether a finding only repeats, where a macro is used, what
// was said where it is defined.
func (b *builder) usesBrokenMacro(f diag.Finding) bool {
	r := f.Range
	oneLine := !r.IsZero() && r.Start.Line == r.End.Line && r.Start.Line <= len(b.doc.lines)
	if len(b.broken) == 0 || f.File != b.doc.path || !strings.HasPrefix(f.Code, "BE2") || !oneLine {
		return false
	}
	line := b.doc.lines[r.Start.Line-1]
	from, to := min(r.Start.Column-1, len(line)), min(r.End.Column-1, len(line))
	return b.broken[string(line[from:to])]
}

// noRules warns that a file answers nothing.
func (b *builder) noRules(rng diag.Range) {
	b.findings = append(b.findings, diag.At(b.doc.path, rng).Warning("BE604",
		diag.T("这个文件里一条规则也没有", "there is no rule in this file")).
		WithHint(diag.T("在 `rules:` 下面写规则", "rules stand under `rules:`")))
}

// rules compiles the entries of `rules`.
func (b *builder) rules(f fields) []*Rule {
	n := f.get("rules")
	switch {
	case n == nil:
		b.missing(f, "rules", diag.T("规则写在 `rules:` 下面", "rules stand under `rules:`"))
		return nil
	case isNull(n) || n.Kind == yaml.SequenceNode && len(n.Content) == 0:
		b.noRules(b.doc.at(f.key("rules")))
		return nil
	case n.Kind != yaml.SequenceNode:
		b.fail(n, "BE104", diag.T("`rules` 要写成列表", "`rules` is a list"), diag.T("每条规则以「- 」开头", "every rule begins with `- `"))
		return nil
	}
	var out []*Rule
	for i, c := range n.Content {
		if r := b.templated(c); r != nil {
			r.place = i
			out = append(out, r)
		}
	}
	return out
}

// version checks the version of the language, which may be left out.
func (b *builder) version(n *yaml.Node) {
	if n != nil && (n.Kind != yaml.ScalarNode || n.Value != "1") {
		b.fail(n, "BE127", diag.T("不认识这个版本", "unknown version"), diag.T("写成 `version: 1`", "write `version: 1`"))
	}
}

// identifier is what expressions can name.
var identifier = regexp.MustCompile(`^[\p{L}_][\p{L}\p{N}_]*$`)

// named returns the entries of a mapping whose keys expressions can name.
func (b *builder) named(n *yaml.Node, what form) []field {
	if n == nil {
		return nil
	}
	pairs, _ := b.pairs(n, what)
	out := pairs[:0]
	for _, p := range pairs {
		if !identifier.MatchString(p.key.Value) {
			b.fail(p.key, "BE106", diag.T("`%s` 不能当名字用", "`%s` can't be a name", p.key.Value),
				diag.T("用字母、数字和下划线，不以数字开头", "letters, digits and underscores, not beginning with a digit"))
			continue
		}
		out = append(out, p)
	}
	return out
}

// readVars reads variables: texts, and groups of texts.
func (b *builder) readVars(n *yaml.Node) map[string]any {
	out := map[string]any{}
	for _, p := range b.named(n, varsForm) {
		if p.value.Kind != yaml.MappingNode {
			out[p.key.Value] = b.variable(p)
			continue
		}
		group := map[string]any{}
		for _, q := range b.named(p.value, groupForm) {
			group[q.key.Value] = b.variable(q)
		}
		out[p.key.Value] = group
	}
	return out
}

// variable reads one text. One with a mistake is empty rather than unknown, so
// that its uses are no mistakes too.
func (b *builder) variable(p field) string {
	if p.value.Kind == yaml.SequenceNode {
		b.fail(p.value, "BE104", diag.T("变量不能是列表", "a variable can't be a list"), diag.T("列表写在 `lists:` 下面", "lists stand under `lists:`"))
		return ""
	}
	text, _ := b.text(p.value)
	return text
}

// readMacros reads named expressions and checks each where it is defined.
func (b *builder) readMacros(f fields) map[string]string {
	out := b.macros // of libraries
	nodes := map[string]*yaml.Node{}
	for _, p := range b.named(f.get("macros"), macrosForm) {
		if b.clashes("macros", p.key.Value, f) {
			continue
		}
		if _, ok := b.text(p.value); ok {
			out[p.key.Value], nodes[p.key.Value] = b.source(p.value).text, p.value
		}
	}
	opts := &expression.Options{Vars: b.vars, Lists: b.lists, Changing: b.changing, Workdays: b.workdays(), Labels: b.groupLabels, Macros: out, HasHit: true, Gather: true, Memo: &b.memo}
	for name, node := range nodes {
		b.broken[name] = b.checkMacro(node, opts)
	}
	return out
}

// checkMacro compiles a macro as a value, since it need not be a condition, and
// says whether it is broken.
func (b *builder) checkMacro(n *yaml.Node, opts *expression.Options) bool {
	const before = "{{ "
	_, problems := expression.CompileValue(before+b.source(n).text+" }}", opts)
	for _, p := range problems {
		p.Offset -= len(before)
		b.problem(n, p)
	}
	return len(problems) > 0
}
