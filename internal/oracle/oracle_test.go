package oracle_test

import (
	"fmt"
	"testing"

	"botengine/internal/oracle"
)

var rules = []oracle.Rule{
	{Word: "退款", Effects: []oracle.Effect{{Kind: "text", Text: "一 *", Line: "一"}, {Kind: "text", Text: "二 *", Line: "二"}}},
	{Word: "标签", Effects: []oracle.Effect{{Kind: "tag", Text: "*", Promise: oracle.AtLeastOnce}}},
	{Word: "公告", Effects: []oracle.Effect{{Kind: "announce", Text: "*", Promise: oracle.AtMostOnce}}},
}

func text(s string) oracle.Effect { return oracle.Effect{Chat: "群", Kind: "text", Text: s} }

func TestEachKindOfFaultIsFound(t *testing.T) {
	want := oracle.Want(rules, []oracle.Input{{"群", "退款 1"}, {"群", "退款 2"}, {"群", "标签 3"}, {"群", "公告 4"}, {"群", "别的"}})
	tag, announce := oracle.Effect{Chat: "群", Kind: "tag", Text: "3"}, oracle.Effect{Chat: "群", Kind: "announce", Text: "4"}
	for name, c := range map[string]struct {
		got  []oracle.Effect
		want string
	}{
		"all is well": {[]oracle.Effect{text("一 1"), text("一 2"), text("二 1"), text("二 2"), tag, announce}, "[] [] [] [] []"},
		"a tag is put on twice, and one announcement is missing": {[]oracle.Effect{text("一 1"), text("二 1"), text("一 2"), text("二 2"), tag, tag},
			`[] [] [] [] [announce "4" in 群]`},
		"lost":        {[]oracle.Effect{text("一 1"), text("一 2"), text("二 2"), tag, announce}, `[text "二 1" in 群] [] [] [] []`},
		"twice":       {[]oracle.Effect{text("一 1"), text("一 1"), text("一 2"), text("二 1"), text("二 2"), tag, announce}, `[] [text "一 1" in 群] [] [] []`},
		"out of turn": {[]oracle.Effect{text("一 2"), text("一 1"), text("二 1"), text("二 2"), tag, announce}, `[] [] [text "一 1" in 群] [] []`},
		"unasked":     {[]oracle.Effect{text("一 1"), text("一 2"), text("二 1"), text("二 2"), tag, announce, text("三")}, `[] [] [] [text "三" in 群] []`},
		"announced twice": {[]oracle.Effect{text("一 1"), text("一 2"), text("二 1"), text("二 2"), tag, announce, announce},
			`[] [announce "4" in 群] [] [] []`},
	} {
		r := oracle.Compare(want, c.got)
		got := sprint(r)
		if got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
		if wantOK := name == "all is well" || name == "a tag is put on twice, and one announcement is missing"; r.OK() != wantOK {
			t.Errorf("%s: OK() = %t", name, r.OK())
		}
		if complete := oracle.Complete(want, c.got); complete != (name != "lost") {
			t.Errorf("%s: Complete() = %t", name, complete)
		}
	}
}

func sprint(r oracle.Report) string {
	return fmt.Sprint(r.Lost, r.Duplicates, r.Reordered, r.Phantoms, r.Missing)
}
