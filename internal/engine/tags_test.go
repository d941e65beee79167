package engine

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"botengine/internal/command"
	"botengine/internal/event"
)

// someTags has the shapes of §3.12: groups with their tags below, and a tag of the
// person's own; ids as numbers and as texts.
const someTags = `{"code":"0","msg":"OK","labelList":[
{"labelId":14073751306622333,"labelGroupId":0,"name":"技术测试专用标签","groupName":"","isGroupLabel":1,"subLabelList":[
 {"labelId":14073751306622334,"fullName":"技术测试专用标签: 平哥","groupName":"技术测试专用标签","name":"平哥","isGroupLabel":0},
 {"labelId":14073751575621261,"fullName":"技术测试专用标签:利生","groupName":"技术测试专用标签","name":"利生"}]},
{"labelId":"14073752218622780","name":"自动","isGroupLabel":true,"subLabelList":[
 {"labelId":"14073752218622787","name":"测试 2"},{"labelId":14073752310621892,"name":"\\"},{"labelId":14073749016622134,"name":"1111"},{"labelId":5,"name":"平哥"}]}],
"personLabel":[{"labelId":18446744073709551615,"name":"VIP","isGroupLabel":0},{"labelId":7,"name":"甲:乙"},{"labelId":1.4073751575621261e16,"name":"浮点"}],
"companyName":"某公司","others":[1,2],"nothing":null}`

func TestTagsAreFoundAsPeopleWriteThem(t *testing.T) {
	book, err := parseTags([]byte(someTags))
	if err != nil {
		t.Fatal(err)
	}
	tests := map[string]string{
		"技术测试专用标签/利生":       "14073751575621261",
		"技术测试专用标签: 利生":      "14073751575621261",
		"技术测试专用标签：利生":       "14073751575621261",
		"技术测试专用标签 ／ 利生":     "14073751575621261",
		"利生":                "14073751575621261",
		" 测试 2 ":            "14073752218622787",
		"自动/\\":             "14073752310621892",
		"1111":              "14073749016622134",
		"VIP":               "18446744073709551615",
		"甲:乙":               "7",
		"浮点":                "", // a float is no id
		"14073751575621261": "14073751575621261",
		"平哥":                "", // two groups have it
		"自动/平哥":             "5",
		"自动":                "", // a group is no tag
		"14073751306622333": "",
		"14073751575621260": "", // what a float would have made of it
		"技术测试专用标签/平":        "",
		"":                  "",
	}
	for name, want := range tests {
		if id, ok := book.label(name); id != want || ok != (want != "") {
			t.Errorf("%q: %q, %t, want %q", name, id, ok, want)
		}
	}
}

func TestUnknownTagsAreExplained(t *testing.T) {
	past := newMemory()
	past.facts[tagsKey("r")] = FactWrite{Value: []byte(someTags)}
	d := &decider{ledger: newLedger(past, start)}
	tests := map[string]string{
		"平哥":          "unknown tag 平哥: more than one group has it: 技术测试专用标签/平哥, 自动/平哥",
		"技术测试专用标签/利声": "unknown tag 技术测试专用标签/利声: did you mean 技术测试专用标签/利生?",
		"完全没有的名字":     "unknown tag 完全没有的名字",
	}
	for name, want := range tests {
		if got := (&lazyBook{d: d, robot: "r"}).explain([]string{name}); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

func TestOnlyAResultThatPassedTeachesTags(t *testing.T) {
	tests := map[string]struct {
		typ, code, payload string
		learned, problem   bool
	}{
		"a list":                   {tagsSyncType, "0", someTags, true, false},
		"a failure":                {tagsSyncType, "1", someTags, false, false},
		"another command's result": {"robot.cust.tags", "0", someTags, false, false},
		"a list without tags":      {tagsSyncType, "0", `{"labelList":[]}`, false, false},
		"no JSON":                  {tagsSyncType, "0", `{"labelList":[`, false, true},
		"a broken list":            {tagsSyncType, "0", `{"labelList":[{"labelId":1,"subLabelList":5}]}`, false, true},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			w := &world{t: t, now: start, past: newMemory(), set: compile(t, `{version: 1, rules: []}`)}
			d := w.handle(w.result(command.Command{Type: tt.typ, MessageID: "1"}, tt.code, "", []byte(tt.payload)))
			fact, ok := w.past.facts["tags/"+robot.Key]
			if ok != tt.learned || ok && (string(fact.Value) != tt.payload || !fact.Expires.IsZero()) {
				t.Errorf("learned %t: %s", ok, asJSON(t, d))
			}
			if (len(d.Logs) > 0) != tt.problem {
				t.Errorf("logs %v", d.Logs)
			}
		})
	}
}

func TestACacheChangesNothingAndStaysSmall(t *testing.T) {
	c := NewCache()
	for i := range maxBooks + 10 {
		payload := fmt.Sprintf(`{"l":[{"labelId":%d,"name":"标签%d"}]}`, i+1, i)
		for range 2 {
			book, err := c.book([]byte(payload))
			if id, _ := book.label(fmt.Sprintf("标签%d", i)); err != nil || id != fmt.Sprint(i+1) {
				t.Fatalf("%d: %s, %v", i, id, err)
			}
		}
	}
	if len(c.books) > maxBooks {
		t.Errorf("%d books are kept", len(c.books))
	}
	if _, err := c.book([]byte("{")); err == nil {
		t.Error("a broken list was taken")
	}
}

func FuzzParseTags(f *testing.F) {
	f.Add([]byte(someTags))
	f.Add([]byte(`{"l":[{"labelId":1.5e3,"name":["x"],"subLabelList":null}]}`))
	f.Add([]byte(`{"l": [ {"labelId":-1,"name":"a/b"} ] }`))
	f.Fuzz(func(t *testing.T, payload []byte) {
		book, err := parseTags(payload)
		if err != nil {
			return
		}
		for _, name := range book.names() {
			if id, ok := book.label(name); ok && !book.ids[id] {
				t.Errorf("%q leads to %q, which is no tag", name, id)
			}
		}
	})
}

// manyTags is a list as long as large companies have.
func manyTags(groups, each int) []byte {
	var b strings.Builder
	b.WriteString(`{"type":"robot.tags.sync","code":"0","labelList":[`)
	for g := range groups {
		if g > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, `{"labelId":%d,"name":"分组%d","isGroupLabel":1,"isCorpLabel":1,"createTime":"2020-10-29 20:29:02","subLabelList":[`, 14073751306600000+g*1000, g)
		for i := range each {
			if i > 0 {
				b.WriteByte(',')
			}
			fmt.Fprintf(&b, `{"isCorpLabel":1,"isGroupLabel":0,"createTime":"2020-10-29 20:29:02","fullName":"分组%d: 标签%d","labelId":%d,"labelGroupId":%d,"groupName":"分组%d","name":"标签%d"}`,
				g, i, 14073751306600001+g*1000+i, 14073751306600000+g*1000, g, i)
		}
		b.WriteString(`]}`)
	}
	b.WriteString(`]}`)
	return []byte(b.String())
}

func BenchmarkTagBook(b *testing.B) {
	payload := manyTags(50, 40)
	for name, cache := range map[string]*Cache{"parsed": nil, "cached": NewCache()} {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(payload)))
			for b.Loop() {
				if book, err := cache.book(payload); err != nil || book.size() != 2000 {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkDecide(b *testing.B) {
	w := newWorld(b, lively)
	says := w.says("张三", "怎么退款呀")
	first := Decide(w.input(says, nil))
	w.past.apply(first)
	cases := map[string]Input{
		"fires":   {Set: w.set, Event: says, Matches: w.set.Match(says, w.now, false), Now: w.now, Facts: newMemory()},
		"is held": {Set: w.set, Event: says, Matches: w.set.Match(says, w.now, false)[:1], Now: w.now, Facts: w.past},
		"wakes":   w.input(w.result(first.Commands[0], event.CodeOK, "", nil), &first.Commands[0]),
		"nothing": {Set: w.set, Event: says, Now: w.now, Facts: w.past},
	}
	for name, in := range cases {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				Decide(in)
			}
		})
	}
}

func TestAMisspeltTagIsNotAskedForAtEachFiring(t *testing.T) {
	w := newWorld(t, `{version: 1, rules: [{id: a, on: message.text, loop_guard: off, do: [{tag: {add: ["{{text}}"]}}]}]}`)
	asks := func(tag string) bool {
		t.Helper()
		d := w.handle(w.says("张三", tag))
		if len(d.Commands) == 0 {
			return false
		}
		if d.Commands[0].Type != tagsSyncType {
			t.Fatalf("%s: sent %s", tag, d.Commands[0].Type)
		}
		w.handle(w.result(d.Commands[0], event.CodeOK, "", []byte(someTags)))
		return true
	}
	steps := []struct {
		after time.Duration
		tag   string
		want  bool
	}{
		{0, "利声", true},
		{time.Second, "利声", false},
		{time.Second, "另一个", true},
		{9 * time.Minute, " 利声 ", false},
		{time.Minute, "利声", true},
		{-24 * time.Hour, "利声", true}, // the clock was set back
	}
	for i, s := range steps {
		w.now = w.now.Add(s.after)
		if got := asks(s.tag); got != s.want {
			t.Errorf("step %d, %q: asked %t, want %t", i, s.tag, got, s.want)
		}
	}
}
