package actions

import (
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestNoTextMentionsEverybody(t *testing.T) {
	for name, c := range map[string]struct{ in, want string }{
		"in Chinese":                     {"@所有人 今晚维护", "＠所有人 今晚维护"},
		"in English, in any case":        {"hi @All and @EVERYONE!", "hi ＠All and ＠EVERYONE!"},
		"with a blank in between":        {"@ 所有人", "＠ 所有人"},
		"with invisible ones in between": {"@\u200b\u202e所有人", "＠\u200b\u202e所有人"},
		"at the end":                     {"喂@all", "喂＠all"},
		"behind a word":                  {"小王@所有人", "小王＠所有人"},
		"behind a Latin word":            {"x@all y", "x＠all y"},
		"twice":                          {"@@所有人@全体成员", "@＠所有人＠全体成员"},
		"an address stays":               {"写信到 a@all.com", "写信到 a@all.com"},
		"another word stays":             {"@alliance @hereafter @张三", "@alliance @hereafter @张三"},
		"no @ at all":                    {"所有人都来", "所有人都来"},
		"broken UTF-8 stays":             {"@\xffall", "@\xffall"},
	} {
		t.Run(name, func(t *testing.T) {
			if got := spareAll(c.in); got != c.want {
				t.Errorf("%q became %q, want %q", c.in, got, c.want)
			}
		})
	}
}

func TestSparingAllChangesNothingElse(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		parts := rapid.SliceOf(rapid.OneOf(rapid.SampledFrom([]string{"@", "所有人", "all", " ", "{{", "}}", "${", "%s", "#{", "＠", "全体成员", ".com", "\u200b"}), rapid.String())).Draw(rt, "parts")
		text := strings.Join(parts, "")
		got := spareAll(text)
		if strings.ReplaceAll(got, "＠", "@") != strings.ReplaceAll(text, "＠", "@") {
			rt.Fatalf("%q became %q", text, got)
		}
		if again := spareAll(got); again != got {
			rt.Fatalf("%q, then %q", got, again)
		}
	})
}
