package rule

import (
	"maps"
	"regexp"
	"slices"
	"strconv"
	"time"

	"go.yaml.in/yaml/v3"

	"botengine/internal/actions"
	"botengine/internal/diag"
)

// input is one place of a template: what a rule has to write for it.
type input struct {
	kind     inputKind
	required bool
	options  []string // of a choice
	absent   filling  // what stands there when the rule says nothing
}

// inputKind is the type of an input.
type inputKind string

// The types of inputs.
const (
	textInput     inputKind = "text"
	numberInput   inputKind = "number"
	durationInput inputKind = "duration"
	listInput     inputKind = "list"
	boolInput     inputKind = "bool"
	choiceInput   inputKind = "choice"
)

var inputKinds = choicesOf("input", "type")

// filling is what is put into a place: a node of the file, and the same as a value
// for expressions.
type filling struct {
	node   *yaml.Node
	value  any
	sample bool // nobody wrote it
}

var (
	inputsForm = formOf("inputs", "inputs: {words: {type: list, required: true}}")
	inputForm  = form{diag.T("输入", "an input"), example("words: {type: list, required: true}")}
)

// readInputs reads what a template asks for.
func (b *builder) readInputs(n *yaml.Node) map[string]*input {
	out := map[string]*input{}
	for _, p := range b.named(n, inputsForm) {
		in := &input{kind: textInput}
		out[p.key.Value] = in
		f, ok := b.fields(p.value, inputForm, keysOf("input"))
		if !ok {
			continue
		}
		if t := f.get("type"); t == nil {
			b.missing(f, "type", inputForm.example)
		} else if word, ok := b.choice(t, inputKinds); ok && slices.Contains(inputKinds.known, word) {
			in.kind = inputKind(word)
		}
		b.readOptions(in, f)
		before := len(b.findings)
		in.required = b.flag(f.get("required"), false)
		if len(b.findings) > before && f.get("default") == nil {
			in.required = true // what else; how it is written has its finding
		}
		b.readDefault(in, f)
	}
	return out
}

// readOptions reads what a choice may be.
func (b *builder) readOptions(in *input, f fields) {
	n := f.get("options")
	switch {
	case in.kind == choiceInput && n == nil:
		b.missing(f, "options", diag.T("`choice` 要列出可选的值，例如 `options: [甲, 乙]`", "a `choice` lists what it may be, such as `options: [a, b]`"))
	case n == nil:
	case in.kind != choiceInput:
		b.fail(f.key("options"), "BE142", diag.T("只有 `choice` 有 `options`", "only a `choice` has `options`"), diag.T("写成 `type: choice`，或去掉 `options`", "write `type: choice`, or take `options` out"))
	default:
		for _, it := range b.someTexts(n) {
			in.options = append(in.options, it.text)
		}
	}
}

// readDefault reads what stands for an input that is left out.
func (b *builder) readDefault(in *input, f fields) {
	n := f.get("default")
	switch {
	case n != nil && in.required:
		b.fail(f.key("default"), "BE142", diag.T("必填的输入用不到默认值", "an input that is required has no use for a default"), diag.T("去掉 `required` 或 `default`", "take `required` or `default` out"))
	case n == nil && !in.required:
		b.fail(f.node, "BE142", diag.T("这个输入没写时用什么？", "what stands for this input when it is left out?"), diag.T("写 `required: true`，或给一个 `default`", "write `required: true`, or give it a `default`"))
	}
	in.absent = in.sample()
	if n != nil {
		if value, ok := b.inputValue(in, n); ok {
			in.absent = filling{node: n, value: value}
		}
	}
}

// sample is a value of the input's type that is as good as any.
func (in *input) sample() filling {
	if in.absent.node != nil && !in.absent.sample {
		return filling{node: in.absent.node, value: in.absent.value, sample: true}
	}
	scalar := func(text, tag string, value any) filling {
		return filling{node: &yaml.Node{Kind: yaml.ScalarNode, Tag: tag, Value: text}, value: value, sample: true}
	}
	switch in.kind {
	case numberInput:
		return scalar("1", "!!int", 1)
	case durationInput:
		return scalar("30s", "!!str", 30*time.Second)
	case boolInput:
		return scalar("true", "!!bool", true)
	case listInput:
		list := &yaml.Node{Kind: yaml.SequenceNode, Content: []*yaml.Node{{Kind: yaml.ScalarNode, Tag: "!!str", Value: "样本"}}}
		return filling{node: list, value: []string{"样本"}, sample: true}
	case choiceInput:
		if len(in.options) > 0 {
			return scalar(in.options[0], "!!str", in.options[0])
		}
	case textInput:
	}
	return scalar("样本", "!!str", "样本")
}

// fill reads the inputs that a rule gives to a template; at is the template's name.
func (b *builder) fill(t *template, at, with *yaml.Node) map[string]filling {
	values, base, place := map[string]filling{}, b.doc.baseOf(t.doc), at
	given := map[string]field{}
	if with != nil && !isNull(with) {
		pairs, ok := b.pairs(with, withForm)
		if !ok {
			return t.samples()
		}
		place = with
		for _, p := range pairs {
			if _, known := t.inputs[p.key.Value]; !known {
				b.fail(p.key, "BE142", diag.T("模板 `%s` 没有输入 `%s`", "the template `%s` has no input `%s`", at.Value, p.key.Value), choiceHint(p.key.Value, slices.Sorted(maps.Keys(t.inputs))))
			}
			given[p.key.Value] = p
		}
	}
	for name, in := range t.inputs {
		p, written := given[name]
		switch {
		case !written && in.required:
			b.fail(place, "BE142", diag.T("缺少输入 `%s`", "the input `%s` is missing", name), diag.T("在 `with` 里写上 `%s`：%s", "write `%s` under `with`: %s", name, in.kind))
			values[name] = in.sample()
		case !written && in.absent.node == nil:
			values[name] = in.sample() // its definition has its finding
		case !written:
			values[name] = filling{node: shiftedAll(in.absent.node, base), value: in.absent.value, sample: in.absent.sample}
		default:
			values[name] = b.given(in, p)
		}
	}
	return values
}

// samples are values for all inputs that are as good as any.
func (t *template) samples() map[string]filling {
	out := map[string]filling{}
	for name, in := range t.inputs {
		out[name] = in.sample()
	}
	return out
}

// given reads what a rule writes for an input. In the place of a mistake stands a
// sample, so that it is said once.
func (b *builder) given(in *input, p field) filling {
	if isNull(p.value) {
		b.empty(p.key)
		return in.sample()
	}
	if value, ok := b.inputValue(in, p.value); ok {
		return filling{node: p.value, value: value}
	}
	return in.sample()
}

// decimal is how a number is written.
var decimal = regexp.MustCompile(`^-?[0-9]+(\.[0-9]+)?$`)

// inputValue checks that the node is of the input's type.
func (b *builder) inputValue(in *input, n *yaml.Node) (value any, ok bool) {
	if in.kind == listInput {
		if n.Kind != yaml.SequenceNode {
			b.wrongInput(n, diag.T("这里要写列表", "a list is wanted here"), diag.T("写成 `[甲, 乙]`", "write `[a, b]`"))
			return nil, false
		}
		words := []string{}
		for _, it := range b.list(n) {
			words = append(words, it.text)
		}
		return words, len(words) == len(n.Content)
	}
	if n.Kind != yaml.ScalarNode {
		b.wrongInput(n, diag.T("这里要写一个值（%s），不是列表也不是 `键: 值`", "one value (%s) is wanted here, no list and no `key: value`", in.kind), diag.Text{})
		return nil, false
	}
	switch in.kind {
	case numberInput:
		return b.numberValue(n)
	case durationInput:
		d, err := actions.ParseDuration(n.Value)
		if err != nil || d <= 0 {
			b.wrongInput(n, diag.T("`%s` 不是时长", "`%s` is not a duration", n.Value), actions.DurationHint(n.Value))
			return nil, false
		}
		return d, true
	case boolInput:
		if n.Style != 0 || n.Value != "true" && n.Value != "false" {
			b.wrongInput(n, diag.T("这里要写 true 或 false", "true or false is wanted here"), diag.T("`true` 是，`false` 否，不加引号", "without quotes"))
			return nil, false
		}
		return n.Value == "true", true
	case choiceInput:
		if len(in.options) > 0 && !slices.Contains(in.options, n.Value) {
			b.wrongInput(n, diag.T("`%s` 不在可选的值里", "`%s` is not one of the options", n.Value), choiceHint(n.Value, in.options))
			return nil, false
		}
		return n.Value, true
	case textInput, listInput:
	}
	return b.text(n)
}

func (b *builder) numberValue(n *yaml.Node) (any, bool) {
	if !decimal.MatchString(n.Value) {
		b.wrongInput(n, diag.T("`%s` 不是数字", "`%s` is not a number", n.Value), diag.Text{})
		return nil, false
	}
	if i, err := strconv.Atoi(n.Value); err == nil {
		return i, true
	}
	f, err := strconv.ParseFloat(n.Value, 64)
	return f, err == nil
}

func (b *builder) wrongInput(n *yaml.Node, message, hint diag.Text) {
	b.fail(n, "BE142", message, hint)
}
