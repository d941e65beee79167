package engine

import (
	"slices"
	"strings"
	"testing"
	"time"

	"botengine/internal/rule"
)

const surveyRules = `version: 1
rules:
  - id: survey
    on: message.text
    match: {exact: [报名]}
    loop_guard: off
    do:
      - reply: 手机号？
        id: ask
      - wait_for: {match: {regex: "^1[0-9]{10}$"}, when: steps.ask.ok, timeout: 5m}
        id: phone
      - reply: 姓名？
      - wait_for: {timeout: 5m}
        id: name
      - log: "{{steps.phone.text}} {{steps.name.text}}"
  - {id: faq, on: message.text, when: true, loop_guard: off, do: [{log: 普通规则}]}
`

// unsent is a past in which no command has left yet.
type unsent struct{ *memory }

func (unsent) Sent(string) bool { return false }

func said(d Decision) (texts []string) {
	for _, l := range d.Logs {
		texts = append(texts, l.Text)
	}
	return texts
}

// listening are the keys under which runs wait.
func (w *world) listening() (keys []string) {
	for key := range w.past.facts {
		if strings.HasPrefix(key, "wait/") {
			keys = append(keys, key)
		}
	}
	return keys
}

func TestAnAnswerIsHeardBeforeItsQuestionIsToldToBeSent(t *testing.T) {
	steps := map[string]func(*world) Decision{
		"echo":  func(w *world) Decision { return w.handle(w.echo(w.open[0])) },
		"phone": func(w *world) Decision { return w.handle(w.says("张三", "13800138000")) },
		"name":  func(w *world) Decision { return w.handle(w.says("张三", "张三")) },
	}
	for _, order := range [][]string{
		{"echo", "phone", "echo", "name"},
		{"phone", "echo", "echo", "name"},
		{"echo", "phone", "name", "echo"},
		{"phone", "echo", "name", "echo"},
	} {
		t.Run(strings.Join(order, " "), func(t *testing.T) {
			w := newWorld(t, surveyRules)
			w.handle(w.says("张三", "报名"))
			var last Decision
			for _, one := range order {
				last = steps[one](w)
				w.now = w.now.Add(time.Second)
				w.load(surveyRules + "# edited " + one + "\n") // each goes on with the text it began with
				if one == "echo" {
					continue
				}
				if v := last.Verdicts[len(last.Verdicts)-1]; v.Rule != "faq" || v.Outcome != rule.Answered {
					t.Errorf("%s: %s", one, w.describe(last))
				}
			}
			if got := said(last); !slices.Equal(got, []string{"13800138000 张三"}) {
				t.Errorf("got %q", got)
			}
			if len(w.past.runs) > 0 || len(w.listening()) > 0 {
				t.Errorf("left: %v %v", w.past.runs, w.listening())
			}
		})
	}
}

func TestOnlyTheFirstMessageThatFitsIsKept(t *testing.T) {
	w := newWorld(t, surveyRules)
	w.handle(w.says("张三", "报名"))
	for _, text := range []string{"什么？", "13800138000", "13900139000"} {
		d := w.handle(w.says("张三", text))
		if got := d.Verdicts[len(d.Verdicts)-1].Outcome; (got == rule.Answered) != (text == "13800138000") {
			t.Errorf("%s: %s", text, got)
		}
	}
	if d := w.handle(w.whispers("张三", "13700137000")); d.Woken != nil {
		t.Errorf("of another chat: %s", w.describe(d))
	}
}

func TestWhatIsWrittenBeforeTheQuestionLeavesIsNoAnswer(t *testing.T) {
	w := newWorld(t, surveyRules)
	w.handle(w.says("张三", "报名"))
	in := w.input(w.says("张三", "13800138000"), nil)
	in.Facts = unsent{w.past}
	if d := Decide(in); !slices.Equal(said(d), []string{"普通规则"}) || d.Woken != nil {
		t.Errorf("got %s", w.describe(d))
	}
}

func TestNobodyListensForTheAnswerToAQuestionThatFailed(t *testing.T) {
	for name, before := range map[string]func(*world){
		"nobody answered":  func(*world) {},
		"somebody did":     func(w *world) { w.handle(w.says("张三", "13800138000")) },
		"an hour went by":  func(w *world) { w.now = w.now.Add(time.Hour) },
		"others wait, too": func(w *world) { w.handle(w.says("李四", "报名")) },
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, surveyRules)
			w.handle(w.says("张三", "报名"))
			before(w)
			w.handle(w.result(w.open[0], "7", "不行", nil))
			if left := w.listening(); slices.ContainsFunc(left, func(k string) bool { return strings.HasSuffix(k, people["张三"]) }) {
				t.Errorf("left: %v", left)
			}
			d := w.handle(w.says("张三", "13800138000"))
			if !slices.Equal(said(d), []string{"普通规则"}) {
				t.Errorf("got %s", w.describe(d))
			}
		})
	}
}

func TestAQuestionWithoutAnAnswerTimesOutAsEver(t *testing.T) {
	w := newWorld(t, surveyRules)
	w.handle(w.says("张三", "报名"))
	w.now = w.now.Add(time.Minute)
	w.handle(w.echo(w.open[0]))
	if len(w.listening()) != 1 {
		t.Errorf("listening: %v", w.listening())
	}
	w.now = w.now.Add(5 * time.Minute)
	w.handle(w.timer(w.due()[0]))
	if len(w.past.runs) > 0 || len(w.listening()) > 0 {
		t.Errorf("left: %v %v", w.past.runs, w.listening())
	}
	if d := w.handle(w.says("张三", "13800138000")); !slices.Equal(said(d), []string{"普通规则"}) {
		t.Errorf("got %s", w.describe(d))
	}
}

func TestARunThatPanicsOverAMessageTakesNothingWithIt(t *testing.T) {
	w := newWorld(t, surveyRules)
	w.handle(w.says("张三", "报名"))
	w.handle(w.echo(w.open[0]))
	w.set.Rules[0].Steps[1].Wait = &rule.WaitFor{} // which hears nothing without falling over
	if d := w.handle(w.says("张三", "13800138000")); !slices.Contains(said(d), "普通规则") || len(w.past.runs) > 0 {
		t.Errorf("got %s", w.describe(d))
	}
}
