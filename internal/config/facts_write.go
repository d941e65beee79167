package config

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"
)

// ErrNoPlace says that the facts could not be put into the file without touching
// anything else in it; FactsYAML is what a person would write there.
var ErrNoPlace = errors.New("no place for the facts in the configuration")

// WriteFacts writes the facts of an account into the file at path, in place of
// those that are there. Everything else in the file stays byte for byte; the file
// is replaced in one step or not at all. What cannot be done so is ErrNoPlace.
func WriteFacts(path string, env func(string) (string, bool), account string, f Facts) error {
	target, err := filepath.EvalSymlinks(path) // the link stays, what it points to is replaced
	if err != nil {
		return fmt.Errorf("write the facts: %w", err)
	}
	src, err := read(target)
	if err != nil {
		return fmt.Errorf("write the facts: %w", err)
	}
	before, err := settings(path, env, src)
	if err != nil {
		return err
	}
	i := slices.IndexFunc(before.Accounts, func(a Account) bool { return a.Name == account })
	if i < 0 {
		return fmt.Errorf("write the facts: there is no account %s", account)
	}
	out, err := withFacts(src, i, f)
	if err != nil {
		return err
	}
	after, err := settings(path, env, out)
	if err != nil || !sameBut(before, after, i, f) {
		return ErrNoPlace
	}
	info, err := os.Stat(target)
	if err != nil {
		return fmt.Errorf("write the facts: %w", err)
	}
	if err := replaceFile(target, out, info.Mode().Perm()); err != nil {
		return fmt.Errorf("write the facts: %w", err)
	}
	return nil
}

// settings are what a file's text says.
func settings(path string, env func(string) (string, bool), src []byte) (Config, error) {
	d := &decoder{file: path, dir: filepath.Dir(path), env: env}
	cfg := d.decode(src)
	if d.findings.HasErrors() {
		return cfg, errors.New("write the facts: the configuration has errors")
	}
	return cfg, nil
}

// sameBut reports whether two configurations differ in the facts of account i
// only, and after has f there.
func sameBut(before, after Config, i int, f Facts) bool {
	if len(after.Accounts) != len(before.Accounts) || !reflect.DeepEqual(after.Accounts[i].Facts.rounded(), f.rounded()) {
		return false
	}
	after.Accounts = slices.Clone(after.Accounts)
	after.Accounts[i].Facts = before.Accounts[i].Facts
	return reflect.DeepEqual(before, after)
}

// rounded are the facts as the file can hold them.
func (f Facts) rounded() Facts {
	f.ProbedAt = f.ProbedAt.UTC().Truncate(time.Second)
	return f
}

// entries are the facts as keys and values, in the order in which they are written.
func (f Facts) entries() [][2]string {
	all := [][2]string{}
	if !f.ProbedAt.IsZero() {
		all = append(all, [2]string{"probed_at", f.rounded().ProbedAt.Format(time.RFC3339)})
	}
	for _, e := range []struct {
		name  string
		truth Truth
	}{
		{"dedupes", f.Dedupes}, {"own_history_id", f.OwnHistoryID}, {"other_history_id", f.OtherHistoryID},
		{"two_sockets", f.TwoSockets}, {"bridge_messages", f.BridgeMessages}, {"same_token", f.SameToken},
	} {
		word := string(e.truth)
		if e.truth == Unknown {
			word = unknownWord
		}
		all = append(all, [2]string{e.name, word})
	}
	return append(all,
		[2]string{"history_days", strconv.Itoa(f.HistoryDays)},
		[2]string{"history_count", strconv.Itoa(f.HistoryCount)})
}

// FactsYAML is the block that WriteFacts writes, each line behind indent.
func FactsYAML(f Facts, indent string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%sfacts: # botengine probe\n", indent)
	for _, e := range f.entries() {
		fmt.Fprintf(&b, "%s  %s: %s\n", indent, e[0], e[1])
	}
	return b.String()
}

// flow is the block on one line, for a mapping in braces.
func (f Facts) flow() string {
	var parts []string
	for _, e := range f.entries() {
		parts = append(parts, e[0]+": "+strconv.Quote(e[1]))
	}
	return "facts: {" + strings.Join(parts, ", ") + "}"
}

// withFacts puts the facts of account i into the text of a file.
func withFacts(src []byte, i int, f Facts) ([]byte, error) {
	n := accountNode(src, i)
	if n == nil {
		return nil, ErrNoPlace
	}
	text := newLines(src)
	if n.Style&yaml.FlowStyle != 0 {
		return text.intoFlow(n, f)
	}
	return text.intoBlock(n, f), nil
}

// accountNode is the mapping of account i, or nil.
func accountNode(src []byte, i int) *yaml.Node {
	docs, err := documents(src)
	if err != nil || len(docs) != 1 {
		return nil
	}
	_, list := find(docs[0], "accounts")
	if list == nil || i >= len(list.Content) || list.Content[i].Kind != yaml.MappingNode || len(list.Content[i].Content) == 0 {
		return nil
	}
	return list.Content[i]
}

// find returns a key of a mapping and its value, or nil.
func find(n *yaml.Node, name string) (key, value *yaml.Node) {
	for i := 0; n.Kind == yaml.MappingNode && i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value == name {
			return n.Content[i], n.Content[i+1]
		}
	}
	return nil, nil
}

// lines is a text by its lines, each with its line break.
type lines struct {
	all   [][]byte
	crlf  bool
	final bool // the last line has its break
}

func newLines(src []byte) *lines {
	return &lines{
		all:   slices.Collect(bytes.Lines(src)),
		crlf:  bytes.Contains(src, []byte("\r\n")),
		final: bytes.HasSuffix(src, []byte("\n")),
	}
}

// intoBlock puts the facts at the end of a block mapping, or where they were.
func (l *lines) intoBlock(n *yaml.Node, f Facts) []byte {
	indent := n.Content[0].Column - 1
	from := l.end(n.Content[0].Line, indent) // the index behind the mapping's last line
	to := from
	if key, _ := find(n, "facts"); key != nil && key != n.Content[0] {
		from, to = key.Line-1, l.end(key.Line, indent+1)
	}
	block := FactsYAML(f, strings.Repeat(" ", indent))
	if from == len(l.all) && !l.final {
		block = "\n" + strings.TrimSuffix(block, "\n")
	}
	if l.crlf {
		block = strings.ReplaceAll(block, "\n", "\r\n")
	}
	return slices.Concat(bytes.Join(l.all[:from], nil), []byte(block), bytes.Join(l.all[to:], nil))
}

// end is the index behind the last line that still belongs to what begins in the
// given line (from 1): lines further in than least. Comments and empty lines at
// its end belong to what follows.
func (l *lines) end(line, least int) int {
	end := line
	for i := line; i < len(l.all); i++ {
		text := bytes.TrimRight(l.all[i], "\r\n")
		inner := bytes.TrimLeft(text, " ")
		switch {
		case len(inner) == 0, inner[0] == '#':
		case len(text)-len(inner) >= least:
			end = i + 1
		default:
			return end
		}
	}
	return end
}

// intoFlow puts the facts before the closing brace of {…}, or where they were.
func (l *lines) intoFlow(n *yaml.Node, f Facts) ([]byte, error) {
	src := bytes.Join(l.all, nil)
	begin, end, ok := l.braces(src, n)
	if !ok {
		return nil, ErrNoPlace
	}
	if key, value := find(n, "facts"); key != nil {
		_, stop, ok := l.braces(src, value)
		if !ok {
			return nil, ErrNoPlace
		}
		return slices.Concat(src[:l.offset(key)], []byte(f.flow()), src[stop:]), nil
	}
	inside := bytes.TrimRight(src[begin:end-1], " \t\r\n")
	separator := ", "
	if bytes.HasSuffix(inside, []byte(",")) {
		separator = " "
	}
	at := begin + len(inside)
	return slices.Concat(src[:at], []byte(separator+f.flow()), src[at:]), nil
}

// offset is the byte at which a node begins. Columns count characters.
func (l *lines) offset(n *yaml.Node) int {
	at := 0
	for _, line := range l.all[:n.Line-1] {
		at += len(line)
	}
	runes := []rune(string(l.all[n.Line-1]))
	return at + len(string(runes[:min(n.Column-1, len(runes))]))
}

// braces is where a mapping in braces begins and ends. Quoted texts and comments
// are stepped over.
func (l *lines) braces(src []byte, n *yaml.Node) (begin, end int, ok bool) {
	begin = l.offset(n)
	if begin >= len(src) || src[begin] != '{' {
		return 0, 0, false
	}
	depth := 0
	for i := begin; i < len(src); i++ {
		switch c := src[i]; c {
		case '"', '\'':
			if opens(src[i-1]) {
				i = closing(src, i)
			}
		case '#':
			if src[i-1] == ' ' || src[i-1] == '\n' || src[i-1] == '\t' {
				i += max(0, bytes.IndexByte(src[i:], '\n'))
			}
		case '{', '[':
			depth++
		case '}', ']':
			if depth--; depth == 0 {
				return begin, i + 1, true
			}
		}
	}
	return 0, 0, false
}

// opens reports whether a quote behind c begins a quoted text.
func opens(c byte) bool { return strings.IndexByte(" \t\r\n,:{[", c) >= 0 }

// closing is the index of the quote that ends the text which begins at i.
func closing(src []byte, i int) int {
	for j := i + 1; j < len(src); j++ {
		switch {
		case src[j] == '\\' && src[i] == '"':
			j++
		case src[j] == src[i]:
			return j
		}
	}
	return len(src)
}
