package terminal_test

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"botengine/internal/terminal"

	"github.com/google/go-cmp/cmp"
)

type person struct {
	id, name string
	tags     []string
	count    int
	outer    bool
	since    time.Time
	state    int
}

var columns = []terminal.Column[person]{
	{Key: "user_id", Title: "编号", Value: func(p person) any { return p.id }},
	{Key: "name", Title: "名称", Value: func(p person) any { return p.name }, Max: 12},
	{Key: "tags", Title: "标签", Value: func(p person) any { return p.tags }},
	{Key: "count", Title: "消息", Value: func(p person) any { return p.count }},
	{Key: "outer", Title: "外部", Value: func(p person) any { return p.outer }},
	{Key: "since", Title: "时间", Value: func(p person) any { return p.since }},
	{Key: "state", Title: "状态", Value: func(p person) any {
		return terminal.Named{Value: p.state, Name: []string{"已删除", "正常"}[p.state]}
	}},
	{Key: "secret", Value: func(person) any { return "only for programs" }},
}

var people = []person{
	{"14073751575621261", "李四", []string{"售后/退款", "意向/高"}, 7, true, time.Date(2026, 3, 2, 1, 0, 0, 0, time.UTC), 1},
	{"780000919", "👩‍👩‍👧 王五🎉", nil, 12345, false, time.Time{}, 0},
	{"1", "=HYPERLINK(\"http://x\")\x1b[31m\u202e\n恶意", []string{"a"}, 0, false, time.Time{}, 1},
}

func write(t *testing.T, rows []person, s terminal.Style) string {
	t.Helper()
	var b bytes.Buffer
	l := terminal.List[person]{Name: "people", Columns: columns, Rows: rows, Complete: true}
	if err := l.Write(&b, s); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestTablesStandInLineForChineseAndEmoji(t *testing.T) {
	zone := time.FixedZone("UTC+8", 8*3600)
	got := write(t, people, terminal.Style{Format: terminal.Text, Yes: "是", No: "否", Zone: zone})
	want := strings.Join([]string{
		"编号               名称          标签                 消息  外部  时间                 状态",
		"14073751575621261  李四          售后/退款, 意向/高      7  是    2026-03-02 09:00:00  正常",
		"780000919          👩‍👩‍👧 王五🎉                         12345  否                         已删除",
		"1                  =HYPERLINK(…  a                       0  否                         正常",
		"",
	}, "\n")
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestAnEmptyTableSaysSo(t *testing.T) {
	if got := write(t, nil, terminal.Style{Format: terminal.Text, Empty: "没有客户"}); got != "没有客户\n" {
		t.Errorf("got %q", got)
	}
}

func TestJSONKeepsIdsAsStringsAndNamesAsTheyAre(t *testing.T) {
	got := write(t, people, terminal.Style{Format: terminal.JSON})
	var doc struct {
		V        int              `json:"v"`
		People   []map[string]any `json:"people"`
		Complete bool             `json:"complete"`
	}
	if err := json.Unmarshal([]byte(got), &doc); err != nil {
		t.Fatalf("%v in\n%s", err, got)
	}
	if doc.V != 1 || !doc.Complete || len(doc.People) != 3 {
		t.Errorf("got %+v", doc)
	}
	first := map[string]any{
		"user_id": "14073751575621261", "name": "李四", "tags": []any{"售后/退款", "意向/高"}, "count": 7.0,
		"outer": true, "since": "2026-03-02T01:00:00Z", "state": 1.0, "secret": "only for programs",
	}
	if diff := cmp.Diff(first, doc.People[0]); diff != "" {
		t.Error(diff)
	}
	if doc.People[2]["name"] != people[2].name || doc.People[1]["since"] != nil {
		t.Errorf("got %v", doc.People)
	}
	if empty := write(t, nil, terminal.Style{Format: terminal.JSON}); !strings.Contains(empty, `"people": []`) {
		t.Errorf("an empty list is %s", empty)
	}
}

func TestJSONKeepsWhatNoColumnHas(t *testing.T) {
	l := terminal.List[person]{Name: "people", Rows: people[:2], Extra: func(p person) map[string]json.RawMessage {
		if p.name != "李四" {
			return nil
		}
		return map[string]json.RawMessage{"labelId": json.RawMessage("14073751575621261")}
	}, Columns: columns[1:2]}
	var b bytes.Buffer
	if err := l.Write(&b, terminal.Style{Format: terminal.JSON}); err != nil {
		t.Fatal(err)
	}
	want := `{
  "v": 1,
  "people": [
    {"name": "李四", "extra": {"labelId":14073751575621261}},
    {"name": "👩‍👩‍👧 王五🎉"}
  ],
  "complete": false
}
`
	if diff := cmp.Diff(want, b.String()); diff != "" {
		t.Error(diff)
	}
}

func TestCSVIsReadByProgramsAndHarmlessInSpreadsheets(t *testing.T) {
	got := write(t, people, terminal.Style{Format: terminal.CSV, Mark: true})
	text, marked := strings.CutPrefix(got, "\ufeff")
	if !marked {
		t.Error("no byte order mark")
	}
	records, err := csv.NewReader(strings.NewReader(text)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	want := [][]string{
		{"user_id", "name", "tags", "count", "outer", "since", "state", "secret"},
		{"14073751575621261", "李四", "售后/退款;意向/高", "7", "true", "2026-03-02T01:00:00Z", "1", "only for programs"},
		{"780000919", "👩‍👩‍👧 王五🎉", "", "12345", "false", "", "0", "only for programs"},
		{"1", "'" + people[2].name, "a", "0", "false", "", "1", "only for programs"},
	}
	if diff := cmp.Diff(want, records); diff != "" {
		t.Error(diff)
	}
}

func TestVisible(t *testing.T) {
	for name, c := range map[string]struct{ in, want string }{
		"what is harmless stays":             {"产品体验群1，（全角）🎉", "产品体验群1，（全角）🎉"},
		"an emoji of several stays one":      {"👩‍👩‍👧", "👩‍👩‍👧"},
		"an escape sequence is shown":        {"\x1b[2J", "<U+001B>[2J"},
		"a direction mark is shown":          {"a\u202eb", "a<U+202E>b"},
		"a zero-width space is shown":        {"加\u200b薇", "加<U+200B>薇"},
		"line breaks stay on the line":       {"一\r\n二\n三\t四", "一⏎二⏎三 四"},
		"what is no text is a replacement":   {"a\xffb", "a\ufffdb"},
		"a carriage return alone is shown":   {"a\rb", "a<U+000D>b"},
		"the line separator is shown":        {"a\u2028b", "a<U+2028>b"},
		"the byte that ends C strings shows": {"a\x00b", "a<U+0000>b"},
	} {
		t.Run(name, func(t *testing.T) {
			if got := terminal.Visible(c.in); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

func FuzzVisible(f *testing.F) {
	for _, s := range []string{"李四", "\x1b[31m", "👨‍👩‍👧‍👦", "\u202e\r\n", "\xff\xfe", "e\u0301"} {
		f.Add(s, 5)
	}
	f.Fuzz(func(t *testing.T, s string, cells int) {
		shown := terminal.Visible(s)
		if strings.ContainsFunc(shown, func(r rune) bool { return r < ' ' || r == 0x7f || r == 0x202e || r == 0x9b }) {
			t.Errorf("%q is shown as %q", s, shown)
		}
		if cells = 1 + max(cells, -cells)%100; cells > 0 && terminal.Width(terminal.Cut(shown, cells)) > cells {
			t.Errorf("%q cut to %d cells takes %d", shown, cells, terminal.Width(terminal.Cut(shown, cells)))
		}
	})
}

func TestShare(t *testing.T) {
	for name, c := range map[string]struct {
		done, total int
		want        string
	}{
		"nothing":             {0, 4, "░░░░"},
		"half":                {50, 100, "██░░"},
		"all":                 {3, 3, "████"},
		"an unknown total":    {3, 0, ""},
		"more than there was": {4, 3, ""},
	} {
		t.Run(name, func(t *testing.T) {
			if got := terminal.Share(c.done, c.total, 4); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

func TestParseFormat(t *testing.T) {
	if f, err := terminal.ParseFormat("csv"); err != nil || f != terminal.CSV {
		t.Errorf("csv: %v, %v", f, err)
	}
	if _, err := terminal.ParseFormat("xml"); err == nil {
		t.Error("xml is a format")
	}
}
