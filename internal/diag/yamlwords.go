package diag

import "unicode"

// countSpaces counts the spaces a line begins with.
func countSpaces(line []rune) int {
	n := 0
	for n < len(line) && line[n] == ' ' {
		n++
	}
	return n
}

// isMarker says whether the line is a document marker or a directive.
func isMarker(line []rune) bool {
	return startsWith(line, 0, "---") || startsWith(line, 0, "...") || startsWith(line, 0, "%YAML")
}

// startsWith says whether word stands at column i.
func startsWith(line []rune, i int, word string) bool {
	for _, r := range word {
		if i >= len(line) || line[i] != r {
			return false
		}
		i++
	}
	return true
}

// textEnd returns where the text that begins at i ends: before a comment or the
// spaces at the end of the line.
func textEnd(line []rune, i int) int {
	end := len(line)
	if c := commentStart(line, i); c >= 0 {
		end = c
	}
	for end > i && isSpace(line[end-1]) {
		end--
	}
	return end
}

// commentStart returns where a comment begins behind a text at i, or -1.
func commentStart(line []rune, i int) int {
	for k := i + 1; k < len(line); k++ {
		if line[k] == '#' && isSpace(line[k-1]) {
			return k
		}
	}
	return -1
}

// keyEnd returns the column of the colon that ends the key at i, or -1 if no key
// stands there.
func keyEnd(line []rune, i int) int {
	if line[i] == '"' || line[i] == '\'' {
		end, closed := quoteEnd(line, i+1, line[i])
		end = skipSpace(line, end)
		if closed && isColon(line, end) {
			return end
		}
		return -1
	}
	if line[i] == '[' || line[i] == '{' || line[i] == '#' {
		return -1
	}
	return nextColon(line, i)
}

// nextColon returns the first colon at or behind i that separates, or -1.
func nextColon(line []rune, i int) int {
	end := textEnd(line, i)
	for k := i; k < end; k++ {
		if isColon(line, k) {
			return k
		}
	}
	return -1
}

// isColon says whether a colon that separates stands at i.
func isColon(line []rune, i int) bool {
	return i < len(line) && line[i] == ':' && (i+1 == len(line) || isSpace(line[i+1]))
}

// quoteEnd returns the column behind the closing quote, searching from i.
func quoteEnd(line []rune, i int, quote rune) (end int, closed bool) {
	for i < len(line) {
		switch {
		case quote == '"' && line[i] == '\\':
			i++
		case line[i] == quote && quote == '\'' && i+1 < len(line) && line[i+1] == quote:
			i++
		case line[i] == quote:
			return i + 1, true
		}
		i++
	}
	return len(line), false
}

// flowTextEnd returns where a plain text inside brackets ends.
func flowTextEnd(line []rune, i int) int {
	if startsWith(line, i, "{{") {
		for k := i; k+1 < len(line); k++ {
			if line[k] == '}' && line[k+1] == '}' {
				return k + 2
			}
		}
		return len(line)
	}
	for k := i + 1; k < len(line); k++ {
		switch r := line[k]; {
		case r == ',' || r == '[' || r == ']' || r == '{' || r == '}':
			return k
		case r == ':' && (k+1 == len(line) || isSpace(line[k+1]) || line[k+1] == ',' || line[k+1] == '}' || line[k+1] == ']'):
			return k
		case r == '#' && isSpace(line[k-1]):
			return k
		}
	}
	return len(line)
}

// isBlockHeader says whether rest is `|` or `>` with nothing but its options.
func isBlockHeader(rest []rune) bool {
	i := 1
	for i < len(rest) && (rest[i] == '+' || rest[i] == '-' || unicode.IsDigit(rest[i])) {
		i++
	}
	i = skipSpace(rest, i)
	return i == len(rest) || rest[i] == '#'
}

// wordLength counts the runes of the key or word at i.
func wordLength(line []rune, i int) int {
	end := i
	for end < len(line) && !unicode.IsSpace(line[end]) && line[end] != ':' && line[end] != '：' {
		end++
	}
	return end - i
}

// isIdentifier says whether the runes could be the name of a field.
func isIdentifier(word []rune) bool {
	for _, r := range word {
		if r > unicode.MaxASCII || !unicode.IsLetter(r) && !unicode.IsDigit(r) && r != '_' && r != '.' && r != '-' {
			return false
		}
	}
	return len(word) > 0
}
