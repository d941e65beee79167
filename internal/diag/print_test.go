package diag_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf16"

	"botengine/internal/diag"
)

const sample = "version: 1\n" +
	"rules:\n" +
	"  - id: refund\n" +
	"    name: 退款、退货：自动回复\n" +
	"    on: 👨‍👩‍👧 全家福 whne\n" +
	"\twhen:\ttext\t== \"é́x\"\n" +
	"    whne: text contains \"退款\"\n" +
	"    evil: 您好\u202e\u200b\x1b[31m世界 end\n" +
	"    long: " + "很长的文字，" + "很长的文字，很长的文字，很长的文字，很长的文字，很长的文字，很长的文字，很长的文字，错字，很长的文字，很长的文字，很长的文字，很长的文字，很长的文字\n"

// source has the sample under one name.
func source(file string) ([]byte, bool) { return []byte(sample), file == "rules/refund.yaml" }

// spot is the range of word in the sample.
func spot(t *testing.T, word string) diag.Range {
	t.Helper()
	for i, line := range strings.Split(sample, "\n") {
		if before, _, ok := strings.Cut(line, word); ok {
			return diag.Word(i+1, len([]rune(before))+1, word)
		}
	}
	t.Fatalf("%q is not in the sample", word)
	return diag.Range{}
}

// samples are findings of every shape the printers know.
func samples(t *testing.T) diag.List {
	t.Helper()
	file := "rules/refund.yaml"
	message := diag.T("问题在这里", "here is the fault")
	long := diag.T("这条规则前面已经有一条条件更宽的规则，而且写了 stop，所以永远轮不到这一条", "a rule before this one is wider and says stop, so that this one can never fire")
	return diag.List{
		diag.At(file, spot(t, "whne: text")).Error("BE102", diag.T("未知字段 `whne`", "unknown field `whne`")).WithHint(diag.Suggestion("whne", []string{"when"})),
		diag.At(file, diag.Span(7, 5, 4)).Error("BE102", diag.T("未知字段 `whne`", "unknown field `whne`")).WithHint(diag.Suggestion("whne", []string{"when"})),
		diag.At(file, spot(t, "退货")).Warning("BE401", message).WithHint(long),
		diag.At(file, spot(t, "：自动")).Error("BE110", message),
		diag.At(file, spot(t, "全家福")).Error("BE101", message).WithHint(diag.T("短", "short")),
		diag.At(file, spot(t, "== ")).Error("BE203", message),
		diag.At(file, spot(t, "x\"")).Error("BE203", message),
		diag.At(file, spot(t, "世界")).Error("BE118", diag.T("控制字符 \x1b[31m 和\n换行", "control \x1b[31m and\nbreak")),
		diag.At(file, spot(t, "错字")).Error("BE101", message),
		diag.At(file, diag.Range{Start: diag.Position{Line: 3, Column: 5}, End: diag.Position{Line: 5, Column: 2}}).Error("BE104", message),
		diag.At(file, diag.Span(3, 16, 1)).Error("BE101", diag.T("行尾之后", "behind the end of the line")),
		diag.At(file, diag.Range{}).Warning("BE604", diag.T("整个文件", "the whole file")).WithHint(diag.T("请看说明", "see the guide")),
		diag.At("rules/a.yaml", diag.Span(12, 9, 6)).Error("BE105", diag.T("规则编号 `refund` 重复", "the id `refund` is taken")).
			WithRelated(file, diag.Span(3, 9, 6), diag.T("第一次出现在这里", "first seen here")),
		diag.At("", diag.Range{}).Error("BE601", diag.T("没有文件", "no file")),
	}
}

func TestPrintGolden(t *testing.T) {
	for name, o := range map[string]diag.Options{
		"text_zh":  {Lang: diag.ZH},
		"text_en":  {Lang: diag.EN},
		"color_zh": {Lang: diag.ZH, Color: true},
		"short_zh": {Lang: diag.ZH, Format: diag.FormatShort, Color: false},
		"short_en": {Lang: diag.EN, Format: diag.FormatShort},
		"json":     {Format: diag.FormatJSON},
	} {
		t.Run(name, func(t *testing.T) {
			var b bytes.Buffer
			if err := diag.Print(&b, samples(t), source, o); err != nil {
				t.Fatal(err)
			}
			golden(t, filepath.Join("testdata", name+".golden"), b.Bytes())
		})
	}
}

func TestCaretsUnderChinese(t *testing.T) {
	var b bytes.Buffer
	f := diag.At("rules/refund.yaml", spot(t, "退货")).Error("BE101", diag.T("问题", "fault"))
	if err := diag.Print(&b, diag.List{f}, source, diag.Options{}); err != nil {
		t.Fatal(err)
	}
	want := "rules/refund.yaml:4:14: error[BE101]: 问题\n" +
		"  |\n" +
		"4 |     name: 退款、退货：自动回复\n" +
		"  |                 ^^^^\n" +
		"1 个错误\n"
	if b.String() != want {
		t.Errorf("got\n%s\nwant\n%s", b.String(), want)
	}
}

func TestTheFirstLineIsAsPromised(t *testing.T) {
	var b bytes.Buffer
	f := diag.At("rules/refund.yaml", diag.Span(7, 5, 4)).Error("BE102", diag.T("未知字段 `whne`", "unknown field `whne`")).
		WithHint(diag.Suggestion("whne", []string{"when"}))
	if err := diag.Print(&b, diag.List{f}, source, diag.Options{Lang: diag.ZH}); err != nil {
		t.Fatal(err)
	}
	want := "rules/refund.yaml:7:5: error[BE102]: 未知字段 `whne`\n" +
		"  |\n" +
		"7 |     whne: text contains \"退款\"\n" +
		"  |     ^^^^ 是不是想写 `when`?\n" +
		"1 个错误\n"
	if b.String() != want {
		t.Errorf("got\n%s\nwant\n%s", b.String(), want)
	}
}

func TestJSONOffsetsAgreeWithTheSource(t *testing.T) {
	var b bytes.Buffer
	f := diag.At("rules/refund.yaml", spot(t, "全家福")).Error("BE101", diag.T("问题", "fault"))
	if err := diag.Print(&b, diag.List{f}, source, diag.Options{Format: diag.FormatJSON}); err != nil {
		t.Fatal(err)
	}
	var got struct {
		V        int
		Findings []struct {
			Range struct {
				Start, End struct {
					Line, Column int
					Byte         int `json:"byte_offset"`
					UTF16        int `json:"utf16_offset"`
				}
			}
		}
	}
	if err := json.Unmarshal(b.Bytes(), &got); err != nil {
		t.Fatal(err)
	}
	r := got.Findings[0].Range
	units := utf16.Encode([]rune(sample))
	if word := sample[r.Start.Byte:r.End.Byte]; got.V != 1 || word != "全家福" {
		t.Errorf("the bytes hold %q", word)
	}
	if word := string(utf16.Decode(units[r.Start.UTF16:r.End.UTF16])); word != "全家福" {
		t.Errorf("the UTF-16 units hold %q", word)
	}
}

func TestNoFindingsPrintNothingButJSON(t *testing.T) {
	var text, js bytes.Buffer
	if err := errors.Join(diag.Print(&text, nil, nil, diag.Options{}), diag.Print(&js, nil, nil, diag.Options{Format: diag.FormatJSON})); err != nil {
		t.Fatal(err)
	}
	if text.Len() != 0 || !strings.Contains(js.String(), `"findings": []`) {
		t.Errorf("got %q and %q", text.String(), js.String())
	}
}

type failingWriter struct{ err error }

func (w failingWriter) Write([]byte) (int, error) { return 0, w.err }

func TestPrintReturnsTheErrorOfTheWriter(t *testing.T) {
	broken := errors.New("pipe closed")
	for _, format := range []diag.Format{diag.FormatText, diag.FormatShort, diag.FormatJSON} {
		if err := diag.Print(failingWriter{broken}, samples(t), source, diag.Options{Format: format}); !errors.Is(err, broken) {
			t.Errorf("%s: got %v", format, err)
		}
	}
}

// FuzzPrint holds that no bytes and no range make the printers panic, and that
// nothing printed can steer a terminal.
func FuzzPrint(f *testing.F) {
	f.Add([]byte(sample), "退款", 4, 11, 4, 13)
	f.Add([]byte("\ufeff\xff\xfe\t\t表\r\n\x00"), "\x1b]0;x\a", 1, -3, 0, 99)
	f.Add([]byte(""), "", 1, 1, 1, 1)
	f.Add([]byte("👨‍👩‍👧"), "", 1, 2, 1, 3)
	f.Add([]byte(strings.Repeat("长", 300)), "x", 1, 200, 2, 1)
	f.Fuzz(func(t *testing.T, src []byte, message string, l1, c1, l2, c2 int) {
		r := diag.Range{Start: diag.Position{Line: l1, Column: c1}, End: diag.Position{Line: l2, Column: c2}}
		find := diag.At("a.yaml", r).Error("BE101", diag.Text{ZH: message, EN: message}).WithHint(diag.Text{ZH: message})
		for _, format := range []diag.Format{diag.FormatText, diag.FormatShort, diag.FormatJSON} {
			var b bytes.Buffer
			err := diag.Print(&b, diag.List{find}, func(string) ([]byte, bool) { return src, true }, diag.Options{Format: format})
			if err != nil {
				t.Fatal(err)
			}
			if i := bytes.IndexFunc(b.Bytes(), func(r rune) bool { return r < ' ' && r != '\n' || r == 0x7f || r == 0x9b || r == 0x202e }); i >= 0 {
				t.Fatalf("%s: a hostile character was printed: %q", format, b.String())
			}
			if format == diag.FormatJSON && !json.Valid(b.Bytes()) {
				t.Fatalf("not JSON: %q", b.String())
			}
		}
	})
}
