package ruletest

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"botengine/internal/actions"
	"botengine/internal/diag"
	"botengine/internal/event"
	"botengine/internal/rule"
)

// Read reads the tests of a file: of a `*_test.yaml` all of it, of a rule file what
// stands under `tests`. It says everything that is wrong with them at its place;
// the File is of use only when none of it is an error.
func Read(src rule.Source) (File, diag.List) {
	if !src.Problem.IsZero() {
		return File{}, diag.List{diag.At(src.Path, diag.Range{}).Error("BE601",
			diag.Text{ZH: "文件读不出来：" + src.Problem.ZH, EN: "the file can't be read: " + src.Problem.EN})}
	}
	f := File{Path: src.Path, src: src}
	doc, found := rule.OpenTests(src)
	if doc == nil {
		return f, found
	}
	f.doc, f.root = doc, doc.Root()
	d := &decoder{path: src.Path, doc: doc, found: found}
	if IsTestFile(src.Path) {
		d.file(&f)
	} else {
		d.inline(&f)
	}
	return f, d.found.Tidy()
}

// IsTestFile says whether a file of that name holds nothing but tests.
func IsTestFile(path string) bool {
	return strings.HasSuffix(path, "_test.yaml") || strings.HasSuffix(path, "_test.yml")
}

func (d *decoder) file(f *File) {
	if f.root == nil {
		d.found = append(d.found, diag.At(d.path, diag.Span(1, 1, 1)).Error("BE103", diag.T("缺少 `tests`", "`tests` is missing: there are no tests")).WithHint(testsHint))
		return
	}
	slots := append(d.head(&f.Head), slot{"tests", func(n *yaml.Node) { f.Tests = d.tests(n) }})
	if d.fields(f.root, slots) && valueOf(f.root, "tests") == nil && !d.found.HasErrors() {
		d.fail(f.root, "BE103", diag.T("缺少 `tests`", "`tests` is missing: there are no tests"), testsHint)
	}
}

var testsHint = diag.Text{
	ZH: "写成 `tests: [{name: 问退款, steps: [{say: 退款, expect: {rules: [refund]}}]}]`",
	EN: "write `tests: [{name: asks for a refund, steps: [{say: 退款, expect: {rules: [refund]}}]}]`",
}

// inline reads the tests of a rule file; the rules are for others to read.
func (d *decoder) inline(f *File) {
	if f.root == nil || f.root.Kind != yaml.MappingNode {
		return
	}
	for i := 0; i+1 < len(f.root.Content); i += 2 {
		if key, value := f.root.Content[i], f.root.Content[i+1]; key.Value == "tests" && d.there(key, value) {
			f.Tests = d.tests(value)
		}
	}
}

// head are the keys that files and tests have.
func (d *decoder) head(h *Head) []slot {
	return []slot{
		{"start", func(n *yaml.Node) { d.start(n, h) }},
		{"seed", d.into(&h.Seed)},
		{"account", d.into(&h.Account)},
		{"robot", func(n *yaml.Node) { h.Robot = d.person(n) }},
		{"robots", func(n *yaml.Node) {
			for _, c := range d.list(n) {
				h.Robots = append(h.Robots, d.person(c))
			}
		}},
		{"tags", func(n *yaml.Node) {
			for _, c := range d.list(n) {
				var t Tag
				d.fields(c, []slot{{"name", d.into(&t.Name)}, {"id", d.digits(&t.ID)}})
				h.Tags = append(h.Tags, t)
			}
		}},
		{"groups", func(n *yaml.Node) { h.Groups = d.groups(n) }},
		{"changed", func(n *yaml.Node) { h.Changed = d.changed(n) }},
	}
}

func (d *decoder) start(n *yaml.Node, h *Head) {
	h.Start = d.text(n)
	at, ok := parseStart(h.Start)
	if !ok && h.Start != "" {
		d.fail(n, "BE104", diag.T("`%[1]s` 不是时间", "%[1]q is no time", h.Start), diag.T("写成 `2026-03-02 10:00`", "write `2026-03-02 10:00`"))
	}
	h.start = at
}

func (d *decoder) person(n *yaml.Node) (p Person) {
	d.fields(n, []slot{{"name", d.into(&p.Name)}, {"id", d.into(&p.ID)}})
	return p
}

func (d *decoder) groups(n *yaml.Node) map[string]Group {
	out := map[string]Group{}
	for _, p := range d.pairs(n) {
		var g Group
		d.fields(p.value, []slot{
			{"id", d.into(&g.ID)},
			{"owner", d.into(&g.Owner)},
			{"size", func(n *yaml.Node) { g.Size = d.number(n) }},
			{"labels", func(n *yaml.Node) { g.Labels = d.texts(n) }},
		})
		out[p.key.Value] = g
	}
	return out
}

func (d *decoder) tests(n *yaml.Node) []Test {
	if n.Kind == yaml.SequenceNode && len(n.Content) == 0 {
		d.fail(n, "BE125", diag.T("`tests` 是空的", "`tests` is empty: there are no tests"), testsHint)
	}
	var out []Test
	names := map[string]int{}
	for i, c := range d.list(n) {
		t := Test{Line: c.Line}
		slots := append(d.head(&t.Head), slot{"name", d.into(&t.Name)}, slot{"steps", func(n *yaml.Node) { t.Steps = d.steps(n) }})
		if !d.fields(c, slots) {
			continue
		}
		if name := valueOf(c, "name"); name != nil {
			t.Line = name.Line
		}
		if t.Name = cmp.Or(t.Name, "#"+strconv.Itoa(i+1)); names[t.Name] > 0 {
			d.fail(valueOf(c, "name"), "BE105", diag.T("已经有测试叫「%s」（第 %d 行）", "there is a test %q already, in line %d", t.Name, names[t.Name]),
				diag.T("换一个名字，失败时才知道是哪一个", "take another name, so that a failure says which one it is"))
		}
		names[t.Name] = t.Line
		out = append(out, t)
	}
	return out
}

func (d *decoder) steps(n *yaml.Node) []Step {
	var out []Step
	for _, c := range d.list(n) {
		s := Step{Line: c.Line, node: c}
		if c.Kind == yaml.MappingNode && len(c.Content) == 0 {
			d.fail(c, "BE125", diag.T("这一步是空的", "this step is empty"), diag.T("写上发生了什么，例如 `{say: 退款}`", "say what happens, such as `{say: 退款}`"))
		}
		if before := len(d.found); d.fields(c, d.stepSlots(&s)) && len(d.found) == before { // else it may only be mistyped
			d.oneEvent(c, &s)
		}
		out = append(out, s)
	}
	return out
}

func (d *decoder) stepSlots(s *Step) []slot {
	return []slot{
		{"at", func(n *yaml.Node) { d.after(n, s) }},
		{"say", d.into(&s.Say)}, {"by", d.into(&s.By)}, {"group", d.into(&s.Group)}, {"robot", d.into(&s.Robot)},
		{"at_me", d.yes(&s.AtMe)}, {"phone", d.into(&s.Phone)},
		{"friend", d.into(&s.Friend)}, {"reason", d.into(&s.Reason)},
		{"join", func(n *yaml.Node) { s.Join = d.texts(n) }},
		{"media", d.oneOf(&s.Media, mediaNames)}, {"url", d.into(&s.URL)},
		{"status", d.oneOf(&s.Status, statusNames)},
		{"start", d.yes(&s.Start)}, {"updated", d.yes(&s.Updated)},
		{"fail", func(n *yaml.Node) {
			for _, c := range d.list(n) {
				s.Fail = append(s.Fail, d.failure(c))
			}
		}},
		{"answer", func(n *yaml.Node) {
			for _, c := range d.list(n) {
				s.Answer = append(s.Answer, d.answer(c))
			}
		}},
		{"expect", func(n *yaml.Node) { d.expect(n, s) }},
	}
}

func (d *decoder) after(n *yaml.Node, s *Step) {
	s.At = d.text(n)
	span, err := actions.ParseDuration(strings.TrimPrefix(s.At, "+"))
	if err != nil && s.At != "" {
		d.fail(n, "BE120", diag.T("`%s` 不是时长", "%q is no span of time", s.At), diag.T("写成 `+30s`、`+10m`、`+3h` 或 `+1d`，从上一步算起", "write `+30s`, `+10m`, `+3h` or `+1d`, counted from the step before"))
	}
	s.after = span
}

// oneEvent holds that a step says one thing that happens, and what belongs to it.
func (d *decoder) oneEvent(n *yaml.Node, s *Step) {
	var happens []string
	for _, key := range []string{"start", "friend", "join", "media", "phone", "status", "updated", "say"} {
		if valueOf(n, key) != nil && (key != "say" || s.Media == "") {
			happens = append(happens, key)
		}
	}
	if len(happens) > 1 {
		d.fail(keyOf(n, happens[1]), "BE607", diag.T("这一步同时写了 `%s` 和 `%s`", "this step has both `%s` and `%s`", happens[0], happens[1]),
			diag.T("一步只发生一件事，分成两步写", "one thing happens in a step: make two steps of it"))
	}
	for _, pair := range [][2]string{{"reason", "friend"}, {"url", "media"}, {"at_me", "say"}} {
		if valueOf(n, pair[0]) != nil && valueOf(n, pair[1]) == nil {
			d.fail(keyOf(n, pair[0]), "BE607", diag.T("`%s` 要和 `%s` 一起写", "`%s` goes with `%s`", pair[0], pair[1]),
				diag.T("补上 `%[2]s`，或去掉 `%[1]s`", "add `%[2]s`, or take `%[1]s` out", pair[0], pair[1]))
		}
	}
	if len(s.Join) > 0 && s.Group == "" {
		d.fail(keyOf(n, "join"), "BE607", diag.T("`join` 没有写在哪个群", "`join` does not say which group"), diag.T("补上 `group: 群名`", "add `group: NAME`"))
	}
}

func (d *decoder) failure(n *yaml.Node) (f Fail) {
	ok := d.fields(n, []slot{
		{"type", d.into(&f.Type)}, {"code", d.into(&f.Code)}, {"msg", d.into(&f.Msg)},
		{"send_status", d.oneOf(&f.Status, sendStatuses)},
		{"never", d.yes(&f.Never)},
		{"times", func(n *yaml.Node) { f.Times = d.number(n) }},
	})
	if ok && f.Type == "" {
		d.fail(n, "BE103", diag.T("缺少 `type`", "`type` is missing"), diag.T("写上命令的类型，例如 `type: message.text`", "say which commands, such as `type: message.text`"))
	}
	if ways := count(f.Code != "", f.Status != "", f.Never); ok && f.Type != "" && ways != 1 {
		d.fail(n, "BE607", diag.T("`code`、`send_status`、`never` 要写一个，也只写一个", "one of `code`, `send_status` and `never` is wanted, and one only"),
			diag.T("`code: \"5000\"` 平台拒绝；`send_status: 2` 没有送达；`never: true` 没有结果", "`code: \"5000\"`: refused; `send_status: 2`: not delivered; `never: true`: no result comes"))
	}
	return f
}

func (d *decoder) answer(n *yaml.Node) (a Answer) {
	d.fields(n, []slot{{"type", d.into(&a.Type)}, {"fields", func(n *yaml.Node) {
		text, err := asJSON(n)
		if err != nil {
			d.fail(n, "BE104", diag.T("%v", "%v", err), diag.Text{})
		}
		a.fields = text
	}}})
	if a.fields == nil {
		a.fields = []byte("{}")
	}
	return a
}

func (d *decoder) expect(n *yaml.Node, s *Step) {
	e := &Expect{node: n, parts: map[string]*yaml.Node{}}
	s.Expect = e
	if isNull(n) {
		s.key = keyOf(s.node, "expect")
		return
	}
	d.fields(n, []slot{
		{"rules", func(n *yaml.Node) { ids := d.texts(n); e.Rules = &ids }},
		{"commands", func(n *yaml.Node) { e.Commands = d.commands(n) }},
		{"outcomes", func(n *yaml.Node) {
			e.Outcomes = map[string]string{}
			for _, p := range d.pairs(n) {
				var word string
				d.oneOf(&word, outcomeNames())(p.value)
				e.Outcomes[p.key.Value] = word
			}
		}},
		{"facts", func(n *yaml.Node) {
			for _, p := range d.pairs(n) {
				e.Facts = append(e.Facts, Fact{Words: p.key.Value, Want: d.factValue(p), key: p.key, node: p.value})
			}
		}},
	})
	for _, key := range []string{"rules", "commands", "outcomes", "facts"} {
		e.parts[key] = valueOf(n, key)
	}
}

func (d *decoder) factValue(p pair) any {
	if p.value.Kind != yaml.ScalarNode {
		d.fail(p.value, "BE104", diag.T("这里要写一个值", "a value is wanted here"), diag.T("例如 `user.score: 5`；没有就写 `null`", "such as `user.score: 5`; `null` for nothing"))
	}
	return valueAsWritten(p.value)
}

func (d *decoder) commands(n *yaml.Node) *[]map[string]any {
	out := []map[string]any{}
	for _, c := range d.list(n) {
		fields := map[string]any{}
		for _, p := range d.pairs(c) {
			fields[p.key.Value] = valueAsWritten(p.value)
		}
		out = append(out, fields)
	}
	return &out
}

// outcomeNames are the words of `outcomes`.
func outcomeNames() []string {
	var out []string
	for _, o := range rule.Outcomes() {
		out = append(out, string(o))
	}
	return out
}

// mediaNames are the words of `media`.
var mediaNames = func() []string {
	var out []string
	for _, kind := range media {
		out = append(out, strings.TrimPrefix(string(kind), "message."))
	}
	return out
}()

// count is how many of them hold.
func count(facts ...bool) (n int) {
	for _, f := range facts {
		if f {
			n++
		}
	}
	return n
}

// valueAsWritten is a value with every scalar as it is written: an id never is a
// number to us. `!id 张三` and `!group 产品群` are the ids of names.
func valueAsWritten(n *yaml.Node) any {
	if n.Kind == yaml.SequenceNode {
		out := make([]any, len(n.Content))
		for i, c := range n.Content {
			out[i] = valueAsWritten(c)
		}
		return out
	}
	if n.Kind == yaml.MappingNode {
		out := map[string]any{}
		for i := 0; i+1 < len(n.Content); i += 2 {
			out[n.Content[i].Value] = valueAsWritten(n.Content[i+1])
		}
		return out
	}
	switch tag := n.ShortTag(); {
	case tag == tagPerson:
		return idOf(n.Value)
	case tag == tagGroup:
		return "R:" + idOf(n.Value)
	case isNull(n):
		return nil
	case tag == "!!bool":
		return strconv.FormatBool(slices.Contains([]string{"true", "True", "TRUE"}, n.Value))
	}
	return n.Value
}

// The words of `status` and of `send_status`.
var (
	statusNames  = []string{"online", "offline", "banned"}
	sendStatuses = []string{"0", "2"}
)

// statuses are the words that a test has for a robot's status.
var statuses = map[string]event.Status{"online": event.StatusOnline, "offline": event.StatusOffline, "banned": event.StatusBanned}
