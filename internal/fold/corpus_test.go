package fold

import (
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// What the default folds are held to.
const (
	wantRecall      = 0.95
	wantFalseAlarms = 0.005
)

// disguise is a message and the word that it hides.
type disguise struct{ word, how, text string }

func corpusLines(tb testing.TB, name string) []string {
	tb.Helper()
	text, err := os.ReadFile("../../testdata/evasions/" + name)
	if err != nil {
		tb.Fatal(err)
	}
	return strings.Split(strings.TrimSuffix(string(text), "\n"), "\n")
}

func disguises(tb testing.TB, name string) []disguise {
	tb.Helper()
	var out []disguise
	for i, line := range corpusLines(tb, name) {
		parts := strings.Split(line, "\t")
		if len(parts) != 3 {
			tb.Fatalf("%s:%d: %q", name, i+1, line)
		}
		text, err := strconv.Unquote(`"` + strings.ReplaceAll(parts[2], `"`, `\"`) + `"`)
		if err != nil {
			tb.Fatalf("%s:%d: %v", name, i+1, err)
		}
		out = append(out, disguise{parts[0], parts[1], text})
	}
	return out
}

// finder looks for words as a rule does.
type finder struct {
	*Folder
	words map[string][]string
}

func newFinder(tb testing.TB, o Options) finder {
	f := finder{New(o), map[string][]string{}}
	for _, w := range corpusLines(tb, "words.txt") {
		f.words[w] = f.Words(w)
	}
	return f
}

func (f finder) finds(word, text string) bool {
	return slices.ContainsFunc(f.words[word], func(w string) bool { return strings.Contains(text, w) })
}

// recall is the share of the disguises whose word is found.
func (f finder) recall(all []disguise, missed func(disguise)) float64 {
	found := 0
	for _, d := range all {
		if f.finds(d.word, f.String(d.text)) {
			found++
		} else {
			missed(d)
		}
	}
	return float64(found) / float64(len(all))
}

// alarms is the share of the clean lines in which a word is found.
func (f finder) alarms(lines []string, at func(line, word string)) float64 {
	n := 0
	for _, line := range lines {
		text := f.String(line)
		for word := range f.words {
			if f.finds(word, text) {
				n++
				at(line, word)
				break
			}
		}
	}
	return float64(n) / float64(len(lines))
}

func TestCorpusOfDisguises(t *testing.T) {
	all, alike, clean := disguises(t, "evasions.txt"), disguises(t, "homophones.txt"), corpusLines(t, "clean.txt")
	if len(all) < 500 || len(clean) < 5000 {
		t.Fatalf("%d disguises and %d clean lines are not enough", len(all), len(clean))
	}
	f := newFinder(t, Default())
	recall := f.recall(all, func(d disguise) { t.Logf("missed %s by %s: %q", d.word, d.how, d.text) })
	alarms := f.alarms(clean, func(line, word string) { t.Logf("false alarm, %s: %q", word, line) })
	o := Default()
	o.Pinyin = true
	p := newFinder(t, o)
	recallPinyin, alike2 := p.recall(all, func(disguise) {}), p.recall(alike, func(d disguise) { t.Logf("pinyin missed %s: %q", d.word, d.text) })
	alarmsPinyin := p.alarms(clean, func(line, word string) { t.Logf("false alarm by pinyin, %s: %q", word, line) })
	t.Logf("default folds: recall %.2f %% of %d, false alarms %.2f %% of %d", 100*recall, len(all), 100*alarms, len(clean))
	t.Logf("with pinyin:   recall %.2f %%, of %d homophones %.2f %%, false alarms %.2f %%", 100*recallPinyin, len(alike), 100*alike2, 100*alarmsPinyin)
	if recall < wantRecall {
		t.Errorf("recall is %.4f, below %v", recall, wantRecall)
	}
	if alarms > wantFalseAlarms {
		t.Errorf("false alarms are %.4f, above %v", alarms, wantFalseAlarms)
	}
	if alike2 < 0.9 {
		t.Errorf("pinyin finds only %.4f of the homophones", alike2)
	}
}

func TestTheCorpusHidesWhatItSaysItHides(t *testing.T) {
	words := corpusLines(t, "words.txt")
	seen := map[string]bool{}
	for _, d := range append(disguises(t, "evasions.txt"), disguises(t, "homophones.txt")...) {
		switch {
		case !slices.Contains(words, d.word):
			t.Errorf("%q is none of the words", d.word)
		case strings.Contains(d.text, d.word):
			t.Errorf("%q does not hide %s", d.text, d.word)
		case seen[d.text]:
			t.Errorf("%q is there twice", d.text)
		}
		seen[d.text] = true
	}
	for _, line := range corpusLines(t, "clean.txt") {
		if seen[line] || slices.ContainsFunc(words, func(w string) bool { return strings.Contains(strings.ToLower(line), w) }) {
			t.Errorf("%q is not clean, or there twice", line)
		}
		seen[line] = true
	}
}

// A span that is found refolds to the word it was found by.
func TestEveryDisguiseIsPointedAtInTheOriginal(t *testing.T) {
	f := newFinder(t, Default())
	for _, d := range disguises(t, "evasions.txt") {
		view := f.Fold(d.text)
		for _, w := range f.words[d.word] {
			at := strings.Index(view.Text, w)
			if at < 0 {
				continue
			}
			start, end := view.Original(at, at+len(w))
			if got := f.String(d.text[start:end]); got != w {
				t.Errorf("%q: the span %q folds to %q, not %q", d.text, d.text[start:end], got, w)
			}
		}
	}
}
