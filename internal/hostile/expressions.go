package hostile

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"botengine/internal/event"
	"botengine/internal/expression"
)

// start is when everything here happens.
var start = time.Date(2026, 3, 5, 1, 30, 0, 0, time.UTC)

// scopes are the worst events an expression may be computed for: many members with
// long names, a text as long as one gets, and as much as a rule may gather.
func scopes() []*expression.Scope {
	crowd := said(strings.Repeat("退", 10))
	crowd.Kind = event.MemberJoin
	for i := range 500 {
		crowd.Members = append(crowd.Members, event.Person{ID: strconv.Itoa(i), Name: strings.Repeat("名", 200)})
	}
	all := []*expression.Scope{{Event: &crowd, Now: start}}
	for _, text := range []string{strings.Repeat("a", 60<<10), strings.Repeat("a\u0301", 20<<10), nasty()} {
		ev := said(text)
		all = append(all, &expression.Scope{Event: &ev, Now: start})
	}
	gathered := &expression.Scope{Event: &crowd, Now: start}
	for i := range 200 {
		gathered.Gathered = append(gathered.Gathered, expression.Gathered{Kind: event.MessageText, Text: strings.Repeat("啊", 680), Sender: event.Person{ID: strconv.Itoa(i)}})
	}
	return append(all, gathered)
}

// said is the event of a message in a group.
func said(text string) event.Event {
	return event.Event{
		Kind: event.MessageText, ID: "202003241342304979", Account: "a", Time: start, Received: start,
		Robot:   event.Robot{Key: "cfb3e2c2", ID: "1688850000000000", Name: "小助手", Status: event.StatusOnline},
		Chat:    event.Chat{ID: "S:1688850000000000_R:10696050000000000", Peer: "R:10696050000000000", Name: "产品体验群①", Group: true},
		Sender:  event.Person{ID: "1688850285583026", Name: "张三"},
		Message: event.Message{Text: text, MentionsMe: true},
	}
}

// nasty is one text with everything in it that text code stumbles over.
func nasty() string {
	return strings.Repeat("\x00\xff\xed\xa0\x80\u202e\u2066\u200b\u200d\ufeff👨‍👩‍👧‍👦🇨🇳e\u0301\u0489ﷺ{{text}}${x}%s#{x}@所有人\r\n", 100)
}

func options() *expression.Options {
	many, huge := make([]string, 1000), make([]string, 50_000)
	for i := range many {
		many[i] = fmt.Sprintf("%04d", i)
	}
	for i := range huge {
		huge[i] = fmt.Sprintf("%08d", i)
	}
	o := &expression.Options{
		Memo:   &expression.Memo{},
		Lists:  map[string][]string{"many": many, "huge": huge, "grown": {"x"}},
		Vars:   map[string]any{"many": many, "id": "9007199254740993"},
		Macros: map[string]string{"bomb0": "text + text", "self": "self"},
		Gather: true, Changing: map[string]bool{"grown": true},
	}
	for i := range 8 {
		o.Macros[fmt.Sprintf("bomb%d", i+1)] = fmt.Sprintf("bomb%d + bomb%d", i, i)
	}
	return o
}

// expressions are conditions that want all memory, all time, or the stack.
func expressions() []Case { //nolint:funlen // a table
	shared, worst := options(), scopes()
	condition := func(name string, src func() string, want Verdict) Case {
		return Case{Group: "expression", Name: name, Want: want, Make: func() (int, func() Verdict) {
			text := src()
			return len(text), func() Verdict { return condition(text, shared, worst) }
		}}
	}
	var all []Case
	for _, c := range []struct {
		name, src string
		want      Verdict
	}{
		{"a fold that doubles a text", `len(reduce(1..40, #acc + #acc, "xxxxxxxxxx")) > 0`, Refused},
		{"a fold over members", `len(reduce(members, #acc + #acc, "xxxxxxxxxx")) > 0`, Refused},
		{"five loops over constants", loops(5), Refused},
		{"three loops over constants", loops(3), Refused},
		{"two loops over constants", loops(2), ""},
		{"a replacement of 10 GB", `len(replace(replace(replace(text, "a", "` + strings.Repeat("b", 1000) + `"), "b", "` + strings.Repeat("c", 1000) + `"), "c", "dddddddddd")) > 0`, Refused},
		{"a join of 10 GB", `len(join(map(lists.many, join(map(lists.many, text), text)), text)) > 0`, Refused},
		{"a range of 10^9", `len(1..1000000000) > 0`, Refused},
		{"a text repeated 10^9 times", `repeat("x", 1000000000) == ""`, Refused},
		{"an id as a number", `sender.id == 9007199254740992`, Refused},
		{"an id beside its neighbour", `vars.id == "9007199254740992"`, ""},
		{"two texts a thousandfold", `any(lists.many, len(text + text + text) < 0)`, Refused},
		{"a macro of itself", `self`, Refused},
		{"a macro bomb", `len(bomb8) > 0`, Refused},
		{"the clock of the process", `now() > now()`, Refused},
		{"a method of a value", `now.GoString() == ""`, ""},
		{"the environment by name", `$env["sender"] == nil`, Refused},
		{"the machine's fuel", `__tick(__run, -1000000)`, Refused},
		{"a pattern of the message", `text matches text`, Refused},
		{"a dense pattern", `text matches "(x+x+)+y|(a|aa)+$|(.*a){12}b"`, Refused},
		{"a pattern of 1 MiB", `text matches "` + strings.Repeat("a", 1<<20) + `"`, Refused},
		{"repeats of repeats", `text matches "((((a{1000}){1000}){1000}){1000})"`, Refused},
		{"a comment without an end", `/*` + strings.Repeat("*", 4000), Refused},
		{"a quote without an end", `"` + strings.Repeat("\\", 4001), Refused},
		{"a text of NUL", "text == \"\x00\"", ""},
		{"invalid UTF-8", "text == \"\xff\xfe\"", ""},
		{"writing turned around", "text == \"a\" \u202e or \u2066true", Refused},
		{"a byte order mark", "\ufefftrue", Refused},
		{"a power tower", `9 ** 9 ** 9 ** 9 ** 9 > 1`, ""},
		{"the smallest number by minus one", `(-9223372036854775807 - 1) / -1 == 0 or (-9223372036854775807 - 1) % -1 == 0`, ""},
		{"a number of 4000 digits", strings.Repeat("9", 4000) + " > 1", Refused},
		{"a hexadecimal too large", `0xffffffffffffffffffffffff > 1`, Refused},
		{"an index far outside", `text[9223372036854775807] == ""`, ""},
		{"a slice far outside", `text[-9223372036854775808:9223372036854775807] == ""`, ""},
		{"a list indexed far outside", `lists.many[-9223372036854775807] == ""`, ""},
		{"a duration too long", `now - duration("9999999h") > now`, ""},
		{"a window too long", `count("chat.n", "9999999999999999h") > 1`, Refused},
		{"a date of the year 10^9", `date("1000000000-01-01") > now`, ""},
		{"sorting 50,000", `len(sort(lists.huge)) > 0`, Refused},
		{"grouping and counting", `len(groupBy(lists.many, lists.many)) > 0`, ""},
		{"bits shifted away", `bitshl(1, 9223372036854775807) == 0`, ""},
		{"all gathered twice", `any(events, {let a = #; any(events, .text contains a.text + "x")})`, Refused},
	} {
		all = append(all, condition(c.name, func() string { return c.src }, c.want))
	}
	for _, n := range []int{100, 1000, 4000, 100_000, 1_000_000} {
		for name, shape := range map[string][2]string{
			"brackets": {"(", ")"}, "lists": {"[", "]"}, "maps": {`{"a":`, "}"}, "nots": {"!", ""}, "minuses": {"-", ""}, "calls": {"trim(", ")"},
			"own calls": {"fold(", ")"}, "loops": {"any(lists.many, ", ")"}, "choices": {"true ? ", " : true"}, "ifs": {"if true {", "} else {true}"},
		} {
			src := func() string { return strings.Repeat(shape[0], n) + "true" + strings.Repeat(shape[1], n) }
			want := Verdict("")
			if n*len(shape[0]+shape[1]) > 4<<10 {
				want = Refused
			}
			all = append(all, condition(fmt.Sprintf("%d nested %s", n, name), src, want))
		}
		for name, piece := range map[string]string{"chains of fields": ".a", "optional fields": "?.a", "slices": "[1:]", "indexes": "[0]", "sums": " + text", "ors": ` or text == "a"`, "pipes": " | trim()", "defaults": " ?? text"} {
			src := func() string { return "text" + strings.Repeat(piece, n) }
			want := Verdict("")
			if n*len(piece) > 4<<10 {
				want = Refused
			}
			all = append(all, condition(fmt.Sprintf("%d %s", n, name), src, want))
		}
	}
	return sorted(all)
}

// loops are loops over a hundred constants, each in the one before it.
func loops(n int) string {
	hundred := "[" + strings.Repeat("1,", 99) + "1]"
	return strings.Repeat("any("+hundred+", ", n) + "# > 2" + strings.Repeat(")", n)
}

// condition compiles a condition and computes it for the worst events.
func condition(src string, o *expression.Options, worst []*expression.Scope) Verdict {
	c, problems := expression.CompileCondition(src, o)
	if len(problems) > 0 {
		return Refused
	}
	refused := false
	for _, s := range worst {
		if _, err := c.Eval(s); err != nil {
			refused = true
		}
	}
	return verdict(refused)
}

// templates are texts of rules that grow, and texts of people that look like rules.
func templates() []Case {
	shared, worst := options(), scopes()
	var all []Case
	for _, c := range []struct {
		name, src string
		want      Verdict
	}{
		{"the text again and again", strings.Repeat("{{text}}", 4000), Refused},
		{"names of a crowd", strings.Repeat("{{names(members)}}", 2000), Refused},
		{"braces without an end", strings.Repeat("{{", 30_000), Refused},
		{"braces that close", strings.Repeat("}}", 30_000), Handled},
		{"braces in braces", strings.Repeat("{{", 10_000) + "text" + strings.Repeat("}}", 10_000), Refused},
		{"quotes in braces", "{{" + strings.Repeat(`"`, 30_001) + "}}", Refused},
		{"full-width braces", strings.Repeat("｛｛", 20_000), Refused},
		{"longer than a text may be", strings.Repeat("退", 64<<10), Refused},
		{"all that is nasty", nasty(), ""},
		{"ten thousand expressions", strings.Repeat("{{1}}", 10_000), ""},
		{"a macro bomb", "{{bomb8}}", Refused},
	} {
		all = append(all, Case{Group: "template", Name: c.name, Want: c.want, Make: func() (int, func() Verdict) {
			return len(c.src), func() Verdict { return template(c.src, shared, worst) }
		}})
	}
	return all
}

func template(src string, o *expression.Options, worst []*expression.Scope) Verdict {
	t, problems := expression.CompileTemplate(src, o)
	if len(problems) > 0 {
		return Refused
	}
	refused := false
	for _, s := range worst {
		if _, err := t.Render(s); err != nil {
			refused = true
		}
	}
	return verdict(refused)
}
