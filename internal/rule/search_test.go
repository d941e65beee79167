package rule

import (
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestAWordIsFoundWhereItFirstStands(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		pieces := rapid.SampledFrom([]string{"退", "款", "追", "啊", "退款", "a", "\xff", "吗", "，", "😊"})
		word := strings.Join(rapid.SliceOfN(pieces, 0, 4).Draw(t, "word"), "")
		text := strings.Join(rapid.SliceOfN(pieces, 0, 120).Draw(t, "text"), "")
		if got, want := indexOf(text, word), strings.Index(text, word); got != want {
			t.Fatalf("%q in %q: %d, want %d", word, text, got, want)
		}
	})
	same := strings.Repeat("啊", 5000) + "好"
	for _, word := range []string{"好啊", "啊啊", "啊好", "退款啊"} {
		if got, want := indexOf(same, word), strings.Index(same, word); got != want {
			t.Errorf("%s: %d, want %d", word, got, want)
		}
	}
}

// BenchmarkSearch looks for a word that is not there in 16 KiB of Chinese.
func BenchmarkSearch(b *testing.B) {
	text := strings.Repeat("今天天气不错，大家周末愉快，请问这个订单怎么退货呀？我等了三天了。", 160)
	for name, find := range map[string]func(string, string) int{"ours": indexOf, "strings": strings.Index} {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(text)))
			for b.Loop() {
				if find(text, "怎么退款") >= 0 {
					b.Fatal("it is not there")
				}
			}
		})
	}
}
