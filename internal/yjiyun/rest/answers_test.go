package rest_test

import (
	"encoding/json"
	"errors"
	"net/url"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"botengine/internal/event"
	"botengine/internal/yjiyun"
	"botengine/internal/yjiyun/rest"
)

func answering(body string) *platform {
	return &platform{auth: numbered("60"), call: func(string, string, url.Values) answer { return answer{body: body} }}
}

func TestRobotsAreReadAsTheDocumentShowsThem(t *testing.T) {
	p := answering(`{"code":"0","msg":"OK","total":2,"data":[
		{"lastLoginTime":"2020-03-23 14:14:48","aliasName":null,"robotKey":"f16096caffd246acb5bb69b657a0894e","headImg":null,"color":null,"serviceCode":null,"robotStatus":2,
		 "nickName":"甜甜甜","clientCode":"jiangxiaohong","wxid":"168885444829406","officialUserId":"LiShen-0021","corpid":"ww5484f5410f7f5445","masterClientCode":"jiangxiaohong"},
		{"robotKey":"k2","wxid":14073751575621261,"robotStatus":"0","nickName":"客服①","officailUserId":"LianSen","headImg":"http://mfile.yjiyun.com/x.png"},
		{"robotKey":"k3"}]}`)
	got, err := p.client().Robots(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	want := []rest.Robot{
		{Key: "f16096caffd246acb5bb69b657a0894e", ID: "168885444829406", Name: "甜甜甜", Status: event.StatusOffline, LastLogin: "2020-03-23 14:14:48",
			ClientCode: "jiangxiaohong", MasterClientCode: "jiangxiaohong", CorpID: "ww5484f5410f7f5445", OfficialUserID: "LiShen-0021",
			Extra: rest.Extra{"color": json.RawMessage("null"), "serviceCode": json.RawMessage("null")}},
		{Key: "k2", ID: "14073751575621261", Name: "客服①", Avatar: "http://mfile.yjiyun.com/x.png", Status: event.StatusInitial, OfficialUserID: "LianSen"},
		{Key: "k3", Status: event.StatusUnknown},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestAnAccountWithoutRobotsHasNone(t *testing.T) {
	for _, body := range []string{`{"code":"0","data":[]}`, `{"code":"0","data":null}`, `{"code":"0","msg":"OK"}`} {
		if got, err := answering(body).client().Robots(t.Context()); err != nil || len(got) != 0 {
			t.Errorf("%s: %v, %v", body, got, err)
		}
	}
}

const history = `{"msg":"OK","code":"0","model":[
	{"messageId":"202006181908351755","msgSvrID":"1125510","timestamp":1592478515000,"robotKey":"73bd11c5b17f462fba08d4a3d5bad767","chatId":"S:1688853470427542_R:1736038942",
	 "chatUser":"R:1736038942","chatName":"有机云客户群","sendStatus":1,"from":{"contactId":"10977527701716415","nickName":"小红","isGroupContact":1},"isGroupChat":1,
	 "content":{"contentType":1,"content":"你在哪里"}},
	{"messageId":202006181747018211,"msgSvrID":1125416,"timestamp":"1592473621000","robotKey":"73bd11c5b17f462fba08d4a3d5bad767","chatId":"S:1688853470427542_R:1736038942","sentStatus":"2","content":{"contentType":1}},
	{"messageId":"3","robotKey":"k","chatId":"S:1_2","sendStatus":0,"content":{"contentType":1}},
	{"messageId":"4","robotKey":"k","chatId":"S:1_2","sendStatus":null,"content":{"contentType":1}}]}`

func TestTheHistoryIsReadAsTheDocumentShowsIt(t *testing.T) {
	got, err := answering(history).client().Messages(t.Context(), rest.MessagesQuery{RobotKey: "k", ChatUser: "R:1736038942"})
	if err != nil {
		t.Fatal(err)
	}
	for i := range got {
		events, err := yjiyun.Decode("main", yjiyun.EventMessage, got[i].Frame, time.Now())
		if err != nil || events[0].ID != got[i].MessageID {
			t.Errorf("record %d is no message frame: %v", i, err)
		}
		got[i].Frame = nil
	}
	want := []rest.HistoryMessage{
		{MessageID: "202006181908351755", SvrID: "1125510", RobotKey: "73bd11c5b17f462fba08d4a3d5bad767", ChatID: "S:1688853470427542_R:1736038942", ChatUser: "R:1736038942",
			ChatName: "有机云客户群", Time: time.UnixMilli(1592478515000).UTC(), SendStatus: rest.SendStatusSent},
		{MessageID: "202006181747018211", SvrID: "1125416", RobotKey: "73bd11c5b17f462fba08d4a3d5bad767", ChatID: "S:1688853470427542_R:1736038942",
			Time: time.UnixMilli(1592473621000).UTC(), SendStatus: rest.SendStatusFailed},
		{MessageID: "3", RobotKey: "k", ChatID: "S:1_2", SendStatus: rest.SendStatusNotSent},
		{MessageID: "4", RobotKey: "k", ChatID: "S:1_2", SendStatus: rest.SendStatusAbsent},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestAQuestionToTheHistoryNamesWhatItAsksFor(t *testing.T) {
	many := make([]string, 25)
	for i := range many {
		many[i] = "1"
	}
	cases := map[string]struct {
		query rest.MessagesQuery
		want  url.Values
	}{
		"the latest": {rest.MessagesQuery{RobotKey: "k", ChatUser: "R:1"}, url.Values{"robotKey": {"k"}, "chatUser": {"R:1"}}},
		"a page": {
			rest.MessagesQuery{RobotKey: "k", ChatUser: "7881300883899745", From: time.UnixMilli(1592473621000), To: time.UnixMilli(1592478515000), Offset: 100, Count: 50},
			url.Values{"robotKey": {"k"}, "chatUser": {"7881300883899745"}, "s_timestamp": {"1592473621000"}, "timestamp": {"1592478515000"}, "offset": {"100"}, "count": {"50"}},
		},
		"two messages":         {rest.MessagesQuery{RobotKey: "k", ChatUser: "R:1", IDs: []string{"1", "2"}}, url.Values{"robotKey": {"k"}, "chatUser": {"R:1"}, "msgIds": {"1", "2"}}},
		"more than a page has": {rest.MessagesQuery{RobotKey: "k", ChatUser: "R:1", IDs: many}, url.Values{"robotKey": {"k"}, "chatUser": {"R:1"}, "msgIds": many, "count": {"25"}}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			var got url.Values
			p := &platform{auth: numbered("60"), call: func(_, _ string, form url.Values) answer { got = form; return answer{body: `{"code":"0","model":[]}`} }}
			if _, err := p.client().Messages(t.Context(), c.query); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if p.seen[0] != "/wxworkapi/chat/message token-1" {
				t.Errorf("asked %s", p.seen[0])
			}
		})
	}
}

func TestAHistoryThatCannotBeReadInPartIsNotReadAtAll(t *testing.T) {
	body := `{"code":"0","model":[{"messageId":"1"},{"messageId":2.02006181747018211E17}]}`
	got, err := answering(body).client().Messages(t.Context(), rest.MessagesQuery{RobotKey: "k", ChatUser: "R:1"})
	if unreadable, ok := errors.AsType[*rest.AnswerError](err); !ok || unreadable.Field != "messageId" || got != nil {
		t.Errorf("got %v, %v", got, err)
	}
}

func TestAQuestionToTheHistoryOfNobodyIsNotAsked(t *testing.T) {
	for _, q := range []rest.MessagesQuery{{RobotKey: "k"}, {ChatUser: "R:1"}} {
		p := answering(history)
		if _, err := p.client().Messages(t.Context(), q); err == nil || p.auths() > 0 {
			t.Errorf("%+v: %v", q, err)
		}
	}
}

func TestWhatTheHistorySaysOfASend(t *testing.T) {
	with := func(id string, status rest.SendStatus) rest.HistoryMessage {
		return rest.HistoryMessage{MessageID: id, SendStatus: status}
	}
	cases := []struct {
		sentence string
		messages []rest.HistoryMessage
		want     rest.Fate
	}{
		{"nothing, when there are only others", []rest.HistoryMessage{with("9", rest.SendStatusSent)}, rest.FateAbsent},
		{"nothing, when it is empty", nil, rest.FateAbsent},
		{"it went out", []rest.HistoryMessage{with("1", rest.SendStatusSent)}, rest.FateSent},
		{"it did not go out and may", []rest.HistoryMessage{with("1", rest.SendStatusNotSent)}, rest.FateNotSent},
		{"it failed", []rest.HistoryMessage{with("1", rest.SendStatusFailed)}, rest.FateFailed},
		{"it is there, no more", []rest.HistoryMessage{with("1", rest.SendStatusAbsent)}, rest.FateAccepted},
		{"a status nobody knows does not allow a second send", []rest.HistoryMessage{with("1", 7)}, rest.FateAccepted},
		{"the second attempt went out", []rest.HistoryMessage{with("2", rest.SendStatusSent), with("1", rest.SendStatusNotSent)}, rest.FateSent},
		{"one record without a status outweighs a failure", []rest.HistoryMessage{with("1", rest.SendStatusFailed), with("2", rest.SendStatusAbsent)}, rest.FateAccepted},
	}
	for _, c := range cases {
		t.Run(c.sentence, func(t *testing.T) {
			if got := rest.FateOf(c.messages, "1", "2"); got != c.want {
				t.Errorf("got %s, want %s", got, c.want)
			}
		})
	}
}
