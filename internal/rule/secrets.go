package rule

import (
	"regexp"
	"strings"
	"unicode"

	"go.yaml.in/yaml/v3"

	"botengine/internal/actions"
	"botengine/internal/diag"
)

// What secrets look like wherever they stand: keys of clouds and services, tokens
// with a signature, private keys, and those that an address carries.
var secretShape = regexp.MustCompile(`\b(?:sk-[A-Za-z0-9_-]{20,}|LTAI[A-Za-z0-9]{12,}|AKID[A-Za-z0-9]{13,}|AKIA[A-Z0-9]{16}|gh[pousr]_[A-Za-z0-9]{30,}|glpat-[A-Za-z0-9_-]{20,}|xox[abprs]-[A-Za-z0-9-]{20,}|eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,})` +
	`|-----BEGIN [A-Z ]*PRIVATE KEY-----` +
	`|://[^/\s:@]+:[^/\s:@{}$]+@` +
	`|[?&](?:key|token|access_token|api_key|apikey|secret|app_?secret|password|sign)=[A-Za-z0-9_.-]{16,}`)

// secretKey is what fields are called that hold a secret.
var secretKey = regexp.MustCompile(`(?i)(?:^|[_.-])(?:token|secret|password|passwd|pwd|api_?key|access_?key|app_?secret|private_?key)$|密码|密钥|口令|令牌`)

// secrets warns of what looks like a secret. The warning never shows it.
func (d *document) secrets(key, n *yaml.Node, found diag.List) diag.List {
	switch n.Kind {
	case yaml.ScalarNode:
		if isSecret(key, n.Value) {
			found = append(found, actions.LiteralSecret(diag.At(d.path, d.at(n))))
		}
	case yaml.MappingNode:
		for i := 0; i+1 < len(n.Content); i += 2 {
			found = d.secrets(n.Content[i], n.Content[i+1], found)
		}
	default:
		for _, c := range n.Content {
			found = d.secrets(key, c, found)
		}
	}
	return found
}

// minSecret is the fewest bytes of what is taken for a secret by its key alone.
const minSecret = 8

// isSecret says whether the value is one, going by its shape or by what its field is
// called.
func isSecret(key *yaml.Node, value string) bool {
	if len(value) < minSecret || strings.Contains(value, "${") {
		return false
	}
	if key != nil && isOpaque(value) && secretKey.MatchString(key.Value) {
		return true
	}
	return mayHold(value) && secretShape.MatchString(value)
}

// isOpaque says whether the value is no word of a language: letters and digits
// without blanks, or very long.
func isOpaque(value string) bool {
	letters, digits := false, false
	for _, r := range value {
		switch {
		case r > unicode.MaxASCII, unicode.IsSpace(r), r == '{', r == '}', r == '*':
			return false
		case unicode.IsDigit(r):
			digits = true
		case unicode.IsLetter(r):
			letters = true
		}
	}
	return letters && digits
}

// minToken is the fewest bytes of a token that is taken for a secret by its shape.
const minToken = 16

// mayHold is the cheap test before the dear one: almost no text has an address, a key
// block, or letters and digits in one long word.
func mayHold(s string) bool {
	run, letters, digits := 0, false, false
	for i := range len(s) {
		c := s[i]
		switch {
		case c >= '0' && c <= '9':
			run, digits = run+1, true
		case c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z':
			run, letters = run+1, true
		case c == '_' || c == '-' || c == '.':
			run++
		default:
			run, letters, digits = 0, false, false
		}
		if run >= minToken && letters && digits {
			return true
		}
	}
	return strings.Contains(s, "://") || strings.Contains(s, "-----BEGIN")
}

// hide keeps lines with a secret in them from being shown by other findings.
func hide(findings diag.List) diag.List {
	type line struct {
		file string
		at   int
	}
	secret := map[line]bool{}
	for _, f := range findings {
		if f.NoExcerpt {
			secret[line{f.File, f.Range.Start.Line}] = true
		}
	}
	for i, f := range findings {
		if secret[line{f.File, f.Range.Start.Line}] {
			findings[i].NoExcerpt = true
		}
	}
	return findings
}
