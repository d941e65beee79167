package expression

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"botengine/internal/event"
)

// places are the places in short.
var places = map[Place]string{
	InText: "~", InFolded: "~~", TheText: "=", TheFolded: "==", TheChat: "chat ", TheRobot: "robot ", TheSender: "sender ", TheChatType: "type ",
}

// shown writes needs as a&b of x|y.
func shown(n Needs) string {
	var sets []string
	for _, set := range n {
		var atoms []string
		for _, a := range set {
			atoms = append(atoms, places[a.Place]+a.Value)
		}
		sets = append(sets, strings.Join(atoms, "|"))
	}
	return strings.Join(sets, " & ")
}

func TestWhatAConditionNeeds(t *testing.T) {
	o := &Options{
		Kinds: []event.Kind{event.MessageText}, Vars: map[string]any{"word": "退款", "groups": []string{"R:1", "R:2"}},
		Lists:  map[string][]string{"bad": {"加微信", "ＶＩＰ"}, "staff": {"2", "1"}},
		Macros: map[string]string{"asks": `text contains "怎么" or text contains "如何"`, "greets": `let v = text[0:2]; v == "您好"`},
	}
	for name, c := range map[string]struct{ src, want string }{
		"a word":                              {`text contains "退款"`, "~退款"},
		"a word from vars":                    {`text contains vars.word`, "~退款"},
		"the beginning and the end":           {`text startsWith "退" and text endsWith "吗"`, "~退 & ~吗"},
		"the functions for them":              {`hasPrefix(text, "退") or hasSuffix(text, "吗")`, "~退|~吗"},
		"the whole text, either way round":    {`text == "1" or "2" == text`, "=1|=2"},
		"one of several texts":                {`text in ["1", "2"]`, "=1|=2"},
		"a chat of a list in vars":            {`chat.peer in vars.groups`, "chat R:1|chat R:2"},
		"a sender of a list":                  {`in_list("staff", sender.id)`, "sender 1|sender 2"},
		"words, folded":                       {`contains_any(text, lists.bad)`, "~~vip|~~加微信"},
		"a folded text":                       {`fold(text) contains "vip" or fold(text) == "在"`, "~~vip|==在"},
		"a regex":                             {`text matches "(退|换)货.*"`, "~换货|~退货"},
		"a regex without a word":              {`text matches "[0-9]+"`, ""},
		"either of two needs one":             {`text contains "退" or len(text) > 9`, ""},
		"both of two need both":               {`text contains "退" and len(text) > 9 and chat.id == "S:1_2"`, "~退 & chat S:1_2"},
		"not turns it round":                  {`not (not (text contains "退") or text != "退")`, "~退 & =退"},
		"what must not be there is no need":   {`not (text contains "退") and text != "退"`, ""},
		"a choice":                            {`sender.is_member ? text contains "退" : text contains "换"`, "~退|~换"},
		"a choice that may only be one thing": {`text contains "退" ? true : false`, "~退"},
		"a variable":                          {`let t = trim(text); let w = "退"; t contains w and t == "退款"`, "~退 & ~退款"},
		"a macro":                             {`asks and chat.type == "group"`, "~怎么|~如何 & type group"},
		"a macro with a variable":             {`let w = text; greets or w == "好"`, "~您好|=好"},
		"any of a list":                       {`any(["退款", "退货"], text contains #)`, "~退款|~退货"},
		"all of a list":                       {`all(["退", "货"], text contains #)`, "~退 & ~货"},
		"the robot":                           {`robot.key == "cfb3" or robot.name == "小助手"`, "robot cfb3|robot 小助手"},
		"nothing is in everything":            {`text contains "" or text == ""`, ""},
		"a condition that never holds":        {`false`, ""},
		"facts are not known":                 {`user.level == 2 or text contains "退"`, ""},
		"facts beside a word":                 {`user.level == 2 and text contains "退"`, "~退"},
		"a piece that is compared":            {`text[0:2] == "退款"`, "~退款"},
	} {
		t.Run(name, func(t *testing.T) {
			cond, problems := CompileCondition(c.src, o)
			if len(problems) > 0 {
				t.Fatalf("%+v", problems)
			}
			if got := shown(cond.Needs()); got != c.want {
				t.Errorf("%s needs %s, want %s", c.src, got, c.want)
			}
		})
	}
	if cond, _ := CompileCondition(`false`, nil); len(cond.Needs()) != 1 || len(cond.Needs()[0]) != 0 {
		t.Errorf("false needs %v", cond.Needs())
	}
}

// conditions writes random conditions over a few words.
func conditions(depth int) *rapid.Generator[string] {
	word := rapid.SampledFrom([]string{`"退"`, `"款"`, `"退款"`, `"k"`, `""`, `"\xff"`})
	leaf := rapid.Custom(func(t *rapid.T) string {
		w, v := word.Draw(t, "word"), word.Draw(t, "other")
		return rapid.SampledFrom([]string{
			"text contains " + w, "text startsWith " + w, "text endsWith " + w, "text == " + w, w + " != text", "text in [" + w + ", " + v + "]",
			"trim(text) == " + w, "text[0:1] == " + w, "fold(text) contains " + w, "fold(text) == " + w, "contains_any(text, [" + w + "," + v + "])",
			`text matches "退.?款|k"`, `text matches "(?i)K"`, `text matches "^[退款]$"`, `text matches "\\x{FFFD}"`, "true", "false", "len(text) > 3",
			"any([" + w + "," + v + "], text contains #)", "all([" + w + "," + v + "], # != text)", "chat.peer == " + w, "sender.name in [" + w + "]",
			`chat.type == "group"`, `robot.key != "1"`, "user.level == 1", "let w" + " = text; w contains " + v, "hasPrefix(text, " + w + ")",
		}).Draw(t, "leaf")
	})
	if depth == 0 {
		return leaf
	}
	inner := conditions(depth - 1)
	return rapid.Custom(func(t *rapid.T) string {
		a, b, c := inner.Draw(t, "a"), inner.Draw(t, "b"), inner.Draw(t, "c")
		return rapid.SampledFrom([]string{
			a, "(" + a + ") and (" + b + ")", "(" + a + ") or (" + b + ")", "not (" + a + ")", "(" + a + ") ? (" + b + ") : (" + c + ")",
			fmt.Sprintf("let v%d = (%s); v%d or (%s)", depth, a, depth, b), "not ((" + a + ") and (" + b + "))", "(" + a + ") == (" + b + ")",
		}).Draw(t, "form")
	})
}

// has says whether the atom is true of the event.
func has(a Atom, ev *event.Event) bool {
	text := ev.Message.Text
	switch a.Place {
	case InText:
		return strings.Contains(text, a.Value)
	case InFolded:
		return strings.Contains(folder.String(text), a.Value)
	case TheText:
		return text == a.Value
	case TheFolded:
		return folder.String(text) == a.Value
	case TheChat:
		return slices.Contains([]string{ev.Chat.ID, ev.Chat.Peer, ev.Chat.Name}, a.Value)
	case TheRobot:
		return slices.Contains([]string{ev.Robot.Key, ev.Robot.ID, ev.Robot.Name}, a.Value)
	case TheSender:
		return slices.Contains([]string{ev.Sender.ID, ev.Sender.Name}, a.Value)
	default:
		return chatType(&ev.Chat) == a.Value
	}
}

func TestWhatHoldsHasWhatItNeeds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		src := conditions(2).Draw(t, "condition")
		cond, problems := CompileCondition(src, &Options{Kinds: []event.Kind{event.MessageText}})
		if len(problems) > 0 {
			t.Skip(problems[0].Message.EN)
		}
		piece := rapid.SampledFrom([]string{"退", "款", "k", "K", "Ｋ", " ", "\xff", "吗"})
		text := strings.Join(rapid.SliceOfN(piece, 0, 5).Draw(t, "text"), "")
		ev := &event.Event{Kind: event.MessageText, Message: event.Message{Text: text}}
		ev.Chat.Peer, ev.Chat.Group = piece.Draw(t, "peer"), rapid.Bool().Draw(t, "group")
		ev.Sender.Name = piece.Draw(t, "sender")
		holds, err := cond.Eval(&Scope{Event: ev})
		if err != nil || !holds {
			return
		}
		for _, set := range cond.Needs() {
			if !slices.ContainsFunc(set, func(a Atom) bool { return has(a, ev) }) {
				t.Fatalf("%s holds for %q without %s", src, text, shown(Needs{set}))
			}
		}
	})
}
