package expression

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"botengine/internal/event"
)

func TestWhichConditionsNeedNoMachine(t *testing.T) {
	o := &Options{
		Kinds: []event.Kind{event.MessageText}, Vars: map[string]any{"word": "退款"},
		Lists: map[string][]string{"staff": {"1", "2"}}, Macros: map[string]string{"asks": `text contains "怎么" or text contains "如何"`},
	}
	for src, want := range map[string]bool{
		`text contains "退款"`: true, `text contains vars.word and asks`: true, `sender.id in lists.staff`: true, `not (text startsWith "a" or text endsWith "b")`: true,
		`chat.type == "group" and "张三" != sender.name`: true, `true`: true, `sender.is_member and not message.mentions_me`: true, `chat.name in ["甲", "乙"]`: true,
		`len(text) > 3`: false, `text matches "退.款"`: false, `user.level == 1`: false, `chat.mood == "好"`: false, `text contains sender.name`: false,
		`text == "a" or now.Hour() == 3`: false, `contains_any(text, lists.staff)`: false, `text > "a"`: false, `let w = text; w == "a"`: false, `text[0:1] == "a"`: false,
	} {
		c, problems := CompileCondition(src, o)
		if len(problems) > 0 {
			t.Fatalf("%s: %+v", src, problems)
		}
		if (c.plain != nil) != want {
			t.Errorf("%s needs no machine: %v, want %v", src, c.plain != nil, want)
		}
	}
}

// plainConditions writes conditions over every field that needs no machine.
func plainConditions(depth int) *rapid.Generator[string] {
	names := slices.Sorted(maps.Keys(directFields))
	leaf := rapid.Custom(func(t *rapid.T) string {
		name, word := rapid.SampledFrom(names).Draw(t, "field"), rapid.SampledFrom(fieldValues).Draw(t, "word")
		if directFields[name] >= fieldMentionsMe {
			return name
		}
		form := rapid.SampledFrom([]string{"%s == %q", "%s != %q", "%s contains %q", "%s startsWith %q", "%s endsWith %q", `%s in [%q, "k"]`, `%s not in [%q]`, "%[2]q == %[1]s"}).Draw(t, "form")
		return fmt.Sprintf(form, name, word)
	})
	if depth == 0 {
		return leaf
	}
	inner := plainConditions(depth - 1)
	return rapid.Custom(func(t *rapid.T) string {
		a, b := inner.Draw(t, "a"), inner.Draw(t, "b")
		return fmt.Sprintf(rapid.SampledFrom([]string{"%[1]s", "(%s) and (%s)", "(%s) or (%s)", "not (%[1]s)", "not ((%s) and not (%s))", "(%[1]s) and true"}).Draw(t, "form"), a, b)
	})
}

// fieldValues are what fields may be and what they are compared with.
var fieldValues = []string{"", "退", "退款", "k", "\xff", "text", "image", "message.text", "friend.request", "group", "private", "online", "initial"}

func TestWithoutTheMachineTheAnswerIsTheSame(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		src := plainConditions(2).Draw(t, "condition")
		cond, problems := CompileCondition(src, nil)
		if len(problems) > 0 {
			t.Fatalf("%s: %s", src, problems[0].Message.EN)
		}
		value, yes := rapid.SampledFrom(fieldValues), rapid.Bool()
		text := strings.Join(rapid.SliceOfN(value, 0, 3).Draw(t, "text"), "")
		ev := &event.Event{
			Kind:    rapid.SampledFrom([]event.Kind{event.MessageText, event.MessageImage, event.FriendRequest, event.Result}).Draw(t, "kind"),
			Robot:   event.Robot{Key: value.Draw(t, "key"), ID: value.Draw(t, "robot"), Name: value.Draw(t, "robot name"), Status: event.Status(rapid.IntRange(-1, 5).Draw(t, "status"))},
			Chat:    event.Chat{ID: value.Draw(t, "chat"), Peer: value.Draw(t, "peer"), Name: value.Draw(t, "chat name"), Group: yes.Draw(t, "group")},
			Sender:  event.Person{ID: value.Draw(t, "sender"), Name: value.Draw(t, "name"), IsSelf: yes.Draw(t, "self"), IsRobot: yes.Draw(t, "robot"), IsMember: yes.Draw(t, "member")},
			Message: event.Message{Text: text, MentionsMe: yes.Draw(t, "mentions me")},
		}
		s := &Scope{Event: ev}
		got, err := cond.Eval(s)
		want, wrong := cond.run(s)
		if cond.plain == nil || err != nil || wrong != nil || got != want {
			t.Fatalf("%s: without the machine %v (%v), with it %v (%v), plain %v", src, got, err, want, wrong, cond.plain != nil)
		}
	})
}

// BenchmarkConditionOfWords compares a condition over words with the same one in
// expr's machine.
func BenchmarkConditionOfWords(b *testing.B) {
	c, problems := CompileCondition(`(text contains "退款" or text contains "退货") and chat.type == "group"`, sampleOptions())
	if problems != nil {
		b.Fatal(problems)
	}
	s := sample()
	for name, eval := range map[string]func(*Scope) (bool, error){"plain": c.Eval, "machine": c.run} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if yes, err := eval(s); !yes || err != nil {
					b.Fatal(yes, err)
				}
			}
		})
	}
}
