package diag_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf16"
	"unicode/utf8"

	"pgregory.net/rapid"

	"botengine/internal/diag"
)

// Wherever a finding stands, the offsets that JSON gives lead editors to that very
// word: in bytes and in UTF-16 units of the file as it is on disk, with a byte order
// mark, CRLF, CR or LF, and with emoji, Chinese and combining characters before it.
func TestOffsetsLeadToTheWord(t *testing.T) {
	const word = "目标word😀"
	piece := rapid.SampledFrom([]string{"a", "  ", "退款", "，", "😀", "👨‍👩‍👧", "é", "e\u0301", "𠮷", "\t", "：", "\u3000", "\u200b"})
	line := rapid.Map(rapid.SliceOfN(piece, 0, 8), func(p []string) string { return strings.Join(p, "") })
	rapid.Check(t, func(t *rapid.T) {
		ends := rapid.SampledFrom([]string{"\n", "\r\n", "\r"}).Draw(t, "line break") // a CR and an LF of two lines would be one
		var b strings.Builder
		if rapid.Bool().Draw(t, "byte order mark") {
			b.WriteString("\ufeff")
		}
		lines := rapid.IntRange(0, 6).Draw(t, "lines before")
		for range lines {
			b.WriteString(line.Draw(t, "line"))
			b.WriteString(ends)
		}
		before := line.Draw(t, "before")
		b.WriteString(before)
		inBytes := b.Len()
		b.WriteString(word + line.Draw(t, "behind") + ends + line.Draw(t, "last"))
		text := []byte(b.String())

		at := diag.Word(lines+1, utf8.RuneCountInString(before)+1, word)
		f := diag.At("a.yaml", at).Error("BE102", diag.T("未知", "unknown"))
		var out bytes.Buffer
		source := func(string) ([]byte, bool) { return text, true }
		if err := diag.Print(&out, diag.List{f}, source, diag.Options{Format: diag.FormatJSON}); err != nil {
			t.Fatal(err)
		}
		var got struct {
			Findings []struct {
				Range struct {
					Start, End struct {
						Line, Column int
						Byte         *int `json:"byte_offset"`
						UTF16        *int `json:"utf16_offset"`
					}
				}
			}
		}
		if err := json.Unmarshal(out.Bytes(), &got); err != nil {
			t.Fatal(err)
		}
		r := got.Findings[0].Range
		if r.Start.Byte == nil || r.End.Byte == nil || r.Start.UTF16 == nil || r.End.UTF16 == nil {
			t.Fatalf("no offsets: %s", out.String())
		}
		if *r.Start.Byte != inBytes || string(text[*r.Start.Byte:*r.End.Byte]) != word {
			t.Fatalf("bytes %d to %d of %q are not the word", *r.Start.Byte, *r.End.Byte, text)
		}
		units := utf16.Encode([]rune(string(text)))
		if string(utf16.Decode(units[*r.Start.UTF16:*r.End.UTF16])) != word {
			t.Fatalf("UTF-16 units %d to %d of %q are not the word", *r.Start.UTF16, *r.End.UTF16, text)
		}
	})
}
