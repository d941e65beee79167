package expression

import (
	"errors"
	"fmt"
	"runtime"
	"strings"
	"sync"
	"testing"

	"botengine/internal/event"
)

// book is a FactReader over "scope.name".
type book map[string]any

func (b book) ReadFact(scope, name string) (any, bool) {
	v, ok := b[scope+"."+name]
	return v, ok
}

func TestCondition(t *testing.T) {
	s := sample()
	s.Event.Members = []event.Person{{ID: "1", Name: "李四"}, {ID: "2", Name: "王五"}}
	s.Hit = Hit{Word: "退款", Words: []string{"退款", "三天"}, Groups: map[string]string{"n": "7"}, Start: len("请问这个订单怎么"), End: len("请问这个订单怎么退款")}
	s.Facts = book{"user.level": int64(3), "user.vip": true, "chat.mood": "好", "global.rate": 0.5, "user.word": "x"}
	s.Steps = map[string]StepResult{"ask": {Code: "0", OK: true}}
	o := &Options{
		HasHit: true, Steps: []string{"ask", "my-step", "1"},
		Vars:   map[string]any{"n": 3, "f": 1.5, "yes": true, "words": []any{"退款", "退货"}, "price": map[string]any{"甲": 12}, "pattern": "退(款|货)", "deep": map[string]any{"a": map[string]any{"b": "c"}}},
		Lists:  map[string][]string{"staff": {"1688850285583026"}, "bad": {"加 微信", "退 款"}, "empty": {}},
		Macros: map[string]string{"is_staff": "sender.id in lists.staff", "loud": "not is_staff or vip", "vip": "user.level > 2"},
	}
	tests := []struct {
		name, src string
		want      bool
	}{
		{"a word in the text", `text contains "退款"`, true},
		{"the length of a text counts characters", `len(text) == 18`, true},
		{"a macro", `is_staff`, true},
		{"a macro in a macro, with a fact", `loud`, true},
		{"a macro keeps its own brackets", `not loud`, false},
		{"membership in a list", `sender.id in lists.staff`, true},
		{"no membership", `sender.id not in lists.staff`, false},
		{"membership in an empty list", `sender.id in lists.empty`, false},
		{"membership in a written list", `chat.type in ["group", "private"]`, true},
		{"membership by function", `in_list("staff", sender.id)`, true},
		{"the number of a list", `len(lists.bad) == 2`, true},
		{"any word of a list, folded on both sides", `contains_any(text, lists.bad)`, true},
		{"any word of a written list", `contains_any(text, ["换货", "怎 么"])`, true},
		{"none of the words", `contains_any(text, ["换货"])`, false},
		{"no word at all", `contains_any(text, ["", " "])`, false},
		{"any of the words that were hit", `contains_any(text, hit.words)`, true},
		{"a regex", "text matches `等了.天`", true},
		{"a regex from vars", `text matches vars.pattern`, true},
		{"a negated regex", `text not matches "^退"`, true},
		{"a part of a text, in characters", `text[0:2] == "请问"`, true},
		{"the end of a text", `text[-2:] == "天了"`, true},
		{"a part beyond the end", `text[5:9999] startsWith "单"`, true},
		{"the span of the hit cuts it out of the text", `text[hit.span.start:hit.span.end] == "退款"`, true},
		{"a group of the regex", `hit.groups.n == "7"`, true},
		{"a group that was not found is empty", `hit.groups.other == ""`, true},
		{"variables of every type", `vars.n == 3 and vars.f > 1 and vars.yes`, true},
		{"a map of vars by a name from the event", `vars.price[members[0].name] == nil`, true},
		{"a map of vars by a written name", `vars.price["甲"] == 12`, true},
		{"a map in a map", `vars.deep.a.b == "c"`, true},
		{"a list of vars", `any(vars.words, text contains #)`, true},
		{"a number added to a variable", `vars.n + 1 == 4`, true},
		{"members", `any(members, .name == "李四") and len(members) == 2`, true},
		{"names of members", `names(members) == "李四、王五"`, true},
		{"joined texts", `join(map(members, .id), "-") == "1-2"`, true},
		{"joined without a separator", `join(map(members, .id)) == "12"`, true},
		{"split, replaced, trimmed", `trim(replace(split(" a,b", ",")[0], "a", "c")) == "c"`, true},
		{"replaced once", `replace("aaa", "a", "b", 1) == "baa"`, true},
		{"each once", `len(uniq(["a", "b", "a"])) == 2`, true},
		{"upper and lower", `upper("ab") + lower("CD") == "ABcd"`, true},
		{"folded", `fold("ＶＩＰ 客 户") == "vip客户"`, true},
		{"a masked phone", `mask_phone("电话13812345678。") == "电话138****5678。"`, true},
		{"an id is not masked", `mask_phone("1688850285583026") == "1688850285583026"`, true},
		{"a number as text", `string(vars.n) + "天" == "3天"`, true},
		{"a text as number", `int("42") == 42`, true},
		{"the time of day in China", `now.Hour() == 9 and now.Minute() == 30`, true},
		{"a day of the week is a number", `now.Weekday() == 4`, true},
		{"a month is a number", `now.Month() == 3`, true},
		{"within the hours", `between("09:00", "18:00")`, true},
		{"outside of the hours", `between("10:00", "18:00")`, false},
		{"hours across midnight", `between("22:00", "10:00")`, true},
		{"the end of the hours is outside", `between("09:00", "09:30")`, false},
		{"until midnight", `between("09:30", "24:00")`, true},
		{"a date is one of China", `now - date("2026-03-05") == duration("9h30m")`, true},
		{"the status of the robot in words", `robot.status == "online"`, true},
		{"what the message is", `message.type == "text" and message.mentions_me and event.type == "message.text"`, true},
		{"a fact", `user.level >= 3`, true},
		{"a fact that is yes", `user.vip`, true},
		{"a fact of the chat beside its fields", `chat.mood == "好" and chat.name contains "产品"`, true},
		{"a fraction", `global.rate < 0.6`, true},
		{"a fact in a list of numbers", `user.level in [1, 3]`, true},
		{"an absent fact is less than any number", `user.visits >= 1`, false},
		{"an absent fact counts as 0", `user.visits + 1 == 1 and user.visits == 0`, true},
		{"an absent fact counts as an empty text", `user.city == "" and user.city + "市" == "市"`, true},
		{"an absent fact counts as no", `user.blocked or not user.seen`, true},
		{"an absent fact alone is no", `member.muted`, false},
		{"an absent fact is nil when asked", `user.visits == nil`, true},
		{"an absent fact with a default", `(user.visits ?? 5) > 4`, true},
		{"two absent facts", `user.a <= global.b`, true},
		{"an absent fact in a variable", `let v = user.visits; v > 1`, false},
		{"an absent fact is in no list", `user.city in lists.staff`, false},
		{"an absent fact matches nothing", `user.city matches "." or user.city contains "x"`, false},
		{"the result of a step", `steps.ask.ok and steps.ask.code == "0"`, true},
		{"a step that has not run", `steps["my-step"].ok`, false},
		{"a step by number", `steps[1].code == ""`, true},
		{"a choice", `(sender.is_self ? 1 : 2) == 2`, true},
		{"a pipe", `text | lower() | len() == 18`, true},
		{"a comment", "text contains \"退款\" // 退款规则：见文档 = 42", true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c, problems := CompileCondition(tt.src, o)
			if len(problems) > 0 {
				t.Fatalf("%s: %+v", tt.src, problems)
			}
			got, err := c.Eval(s)
			if err != nil || got != tt.want {
				t.Errorf("%s = %v, %v", tt.src, got, err)
			}
		})
	}
}

func TestWhatAConditionDependsOn(t *testing.T) {
	o := sampleOptions()
	o.Steps = []string{"a"}
	o.Macros["vip"] = "user.level > 1"
	for src, want := range map[string]bool{
		`text == ""`: false, `is_staff`: false, `user.level > 1`: true, `vip`: true, `chat.level > 1`: true, `chat.name == ""`: false,
		`steps.a.ok`: true, `global.x == 1 or true`: true, `now.Hour() > 1`: false,
	} {
		c, problems := CompileCondition(src, o)
		if len(problems) > 0 {
			t.Fatalf("%s: %v", src, problems)
		}
		if c.UsesFacts() != want || c.Source() != src {
			t.Errorf("%s: uses facts %v", src, c.UsesFacts())
		}
	}
}

func TestRunErrorsSayWhereAndQuoteNothing(t *testing.T) {
	s := sample()
	s.Event.Message.Text = "机密内容"
	s.Facts = book{"user.level": "机密等级"}
	tests := []struct {
		name, src string
		offset    int
	}{
		{"a fact of another type", `text != "" and user.level >= 2`, len([]rune(`text != "" and user.`))},
		{"a text that is no number", `"退" != text and int(text) > 1`, len([]rune(`"退" != text and `))},
		{"an entry that is not there", `message.at[3] == "x"`, len(`message.at`)},
		{"division by zero", `1 % 0 == 0`, 2},
		{"a text that is no date", `date(text) > now`, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c, problems := CompileCondition(tt.src, sampleOptions())
			if len(problems) > 0 {
				t.Fatal(problems)
			}
			_, err := c.Eval(s)
			var re *RunError
			if !errors.As(err, &re) {
				t.Fatalf("no RunError: %v", err)
			}
			if re.Offset != tt.offset || re.Reason.ZH == "" || re.Reason.EN == "" {
				t.Errorf("offset %d, %+v", re.Offset, re.Reason)
			}
			if strings.Contains(err.Error()+re.Reason.ZH, "机密") {
				t.Errorf("it quotes the event: %v", err)
			}
		})
	}
}

func TestAStoppedExpressionIsErrBudget(t *testing.T) {
	c, problems := CompileCondition(`any(lists.many, any(lists.many, # == text))`, attackOptions())
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	if _, err := c.Eval(sample()); !errors.Is(err, ErrBudget) {
		t.Errorf("got %v", err)
	}
	if ok, err := mustCompile(t, `any(lists.many, # == "0999")`, attackOptions()).Eval(sample()); !ok || err != nil {
		t.Errorf("the next one has a budget of its own, got %v, %v", ok, err)
	}
}

func mustCompile(t testing.TB, src string, o *Options) *Condition {
	t.Helper()
	c, problems := CompileCondition(src, o)
	if len(problems) > 0 {
		t.Fatalf("%s: %v", src, problems)
	}
	return c
}

func TestNothingOfAnEventIsLeftForTheNext(t *testing.T) {
	c := mustCompile(t, `text == "" and len(members) == 0 and hit.word == "" and friend.name == ""`, &Options{HasHit: true})
	full := sample()
	full.Event.Friend.Name, full.Event.Members, full.Hit.Word = "x", []event.Person{{ID: "1"}}, "x"
	for range 10 {
		if got, err := c.Eval(full); got || err != nil {
			t.Fatal(got, err)
		}
		if got, err := c.Eval(&Scope{}); !got || err != nil {
			t.Fatal(got, err)
		}
	}
}

func TestEverythingAtOnce(t *testing.T) {
	o := sampleOptions()
	c := mustCompile(t, `contains_any(text, ["退款"]) and any(["退款"], text contains #) and sender.name == "张三"`, o)
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			for range 50 {
				if got, err := c.Eval(sample()); !got || err != nil {
					t.Error(got, err)
					return
				}
				own := mustCompile(t, fmt.Sprintf(`text != "%d" and not is_staff`, i), o)
				if got, err := own.Eval(sample()); !got || err != nil {
					t.Error(got, err)
					return
				}
			}
		})
	}
	wg.Wait()
}

func TestTenThousandConditionsShareALongList(t *testing.T) {
	o := attackOptions()
	first := mustCompile(t, `sender.id in lists.huge`, o)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	for range 20 {
		mustCompile(t, `sender.id in lists.huge`, o)
	}
	runtime.ReadMemStats(&after)
	if each, list := (after.TotalAlloc-before.TotalAlloc)/20, uint64(16*len(o.Lists["huge"])); each > list/4 {
		t.Errorf("a condition takes %d bytes: the list of %d bytes is read again for each", each, list)
	}
	if got, err := first.Eval(sample()); got || err != nil {
		t.Error(got, err)
	}
}
