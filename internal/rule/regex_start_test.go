package rule

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestWhatAPatternsMatchesBeginWith(t *testing.T) {
	for pattern, want := range map[string]string{
		`退款[0-9]+`: "退款", `(?i)订单(号)?[0-9]{3,6}`: "订单", `(怎么|如何).*退`: "怎么|如何", `(?P<what>发票)+`: "发票", `(退款){2}好`: "退款",
		`[0-9]+退款`: "", `.*退款`: "", `^退款`: "", `\b退款`: "", `(?i)vip`: "", `vip[0-9]`: "vip", `(退款)?好`: "", `退款$`: "退款", `(退款|[0-9])`: "", ``: "", `\x{FFFD}a`: "",
	} {
		s := newStarter(regexp.MustCompile(pattern))
		if got := strings.Join(s.texts, "|"); got != want {
			t.Errorf("%s begins with %q, want %q", pattern, got, want)
		}
	}
}

func TestAPatternIsFoundWhereItWouldBe(t *testing.T) {
	patterns := []*regexp.Regexp{}
	for _, p := range []string{
		`(退款|退货)[0-9]+`, `(?i)退款(?P<n>[0-9]+)?单`, `(怎么|怎么办)(退|换)?`, `(退款)+`, `退款$`, `(退款|款退).*好`, `(?s)退款.+`, `(怎么|如何).{0,3}退(款|货)`, `abcd+`,
	} {
		patterns = append(patterns, regexp.MustCompile(p))
	}
	piece := rapid.SampledFrom([]string{"退", "款", "退款", "退货", "怎么", "如何", "办", "1", "23", "单", "好", "abcd", "\n", "😊", "\xff"})
	rapid.Check(t, func(t *rapid.T) {
		re := rapid.SampledFrom(patterns).Draw(t, "pattern")
		text := strings.Join(rapid.SliceOfN(piece, 0, 60).Draw(t, "text"), "")
		s := newStarter(re)
		if len(s.texts) == 0 {
			t.Fatalf("%v has no beginning", re)
		}
		if got, want := s.find(re, text), re.FindStringSubmatchIndex(text); !slices.Equal(got, want) || (got == nil) != (want == nil) {
			t.Fatalf("%v in %q: %v, want %v", re, text, got, want)
		}
	})
}
