package actions

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"botengine/internal/event"
	"botengine/internal/expression"
)

// questions binds a step and returns what it asks about the event, each question
// with what the answer says.
func questions(t *testing.T, step string, ev *event.Event, answers ...string) (got []string) {
	t.Helper()
	verifier, ok := mustBind(t, step, ev.Kind).(Verifier)
	if !ok || !verifier.CanVerify() {
		t.Fatalf("%s cannot be verified", step)
	}
	env := Env{Scope: &expression.Scope{Event: ev}}
	for n := 0; ; n++ {
		q, err := verifier.Verify(env, n)
		if err != nil {
			return append(got, err.Error())
		}
		if q == nil {
			return got
		}
		says := "no"
		if holds, err := q.Holds([]byte(answers[n])); err != nil {
			says = "?"
		} else if holds {
			says = "yes"
		}
		got = append(got, q.Command.Type+" "+string(q.Command.Fields)+" "+says)
	}
}

func TestWhatAStepDidIsAskedFor(t *testing.T) {
	const members = `rest.group_members {"robotKey":"cfb3e2c2","conversationId":"R:10696052725010172","status":1} `
	for name, c := range map[string]struct {
		step    string
		answers string
		want    []string
	}{
		"who was removed is gone":               {`kick: {}`, `[{"userId":"1"}]`, []string{members + "yes"}},
		"who was removed is still there":        {`kick: {}`, `[{"userId":7881302985963919}]`, []string{members + "no"}},
		"who was invited is there":              {`invite: "R:10696052725010172"`, `{"data":[{"userId":"7881302985963919"}]}`, []string{members + "yes"}},
		"one of two who were invited is not":    {`invite: {group: "R:10696052725010172", who: ["7881302985963919", "2"]}`, `[{"userId":"7881302985963919"}]`, []string{members + "no"}},
		"an answer that nobody can read":        {`invite: "R:10696052725010172"`, `"坏了"`, []string{members + "?"}},
		"the new name":                          {`rename_group: 新群`, `{"conversationId":"R:10696052725010172","name":"新群"}`, []string{`rest.group {"robotKey":"cfb3e2c2","conversationId":"R:10696052725010172"} yes`}},
		"the old name":                          {`rename_group: 新群`, `{"conversationId":"R:10696052725010172","name":"旧群"}`, []string{`rest.group {"robotKey":"cfb3e2c2","conversationId":"R:10696052725010172"} no`}},
		"a tag that is on, and one that is off": {`tag: {add: 售后/退款, remove: 售前}`, `[{"userId":"7881302985963919"}] | []`, []string{`rest.customers {"robotKey":"cfb3e2c2","userId":"7881302985963919","tagList":["退款"]} yes`, `rest.customers {"robotKey":"cfb3e2c2","userId":"7881302985963919","tagList":["售前"]} yes`}},
		"a tag that is not on":                  {`tag: 退款`, `[]`, []string{`rest.customers {"robotKey":"cfb3e2c2","userId":"7881302985963919","tagList":["退款"]} no`}},
		"a tag by its id":                       {`tag: "14073751575621261"`, ``, []string{"verify tag: a tag given by its id cannot be asked for: give its name"}},
	} {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(c.want, questions(t, c.step, groupMessage("好"), strings.Split(c.answers, " | ")...)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestAMessageCannotBeVerified(t *testing.T) {
	if v, ok := mustBind(t, `reply: 好`, event.MessageText).(Verifier); ok && v.CanVerify() {
		t.Error("nobody can be asked about a message")
	}
}
