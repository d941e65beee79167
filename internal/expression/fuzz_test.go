package expression

import (
	"testing"
	"unicode/utf8"
)

var seeds = []string{
	`text contains "退款"`, `len(text) < 50 and not is_staff`, `any(members, .name == "甲")`, `text == “退款”`, `len（text） = 5`,
	`user.level >= 2 ? "a" : b`, `let x = user.a; x + x == ""`, `contains_any(text, lists.staff)`, `steps["ask"].ok`, `reduce(members, #acc)`,
	`text matches "(退|货)+"`, `now.Weekday() in [1,2]`, `between("22:00","06:00")`, `vars.price.kilo`, `a`, `{{`, `"`, "`", `\`, `#`, `.name`, `((((`, `text[1:][:2]`,
	`map(lists.staff, #index)`, `is_staff ?? odd`, "text\xff", `sender?.name?.x`, `{"a": text}`, `text | upper() | len()`, `if true {1} else {2}`, `1;2`,
}

// checkSpans checks that every problem lies in the source and is said in both languages.
func checkSpans(t *testing.T, src string, problems []Problem) {
	n := utf8.RuneCountInString(src)
	for _, p := range problems {
		if p.Offset < 0 || p.Length < 1 || p.Offset+p.Length > n+1 {
			t.Fatalf("%q has %d characters, the problem is %+v", src, n, p)
		}
		if len(p.Code) != 5 || p.Message.ZH == "" || p.Message.EN == "" {
			t.Fatalf("%q: %+v", src, p)
		}
	}
}

func FuzzCondition(f *testing.F) {
	for _, s := range seeds {
		f.Add(s)
	}
	o, s := problemOptions(), sample()
	f.Fuzz(func(t *testing.T, src string) {
		c, problems := CompileCondition(src, o)
		if (c == nil) != (len(problems) > 0) {
			t.Fatalf("%q: %v, %v", src, c, problems)
		}
		checkSpans(t, src, problems)
		if c == nil {
			return
		}
		first, err := c.Eval(s)
		second, again := c.Eval(s)
		if first != second || (err == nil) != (again == nil) {
			t.Fatalf("%q: %v, %v, then %v, %v", src, first, err, second, again)
		}
	})
}

func FuzzTemplate(f *testing.F) {
	for _, s := range seeds {
		f.Add("您好{{" + s + "}}，" + s)
	}
	for _, s := range []string{"{{", "}}", "{{}}", "${x}", "%s", "#{x}", "{{\"{{\"}}", "｛｛x", "{{{{text}}}}", "{{ {\"a\":{}} }}"} {
		f.Add(s)
	}
	o, s := problemOptions(), sample()
	f.Fuzz(func(t *testing.T, src string) {
		tpl, problems := CompileTemplate(src, o)
		if (tpl == nil) != (len(problems) > 0) {
			t.Fatalf("%q: %v, %v", src, tpl, problems)
		}
		checkSpans(t, src, problems)
		if tpl == nil {
			return
		}
		got, err := tpl.Render(s)
		if err == nil && tpl.IsLiteral() && got != src {
			t.Fatalf("%q became %q", src, got)
		}
		if len(got) > maxString {
			t.Fatalf("%d bytes", len(got))
		}
	})
}
