package ruletest

import (
	"bytes"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"
)

// lineStarts is where each line of a text begins.
func lineStarts(text []byte) []int {
	starts := []int{0}
	for i, c := range text {
		if c == '\n' {
			starts = append(starts, i+1)
		}
	}
	return starts
}

// eol is how the file ends its lines.
func (u *updater) eol() string {
	if bytes.Contains(u.text, []byte("\r\n")) {
		return "\r\n"
	}
	return "\n"
}

// offset is where a node begins, its tag included.
func (u *updater) offset(n *yaml.Node) int {
	at := u.starts[n.Line-1]
	if n.Line == 1 {
		at += len(u.text) - len(bytes.TrimPrefix(u.text, []byte("\ufeff")))
	}
	for range n.Column - 1 {
		_, size := utf8.DecodeRune(u.text[at:])
		at += size
	}
	return at
}

// lineEnd is the end of the line of that place, before what ends it.
func (u *updater) lineEnd(at int) int {
	for at < len(u.text) && u.text[at] != '\n' {
		at++
	}
	if at > 0 && u.text[at-1] == '\r' {
		at--
	}
	return at
}

// end is the first byte behind a node.
func (u *updater) end(n *yaml.Node) int {
	at := u.offset(n)
	if n.Kind != yaml.ScalarNode {
		if n.Style&yaml.FlowStyle != 0 {
			return u.closing(at)
		}
		return u.end(n.Content[len(n.Content)-1])
	}
	if at < len(u.text) && u.text[at] == '!' { // the node begins with its tag
		for at < len(u.text) && u.text[at] != ' ' {
			at++
		}
		for at < len(u.text) && u.text[at] == ' ' {
			at++
		}
	}
	switch {
	case n.Style&(yaml.DoubleQuotedStyle|yaml.SingleQuotedStyle) != 0:
		return u.quoteEnd(at)
	case n.Style&(yaml.LiteralStyle|yaml.FoldedStyle) != 0:
		return u.blockEnd(at)
	}
	return u.plainEnd(at, n.Value)
}

// quoteEnd is behind the quote that closes the one at that place.
func (u *updater) quoteEnd(at int) int {
	quote := u.text[at]
	for i := at + 1; i < len(u.text); i++ {
		switch c := u.text[i]; {
		case c == '\\' && quote == '"':
			i++
		case c == quote && quote == '\'' && i+1 < len(u.text) && u.text[i+1] == quote:
			i++
		case c == quote:
			return i + 1
		}
	}
	return len(u.text)
}

// closing is behind the bracket that closes the one at that place.
func (u *updater) closing(at int) int {
	depth := 0
	for i := at; i < len(u.text); i++ {
		switch c := u.text[i]; {
		case c == '{' || c == '[':
			depth++
		case c == '}' || c == ']':
			if depth--; depth == 0 {
				return i + 1
			}
		case (c == '"' || c == '\'') && bytes.ContainsAny(u.text[i-1:i], " ,[{:\t\n!"):
			i = u.quoteEnd(i) - 1
		case c == '#' && bytes.ContainsAny(u.text[i-1:i], " \t\n"):
			i = u.lineEnd(i) - 1
		}
	}
	return len(u.text)
}

// blockEnd is behind the last line of a block scalar, the head of which stands at that
// place: its lines are indented deeper than the line of its key.
func (u *updater) blockEnd(at int) int {
	line := 0
	for line+1 < len(u.starts) && u.starts[line+1] <= at {
		line++
	}
	own := indentOf(u.text[u.starts[line]:])
	end := at
	for line++; line < len(u.starts); line++ {
		text := u.text[u.starts[line]:]
		if i := bytes.IndexByte(text, '\n'); i >= 0 {
			text = text[:i+1]
		}
		if len(bytes.TrimSpace(text)) == 0 {
			continue
		}
		if indentOf(text) <= own {
			break
		}
		end = u.lineEnd(u.starts[line])
	}
	return end
}

// indentOf is how deep a line is indented; the dash of a list's entry counts as blank.
func indentOf(line []byte) int {
	for i, c := range line {
		if c != ' ' && (c != '-' || i+1 < len(line) && line[i+1] != ' ') {
			return i
		}
	}
	return len(line)
}

// plainEnd is behind a text without quotes: its words, with whatever blanks the lines
// have between them.
func (u *updater) plainEnd(at int, value string) int {
	for _, r := range value {
		if r == ' ' || r == '\n' {
			for at < len(u.text) && bytes.IndexByte([]byte(" \t\r\n"), u.text[at]) >= 0 {
				at++
			}
			continue
		}
		_, size := utf8.DecodeRune(u.text[at:])
		at += size
	}
	return at
}
