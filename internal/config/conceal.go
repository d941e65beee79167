package config

import (
	"regexp"
	"strings"

	"botengine/internal/diag"
)

// secretKey finds what may be the key of a secret, also mistyped, and whatever
// a person may have put behind it.
var secretKey = regexp.MustCompile(`(?i)(?:secret|key|token|passw|credential)[\w-]*["']?(?:\s*[:：=]\s*|\s+|$)`)

// reference is a value that is not the secret itself.
var reference = regexp.MustCompile(`^["']?\$\{(?:env|file|cred):[^}]*\}["']?\s*(?:[,}\]]|#.*$|$)`)

// userInfo is a password in a URL.
var userInfo = regexp.MustCompile(`://[^/\s]*@`)

// conceal keeps lines that hold a secret out of what is printed, whatever their
// findings are about.
func conceal(src []byte, findings diag.List) {
	hidden := secretLines(strings.Split(strings.ReplaceAll(string(src), "\r\n", "\n"), "\n"))
	for i := range findings {
		f := &findings[i]
		if !hidden[f.Range.Start.Line] {
			continue
		}
		f.NoExcerpt = true
		if f.Code == "BE113" { // its hint quotes the comment
			f.Hint = diag.T("请给整句加引号", "put quotes around the whole text")
		}
	}
}

// secretLines returns the numbers of the lines that may hold a secret: one beside
// its key, or the lines below a key that has nothing beside it.
func secretLines(lines []string) map[int]bool {
	hidden := make(map[int]bool)
	below := -1 // the indentation of a key whose value stands on the next lines
	for i, line := range lines {
		indent := len(line) - len(strings.TrimLeft(line, " -\t"))
		if below >= 0 && (indent > below || strings.TrimSpace(line) == "") {
			hidden[i+1] = true
			continue
		}
		below = -1
		if userInfo.MatchString(line) {
			hidden[i+1] = true
		}
		for _, m := range secretKey.FindAllStringIndex(line, -1) {
			rest := strings.TrimSpace(line[m[1]:])
			if !reference.MatchString(rest) {
				hidden[i+1] = true
				below = indent
			}
		}
	}
	return hidden
}
