package fold

import (
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"pgregory.net/rapid"
)

func TestFold(t *testing.T) {
	only := func(o Options) Options { return o }
	tests := []struct {
		name    string
		options Options
		in      string
		want    string
	}{
		{"plain Chinese stays", Default(), "怎么退款", "怎么退款"},
		{"an empty text stays empty", Default(), "", ""},
		{"blanks between characters go", Default(), "加 薇 信", "加微信"},
		{"dots between characters go", Default(), "加.薇.信", "加微信"},
		{"middle dots between characters go", Default(), "加·微•信", "加微信"},
		{"lines written downwards join", Default(), "加\n微\r\n信", "加微信"},
		{"the ideographic space is a blank", Default(), "加\u3000微\u3000信", "加微信"},
		{"zero-width characters go", Default(), "加\u200b微\u200d信\ufeff", "加微信"},
		{"a soft hyphen and a word joiner go", Default(), "pro\u00admo\u2060tion", "promotion"},
		{"a variation selector goes, its emoji stays", Default(), "❤\ufe0f", "❤"},
		{"direction marks go", Default(), "\u202e退款\u202c", "退款"},
		{"zero-width and blanks together go", Default(), "加 \u200b 微", "加微"},
		{"two words stay two words", Default(), "Hello   World", "hello world"},
		{"any separators between words become one blank", Default(), "hello--world", "hello world"},
		{"a decimal stays apart from a whole number", Default(), "1.5", "1 5"},
		{"a blank beside a Chinese character goes, one between words stays", Default(), "加 my wx 号", "加my wx号"},
		{"letters that stand alone join", Default(), "加 v x 号，W-e-C-h-a-t", "加vx号,wechat"},
		{"a letter that stands alone does not join a word", Default(), "plan b now", "plan b now"},
		{"punctuation around single characters goes", Default(), "加，薇，信", "加微信"},
		{"brackets around single characters go", Default(), "「加」【微】(信)", "「加微信)"},
		{"emoji around single characters go", Default(), "加🌸微❤️信", "加微信"},
		{"punctuation between words stays", Default(), "参加，微信群", "参加,微信群"},
		{"a mark that stands alone stays", Default(), "？", "?"},
		{"marks over characters go", Default(), "微\u0336信\u20dd", "微信"},
		{"traditional characters", Default(), "請問怎麼退款，發貨嗎", "请问怎么退款,发货吗"},
		{"look-alikes", Default(), "ＶＸ 𝐕𝐗 ⓥⓍ ➕薇 ①③⑧", "vx vx vx加微138"},
		{"Cyrillic and Greek letters among Latin ones", Default(), "ВХ ωеСhаt", "bx wechat"},
		{"radicals", Default(), "⼈⼯⻋", "人工车"},
		{"variant alone keeps case and width", only(Options{Variant: true}), "發 𝐕 Ｖ", "发 V Ｖ"},
		{"pinyin makes one of all that sound alike", only(Options{Pinyin: true}), "佳威新 abc", New(Options{Pinyin: true}).String("加微信 abc")},
		{"blanks at the ends go", Default(), "  退款  ", "退款"},
		{"only separators leave nothing", Default(), " . - \u3000", ""},
		{"full-width letters and digits", Default(), "ＶＩＰ１２３", "vip123"},
		{"full-width punctuation becomes half-width", Default(), "退款？！（很急）", "退款?!(很急)"},
		{"the end of a sentence keeps words apart", Default(), "参加。微信群", "参加。微信群"},
		{"half-width kana become usual ones", Default(), "ｱｲｳ", "アイウ"},
		{"emoji stay", Default(), "好的👍🏻", "好的👍🏻"},
		{"bytes that are no UTF-8 become U+FFFD", Default(), "退\xff款", "退\ufffd款"},
		{"bytes that are no UTF-8 become U+FFFD without any fold too", only(Options{}), "退\xff 款Ａ", "退\ufffd 款Ａ"},
		{"width alone keeps case", only(Options{Width: true}), "ＶＩＰ 客 户", "VIP 客 户"},
		{"case alone keeps width", only(Options{Case: true}), "ＶＩＰ VIP", "ｖｉｐ vip"},
		{"space alone joins full-width separators too", only(Options{Space: true}), "加．微－信", "加微信"},
		{"zero alone keeps blanks", only(Options{Zero: true}), "加\u200b 微", "加 微"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f := New(tt.options)
			if got := f.Fold(tt.in).Text; got != tt.want {
				t.Errorf("Fold(%q) = %q, want %q", tt.in, got, tt.want)
			}
			if got := f.String(tt.in); got != tt.want {
				t.Errorf("String(%q) = %q, want %q", tt.in, got, tt.want)
			}
		})
	}
}

func TestOriginal(t *testing.T) {
	tests := []struct{ name, in, find, want string }{
		{"a word in plain text", "请问怎么退款？", "退款", "退款"},
		{"a word hidden by blanks", "请加 薇 信 吧", "加微信", "加 薇 信"},
		{"a word hidden by zero-width characters", "请加\u200b薇\u200b信\u200b吧", "加微信", "加\u200b薇\u200b信"},
		{"a full-width word", "我是ＶＩＰ客户", "vip", "ＶＩＰ"},
		{"two words and the blanks between them", "say HELLO -- WORLD now", "hello world", "HELLO -- WORLD"},
		{"a word at the very end", "怎么 退 款", "退款", "退 款"},
		{"a word behind bytes that are no UTF-8", "\xff\xfe退 款", "退款", "退 款"},
		{"a letter whose lower case is longer", "Ⱥ 退 款", "退款", "退 款"},
		{"the blank itself", "my - b", " ", " - "},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			v := New(Default()).Fold(tt.in)
			at := strings.Index(v.Text, tt.find)
			if at < 0 {
				t.Fatalf("%q is not in %q", tt.find, v.Text)
			}
			start, end := v.Original(at, at+len(tt.find))
			if got := tt.in[start:end]; got != tt.want {
				t.Errorf("Original gave %q, want %q", got, tt.want)
			}
		})
	}
}

func TestOriginalOfSpansOutsideOfTheText(t *testing.T) {
	v := New(Default()).Fold("加 微")
	for _, span := range [][2]int{{-3, 99}, {99, 100}, {4, 2}, {1, 2}} {
		start, end := v.Original(span[0], span[1])
		if start < 0 || end < start || end > len("加 微") {
			t.Errorf("Original(%d, %d) = %d, %d", span[0], span[1], start, end)
		}
	}
}

func TestALongTextIsCutAtACharacter(t *testing.T) {
	long := "a" + strings.Repeat("退", MaxBytes)
	got := New(Default()).String(long)
	if len(got) > MaxBytes || len(got) < MaxBytes-utf8.UTFMax {
		t.Errorf("%d bytes are left", len(got))
	}
	if !utf8.ValidString(got) {
		t.Error("it was cut inside of a character")
	}
}

// Every character alone, under every choice of folds: folding twice is folding once.
func TestEveryCharacterFoldsOnce(t *testing.T) {
	for bits := range 64 {
		f := New(optionsOf(uint8(bits)))
		last := rune(0x2fff) // letters, marks, punctuation; the rest once, with all folds
		if f.o == Default() {
			last = unicode.MaxRune
		}
		for r := rune(0); r <= last; r++ {
			once := f.look(r)
			if once.class == dropped || once.class == separator {
				continue
			}
			if twice := f.look(once.r); twice.r != once.r || twice.class != once.class {
				t.Fatalf("%+v: %U becomes %U, then %U", f.o, r, once.r, twice.r)
			}
		}
	}
}

// optionsOf are the folds whose bits are set.
func optionsOf(bits uint8) Options {
	return Options{Width: bits&1 > 0, Case: bits&2 > 0, Zero: bits&4 > 0, Space: bits&8 > 0, Variant: bits&16 > 0, Pinyin: bits&32 > 0}
}

// texts are strings in which folding has much to do.
func texts() *rapid.Generator[string] {
	return rapid.StringOfN(rapid.SampledFrom([]rune("加微信退款發麼行长aBxＡｂ1１+① .-·\u3000\u200b\u00ad\ufe0f\n，。！ｱé\u0301👍𝐕вȺİ\ufffd")), 0, 30, -1)
}

func options() *rapid.Generator[Options] {
	return rapid.Custom(func(t *rapid.T) Options { return optionsOf(rapid.Uint8Range(0, 63).Draw(t, "folds")) })
}

func TestFoldingTwiceIsFoldingOnce(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f := New(options().Draw(t, "options"))
		s := rapid.OneOf(texts(), rapid.String()).Draw(t, "text")
		once := f.String(s)
		if twice := f.String(once); twice != once {
			t.Fatalf("%q, then %q", once, twice)
		}
	})
}

func TestSpansLieInsideAndOnCharacters(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f := New(options().Draw(t, "options"))
		s := rapid.OneOf(texts(), rapid.String()).Draw(t, "text")
		checkSpans(t, f, s)
	})
}

func checkSpans(t interface{ Fatalf(string, ...any) }, f *Folder, s string) {
	v := f.Fold(s)
	if v.Text != f.String(s) {
		t.Fatalf("Fold says %q, String says %q", v.Text, f.String(s))
	}
	buf := Buffer{text: []byte("left over"), at: []uint16{1, 2, 3}}
	again := f.Reuse(s, &buf)
	if again.Text != v.Text {
		t.Fatalf("Fold says %q, Reuse says %q", v.Text, again.Text)
	}
	last := 0
	for i, r := range v.Text {
		start, end := v.Original(i, i+utf8.RuneLen(r))
		if from, to := again.Original(i, i+utf8.RuneLen(r)); from != start || to != end {
			t.Fatalf("%q: %q at %d comes from [%d,%d) says Fold, from [%d,%d) Reuse", s, r, i, start, end, from, to)
		}
		if m, _ := f.at(v.source, start); m.r != r && r != ' ' {
			t.Fatalf("%q: %q at %d comes from %d, where %q stands", s, r, i, start, m.r)
		}
		if start < last || end <= start || end > len(s) {
			t.Fatalf("%q: %q at %d comes from [%d,%d) after %d", s, r, i, start, end, last)
		}
		if utf8.ValidString(s) && !utf8.ValidString(s[start:end]) {
			t.Fatalf("%q: [%d,%d) is not on borders of characters", s, start, end)
		}
		last = end
	}
}

func TestAPatternInTheTextIsFoundFolded(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f := New(options().Draw(t, "options"))
		runes := []rune(rapid.OneOf(texts(), rapid.String()).Draw(t, "text"))
		from := rapid.IntRange(0, len(runes)).Draw(t, "from")
		to := rapid.IntRange(from, len(runes)).Draw(t, "to")
		piece := string(runes[from:to])
		for piece != "" { // marks at the ends are looked for as they are
			first, size := utf8.DecodeRuneInString(piece)
			last, end := utf8.DecodeLastRuneInString(piece)
			switch {
			case f.look(first).class >= separator || f.look(first).class == mark:
				piece = piece[size:]
				continue
			case f.look(last).class >= separator || f.look(last).class == mark:
				piece = piece[:len(piece)-end]
				continue
			}
			break
		}
		text, words := f.String(string(runes)), f.Words(piece)
		if !slices.ContainsFunc(words, func(w string) bool { return strings.Contains(text, w) }) {
			t.Fatalf("none of %q is in %q", words, text)
		}
	})
}

func FuzzFold(f *testing.F) {
	for _, s := range []string{"", "加 薇.信", "ＶＩＰ\u200b", "\xff 加\xe5", "hello - world ", strings.Repeat("·", 300)} {
		f.Add(s, uint8(31))
	}
	f.Fuzz(func(t *testing.T, s string, bits uint8) {
		folder := New(optionsOf(bits))
		checkSpans(t, folder, s)
		if once := folder.String(s); folder.String(once) != once && len(once) <= MaxBytes {
			t.Fatalf("%q folds twice", s)
		}
	})
}

func TestATextThatNeedsNoFoldingCostsNoMemory(t *testing.T) {
	f := New(Default())
	for _, s := range []string{"hello world, how are you", "怎么退款，在哪里看。", "退款abc123👍"} {
		s = strings.ReplaceAll(s, "，", "、")
		if n := testing.AllocsPerRun(20, func() { _ = f.Fold(s) }); n != 0 {
			t.Errorf("%q: %v allocations", s, n)
		}
	}
}

func TestReuseWritesToMemoryThatIsThere(t *testing.T) {
	f := New(Default())
	var buf Buffer
	if n := testing.AllocsPerRun(20, func() { _ = f.Reuse("加 薇.信，ＯＫ！", &buf) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func BenchmarkReuse(b *testing.B) {
	f, buf := New(Default()), Buffer{}
	s := "你好，请问一下：这个产品怎么办理退货？我的订单号是20260101，谢谢！"
	for b.Loop() {
		_ = f.Reuse(s, &buf)
	}
}

func BenchmarkFold(b *testing.B) {
	texts := map[string]string{
		"ascii":    "hello world, where do i find the refund page of my order 20260101",
		"chinese":  strings.Repeat("怎么退款呀我等了三天", 3),
		"tricks":   strings.Repeat("加 薇.信Ａ\u200b１", 6),
		"16KiB":    strings.Repeat("怎么退款呀我，", MaxBytes/21),
		"ascii16K": strings.Repeat("refund now ", MaxBytes/11),
	}
	f := New(Default())
	for name, s := range texts {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			b.SetBytes(int64(len(s)))
			for b.Loop() {
				_ = f.Fold(s)
			}
		})
	}
}
