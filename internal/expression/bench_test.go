package expression

import (
	"fmt"
	"testing"
	"time"

	"botengine/internal/event"
)

// sample is what rules are usually evaluated in.
func sample() *Scope {
	return &Scope{
		Event: &event.Event{
			Kind: event.MessageText, ID: "202003241342304979",
			Robot:   event.Robot{Key: "cfb3e2c2", Name: "小助手", Status: event.StatusOnline},
			Chat:    event.Chat{ID: "S:1688850000000000_R:10696050000000000", Peer: "R:10696050000000000", Name: "产品体验群①", Group: true},
			Sender:  event.Person{ID: "1688850285583026", Name: "张三"},
			Message: event.Message{Text: "请问这个订单怎么退款呀？我等了三天了", MentionsMe: true},
		},
		Now: time.Date(2026, 3, 5, 1, 30, 0, 0, time.UTC), // 09:30, a Thursday
	}
}

func sampleOptions() *Options {
	return &Options{
		Kinds:  []event.Kind{event.MessageText},
		Vars:   map[string]any{"url": "https://example.com/refund"},
		Lists:  map[string][]string{"staff": {"1688850285583000", "1688850285583001"}},
		Macros: map[string]string{"is_staff": "sender.id in lists.staff"},
	}
}

func BenchmarkCompile(b *testing.B) {
	o := sampleOptions()
	for name, src := range map[string]string{
		"short": `text contains "退款"`,
		"usual": `len(text) < 50 and not is_staff and chat.type == "group"`,
		"loop":  `any(["退款", "退货"], text contains #)`,
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, problems := CompileCondition(src, o); problems != nil {
					b.Fatal(problems)
				}
			}
		})
	}
}

func BenchmarkCompile10000(b *testing.B) {
	o := sampleOptions()
	sources := make([]string, 10_000)
	for i := range sources {
		sources[i] = fmt.Sprintf(`text contains "退款%d" and len(text) < 50 and not is_staff`, i)
	}
	for b.Loop() {
		for _, src := range sources {
			if _, problems := CompileCondition(src, o); problems != nil {
				b.Fatal(problems)
			}
		}
	}
}

func BenchmarkEval(b *testing.B) {
	s, o := sample(), sampleOptions()
	for name, src := range map[string]string{
		"contains": `text contains "退款"`,
		"usual":    `len(text) < 50 and not is_staff and chat.type == "group"`,
		"words":    `contains_any(text, ["退 款", "退货", "怎么退"])`,
		"regex":    `text matches "退(款|货)"`,
		"loop":     `any(["退货", "怎么退", "退款"], text contains #)`,
	} {
		c, problems := CompileCondition(src, o)
		if problems != nil {
			b.Fatal(problems)
		}
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := c.Eval(s); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkRender(b *testing.B) {
	t, problems := CompileTemplate("{{sender.name}} 退款入口：{{vars.url}}", sampleOptions())
	if problems != nil {
		b.Fatal(problems)
	}
	s := sample()
	b.ReportAllocs()
	for b.Loop() {
		if _, err := t.Render(s); err != nil {
			b.Fatal(err)
		}
	}
}
