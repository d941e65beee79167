package sim

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"
)

// clock is a clock that tests set.
type clock struct{ now time.Time }

func (c *clock) Now() time.Time { return c.now }

var tuesday = time.Date(2026, 3, 3, 10, 0, 0, 0, cst)

func list(t *testing.T, body map[string]any, key string) []any {
	t.Helper()
	all, ok := body[key].([]any)
	if !ok {
		t.Fatalf("%s is no list in %v", key, body)
	}
	return all
}

func at(t *testing.T, all []any, i int) map[string]any {
	t.Helper()
	if len(all) <= i {
		t.Fatalf("only %d items: %v", len(all), all)
	}
	return all[i].(map[string]any)
}

func TestAuthentication(t *testing.T) {
	const path, asJSON = "/robotapi/client/auth", "application/json"
	now := &clock{tuesday}
	s := Launch(t, Options{AccessKey: "user1", AccessSecret: "Q3KR21ME", TokenLife: 90 * time.Second, Clock: now.Now})
	wrong := rest(t, s, "", path, asJSON, `{"accessKey":"user1","accessSecret":"x"}`)
	expect(t, "code of a wrong secret", wrong["code"], any("1000"))
	body := rest(t, s, "", path, "application/x-www-form-urlencoded", "accessKey=user1&accessSecret=Q3KR21ME")
	data := body["data"].(map[string]any)
	expect(t, "code", body["code"], any("0"))
	expect(t, "expireMinutes", data["expireMinutes"], any(json.Number("2")))
	expect(t, "createTime", data["createTime"], any(json.Number(fmt.Sprint(tuesday.UnixMilli()))))
	first := data["accessToken"].(string)

	now.now = now.now.Add(time.Minute)
	expect(t, "prolonged token", token(t, s), first)
	now.now = now.now.Add(time.Minute)
	robots := func() any { return rest(t, s, first, "/wxworkapi/robot/list", asJSON, "{}")["code"] }
	expect(t, "code after the first life", robots(), any("0"))
	now.now = now.now.Add(time.Minute)
	expect(t, "code after the second life", robots(), any("1000"))
	if token(t, s) == first {
		t.Error("an ended token came back to life")
	}
	s.RevokeTokens()
	expect(t, "code of no token", rest(t, s, "", "/wxworkapi/robot/list", asJSON, "{}")["code"], any("1000"))
	expect(t, "logins", s.Logins(), 3)
}

func TestRobotList(t *testing.T) {
	s := Launch(t, Options{})
	robot := at(t, list(t, form(t, s, "/wxworkapi/robot/list"), "data"), 0)
	expect(t, "robotKey", robot["robotKey"], any(botKey))
	expect(t, "wxid", robot["wxid"], any(botWxid))
	expect(t, "nickName", robot["nickName"], any("小助手"))
	expect(t, "robotStatus", robot["robotStatus"], any(json.Number("1")))
}

func TestListsFilterAndPage(t *testing.T) {
	s := Launch(t, Options{})
	s.World().AddTagGroup("等级", "金牌")
	gold, err := s.World().Label("等级/金牌")
	if err != nil {
		t.Fatal(err)
	}
	c := connect(t, s, "")
	c.action("robot.cust.tags", "1", fmt.Sprintf(`"userId":%q,"tags":[%q],"erasingTags":[]`, lisi, gold))
	expect(t, "tag result", c.event("action")["code"], any("0"))
	cases := []struct {
		name, path string
		pairs      []string
		names      string
		total      string
	}{
		{"all customers", "/external/user/list", nil, "李四 张三 王五", "3"},
		{"customers by name", "/external/user/list", []string{"name", "四"}, "李四", "1"},
		{"a customer by id", "/external/user/list", []string{"userId", zhangsan}, "张三", "1"},
		{"customers by tag", "/external/user/list", []string{"tagList[]", "金牌"}, "李四", "1"},
		{"deleted customers", "/external/user/list", []string{"status", "0"}, "", "0"},
		{"second page of two", "/external/user/list", []string{"pageNum", "2", "pageSize", "2"}, "王五", "3"},
		{"a page behind the end", "/external/user/list", []string{"pageNum", "99"}, "", "3"},
		{"all groups", "/group/list", nil, "产品体验群1 VIP 交流群", "2"},
		{"a group by id", "/group/list", []string{"conversationId", groupID}, "产品体验群1", "1"},
		{"groups of an owner", "/group/list", []string{"creatorId", "1688853470825570"}, "VIP 交流群", "1"},
		{"members", "/group/member/list", []string{"conversationId", groupID}, "小助手 周经理 李四 张三", "4"},
		{"a member by name", "/group/member/list", []string{"conversationId", groupID, "memberName", "张"}, "张三", "1"},
	}
	for _, tc := range cases {
		t.Run(tc.name, func(t *testing.T) {
			body := form(t, s, "/wxworkapi"+tc.path, append(tc.pairs, "robotKey", botKey)...)
			var names []string
			for _, row := range list(t, body, "data") {
				names = append(names, row.(map[string]any)["name"].(string))
			}
			expect(t, "names", strings.Join(names, " "), tc.names)
			expect(t, "total", body["total"], any(json.Number(tc.total)))
		})
	}
}

func TestListsRefuseWhatMakesNoSense(t *testing.T) {
	s := Launch(t, Options{})
	cases := []struct {
		name, path string
		pairs      []string
	}{
		{"an unknown robot", "/external/user/list", []string{"robotKey", "nobody"}},
		{"a page that is no number", "/group/list", []string{"robotKey", botKey, "pageNum", "eins"}},
		{"members of an unknown group", "/group/member/list", []string{"robotKey", botKey, "conversationId", "R:1"}},
		{"chats without a count", "/chat/list", nil},
		{"messages of an unknown robot", "/chat/message", []string{"chatUser", groupID}},
		{"a chat id of no shape", "/unreadmsg/clean", []string{"chatId", "42"}},
		{"an unknown kind of sync", "/contact/sync", []string{"robotKey", botKey, "syncType", "5"}},
	}
	for _, tc := range cases {
		t.Run(tc.name, func(t *testing.T) {
			expect(t, "code", form(t, s, "/wxworkapi"+tc.path, tc.pairs...)["code"], any("1"))
		})
	}
	status, _ := post(t, s, "", "/wxworkapi/no/such/path", "application/json", "{}")
	expect(t, "status of an unknown path", status, http.StatusNotFound)
}

// talk says four things a minute apart and returns their ids.
func talk(t *testing.T, s *Server, now *clock) []string {
	t.Helper()
	var ids []string
	for _, text := range []string{"一", "二", "三", "四"} {
		now.now = now.now.Add(time.Minute)
		id, err := s.Say("产品体验群1", "李四", text)
		if err != nil {
			t.Fatal(err)
		}
		ids = append(ids, id)
	}
	return ids
}

func TestChatHistory(t *testing.T) {
	now := &clock{tuesday.Add(300 * time.Millisecond)}
	s := Launch(t, Options{Clock: now.Now})
	ids := talk(t, s, now)
	ms := func(minutes int) string {
		return fmt.Sprint(tuesday.Add(time.Duration(minutes) * time.Minute).UnixMilli())
	}
	cases := []struct {
		name  string
		pairs []string
		want  string
	}{
		{"newest first", nil, "四三二一"},
		{"a page", []string{"offset", "1", "count", "2"}, "三二"},
		{"a page behind the end", []string{"offset", "9"}, ""},
		{"from a time on", []string{"s_timestamp", ms(3)}, "四三"},
		{"up to a time", []string{"timestamp", ms(2)}, "二一"},
		{"between times", []string{"s_timestamp", ms(2), "timestamp", ms(3)}, "三二"},
		{"by ids, with commas", []string{"msgIds", ids[0] + "," + ids[3]}, "四一"},
		{"by ids, repeated", []string{"msgIds[]", ids[0], "msgIds[]", ids[1]}, "二一"},
		{"by an unknown id", []string{"msgIds", "404"}, ""},
		{"by content type", []string{"contentType", "7"}, ""},
		{"of another chat", []string{"chatUser", lisi}, ""},
	}
	for _, tc := range cases {
		t.Run(tc.name, func(t *testing.T) {
			body := form(t, s, "/wxworkapi/chat/message", append(tc.pairs, "robotKey", botKey, "chatUser", groupID)...)
			var texts string
			for _, m := range list(t, body, "model") {
				texts += m.(map[string]any)["content"].(map[string]any)["content"].(string)
			}
			expect(t, "texts", texts, tc.want)
		})
	}
	m := at(t, list(t, form(t, s, "/wxworkapi/chat/message", "robotKey", botKey, "chatUser", groupID), "model"), 0)
	expect(t, "timestamp in whole seconds", m["timestamp"], any(json.Number(ms(4))))
	if _, has := m["sendStatus"]; has {
		t.Error("somebody else's message has a sendStatus")
	}
}

func TestHistoryLag(t *testing.T) {
	now := &clock{tuesday}
	s := Launch(t, Options{Clock: now.Now})
	talk(t, s, now)
	s.Faults().SetHistoryLag(90 * time.Second)
	seen := func() int {
		return len(list(t, form(t, s, "/wxworkapi/chat/message", "robotKey", botKey, "chatUser", groupID), "model"))
	}
	expect(t, "messages seen", seen(), 2)
	chat := at(t, list(t, form(t, s, "/wxworkapi/chat/list", "count", "10"), "chats"), 0)
	expect(t, "last message of the chat list", chat["pushContent"], any("二"))
	now.now = now.now.Add(time.Hour)
	expect(t, "messages seen later", seen(), 4)
}

func TestChatListAndUnread(t *testing.T) {
	now := &clock{tuesday}
	s := Launch(t, Options{Clock: now.Now})
	talk(t, s, now)
	now.now = now.now.Add(time.Minute)
	if _, err := s.Say("小助手", "张三", "在吗"); err != nil {
		t.Fatal(err)
	}
	chats := list(t, form(t, s, "/wxworkapi/chat/list", "count", "10", "robotKey", botKey), "chats")
	expect(t, "newest chat", at(t, chats, 0)["chatUser"], any(zhangsan))
	group := at(t, chats, 1)
	expect(t, "unread", group["unreadCount"], any(json.Number("4")))
	expect(t, "name", group["chatName"], any("产品体验群1"))
	expect(t, "one chat", len(list(t, form(t, s, "/wxworkapi/chat/list", "count", "1"), "chats")), 1)
	expect(t, "clean", form(t, s, "/wxworkapi/unreadmsg/clean", "chatId", groupChat())["code"], any("0"))
	chats = list(t, form(t, s, "/wxworkapi/chat/list", "count", "10"), "chats")
	expect(t, "unread after cleaning", at(t, chats, 1)["unreadCount"], any(json.Number("0")))
	expect(t, "sync", form(t, s, "/wxworkapi/contact/sync", "robotKey", botKey, "syncType", "3")["code"], any("0"))
}

func TestHTTPFaults(t *testing.T) {
	const path, kind = "/wxworkapi/robot/list", "application/json"
	s := Launch(t, Options{})
	tok := token(t, s)
	s.Faults().AddHTTP(HTTPFault{Path: path, When: When{Nth: 2}, Status: http.StatusBadGateway, RetryAfter: "7"})
	s.Faults().AddHTTP(HTTPFault{Path: path, When: When{Nth: 3, Times: 2}, Code: "5000", Msg: "服务器繁忙"})
	var got []string
	for range 5 {
		status, raw := post(t, s, tok, path, kind, "{}")
		code := ""
		if status == http.StatusOK {
			code = fmt.Sprint(decoded(t, raw)["code"])
		}
		got = append(got, fmt.Sprintf("%d/%s", status, code))
	}
	expect(t, "answers", strings.Join(got, " "), "200/0 502/ 200/5000 200/5000 200/0")
	remove := s.Faults().AddHTTP(HTTPFault{Path: path, Code: "1000"})
	expect(t, "code under the fault", rest(t, s, tok, path, kind, "{}")["code"], any("1000"))
	remove()
	expect(t, "code without it", rest(t, s, tok, path, kind, "{}")["code"], any("0"))
}

func TestMalformedBodiesAreRefused(t *testing.T) {
	s := Launch(t, Options{})
	tok := token(t, s)
	for _, body := range []string{"", "{", "[]", strings.Repeat("[", 20000)} {
		expect(t, "code", rest(t, s, tok, "/wxworkapi/chat/list", "application/json", body)["code"], any("1"))
		expect(t, "code of the bridge", rest(t, s, tok, "/wxworkapi/bridge", "application/json", body)["code"], any("1"))
	}
}
