package rule

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"botengine/internal/actions"
	"botengine/internal/diag"
)

// item is a text and where it was written.
type item struct {
	node *yaml.Node
	text string
}

// text reads a scalar as it is written.
func (b *builder) text(n *yaml.Node) (string, bool) {
	switch {
	case n.Kind == yaml.MappingNode && n.Style&yaml.FlowStyle == 0:
		b.fail(n, "BE104", diag.T("这里要写一段文字", "a text is wanted here"),
			diag.T("文字里有冒号加空格时，请给整句加引号", "a text with a colon and a space in it needs quotes"))
		return "", false
	case n.Kind != yaml.ScalarNode:
		b.fail(n, "BE104", diag.T("这里要写一段文字", "a text is wanted here"),
			diag.T("如果文字里有 `{` 或 `[`，请加引号", "a text with `{` or `[` in it needs quotes"))
		return "", false
	case isNull(n) || n.Value == "":
		b.fail(n, "BE125", diag.T("这里是空的", "nothing stands here"),
			diag.T("写上内容；`#` 开头的文字要加引号", "write something; a text that begins with `#` needs quotes"))
		return "", false
	}
	b.looksLikeNumber(n)
	return n.Value, true
}

// wholeNumber is a number that YAML would write as it was written.
var wholeNumber = regexp.MustCompile(`^-?(0|[1-9][0-9]*)$`)

// looksLikeNumber warns of a text that YAML readers would change.
func (b *builder) looksLikeNumber(n *yaml.Node) {
	if n.Style != 0 || n.Tag != "!!int" && n.Tag != "!!float" || wholeNumber.MatchString(n.Value) {
		return
	}
	if f, err := strconv.ParseFloat(n.Value, 64); err == nil && n.Tag == "!!float" && strconv.FormatFloat(f, 'f', -1, 64) == n.Value {
		return
	}
	var value any
	_ = n.Decode(&value) // only shown; nil is no worse
	b.warn(n, "BE109", diag.T("YAML 会把 `%s` 读成数字 %v；这里按原样使用", "YAML reads `%s` as the number %v; it is taken as it is written", n.Value, value),
		diag.T("加上引号：\"%s\"", "quote it: \"%s\"", n.Value))
}

// texts reads one text or a list of them.
func (b *builder) texts(n *yaml.Node) []item {
	if n.Kind == yaml.ScalarNode {
		if text, ok := b.text(n); ok {
			return []item{{n, text}}
		}
		return nil
	}
	return b.list(n)
}

// list reads a list of texts.
func (b *builder) list(n *yaml.Node) []item {
	if n.Kind != yaml.SequenceNode {
		b.fail(n, "BE104", diag.T("这里要写成列表", "a list is wanted here"), diag.T("写成 `[甲, 乙]`，或每行一个「- 」", "write `[a, b]`, or one `- ` a line"))
		return nil
	}
	var out []item
	for _, c := range n.Content {
		if text, ok := b.text(c); ok {
			out = append(out, item{c, text})
		}
	}
	return out
}

// someTexts is texts for a field that must not be empty.
func (b *builder) someTexts(n *yaml.Node) []item {
	out := b.texts(n)
	if n.Kind == yaml.SequenceNode && len(n.Content) == 0 {
		b.fail(n, "BE125", diag.T("这个列表是空的", "the list is empty"), diag.T("写上内容，或去掉这个字段", "put something in, or take the field out"))
	}
	return out
}

// flag reads true or false.
func (b *builder) flag(n *yaml.Node, absent bool) bool {
	if n == nil {
		return absent
	}
	if n.Kind == yaml.ScalarNode && n.Style == 0 {
		switch strings.ToLower(n.Value) {
		case "true":
			return true
		case "false":
			return false
		}
	}
	b.fail(n, "BE104", diag.T("这里要写 true 或 false", "true or false is wanted here"), diag.T("`true` 是，`false` 否，不加引号", "without quotes"))
	return absent
}

// integer reads a whole number between low and high. It returns low when there is
// something wrong with it.
func (b *builder) integer(n *yaml.Node, low, high int) int {
	if n.Kind != yaml.ScalarNode || !wholeNumber.MatchString(n.Value) {
		b.fail(n, "BE104", diag.T("这里要写整数", "a whole number is wanted here"), numberHint(n))
		return low
	}
	v, err := strconv.Atoi(n.Value)
	if err != nil || v < low || v > high {
		b.fail(n, "BE126", diag.T("超出范围：要在 %d 到 %d 之间", "out of range: it has to be %d to %d", low, high), diag.Text{})
		return low
	}
	return v
}

// maxDuration bounds every length of time in a rule.
const maxDuration = 366 * 24 * time.Hour

// duration reads a length of time that is more than nothing. It returns 0 when
// there is something wrong with it.
func (b *builder) duration(n *yaml.Node) time.Duration {
	if n.Kind != yaml.ScalarNode || isNull(n) {
		b.fail(n, "BE120", diag.T("这里要写时长", "a duration is wanted here"), diag.T("例如 `30s`、`10m`、`2h`", "such as `30s`, `10m`, `2h`"))
		return 0
	}
	d, err := actions.ParseDuration(n.Value)
	switch {
	case err != nil:
		b.fail(n, "BE120", diag.T("`%s` 不是时长", "`%s` is not a duration", n.Value), actions.DurationHint(n.Value))
		return 0
	case d <= 0 || d > maxDuration:
		b.fail(n, "BE126", diag.T("时长要大于 0，不超过 366 天", "a duration is more than 0 and at most 366 days"), diag.Text{})
		return 0
	}
	return d
}

// halfWidth replaces full-width ASCII.
func halfWidth(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= '！' && r <= '～' {
			return r - '！' + '!'
		}
		return r
	}, s)
}

// choice reads one of a few words.
func (b *builder) choice(n *yaml.Node, allowed names) (string, bool) {
	text, ok := b.text(n)
	if !ok {
		return "", false
	}
	return text, b.oneOf(item{n, text}, allowed)
}

// choices reads one or more of a few words, each once.
func (b *builder) choices(n *yaml.Node, allowed names) []string {
	var out []string
	for _, it := range b.someTexts(n) {
		if b.oneOf(it, allowed) && !slices.Contains(out, it.text) {
			out = append(out, it.text)
		}
	}
	return out
}

// oneOf checks that the word is allowed.
func (b *builder) oneOf(it item, allowed names) bool {
	if slices.Contains(allowed.known, it.text) {
		return true
	}
	b.fail(it.node, "BE107", diag.T("不认识 `%s`", "`%s` is not one of the choices", it.text), choiceHint(it.text, allowed.known))
	return false
}

// choiceHint names the word that was meant, or all of them.
func choiceHint(word string, known []string) diag.Text {
	if s, ok := diag.Suggest(word, known); ok {
		return diag.T("是不是想写 `%s`?", "did you mean `%s`?", s)
	}
	all := strings.Join(known, ", ")
	return diag.Text{ZH: "可以写的有：" + all, EN: "possible here: " + all}
}
