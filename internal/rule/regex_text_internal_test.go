package rule

import (
	"regexp"
	"regexp/syntax"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestThePatternOfATreeMeansWhatTheTreeMeans(t *testing.T) {
	pieces := []string{"[^a]", "[^a-cA]", "[^，。]+", `\pL`, `\S*`, `\D`, "(?i:k[^s]x)", "(?i)[^k]", "退", "a", "(", ")", "|", "*", "?", "{2}", "^", "$", ".", "(?s:.)", `[\x{100000}-\x{10FFFF}]`, "􀀀", `\x{100001}`, `[\x{100000}\x{100002}a]`}
	texts := []rune("aAbBkKsSſKxX退，。 1\n􀀀􀀁é")
	rapid.Check(t, func(rt *rapid.T) {
		pattern := strings.Join(rapid.SliceOfN(rapid.SampledFrom(pieces), 1, 8).Draw(rt, "pattern"), "")
		tree, err := syntax.Parse(pattern, syntax.Perl)
		if err != nil {
			return
		}
		want, err := regexp.Compile(tree.String())
		if err != nil {
			return
		}
		got, err := regexp.Compile(patternOf(tree))
		if err != nil {
			rt.Fatalf("%s: %v", pattern, err)
		}
		text := rapid.StringOfN(rapid.SampledFrom(texts), 0, 12, -1).Draw(rt, "text")
		if w, g := want.FindAllStringIndex(text, -1), got.FindAllStringIndex(text, -1); len(w) != len(g) || len(w) > 0 && (w[0][0] != g[0][0] || w[0][1] != g[0][1]) {
			rt.Fatalf("%s on %q: %v, want %v", pattern, text, g, w)
		}
	})
}

// A pattern of a kilobyte must not keep a reload busy: a rule file has room for a
// thousand of them.
func TestAPatternOfWideClassesIsWrittenWithoutLookingAtEachCharacter(t *testing.T) {
	tree, err := syntax.Parse(strings.Repeat("[^a]", 250), syntax.Perl)
	if err != nil {
		t.Fatal(err)
	}
	if n := len(hideWide(tree, nil)); n != 250 {
		t.Errorf("%d of 250 classes are left to others to write", 250-n)
	}
}
