package diag_test

import (
	"fmt"
	"slices"
	"testing"

	"botengine/internal/diag"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// at makes a finding at a place; only the place and the code matter.
func at(file string, line, column int, code string) diag.Finding {
	return diag.At(file, diag.Span(line, column, 1)).Error(code, diag.T("问题", "a fault"))
}

func TestTidySortsAndLeavesOutDoubles(t *testing.T) {
	l := diag.List{at("b.yaml", 1, 1, "BE101"), at("a.yaml", 2, 5, "BE102"), at("a.yaml", 2, 5, "BE101"), at("a.yaml", 2, 5, "BE102"), at("a.yaml", 1, 9, "BE102")}
	var got []string
	for _, f := range l.Tidy() {
		got = append(got, fmt.Sprintf("%s:%d %s", f.File, f.Range.Start.Line, f.Code))
	}
	want := []string{"a.yaml:1 BE102", "a.yaml:2 BE101", "a.yaml:2 BE102", "b.yaml:1 BE101"}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

func TestCapSaysHowManyMoreThereAre(t *testing.T) {
	var l diag.List
	for i := range 60 {
		l = append(l, at("a.yaml", i+1, 1, "BE102"))
	}
	warning := at("a.yaml", 99, 1, "BE109")
	warning.Severity = diag.Warning
	l = append(l, warning, at("b.yaml", 1, 1, "BE102"))
	got := l.Tidy()
	if len(got) != 52 {
		t.Fatalf("%d findings are left", len(got))
	}
	closing := got[50]
	if closing.Code != "BE609" || closing.Message.ZH != "这个文件还有 11 个问题没有列出" || closing.Severity != diag.Error {
		t.Errorf("the closing finding is %+v", closing)
	}
	if want := (diag.Counts{Errors: 61, Warnings: 1}); got.Count() != want {
		t.Errorf("counted %+v, want %+v", got.Count(), want)
	}
}

func TestCapOfWarningsIsAWarning(t *testing.T) {
	l := diag.List{at("a.yaml", 1, 1, "BE109"), at("a.yaml", 2, 1, "BE109")}
	for i := range l {
		l[i].Severity = diag.Warning
	}
	if got := l.Cap(1); got.HasErrors() || got[1].Message.EN != "1 more finding in this file is not listed" {
		t.Errorf("got %+v", got)
	}
}

func TestSummary(t *testing.T) {
	w := at("a.yaml", 1, 1, "BE109")
	w.Severity = diag.Warning
	e := at("a.yaml", 1, 1, "BE101")
	for _, c := range []struct {
		name   string
		list   diag.List
		zh, en string
	}{
		{"nothing to say", nil, "", ""},
		{"two errors and a warning", diag.List{e, e, w}, "2 个错误，1 个警告", "2 errors, 1 warning"},
		{"warnings alone", diag.List{w, w}, "2 个警告", "2 warnings"},
		{"one error", diag.List{e}, "1 个错误", "1 error"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if zh, en := c.list.Summary(diag.ZH), c.list.Summary(diag.EN); zh != c.zh || en != c.en {
				t.Errorf("got %q and %q", zh, en)
			}
		})
	}
}

func TestSuggest(t *testing.T) {
	fields := []string{"id", "name", "enabled", "on", "when", "then", "scope", "match", "cooldown", "msg", "access_secret"}
	for _, c := range []struct{ name, word, want string }{
		{"swapped letters", "mgs", "msg"},
		{"swapped letters at the end", "whne", "when"},
		{"a letter left out", "coldown", "cooldown"},
		{"a letter too much", "scopee", "scope"},
		{"capitals", "Match", "match"},
		{"several mistakes in a long word", "acess_secrt", "access_secret"},
		{"nothing close", "priority", ""},
		{"nothing in common in a short word", "x", ""},
		{"half of a short word", "od", ""},
		{"nothing written", "", ""},
		{"Chinese", "退款", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got, ok := diag.Suggest(c.word, fields); got != c.want || ok != (c.want != "") {
				t.Errorf("%q suggests %q", c.word, got)
			}
		})
	}
}

func TestSuggestDoesNotDependOnTheOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		words := rapid.SliceOfN(rapid.StringMatching(`[a-d]{1,5}`), 1, 8).Draw(t, "words")
		word := rapid.StringMatching(`[a-d]{1,5}`).Draw(t, "word")
		want, _ := diag.Suggest(word, words)
		slices.Reverse(words)
		if got, _ := diag.Suggest(word, words); got != want {
			t.Fatalf("%q, then %q", want, got)
		}
	})
}

func TestSuggestionListsFewCandidatesWhenNoneIsClose(t *testing.T) {
	if got := diag.Suggestion("whne", []string{"when", "then"}); got.ZH != "是不是想写 `when`?" || got.EN != "did you mean `when`?" {
		t.Errorf("got %+v", got)
	}
	if got := diag.Suggestion("xyz", []string{"group", "private"}); got.EN != "possible here: group, private" {
		t.Errorf("got %+v", got)
	}
	if got := diag.Suggestion("xyz", make([]string, 13)); !got.IsZero() {
		t.Errorf("got %+v", got)
	}
}

func TestTextFallsBackToTheOtherLanguage(t *testing.T) {
	if got := (diag.Text{EN: "only English"}).In(diag.ZH); got != "only English" {
		t.Errorf("got %q", got)
	}
}

func TestWithRelatedDoesNotTouchTheOriginal(t *testing.T) {
	f := at("a.yaml", 1, 1, "BE105").WithRelated("b.yaml", diag.Span(1, 1, 1), diag.T("甲", "a"))
	_ = f.WithRelated("c.yaml", diag.Span(1, 1, 1), diag.T("乙", "b"))
	g := f.WithRelated("d.yaml", diag.Span(1, 1, 1), diag.T("丙", "c"))
	if len(f.Related) != 1 || g.Related[1].File != "d.yaml" {
		t.Errorf("got %+v and %+v", f.Related, g.Related)
	}
}
