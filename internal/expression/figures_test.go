package expression_test

import (
	"testing"

	"botengine/internal/expression"
)

func TestAnAlarmHoldsOfWhatItSays(t *testing.T) {
	f := expression.Figures{Share: 0.4, Fired: 40, Seen: 100, Errors: 3}
	for src, want := range map[string]bool{
		"share > 0.3":                        true,
		"share > 0.4 or errors >= 4":         false,
		"share > 0.3 and errors >= 3":        true,
		"not (seen < 100)":                   true,
		"errors / fired > 0.05":              true,
		"fired == seen":                      false,
		"errors * 10 > fired":                false,
		"true":                               true,
		"share >= 0.4 && (errors > 2 || no)": false,
	} {
		a, problems := expression.CompileAlarm(src)
		if src == "share >= 0.4 && (errors > 2 || no)" {
			if a != nil || len(problems) != 1 || problems[0].Code != "BE201" {
				t.Errorf("%s: %+v", src, problems)
			}
			continue
		}
		if a == nil {
			t.Errorf("%s: %+v", src, problems)
			continue
		}
		if got, err := a.Holds(f); got != want || err != nil {
			t.Errorf("%s = %t, %v, want %t", src, got, err, want)
		}
	}
}

// FuzzAlarm holds that no text panics, that problems lie within the text, and that
// what compiles always has an end.
func FuzzAlarm(f *testing.F) {
	for _, src := range []string{"share > 0.3 or errors >= 3", "share > 30%", "shares > 1", "份额 > 1", "errors ＞ 3", "fired / (seen - seen) > 1", "((((", "share > 0.3 {{", "1..9", "[share]", "seen ** 9 ** 9 > 1"} {
		f.Add(src)
	}
	f.Fuzz(func(t *testing.T, src string) {
		a, problems := expression.CompileAlarm(src)
		if (a == nil) != (len(problems) > 0) {
			t.Fatalf("%q: an alarm = %t, and %d problems", src, a != nil, len(problems))
		}
		n := len([]rune(src))
		for _, p := range problems {
			if p.Offset < 0 || p.Length < 1 || p.Offset > n || n > 0 && p.Offset+p.Length > n+1 {
				t.Errorf("%q: a problem at %d+%d of %d", src, p.Offset, p.Length, n)
			}
		}
		if a != nil {
			_, _ = a.Holds(expression.Figures{Share: 0.5, Fired: 1, Seen: 2}) // an error is fine, a panic is not
		}
	})
}
