package actions

import (
	"regexp"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"botengine/internal/diag"
)

// decode reads n into the struct `into` points at, strictly, and returns the node
// of each parameter that was written.
func (b *Binder) decode(action string, s shape, n *yaml.Node, into any) map[string]*yaml.Node {
	n = resolve(n)
	nodes := make(map[string]*yaml.Node)
	switch {
	case isNull(n):
	case n.Kind == yaml.MappingNode:
		b.decodeMap(action, s, n, into, nodes)
	case s.main != "":
		nodes[s.main] = n
		s.field(into, s.fields[s.main]).read(n, b)
	default:
		b.notAMap(action, s, n)
		return nodes // what is missing in what is not there is nothing to tell of
	}
	b.checkRequired(action, s, n, nodes)
	return nodes
}

func (b *Binder) decodeMap(action string, s shape, n *yaml.Node, into any, nodes map[string]*yaml.Node) {
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, val := n.Content[i], resolve(n.Content[i+1])
		if nodes[key.Value] != nil {
			b.fail(key, "BE108", diag.T("`%s` 写了两次", "`%s` stands here twice", key.Value), diag.Text{})
			continue
		}
		index, known := s.fields[key.Value]
		switch {
		case known:
			nodes[key.Value] = val
			b.readField(s.field(into, index), key, val)
		case s.rest >= 0 && strings.Contains(key.Value, "."):
			nodes[key.Value] = val
			s.field(into, s.rest).(*Assignments).assign(key, val, b)
		default:
			b.unknown(action, s, key)
		}
	}
}

// readField reads one parameter; a key without a value is an error, because a `#`
// in front of the text made a comment of it.
func (b *Binder) readField(v value, key, val *yaml.Node) {
	if isNull(val) {
		b.fail(key, "BE125", diag.T("`%s` 是空的", "`%s` is empty", key.Value),
			diag.T("写上内容，或去掉这个参数；`#` 开头的文字要加引号", "give it a value or take it out; a text that begins with `#` needs quotes"))
		return
	}
	v.read(val, b)
}

func (b *Binder) unknown(action string, s shape, key *yaml.Node) {
	hint := diag.Suggestion(key.Value, s.names())
	switch {
	case s.rest >= 0:
		hint = diag.T("写成「范围.名称」，例如 `user.%[1]s`（人）、`chat.%[1]s`（会话）、`global.%[1]s`", "write SCOPE.NAME, such as `user.%[1]s`, `chat.%[1]s` or `global.%[1]s`", key.Value)
	case len(s.names()) == 0:
		hint = diag.T("这个动作没有参数", "the action takes no parameters")
	}
	b.fail(key, "BE302", diag.T("`%s` 没有参数 `%s`", "`%s` has no parameter `%s`", action, key.Value), hint)
}

func (b *Binder) notAMap(action string, s shape, n *yaml.Node) {
	hint := diag.T("写成 `%[1]s: {参数: 值}`", "write `%[1]s: {parameter: value}`", action)
	switch {
	case strings.HasPrefix(b.example, action+": {") && len(s.params) > 0:
		hint = diag.Text{ZH: "写成 `" + b.example + "`", EN: "write `" + b.example + "`"}
	case len(s.params) == 0:
		hint = diag.T("这个动作没有参数，写成 `%[1]s: {}`", "the action takes no parameters: write `%[1]s: {}`", action)
	}
	b.fail(n, "BE104", diag.T("`%s` 的参数要写成一组键和值", "`%s` takes keys with values", action), hint)
}

// checkRequired adds BE303 for each parameter that has to be there and is not.
func (b *Binder) checkRequired(action string, s shape, n *yaml.Node, nodes map[string]*yaml.Node) {
	for _, p := range s.params {
		if !p.Required || p.Name == "" || nodes[p.Name] != nil || !isNull(n) && n.Kind != yaml.MappingNode && p.Name == s.main {
			continue
		}
		if s.mistyped(n, p.Name) {
			continue
		}
		b.fail(n, "BE303", diag.T("`%s` 缺少 `%s`", "`%s` lacks `%s`", action, p.Name),
			diag.Text{ZH: "加上 `" + p.Name + "`：" + p.Doc.ZH, EN: "add `" + p.Name + "`: " + p.Doc.EN})
	}
}

// mistyped says whether one of the keys that nobody knows was meant for the
// parameter: the key has its finding.
func (s shape) mistyped(n *yaml.Node, param string) bool {
	if n.Kind != yaml.MappingNode {
		return false
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		if _, known := s.fields[n.Content[i].Value]; known {
			continue
		}
		if meant, ok := diag.Suggest(n.Content[i].Value, s.names()); ok && meant == param {
			return true
		}
	}
	return false
}

// resolve follows an alias to what it stands for.
func resolve(n *yaml.Node) *yaml.Node {
	if n != nil && n.Kind == yaml.AliasNode {
		return n.Alias
	}
	return n
}

// isNull reports whether nothing was written.
func isNull(n *yaml.Node) bool {
	return n == nil || n.Kind == 0 || n.Kind == yaml.ScalarNode && n.ShortTag() == "!!null"
}

// wholeNumber is a number that YAML would write as it was written.
var wholeNumber = regexp.MustCompile(`^-?(0|[1-9][0-9]*)$`)

// looksLikeNumber warns of a text that other readers of YAML would change.
func (b *Binder) looksLikeNumber(n *yaml.Node) {
	n = resolve(n)
	if tag := n.ShortTag(); n.Style != 0 || tag != "!!int" && tag != "!!float" || wholeNumber.MatchString(n.Value) {
		return
	}
	if _, ok := plainFloat(n.Value); ok {
		return
	}
	var read any
	_ = n.Decode(&read) // only shown; nil is no worse
	b.warn(n, "BE109", diag.T("YAML 会把 `%s` 读成数字 %v；这里按原样使用", "YAML reads `%s` as the number %v; it is taken as it is written", n.Value, read),
		diag.T("加上引号：\"%s\"", "quote it: \"%s\"", n.Value))
}

// plainFloat reads a broken number that is written the shortest way.
func plainFloat(s string) (float64, bool) {
	f, err := strconv.ParseFloat(s, 64)
	return f, err == nil && strconv.FormatFloat(f, 'f', -1, 64) == s
}

// scalar returns the value of a scalar as written; anything else is BE104.
func (b *Binder) scalar(n *yaml.Node) (string, bool) {
	n = resolve(n)
	switch {
	case isNull(n):
		b.fail(n, "BE125", diag.T("这里是空的", "nothing stands here"),
			diag.T("写上内容；`#` 开头的文字要加引号", "write something; a text that begins with `#` needs quotes"))
		return "", false
	case n.Kind != yaml.ScalarNode:
		b.fail(n, "BE104", diag.T("这里要写一段文字", "a text is wanted here"),
			diag.T("如果文字里有 `{` 或 `[`，请加引号", "a text with `{` or `[` in it needs quotes"))
		return "", false
	}
	return n.Value, true
}
