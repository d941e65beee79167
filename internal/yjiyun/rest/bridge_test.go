package rest_test

import (
	"encoding/json"
	"errors"
	"net/url"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"

	"botengine/internal/command"
	"botengine/internal/event"
	"botengine/internal/yjiyun"
	"botengine/internal/yjiyun/rest"
)

func TestTheBridgeCarriesTheFrameOfTheSocket(t *testing.T) {
	cases := map[string]command.Command{
		"an action": sampleCommand(),
		"a message": {MessageID: "2020030216285000000001", Robot: "k", Type: command.MessageText, Lane: command.LaneChat, Chat: "S:1_R:2", Fields: json.RawMessage(`{"content":"您好 👋"}`)},
		"an inferred one, corrected": {MessageID: "1", Robot: "k", Type: "robot.delete.group.members", Lane: command.LaneAction,
			Fields: json.RawMessage(`{"groupId":"R:1","friends":[7881300922264508]}`)},
	}
	overrides := yjiyun.Overrides{"kick": {Type: "robot.remove", Fields: map[string]string{"members": "userIds"}}}
	for name, cmd := range cases {
		t.Run(name, func(t *testing.T) {
			p := &sample{}
			c := p.client()
			if name == "an inferred one, corrected" {
				c = p.clientWith(func(o *rest.Options) { o.Overrides = overrides })
			}
			if _, err := c.Bridge(t.Context(), cmd); err != nil {
				t.Fatal(err)
			}
			_, frame, err := yjiyun.Encode(cmd, sendAt, p.token, overrides)
			if err != nil {
				t.Fatal(err)
			}
			want, got := object(t, frame), object(t, p.body)
			delete(want, "timestamp")
			delete(got, "timestamp")
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("(-socket +bridge):\n%s", diff)
			}
		})
	}
}

func TestWhatTheBridgeAnswersIsTheCommandsEnd(t *testing.T) {
	const id = "202002051616xxxx503"
	end := func(code, msg, payload string) event.CommandEnd {
		e := event.CommandEnd{Type: "robot.phone.contact.add", MessageID: id, Code: code, Msg: msg}
		if payload != "" {
			e.Payload = []byte(payload)
		}
		return e
	}
	whole := `{"messageId":"` + id + `","type":"robot.phone.contact.add","code":"1","msg":"invalid phone","userData":{"userId":14073751575621261}}`
	bare, wrapped := `{"code":"0","msg":"0K"}`, `{"code":"0","msg":"ok","data":`+whole+`}`
	cases := map[string]struct {
		body string
		want event.CommandEnd
	}{
		"a result":               {`{"messageId":"` + id + `","type":"robot.phone.contact.add","code":"0","msg":"ok"}`, end("0", "ok", `{"messageId":"`+id+`","type":"robot.phone.contact.add","code":"0","msg":"ok"}`)},
		"a no, whole":            {whole, end("1", "invalid phone", whole)},
		"a no inside a yes":      {wrapped, end("1", "invalid phone", whole)},
		"an envelope alone":      {bare, end("0", "0K", bare)},
		"one that says nothing":  {`{}`, end(event.CodeUnknown, "", `{}`)},
		"that it has no time":    {`{"code":"5000","msg":"服务器繁忙"}`, end("5000", "服务器繁忙", `{"code":"5000","msg":"服务器繁忙"}`)},
		"words that are no text": {`{"code":"7","msg":{"zh":"错"}}`, end("7", "", `{"code":"7","msg":{"zh":"错"}}`)},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			got, err := answering(c.body).client().Bridge(t.Context(), sampleCommand())
			if diff := cmp.Diff(c.want, got); err != nil || diff != "" {
				t.Errorf("%v (-want +got):\n%s", err, diff)
			}
		})
	}
}

func TestAnAnswerToAnotherCommandIsNoEnd(t *testing.T) {
	for _, body := range []string{`{"messageId":"9","code":"0"}`, `{"messageId":"9","code":"1"}`} {
		end, err := answering(body).client().Bridge(t.Context(), sampleCommand())
		if err == nil || errors.Is(err, command.ErrNotSent) {
			t.Errorf("%s: %+v, %v", body, end, err)
		}
	}
}

func TestOnlyWhatMayBeRepeatedIsSentAgainOverTheBridge(t *testing.T) {
	cases := map[string]struct {
		cmd   command.Command
		again bool
	}{
		"a message":             {command.Command{Type: command.MessageText, Lane: command.LaneChat, Chat: "S:1_2", Class: command.Verifiable}, false},
		"an announcement":       {command.Command{Type: "robot.set.group.announcement", Class: command.Unverifiable}, false},
		"an invitation":         {command.Command{Type: "robot.invite.friends.join.group", Class: command.Queryable}, false},
		"tags":                  {command.Command{Type: "robot.cust.tags", Class: command.Idempotent}, true},
		"a question for tags":   {command.Command{Type: "robot.tags.sync"}, true},
		"a question for people": {command.Command{Type: "robot.contacts.inquiry"}, true},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := &platform{auth: numbered("60"), call: func(string, string, url.Values) answer { return answer{status: 502} }}
				c.cmd.MessageID, c.cmd.Robot = "1", "k"
				if c.cmd.Lane == "" {
					c.cmd.Lane = command.LaneAction
				}
				if _, err := p.client().Bridge(t.Context(), c.cmd); err == nil || (len(p.seen) > 1) != c.again {
					t.Errorf("sent %d times: %v", len(p.seen), err)
				}
			})
		})
	}
}

func TestARawFrameGoesAsItIs(t *testing.T) {
	p := &sample{answer: `{"messageId":"1","type":"robot.brand.new","code":"0","id":18446744073709551615}`}
	frame := `{"type":"robot.brand.new","robotKey":"k","messageId":"1","甲":[18446744073709551615]}`
	end, err := p.client().BridgeRaw(t.Context(), json.RawMessage(frame))
	if err != nil || string(p.body) != frame || p.token == "" || end.Code != "0" || end.MessageID != "1" {
		t.Errorf("sent %s: %+v, %v", p.body, end, err)
	}
}
