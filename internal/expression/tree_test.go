package expression

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"botengine/internal/diag"
	"botengine/internal/event"
)

func treeOptions() *Options {
	return &Options{
		HasHit: true, Steps: []string{"ask"},
		Vars:   map[string]any{"n": 3, "words": []any{"退款", "退货"}, "price": map[string]any{"张三": 12}},
		Lists:  map[string][]string{"staff": {"1688850285583026"}},
		Macros: map[string]string{"is_staff": "sender.id in lists.staff", "vip": "user.level > 2 or is_staff"},
	}
}

func TestTree(t *testing.T) {
	s := sample()
	s.Facts = book{"user.level": int64(1)}
	for name, c := range map[string]struct{ src, want string }{
		"an and whose left side is false": {`len(text) < 5 and not is_staff`, `
len(text) < 5 and not is_staff = 假
├ len(text) < 5 = 假
│ └ len(text) = 18
│   └ text = "请问这个订单怎么退款呀？我等了三天了"
└ not is_staff （未计算）
  └ is_staff （未计算）
    └ sender.id in lists.staff （未计算）
      └ sender.id （未计算）
`},
		"a macro in a macro, with a fact": {`vip`, `
vip = 真
└ user.level > 2 or is_staff = 真
  ├ user.level > 2 = 假
  │ └ user.level = 1
  └ is_staff = 真
    └ sender.id in lists.staff = 真
      └ sender.id = "1688850285583026"
`},
		"brackets, a loop and a list": {`(text contains "退" or user.vip) and any(vars.words, text contains #)`, `
(text contains "退" or user.vip) and any(vars.words, text contains #) = 真
├ text contains "退" or user.vip = 真
│ ├ text contains "退" = 真
│ │ └ text = "请问这个订单怎么退款呀？我等了三天了"
│ └ user.vip （未计算）
└ any(vars.words, text contains #) = 真
  └ vars.words = ["退款", "退货"]
`},
		"a variable, a choice and a method": {`let h = now.Hour(); h < 12 ? h > 8 : false`, `
let h = now.Hour(); h < 12 ? h > 8 : false = 真
├ now.Hour() = 9
│ └ now = "2026-03-05T09:30:00+08:00"
└ h < 12 ? h > 8 : false = 真
  ├ h < 12 = 真
  │ └ h = 9
  └ h > 8 = 真
    └ h = 9
`},
		"a part that has no value": {`user.mood == "好" or text[0:2] == members[0].name`, `
user.mood == "好" or text[0:2] == members[0].name ✗ 列表里没有这一项
├ user.mood == "好" = 假
│ └ user.mood = 没有
└ text[0:2] == members[0].name ✗ 列表里没有这一项
  ├ text[0:2] = "请问"
  │ └ text = "请问这个订单怎么退款呀？我等了三天了"
  └ members[0].name ✗ 列表里没有这一项
`},
		"quotes, and several lines": {"text contains \"(（\" or\n  text matches `等了.天`", `
text contains "(（" or text matches ` + "`等了.天`" + ` = 真
├ text contains "(（" = 假
│ └ text = "请问这个订单怎么退款呀？我等了三天了"
└ text matches ` + "`等了.天`" + ` = 真
  └ text = "请问这个订单怎么退款呀？我等了三天了"
`},
		"what is not in it": {`sender.id not in lists.staff and vars.price[sender.name] == 12`, `
sender.id not in lists.staff and vars.price[sender.name] == 12 = 假
├ sender.id not in lists.staff = 假
│ └ sender.id in lists.staff = 真
│   └ sender.id = "1688850285583026"
└ vars.price[sender.name] == 12 （未计算）
  └ vars.price[sender.name] （未计算）
    ├ vars.price （未计算）
    └ sender.name （未计算）
`},
	} {
		t.Run(name, func(t *testing.T) {
			cond, problems := CompileCondition(c.src, treeOptions())
			if problems != nil {
				t.Fatal(problems)
			}
			if got := cond.Tree(s).Text(diag.ZH, ""); got != strings.TrimPrefix(c.want, "\n") {
				t.Errorf("got\n%s", got)
			}
		})
	}
}

func TestTreeInEnglish(t *testing.T) {
	cond, _ := CompileCondition(`text == "" and user.vip`, treeOptions())
	const want = "  text == \"\" and user.vip = false\n  ├ text == \"\" = false\n  │ └ text = \"请问这个订单怎么退款呀？我等了三天了\"\n  └ user.vip (not evaluated)\n"
	if got := cond.Tree(sample()).Text(diag.EN, "  "); got != want {
		t.Errorf("got\n%s", got)
	}
}

func TestTreeCutsLongValuesAndShowsWhatCannotBeSeen(t *testing.T) {
	s := sample()
	s.Event.Message.Text = "退\u200b款\x1b[31m" + strings.Repeat("很长", 40_000)
	cond, _ := CompileCondition(`text contains "退款"`, treeOptions())
	tree := cond.Tree(s)
	got := tree.Text(diag.ZH, "")
	if !strings.Contains(got, `"退\u200b款\x1b[31m很长`) || !strings.Contains(got, `…"`) || len(got) > 500 || strings.Contains(got, "\x1b") {
		t.Errorf("got %q", got)
	}
	if data, err := json.Marshal(tree); err != nil || len(data) > 2000 {
		t.Errorf("%d bytes of JSON, %v", len(data), err)
	}
}

// A condition that is as large as conditions may be costs no more than it may.
func TestTreeOfTheLargestConditionIsBounded(t *testing.T) {
	parts := make([]string, 40)
	for i := range parts {
		parts[i] = fmt.Sprintf("any(members, .name == text + %q)", fmt.Sprint(i))
	}
	cond, problems := CompileCondition(strings.Join(parts, " or "), treeOptions())
	if problems != nil {
		t.Fatal(problems)
	}
	s := sample()
	s.Event.Message.Text = strings.Repeat("很长", 10_000)
	s.Event.Members = make([]event.Person, 200)
	if n := count(cond.Tree(s)); n > maxTreeNodes+1 || n < 10 {
		t.Errorf("%d nodes", n)
	}
}

func count(t *Tree) int {
	n := 1
	for _, c := range t.Children {
		n += count(c)
	}
	return n
}

// treeConditions writes conditions with everything that a tree treats in its own way.
func treeConditions(depth int) *rapid.Generator[string] {
	leaf := rapid.SampledFrom([]string{
		`text contains "退"`, `len(text) > 3`, `user.vip`, `user.level > 1`, `is_staff`, `vip`, `chat.type == "group"`, `true`, `false`, `members[0].name == "甲"`,
		`any(members, .name contains text)`, `text matches "退.*款"`, `sender.id in lists.staff`, `now.Hour() > 8`, `(user.name ?? "x") == "x"`, `text[0:1] in ["退", "k"]`,
		`let x = len(text); x > 2 and x < 9`, `vars.price[sender.name] == 12`, `contains_any(text, vars.words)`, `steps.ask.ok`, `user.level % 0 == 1`, `1 < user.level < 4`,
	})
	if depth == 0 {
		return leaf
	}
	inner := treeConditions(depth - 1)
	return rapid.Custom(func(t *rapid.T) string {
		a, b, c := inner.Draw(t, "a"), inner.Draw(t, "b"), inner.Draw(t, "c")
		form := rapid.SampledFrom([]string{"%[1]s", "(%s) and (%s)", "(%s) or (%s)", "not (%[1]s)", "(%s) ? (%s) : (%s)", "(%s)\n && (%s) || (%s)", "let v = (%[1]s); v or (%[2]s)"}).Draw(t, "form")
		out := fmt.Sprintf(form, a, b, c)
		if i := strings.Index(out, "%!(EXTRA"); i >= 0 {
			out = out[:i]
		}
		return out
	})
}

func treeScopes() *rapid.Generator[*Scope] {
	return rapid.Custom(func(t *rapid.T) *Scope {
		s := sample()
		s.Event.Message.Text = strings.Join(rapid.SliceOfN(rapid.SampledFrom([]string{"退", "款", "k", " ", "\xff", "🙂"}), 0, 6).Draw(t, "text"), "")
		s.Event.Sender.ID = rapid.SampledFrom([]string{"1", "1688850285583026"}).Draw(t, "sender")
		if rapid.Bool().Draw(t, "members") {
			s.Event.Members = []event.Person{{Name: "甲"}, {Name: "退款"}}
		}
		facts := book{}
		if rapid.Bool().Draw(t, "facts") {
			facts["user.vip"], facts["user.level"] = rapid.Bool().Draw(t, "vip"), int64(rapid.IntRange(0, 5).Draw(t, "level"))
		}
		if rapid.IntRange(0, 5).Draw(t, "odd") == 0 {
			facts["user.vip"] = "yes"
		}
		s.Facts = facts
		return s
	})
}

// What the tree says is what the compiled condition gives, and the parts of and,
// or, not and a choice add up to it.
func TestTreeSaysWhatTheConditionGives(t *testing.T) {
	o := treeOptions()
	rapid.Check(t, func(t *rapid.T) {
		src, s := treeConditions(2).Draw(t, "condition"), treeScopes().Draw(t, "scope")
		cond, problems := CompileCondition(src, o)
		if len(problems) > 0 {
			t.Skip(problems[0].Message.EN) // such as a condition that mixes ?? and or
		}
		want, err := cond.Eval(s)
		tree := cond.Tree(s)
		if err != nil != !tree.Problem.IsZero() || err == nil && tree.Value != want {
			t.Fatalf("%s: the condition gives %v (%v), the tree %v (%v)", src, want, err, tree.Value, tree.Problem)
		}
		if again, _ := cond.Eval(s); err == nil && again != want {
			t.Fatalf("%s: gives %v, and after the tree was made %v", src, want, again)
		}
		addsUp(t, tree)
	})
}

// addsUp holds every part to its own parts.
func addsUp(t *rapid.T, tree *Tree) {
	for _, c := range tree.Children {
		if c.Evaluated && !tree.Evaluated {
			t.Fatalf("%s is not evaluated, but its part %s is", tree.Source, c.Source)
		}
		addsUp(t, c)
	}
	if !tree.Evaluated || !tree.Problem.IsZero() || len(tree.Children) == 0 {
		return
	}
	last := tree.Children[len(tree.Children)-1]
	for _, c := range tree.Children {
		if c.Evaluated && !c.Problem.IsZero() {
			t.Fatalf("%s = %v though its part %s has no value: %s", tree.Source, tree.Value, c.Source, c.Problem.EN)
		}
		if c.Evaluated {
			last = c
		}
	}
	inner, negated := strings.CutPrefix(tree.Source, "not ")
	if negated && len(tree.Children) == 1 && (inner == last.Source || inner == "("+last.Source+")") && tree.Value != (last.Value != true) {
		t.Fatalf("%s = %v, but %s = %v", tree.Source, tree.Value, last.Source, last.Value)
	}
	if len(tree.Children) == 2 && tree.Source == "("+tree.Children[0].Source+") and ("+tree.Children[1].Source+")" && tree.Value != last.Value {
		t.Fatalf("%s = %v, but %s = %v", tree.Source, tree.Value, last.Source, last.Value)
	}
}

func FuzzTree(f *testing.F) {
	for _, s := range seeds {
		f.Add(s)
	}
	o, s := problemOptions(), sample()
	s.Facts = book{"user.a": "x", "user.level": int64(3)}
	f.Fuzz(func(t *testing.T, src string) {
		c, _ := CompileCondition(src, o)
		if c == nil {
			return
		}
		want, err := c.Eval(s)
		tree := c.Tree(s)
		if (err != nil) != !tree.Problem.IsZero() || err == nil && tree.Value != want {
			t.Fatalf("%q gives %v (%v), its tree %v (%v)", src, want, err, tree.Value, tree.Problem)
		}
		if count(tree) > maxTreeNodes+1 || tree.Text(diag.ZH, "") == "" {
			t.Fatalf("%q: %d nodes", src, count(tree))
		}
	})
}
