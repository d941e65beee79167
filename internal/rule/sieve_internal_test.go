package rule

import (
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"
)

// odd are texts of all sorts of characters: those that folds change, drop, or keep
// by what is beside them, and bytes that are no UTF-8.
var odd = []string{
	"退", "款", "加", "薇", "威", "信", "訂", "单", "銀", "行", "a", "b", "V", "Ｖ", "x", "ſ", "K", "1", "１", "①", " ", "　", "\t", ".", "-", "…", "，", ",", "！", "!", "？", "：",
	"\u200b", "\u00ad", "\u0301", "\ufe0f", "😊", "👍", "𝐀", "＋", "+", "한", "글", "カ", "ｶ", "é", "Ä", "㎏", "\ufffd", "\xff", "\xe9\x80", "\xe0\x80\x80", "\xed\xa0\x80", "丶", "〇", "⼀", "\U0002f800", "ا", "ৰ", "\ue000", "䷀", "㐀",
}

func someText(t *rapid.T, label string, least, most int) string {
	return strings.Join(rapid.SliceOfN(rapid.OneOf(rapid.SampledFrom(odd), rapid.SampledFrom(odd[:12]), rapid.String()), least, most).Draw(t, label), "")
}

func TestASieveHoldsNoTextBackThatHasWhatIsLookedFor(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		folds := foldSet(rapid.Uint8Range(0, uint8(foldSets-1)).Draw(t, "folds"))
		if rapid.Bool().Draw(t, "usual") {
			folds = allFolds
		}
		text := someText(t, "text", 1, 12)
		folded := folders[folds]().String(text)
		if folded == "" {
			return
		}
		words := make([]string, 0, 8)
		for range rapid.IntRange(0, 5).Draw(t, "others") {
			if w := folders[folds]().String(someText(t, "other", 1, 4)); w != "" {
				words = append(words, w)
			}
		}
		runes := []rune(folded)
		from := rapid.IntRange(0, len(runes)-1).Draw(t, "from")
		to := rapid.IntRange(from+1, min(len(runes), from+5)).Draw(t, "to")
		words = append(words, string(runes[from:to]))
		if s := newSieve(folds, words); s != nil && !s.may(text) {
			t.Errorf("%q, folded %q, is held back from %q", text, folded, words)
		}
	})
}

func FuzzSieve(f *testing.F) {
	f.Add("怎么退，款？", "退款", uint8(allFolds))
	f.Add("加 薇.信 v x 1.5", "微信vx", uint8(allFolds))
	f.Add("\xe9\x80退\u0301款", "退款", uint8(allFolds|foldPinyin))
	f.Fuzz(func(t *testing.T, text, word string, folds uint8) {
		set := foldSet(folds) % foldSets
		if word = folders[set]().String(word); word == "" {
			return
		}
		folded := folders[set]().String(text)
		if s := newSieve(set, []string{word}); strings.Contains(folded, word) && s != nil && !s.may(text) {
			t.Errorf("%q, folded %q, is held back from %q", text, folded, word)
		}
	})
}

func TestASieveHoldsBackMostOfWhatConcernsNoRule(t *testing.T) {
	s := newSieve(allFolds, []string{"退款", "怎么加微信", "多少钱"})
	for _, text := range []string{"大家好，今天的课几点开始？😊", "好的 收到", "hello, world", "钱款退回多少", "https://example.com/a?b=c&d=1"} {
		if s.may(text) {
			t.Errorf("%q is let through", text)
		}
	}
	for _, text := range []string{"退-款", "我要退，款", "怎 么 加 薇 信", "多 少 錢"} {
		if !s.may(text) {
			t.Errorf("%q is held back", text)
		}
	}
}

func TestTextsThatAreNotAllUTF8AreLetThrough(t *testing.T) {
	s := newSieve(allFolds, []string{"退款"})
	for _, text := range odd {
		if !utf8.ValidString(text) && !s.may("好"+text+"的") {
			t.Errorf("%q is held back", text)
		}
	}
}
