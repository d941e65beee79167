package ruletest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"botengine/internal/command"
	"botengine/internal/rule"
)

// part is one key of an `expect` and its value: lines of a list or of a mapping, or
// all in one line.
type part struct {
	key  string
	list []string // entries of a list
	keys []string // with it, of a mapping
}

// flow is the value in one line.
func (p part) flow() string {
	if p.keys == nil {
		return "[" + strings.Join(p.list, ", ") + "]"
	}
	words := make([]string, len(p.list))
	for i := range p.list {
		words[i] = p.keys[i] + ": " + p.list[i]
	}
	return "{" + strings.Join(words, ", ") + "}"
}

// parts are what a step's `expect` would say of all that the step led to.
func (s *Seen) parts(names map[string]string) []part {
	out := []part{{key: "rules", list: scalars(s.Rules)}}
	commands := part{key: "commands", list: []string{}}
	for _, c := range s.Commands {
		commands.list = append(commands.list, s.command(c, names))
	}
	out = append(out, commands)
	if len(s.Facts) > 0 {
		facts := part{key: "facts", keys: []string{}}
		for _, f := range s.Facts {
			facts.keys, facts.list = append(facts.keys, scalar(f.Words)), append(facts.list, value(f.Value, names))
		}
		out = append(out, facts)
	}
	outcomes := part{key: "outcomes", keys: []string{}}
	for _, id := range s.Order {
		if v := s.Verdicts[id]; telling(v.Outcome) {
			outcomes.keys, outcomes.list = append(outcomes.keys, scalar(id)), append(outcomes.list, scalar(string(v.Outcome)))
		}
	}
	if len(outcomes.keys) > 0 {
		out = append(out, outcomes)
	}
	return out
}

// telling says whether an outcome is worth a line: the rule nearly fired.
func telling(o rule.Outcome) bool {
	return !slices.Contains([]rule.Outcome{
		rule.Fired, rule.Off, rule.OtherTrigger, rule.OwnMessage, rule.OtherRobot, rule.OutOfScope, rule.NoKeyword, rule.ConditionFalse,
	}, o)
}

// command is a command as an entry of `commands`, with all its fields but the number
// of its kind, which its type says, too.
func (s *Seen) command(c command.Command, names map[string]string) string {
	words := []string{"type: " + scalar(c.Type)}
	if c.Chat != "" && c.Chat != s.Chat {
		words = append(words, "chat: "+scalar(c.Chat))
	}
	for _, f := range fieldsInOrder(c.Fields) {
		if f.key != "contentType" && f.key != "type" {
			words = append(words, scalar(f.key)+": "+value(f.value, names))
		}
	}
	return "{" + strings.Join(words, ", ") + "}"
}

// jsonField is one field of an object, in its place.
type jsonField struct {
	key   string
	value any
}

// fieldsInOrder reads an object without changing the order of its fields.
func fieldsInOrder(object []byte) (out []jsonField) {
	dec := json.NewDecoder(bytes.NewReader(object))
	dec.UseNumber()
	if t, err := dec.Token(); err != nil || t != json.Delim('{') {
		return nil
	}
	for dec.More() {
		key, err := dec.Token()
		if err != nil {
			return out
		}
		f := jsonField{key: fmt.Sprint(key)}
		if dec.Decode(&f.value) != nil {
			return out
		}
		out = append(out, f)
	}
	return out
}

// value is a value in one line of YAML. Ids of people that the test names are
// written with their names.
func value(v any, names map[string]string) string {
	switch v := v.(type) {
	case nil:
		return "null"
	case []any:
		words := make([]string, len(v))
		for i := range v {
			words[i] = value(v[i], names)
		}
		return "[" + strings.Join(words, ", ") + "]"
	case map[string]any:
		words := []string{}
		for _, key := range slices.Sorted(mapKeys(v)) {
			words = append(words, scalar(key)+": "+value(v[key], names))
		}
		return "{" + strings.Join(words, ", ") + "}"
	case bool, int64, float64:
		return fmt.Sprint(v)
	case json.Number:
		if name, known := names[v.String()]; known {
			return "!id " + scalar(name)
		}
		return v.String()
	}
	text := fmt.Sprint(v)
	if name, known := names[text]; known {
		return "!id " + scalar(name)
	}
	return scalar(text)
}

func mapKeys(m map[string]any) func(func(string) bool) {
	return func(yield func(string) bool) {
		for k := range m {
			if !yield(k) {
				return
			}
		}
	}
}

func scalars(texts []string) []string {
	out := make([]string, len(texts))
	for i, t := range texts {
		out[i] = scalar(t)
	}
	return out
}

// plainText is a text that YAML takes as it is, in lists and mappings of one line too.
var plainText = regexp.MustCompile(`^[\p{L}\p{N}_/.（「《【][\p{L}\p{N}_ ./=~，。？！、；“”‘’（）「」《》【】…—+@%-]*$`)

// scalar is a text in one line of YAML, in quotes where it would be read as
// something else without them.
func scalar(s string) string {
	if plainText.MatchString(s) && !strings.HasSuffix(s, " ") && isPlain(s) {
		return s
	}
	if strings.ContainsAny(s, `"\\`) && !strings.ContainsFunc(s, needsEscape) && !strings.Contains(s, "'") {
		return "'" + s + "'"
	}
	var b strings.Builder
	b.WriteByte('"')
	for _, r := range s {
		switch {
		case r == '"' || r == '\\':
			b.WriteString(`\` + string(r))
		case r == '\n':
			b.WriteString(`\n`)
		case r == '\t':
			b.WriteString(`\t`)
		case needsEscape(r):
			fmt.Fprintf(&b, `\u%04x`, r)
		default:
			b.WriteRune(r)
		}
	}
	b.WriteByte('"')
	return b.String()
}

// needsEscape says whether a rune can't stand in a file, or would not be seen there.
func needsEscape(r rune) bool {
	return r < 0x20 || r >= 0x7f && r < 0xa0 || r == 0x2028 || r == 0x2029 || r == 0xfeff || isDirection(r)
}

// isDirection says whether a rune turns the direction of writing, so that a reader
// would see another text than there is.
func isDirection(r rune) bool {
	return r >= 0x200b && r <= 0x200f || r >= 0x202a && r <= 0x202e || r >= 0x2066 && r <= 0x2069
}

// isPlain says whether YAML reads the text back as this text.
func isPlain(s string) bool {
	var n yaml.Node
	if err := yaml.Unmarshal([]byte(s), &n); err != nil || len(n.Content) != 1 {
		return false
	}
	c := n.Content[0]
	return c.Kind == yaml.ScalarNode && c.ShortTag() == "!!str" && c.Value == s && c.LineComment == ""
}

// Block is the `expect` of a step, to be pasted into its test: of a step in one line,
// what goes before its closing brace; else lines indented as its keys are.
func (r *Result) Block(i int) string {
	t := &r.Steps[i]
	parts := t.Seen.parts(r.names)
	if t.Step.node.Style&yaml.FlowStyle != 0 {
		return "expect: " + flowOf(parts)
	}
	return blockOf(parts, t.Step.node.Column-1, "\n")
}

// flowOf is an `expect` in one line.
func flowOf(parts []part) string {
	words := make([]string, len(parts))
	for i, p := range parts {
		words[i] = p.key + ": " + p.flow()
	}
	return "{" + strings.Join(words, ", ") + "}"
}

// blockOf is an `expect` over several lines, its key so far from the margin; no line
// break at its end.
func blockOf(parts []part, indent int, eol string) string {
	lines := []string{strings.Repeat(" ", indent) + "expect:"}
	return strings.Join(append(lines, partLines(parts, indent+2)...), eol)
}

func partLines(parts []part, indent int) (lines []string) {
	margin := strings.Repeat(" ", indent)
	for _, p := range parts {
		if len(p.list) == 0 || p.key == "rules" || p.key == "outcomes" {
			lines = append(lines, margin+p.key+": "+p.flow())
			continue
		}
		lines = append(lines, margin+p.key+":")
		for i := range p.list {
			if p.keys != nil {
				lines = append(lines, margin+"  "+p.keys[i]+": "+p.list[i])
			} else {
				lines = append(lines, margin+"  - "+p.list[i])
			}
		}
	}
	return lines
}
