package rest_test

import (
	"encoding/json"
	"errors"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"

	"botengine/internal/command"
	"botengine/internal/event"
	"botengine/internal/yjiyun/rest"
)

const task = `{"name":"三月通知","taskType":1,"taskRule":1,"weekday":[],"extra":18446744073709551615,"taskData":{"isGroupChat":2,` +
	`"contents":[{"msgType":1,"content":"<b>今晚维护</b>","msgSvrID":18446744073709551615}],"acceptTarget":[{"robotKey":"k","chatUser":["R:10696051755024720"]}]}}`

func request(typ, fields string) command.Command {
	return command.Command{MessageID: "20200427180413632805451075000001", Robot: "k", Type: typ, Lane: command.LaneAction, Class: command.Unverifiable, Fields: json.RawMessage(fields)}
}

func TestEveryRequestGoesToItsEndpoint(t *testing.T) {
	cases := map[string]struct{ typ, fields, path, body, payload string }{
		"a broadcast, with what it leaves out": {rest.RequestBroadcast, task, "/wxworkapi/multiple/task/save",
			`{"name":"三月通知","taskType":1,"taskRule":1,"weekday":[],"extra":18446744073709551615,"commandType":"wxwork.robot.batch.send","suitCount":12,"perSuitSecond":45,"perSuitSecondUpper":60,"taskData":{"isGroupChat":2,"contents":[{"msgType":1,"content":"<b>今晚维护</b>","msgSvrID":18446744073709551615}],"acceptTarget":[{"robotKey":"k","chatUser":["R:10696051755024720"]}]}}`, `{"taskId":14073751575621261}`},
		"a copy of settings": {rest.RequestCopySettings, `{"chatroom":["R:1;R:2"],"g":"R:3","module":["WELCOME_NEW_MEMBER"],"r":"k","robotKey":["k2"],"x":1}`, "/wxworkapi/group/setting/duplicate",
			`{"chatroom":["R:1;R:2"],"g":"R:3","module":["WELCOME_NEW_MEMBER"],"r":"k","robotKey":["k2"],"x":1}`, `{"taskId":14073751575621261}`},
		"a clearing":                       {rest.RequestMarkRead, `{"chatId":"S:1_R:2"}`, "/wxworkapi/unreadmsg/clean", `{"chatId":"S:1_R:2"}`, `{"taskId":14073751575621261}`},
		"a sync of the command's robot":    {rest.RequestSyncContacts, `{}`, "/wxworkapi/contact/sync", `{"robotKey":"k","syncType":"0"}`, `{"taskId":14073751575621261}`},
		"a sync of another robot's groups": {rest.RequestSyncContacts, `{"robotKey":"k2","syncType":2}`, "/wxworkapi/contact/sync", `{"robotKey":"k2","syncType":"2"}`, `{"taskId":14073751575621261}`},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			p := &sample{answer: `{"code":"0","msg":"ok","taskId":14073751575621261}`}
			cmd := request(c.typ, c.fields)
			got, err := p.client().Execute(t.Context(), cmd)
			if err != nil {
				t.Fatal(err)
			}
			want := event.CommandEnd{Type: c.typ, MessageID: cmd.MessageID, Code: "0", Msg: "ok", Payload: []byte(c.payload)}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(object(t, []byte(c.body)), object(t, p.object(t))); diff != "" || p.path != c.path {
				t.Errorf("asked %s (-want +got):\n%s", p.path, diff)
			}
		})
	}
}

func TestOneGroupIsFoundByItsID(t *testing.T) {
	body := `{"code":"0","total":2,"data":[{"conversationId":"R:10","name":"像"},{"conversationId":"R:1","name":"福利群①","creatorId":14073751575621261,"new":{"x":1}}]}`
	p := answering(body)
	got, err := p.client().Execute(t.Context(), request(rest.RequestGroup, `{"conversationId":"R:1"}`))
	want := `{"conversationId":"R:1","creatorId":14073751575621261,"name":"福利群①","new":{"x":1}}`
	if err != nil || got.Code != "0" || string(got.Payload) != want {
		t.Errorf("got %+v %s, %v", got, got.Payload, err)
	}
	none, err := p.client().Execute(t.Context(), request(rest.RequestGroup, `{"conversationId":"R:7"}`))
	if err != nil || none.Code != rest.CodeNotFound || none.Payload != nil || command.EndOf(none.Code, none.Msg) != command.Refused {
		t.Errorf("a group that is not there: %+v, %v", none, err)
	}
}

func TestAllMembersOfAGroupAreGiven(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var first url.Values
		p := &platform{auth: numbered("60"), call: func(token, path string, form url.Values) answer {
			if first == nil {
				first = form
			}
			return listing(250, true, nil)(token, path, form)
		}}
		got, err := p.client().Execute(t.Context(), request(rest.RequestMembers, `{"robotKey":"k2","conversationId":"R:1","status":1,"memberUserId":7,"memberName":"甜"}`))
		var members []map[string]json.Number
		if err := errors.Join(err, json.Unmarshal(got.Payload, &members)); err != nil {
			t.Fatal(err)
		}
		if len(members) != 250 || members[249]["userId"] != "250" || got.Code != "0" {
			t.Errorf("%d members, code %s", len(members), got.Code)
		}
		if asked, _ := url.QueryUnescape(first.Encode()); asked != "conversationId=R:1&memberName=甜&memberUserId=7&pageNum=1&pageSize=100&robotKey=k2&status=1" {
			t.Errorf("asked %s", asked)
		}
	})
}

func TestANoToARequestIsItsEnd(t *testing.T) {
	cases := map[string]struct {
		answer answer
		want   event.CommandEnd
	}{
		"refused":           {answer{body: `{"code":"1","msg":"chatId不存在"}`}, event.CommandEnd{Code: "1", Msg: "chatId不存在"}},
		"busy":              {answer{body: `{"code":"5000","msg":"服务器繁忙"}`}, event.CommandEnd{Code: "5000", Msg: "服务器繁忙"}},
		"too many requests": {answer{status: 429}, event.CommandEnd{Code: "429", Msg: "the platform is busy (http 429)"}},
		"no such endpoint":  {answer{status: 404}, event.CommandEnd{Code: "http 404", Msg: "Not Found"}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			p := &platform{auth: numbered("60"), call: func(string, string, url.Values) answer { return c.answer }}
			got, err := p.client().Execute(t.Context(), request(rest.RequestMarkRead, `{"chatId":"S:1_2"}`))
			got.Payload = nil
			c.want.Type, c.want.MessageID = rest.RequestMarkRead, "20200427180413632805451075000001"
			if diff := cmp.Diff(c.want, got); err != nil || diff != "" || len(p.seen) != 1 {
				t.Errorf("%v after %d requests (-want +got):\n%s", err, len(p.seen), diff)
			}
		})
	}
}

func TestWhatWentWrongWithARequestTellsWhetherItHappened(t *testing.T) {
	cases := map[string]struct {
		typ, fields string
		notSent     bool
	}{
		"a broadcast":              {rest.RequestBroadcast, task, false},
		"a question for a group":   {rest.RequestGroup, `{"conversationId":"R:1"}`, true},
		"a question for members":   {rest.RequestMembers, `{"conversationId":"R:1"}`, true},
		"a clearing of the unread": {rest.RequestMarkRead, `{"chatId":"S:1_2"}`, false},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := &platform{auth: numbered("60"), call: func(string, string, url.Values) answer { return answer{status: 502} }}
				end, err := p.client().Execute(t.Context(), request(c.typ, c.fields))
				if err == nil || errors.Is(err, command.ErrNotSent) != c.notSent || errors.Is(err, command.ErrInvalid) {
					t.Errorf("%+v, %v", end, err)
				}
			})
		})
	}
}

func TestARequestThatCannotBeMadeIsInvalid(t *testing.T) {
	change := func(from, to string) string { return strings.Replace(task, from, to, 1) }
	cases := map[string]struct{ typ, fields, want string }{
		"a type that is none":            {"rest.nothing", `{}`, `"rest.nothing" is none of rest.broadcast`},
		"fields that break off":          {rest.RequestBroadcast, `{"CANARY`, "its fields cannot be read"},
		"a field of another type":        {rest.RequestBroadcast, `{"name":["CANARY"]}`, "field name has a type"},
		"a day that is none":             {rest.RequestBroadcast, change(`[]`, `["八"]`), `weekday "八" is none`},
		"a task of another type":         {rest.RequestBroadcast, change(`"taskType":1`, `"taskType":3`), "taskType 3 is neither"},
		"a periodic task without a time": {rest.RequestBroadcast, change(`"taskType":1`, `"taskType":2`), "execStartTime: a periodic"},
		"a time of the day, but once":    {rest.RequestBroadcast, change(`"taskType":1`, `"taskType":1,"execStartTime":"09:30"`), "execStartTime: only"},
		"a pace that is none":            {rest.RequestBroadcast, change(`"taskRule":1`, `"taskRule":9`), "taskRule 9 is neither"},
		"another command":                {rest.RequestBroadcast, change(`"taskRule":1`, `"commandType":"x"`), `commandType "x" is not`},
		"neither friends nor groups":     {rest.RequestBroadcast, change(`"isGroupChat":2`, `"isGroupChat":0`), "isGroupChat 0 is neither"},
		"friends that are groups":        {rest.RequestBroadcast, change(`"isGroupChat":2`, `"isGroupChat":1`), "is not of the kind"},
		"robots without groups":          {rest.RequestCopySettings, `{"chatroom":["R:1"],"g":"R:3","module":["WELCOME_NEW_MEMBER"],"r":"k","robotKey":["a","b"]}`, "chatroom has 1 entries and robotKey 2"},
		"a module that is none":          {rest.RequestCopySettings, `{"chatroom":["R:1"],"g":"R:3","module":["WELCOME"],"r":"k","robotKey":["a"]}`, `"WELCOME" is none of`},
		"a chat that is none":            {rest.RequestMarkRead, `{"chatId":"R:1"}`, "chatId: it is not a chat id"},
		"a field that does not exist":    {rest.RequestMarkRead, `{"chatid2":"S:1_2"}`, `there is no field "chatid2"`},
		"a rounded id":                   {rest.RequestMembers, `{"conversationId":"R:1","memberUserId":1.4e16}`, "field memberUserId has a type"},
		"a group that is none":           {rest.RequestGroup, `{"conversationId":"1"}`, "it is no group"},
		"members of no group":            {rest.RequestMembers, ``, "it is no group"},
		"a kind of contacts":             {rest.RequestSyncContacts, `{"syncType":5}`, "syncType 5 is none of"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			p := answering(`{"code":"0"}`)
			_, err := p.client().Execute(t.Context(), request(c.typ, c.fields))
			if !errors.Is(err, command.ErrInvalid) || !errors.Is(err, command.ErrNotSent) || !strings.Contains(err.Error(), c.want) || p.auths() > 0 {
				t.Errorf("got %v, want %s", err, c.want)
			}
			if err != nil && strings.Contains(err.Error(), "CANARY") {
				t.Errorf("the error holds a field's value: %v", err)
			}
		})
	}
}

func TestAnAnswerBeyondAMebibyteIsNotKept(t *testing.T) {
	body := `{"code":"0","msg":"ok","x":[` + strings.Repeat(`"`+strings.Repeat("x", 1<<10)+`",`, 1<<10) + `""]}`
	got, err := answering(body).client().Execute(t.Context(), request(rest.RequestMarkRead, `{"chatId":"S:1_2"}`))
	if err != nil || got.Code != "0" || got.Payload != nil {
		t.Errorf("code %s with %d bytes, %v", got.Code, len(got.Payload), err)
	}
}
