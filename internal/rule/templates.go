package rule

import (
	"maps"
	"slices"

	"go.yaml.in/yaml/v3"

	"botengine/internal/diag"
)

// template is a rule body with places that a rule fills in.
type template struct {
	doc    *document // where it is defined
	body   *yaml.Node
	inputs map[string]*input
	broken bool // it has mistakes, which are said where it is defined
}

var (
	templatesForm = formOf("templates", "templates: {关键词回复: {inputs: {words: {type: list, required: true}}, rule: {on: message.text, match: {any: {input: words}}}}}")
	templateForm  = form{diag.T("模板", "a template"), example("{inputs: {words: {type: list, required: true}}, rule: {on: message.text, match: {any: {input: words}}}}")}
	bodyForm      = form{diag.T("模板的 `rule` ", "the `rule` of a template"), example("rule: {on: message.text, match: {any: {input: words}}}")}
	withForm      = formOf("with", "with: {words: [退款, 退货]}")
)

// bodyFields are those of a rule, but for those that make it one of its own.
var bodyFields = names{
	known: slices.DeleteFunc(slices.Clone(ruleFields.known), func(name string) bool { return name == "id" || name == "template" || name == "with" }),
	old:   ruleFields.old,
}

// readTemplates reads the templates of the file. They are checked when all else of
// its head is known.
func (b *builder) readTemplates(n *yaml.Node) map[string]*template {
	out := map[string]*template{}
	if n == nil {
		return out
	}
	pairs, _ := b.pairs(n, templatesForm)
	for _, p := range pairs {
		f, ok := b.fields(p.value, templateForm, keysOf("template"))
		if !ok {
			continue
		}
		t := &template{doc: b.doc, inputs: map[string]*input{}, body: f.get("rule")}
		if in := f.get("inputs"); in != nil {
			t.inputs = b.readInputs(in)
		}
		if t.body == nil {
			b.missing(f, "rule", bodyForm.example)
		} else if _, ok := b.fields(t.body, bodyForm, bodyFields); ok {
			b.placeholders(t.body, t)
		}
		out[p.key.Value] = t
	}
	return out
}

// placeholders checks that every `{input: NAME}` names an input.
func (b *builder) placeholders(n *yaml.Node, t *template) {
	if name, at, ok := placeholder(n); ok {
		if _, known := t.inputs[name]; !known {
			b.fail(at, "BE142", diag.T("模板没有输入 `%s`", "the template has no input `%s`", name), choiceHint(name, slices.Sorted(maps.Keys(t.inputs))))
		}
		return
	}
	for _, c := range n.Content {
		b.placeholders(c, t)
	}
}

// placeholder says whether n is `{input: NAME}`.
func placeholder(n *yaml.Node) (name string, at *yaml.Node, ok bool) {
	if n.Kind != yaml.MappingNode || len(n.Content) != 2 || n.Content[0].Value != "input" || n.Content[1].Kind != yaml.ScalarNode {
		return "", nil, false
	}
	return n.Content[1].Value, n.Content[1], true
}

// checkTemplates compiles every template of the file once, with values that are as
// good as any: what is wrong in it is said where it stands, whether or not a rule
// uses it.
func (b *builder) checkTemplates(templates map[string]*template) {
	for _, t := range templates {
		if t.doc != b.doc || t.body == nil || t.body.Kind != yaml.MappingNode {
			continue
		}
		before := b.findings
		b.findings = nil
		b.rule(b.filledBody(t, t.samples(), nil))
		found := b.findings
		b.findings, b.inputs = before, nil
		for _, f := range found {
			if f.Severity == diag.Error && f.Code != "BE103" && !t.depends(f) {
				b.findings = append(b.findings, f)
				t.broken = true
			}
		}
	}
}

// depends says whether a finding on a sample would be another one for another value.
func (t *template) depends(f diag.Finding) bool {
	sampled := false
	walkNodes(t.body, func(n *yaml.Node) {
		name, _, ok := placeholder(n)
		if ok && n.Line == f.Range.Start.Line && n.Column == f.Range.Start.Column {
			scalarForDuration := f.Code == "BE120" && t.inputs[name] != nil && t.inputs[name].kind != listInput
			sampled = f.Code != "BE104" && f.Code != "BE143" && (f.Code != "BE120" || scalarForDuration)
		}
	})
	return sampled
}

// walkNodes calls do with n and all below it.
func walkNodes(n *yaml.Node, do func(*yaml.Node)) {
	do(n)
	for _, c := range n.Content {
		walkNodes(c, do)
	}
}

// expand returns the rule that the entry of `rules` stands for: the entry itself or,
// where it names a template, the template's body filled in, in which the entry's own
// fields replace those of the template. It returns nil when there is none.
func (b *builder) expand(n *yaml.Node) *yaml.Node {
	b.inputs = nil
	name, with := valueOf(n, "template"), valueOf(n, "with")
	switch {
	case name == nil && with != nil:
		b.fail(with, "BE142", diag.T("`with` 要和 `template` 一起写", "`with` needs a `template` beside it"), diag.T("写上 `template: 模板名`", "write `template: its name`"))
		if valueOf(n, "on") == nil && valueOf(n, "do") == nil {
			return nil // a rule of a template, plainly: nothing else of it is missing
		}
		return without(n, "with")
	case name == nil:
		return n
	}
	title, ok := b.text(name)
	if !ok {
		return nil
	}
	t, known := b.templates[title]
	if !known {
		b.fail(name, "BE141", diag.T("没有模板 `%s`", "there is no template `%s`", title), b.templateHint(title))
		return nil
	}
	values := b.fill(t, name, with)
	if t.broken || t.body == nil || t.body.Kind != yaml.MappingNode {
		return nil // which has its finding
	}
	return b.filledBody(t, values, n)
}

func (b *builder) templateHint(name string) diag.Text {
	known := slices.Sorted(maps.Keys(b.templates))
	if len(known) == 0 {
		return diag.T("在文件开头的 `templates:` 里定义，或用 `use:` 引入库文件", "define it under `templates:` at the head of the file, or take a library in by `use:`")
	}
	return choiceHint(name, known)
}

// without is the mapping without some keys.
func without(n *yaml.Node, keys ...string) *yaml.Node {
	out := *n
	out.Content = nil
	for i := 0; i+1 < len(n.Content); i += 2 {
		if !slices.Contains(keys, n.Content[i].Value) {
			out.Content = append(out.Content, n.Content[i], n.Content[i+1])
		}
	}
	return &out
}

// filledBody is the body of the template with its places filled; of the fields
// that own has, own's are taken.
func (b *builder) filledBody(t *template, values map[string]filling, own *yaml.Node) *yaml.Node {
	b.inputs = map[string]any{}
	for name, v := range values {
		b.inputs[name] = v.value
	}
	base := b.doc.baseOf(t.doc)
	out := &yaml.Node{Kind: yaml.MappingNode, Line: t.body.Line + base, Column: t.body.Column}
	if own != nil {
		*out = *without(own, "template", "with")
	}
	for i := 0; i+1 < len(t.body.Content); i += 2 {
		key, value := t.body.Content[i], t.body.Content[i+1]
		if valueOf(out, key.Value) == nil {
			out.Content = append(out.Content, shifted(key, base), b.filledIn(value, values, base))
		}
	}
	return out
}

// filledIn is a copy of a node of a template, with its places filled.
func (b *builder) filledIn(n *yaml.Node, values map[string]filling, base int) *yaml.Node {
	if name, _, ok := placeholder(n); ok {
		return b.fillPlace(n, values[name], base)
	}
	out := shifted(n, base)
	out.Content = nil
	for _, c := range n.Content {
		name, _, isPlace := placeholder(c)
		if v := values[name]; isPlace && n.Kind == yaml.SequenceNode && v.node != nil && v.node.Kind == yaml.SequenceNode {
			out.Content = append(out.Content, b.fillPlace(c, v, base).Content...) // a list in a list: its entries
			continue
		}
		out.Content = append(out.Content, b.filledIn(c, values, base))
	}
	return out
}

// fillPlace is what stands in a place of the template. A value without a node, of
// an input that is left out or of a sample, stands where the place is.
func (b *builder) fillPlace(place *yaml.Node, v filling, base int) *yaml.Node {
	if b.filled == nil {
		b.filled = map[*yaml.Node]bool{}
	}
	if v.node == nil {
		v = (&input{}).sample() // of an input that is not there, which has its finding
	}
	out := v.node
	if v.sample {
		out = standing(v.node, place.Line+base, place.Column)
	}
	b.filled[out] = true
	return out
}

// standing is a copy of the node, all of which stands at one place.
func standing(n *yaml.Node, line, column int) *yaml.Node {
	out := *n
	out.Line, out.Column, out.Content = line, column, nil
	for _, c := range n.Content {
		out.Content = append(out.Content, standing(c, line, column))
	}
	return &out
}

// shifted is a copy of the node alone, so many lines further down.
func shifted(n *yaml.Node, base int) *yaml.Node {
	out := *n
	out.Line += base
	return &out
}

// shiftedAll is a copy of the node and all below it.
func shiftedAll(n *yaml.Node, base int) *yaml.Node {
	out := shifted(n, base)
	out.Content = nil
	for _, c := range n.Content {
		out.Content = append(out.Content, shiftedAll(c, base))
	}
	return out
}

// templated compiles an entry of `rules`, which may name a template.
func (b *builder) templated(n *yaml.Node) *Rule {
	whole := b.expand(n)
	if whole == nil {
		r := &Rule{File: b.doc.path, Line: n.Line} // its id is taken all the same
		if f, ok := b.fields(without(n, "template", "with"), ruleForm, ruleFields); ok {
			b.identity(r, f)
		}
		return r
	}
	before := len(b.findings)
	r := b.rule(whole)
	b.relate(b.findings[before:], n)
	if r != nil {
		for i := range r.Steps {
			if r.Steps[i].Line >= stride { // of another file
				r.Steps[i].Line = r.Line
			}
		}
	}
	return r
}

// relate says of findings in a template which rule's use of it they come from.
func (b *builder) relate(found diag.List, n *yaml.Node) {
	name := valueOf(n, "template")
	if name == nil {
		return
	}
	for i := range found {
		if line := found[i].Range.Start.Line; line >= stride || b.templates[name.Value].spans(b.doc, line) {
			found[i] = found[i].WithRelated(b.doc.path, b.doc.at(name), diag.T("模板用在这里", "the template is used here"))
		}
	}
}

// spans says whether the line of that document is one of the template's body.
func (t *template) spans(doc *document, line int) bool {
	if t == nil || t.doc != doc || t.body == nil {
		return false
	}
	last := t.body.Line
	walkNodes(t.body, func(n *yaml.Node) { last = max(last, n.Line) })
	return t.body.Line <= line && line <= last
}
