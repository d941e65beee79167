package literal_test

import (
	"fmt"
	"regexp"
	"regexp/syntax"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"botengine/internal/literal"
)

// scan returns the numbers of the literals that m finds in the text.
func scan(m *literal.Matcher, n int, text string) []int {
	var found literal.Found
	found.Reserve(n)
	m.Scan(text, &found)
	var out []int
	for i, ok := found.Pop(); ok; i, ok = found.Pop() {
		out = append(out, i)
	}
	return out
}

// contained is what the matcher has to find.
func contained(literals []string, text string) []int {
	var out []int
	for i, l := range literals {
		if l != "" && strings.Contains(text, l) {
			out = append(out, i)
		}
	}
	return out
}

type fataler interface{ Fatalf(string, ...any) }

func checkScan(t fataler, literals []string, text string) {
	got, want := scan(literal.New(literals), len(literals), text), contained(literals, text)
	if !slices.Equal(got, want) {
		t.Fatalf("%q in %q: found %v, want %v", literals, text, got, want)
	}
}

func TestFindsWhatContainsFinds(t *testing.T) {
	crowd := make([]string, 0, 600)
	for i := range 300 {
		crowd = append(crowd, fmt.Sprintf("公共的开头%d", i), fmt.Sprintf("%d公共的结尾", i))
	}
	for name, c := range map[string]struct {
		literals []string
		text     string
	}{
		"nothing to find":                     {nil, "怎么退款"},
		"an empty text":                       {[]string{"退款", "", "1"}, ""},
		"an empty literal is never found":     {[]string{"", "退"}, "退款"},
		"one of every width":                  {[]string{"a", "é", "款", "退款", "退款吗", "𠮷"}, "é退款吗a𠮷"},
		"literals that overlap":               {[]string{"退款", "款退", "退款退款", "退"}, "退款退款退"},
		"one twice":                           {[]string{"退款", "退款"}, "我要退款"},
		"at both ends":                        {[]string{"开始的", "结束了"}, "开始的中间结束了"},
		"the whole text":                      {[]string{"怎么退款"}, "怎么退款"},
		"longer than the text":                {[]string{"怎么退款呀"}, "怎么退款"},
		"hundreds with one beginning or end":  {crowd, "公共的开头17，299公共的结尾"},
		"bytes that are no UTF-8":             {[]string{"\xe5\x8d", "\x80\x80\x80\x80\x80\x80", "\xff", "款\xff"}, "\x80\x80\x80\x80\x80\x80\x80退款\xff"},
		"one that begins inside a character":  {[]string{"\x80\xe6\xac\xbe\xe5\x91"}, "退款\x80款呀"},
		"full-width punctuation and an emoji": {[]string{"！？", "👍🏻", "👍"}, "好的👍🏻！？"},
		"zero bytes":                          {[]string{"\x00", "\x00\x00\x00", "\x00\x00\x00\x00\x00\x00"}, "\x00\x00\x00\x00\x00\x00\x00"},
	} {
		t.Run(name, func(t *testing.T) { checkScan(t, c.literals, c.text) })
	}
}

func TestFindsWhatContainsFindsInRandomTexts(t *testing.T) {
	alphabets := []*rapid.Generator[string]{
		rapid.StringOfN(rapid.SampledFrom([]rune("退款怎么办")), 0, 9, -1),
		rapid.StringOfN(rapid.SampledFrom([]rune("ab退")), 0, 12, -1),
		rapid.StringMatching(`(公共的开头[0-9]{1,2}|[0-9]公共的)`),
		rapid.Map(rapid.SliceOfN(rapid.SampledFrom([]byte("\x00\x80\xbf\xe9\x80\xff退")), 0, 12), func(b []byte) string { return string(b) }),
	}
	rapid.Check(t, func(t *rapid.T) {
		words := rapid.SampledFrom(alphabets).Draw(t, "alphabet")
		literals := rapid.SliceOfN(words, 0, 60).Draw(t, "literals")
		text := strings.Join(rapid.SliceOfN(words, 0, 12).Draw(t, "text"), "")
		if rapid.Bool().Draw(t, "long") {
			text = strings.Repeat(text+"天气", 200)
		}
		checkScan(t, literals, text)
	})
}

func FuzzScan(f *testing.F) {
	f.Add("退款\n怎么\n1\n", "怎么退款1")
	f.Add("\x80\x80\x80\x80\x80\x80\n\xff", "\xff\x80\x80\x80\x80\x80\x80\x80")
	f.Add(strings.Repeat("公共的开头\n", 40), "公共的开头")
	f.Fuzz(func(t *testing.T, literals, text string) {
		checkScan(t, strings.Split(literals, "\n"), text)
	})
}

func TestScanAllocatesNothing(t *testing.T) {
	literals := []string{"退款", "款", "1", "怎么办"}
	m := literal.New(literals)
	var found literal.Found
	found.Reserve(len(literals))
	if n := testing.AllocsPerRun(50, func() {
		m.Scan("怎么退款1", &found)
		for _, ok := found.Pop(); ok; _, ok = found.Pop() {
		}
	}); n > 0 {
		t.Errorf("%v allocations", n)
	}
}

func TestOfRegex(t *testing.T) {
	for pattern, want := range map[string]string{
		`退款`:                  "退款",
		`^退款$`:                "退款",
		`(怎么|如何)退(款|货)`:       "怎么退款 怎么退货 如何退款 如何退货",
		`退款.*订单号[0-9]+`:       "订单号",
		`[退换]货`:               "换货 退货",
		`退(款)?了`:              "退了 退款了",
		`(?:退款){2,}`:          "退款",
		`(?:退款)+`:             "退款",
		`(?i)vip`:             "VIP VIp ViP Vip vIP vIp viP vip",
		`[0-9]+`:              "",
		`(退款)?`:               "",
		`(退款)*`:               "",
		`退款|[0-9]`:            "",
		`\x{FFFD}`:            "",
		`退款\x{FFFD}`:          "退款",
		`[\x{FFFC}-\x{FFFE}]`: "",
		`.*`:                  "",
		``:                    "",
	} {
		got := literal.OfRegex(mustParse(t, pattern), false)
		slices.Sort(got)
		wanted := strings.Fields(want)
		slices.Sort(wanted)
		if !slices.Equal(got, wanted) {
			t.Errorf("%s: %q, want %q", pattern, got, wanted)
		}
	}
	if got := literal.OfRegex(mustParse(t, "(?i)订单NOk"), true); !slices.Equal(got, []string{"订单nok"}) {
		t.Errorf("of a text in lower case: %q", got)
	}
}

func mustParse(tb testing.TB, pattern string) *syntax.Regexp {
	tb.Helper()
	re, err := syntax.Parse(pattern, syntax.Perl)
	if err != nil {
		tb.Fatal(err)
	}
	return re
}

// patterns are expressions that match often.
func patterns() *rapid.Generator[string] {
	return rapid.StringMatching(`(\(\?i\))?(退|款|[退款]|k|S|\(退\|款\)|\(kS\|款?\)\?|\(退款\){1,2}|\.|\.\*|退[+?*]|\[^款\]|\\x\{FFFD\}|\^|\$|\\b|\||退{2}){0,6}`)
}

func TestEveryTextThatARegexMatchesHoldsOneOfItsLiterals(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		pattern := patterns().Draw(t, "pattern")
		re, err := regexp.Compile(pattern)
		if err != nil {
			t.Skip()
		}
		lowered := rapid.Bool().Draw(t, "lowered")
		tree, err := syntax.Parse(pattern, syntax.Perl)
		if err != nil {
			t.Fatal(err)
		}
		literals := literal.OfRegex(tree, lowered)
		text := strings.Join(rapid.SliceOfN(rapid.SampledFrom([]string{"退", "款", "k", "K", "\u212a", "s", "S", "ſ", "\xff", "\n", " "}), 0, 8).Draw(t, "text"), "")
		if lowered {
			text = strings.ToLower(text)
		}
		if literals != nil && re.MatchString(text) && !slices.ContainsFunc(literals, func(l string) bool { return strings.Contains(text, l) }) {
			t.Fatalf("%s matches %q, which has none of %q", pattern, text, literals)
		}
	})
}

func FuzzOfRegex(f *testing.F) {
	for _, p := range []string{`(怎么|如何)退(款|货)`, `(?i)vip[0-9]`, `退{2,3}款?`, `[^a]\x{FFFD}|b+`} {
		f.Add(p, "怎么退款VIP1\xff")
	}
	f.Fuzz(func(t *testing.T, pattern, text string) {
		re, err := regexp.Compile(pattern)
		if err != nil || len(pattern) > 100 {
			t.Skip()
		}
		literals := literal.OfRegex(mustParse(t, pattern), false)
		if literals != nil && re.MatchString(text) && !slices.ContainsFunc(literals, func(l string) bool { return strings.Contains(text, l) }) {
			t.Fatalf("%s matches %q, which has none of %q", pattern, text, literals)
		}
	})
}

func BenchmarkScan(b *testing.B) {
	text := strings.Repeat("你好请问一下这个产品怎么办理退货", 2)
	for _, n := range []int{10, 1000, 10_000, 30_000} {
		literals := make([]string, n)
		for i := range literals {
			r := i * 7919
			literals[i] = string([]rune{rune(0x4e00 + r%3000), rune(0x4e00 + r/3000%3000), rune(0x4e00 + r%1777)})
		}
		m := literal.New(literals)
		var found literal.Found
		found.Reserve(n)
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			b.ReportMetric(float64(m.Bytes()), "index-bytes")
			for b.Loop() {
				m.Scan(text, &found)
			}
		})
	}
}
