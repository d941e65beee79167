package sim

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
)

func TestSendsAreEchoedRecordedAndKept(t *testing.T) {
	cases := []struct{ name, kind, message, text string }{
		{"text", "text", `{"contentType":1,"content":"您好，稍等～","atUserList":"` + lisi + `"}`, "您好，稍等～"},
		{"image", "image", `{"contentType":7,"pic":"http://media.yjiyun.com/a.png?x=1"}`, "http://media.yjiyun.com/a.png?x=1"},
		{"file", "file", `{"contentType":8,"fileName":"http://media.yjiyun.com/报价.xls"}`, "http://media.yjiyun.com/报价.xls"},
		{"video", "video", `{"contentType":5,"fileName":"http://media.yjiyun.com/a.mp4"}`, "http://media.yjiyun.com/a.mp4"},
		{"link", "link", `{"contentType":13,"title":"社群","link":"https://www.yjiyun.com/g.html?a=b","description":"点我","coverImgFile":"https://media.yjiyun.com/x.png"}`, "社群"},
		{"link without a cover", "link", `{"contentType":13,"title":"价格表","link":"https://example.com/price"}`, "价格表"},
	}
	for _, tc := range cases {
		t.Run(tc.name, func(t *testing.T) {
			s := Launch(t, Options{})
			c := connect(t, s, "")
			c.emit("message", fmt.Sprintf(`{"chatId":%q,"messageId":"20200302162850000001","message":%s}`, groupChat(), tc.message))
			expect(t, "chat's user", c.event("chat")["chatUser"], any(groupID))
			echo := c.event("message")
			expect(t, "messageId", echo["messageId"], any("20200302162850000001"))
			expect(t, "isSelf", echo["from"].(map[string]any)["isSelf"], any(json.Number("1")))
			if echo["msgSvrID"] == "" {
				t.Error("the echo has no msgSvrID")
			}
			e := s.Ledger()[0]
			expect(t, "kind", e.Kind, tc.kind)
			expect(t, "text", e.Text, tc.text)
			expect(t, "chat", e.Chat, groupID)
			kept := at(t, list(t, form(t, s, "/wxworkapi/chat/message", "robotKey", botKey, "chatUser", groupID), "model"), 0)
			expect(t, "sendStatus", kept["sendStatus"], any(json.Number("1")))
			expect(t, "msgSvrID", kept["msgSvrID"], echo["msgSvrID"])
		})
	}
}

func TestSendsThatFailAreNotEchoed(t *testing.T) {
	card := func(cover string) string {
		return `{"contentType":13,"title":"t","link":"https://a.cn/","description":"d","coverImgFile":"` + cover + `"}`
	}
	cases := []struct {
		name, chat, message string
		status              int
	}{
		{"a cover with a query string", groupChat(), card("https://a.cn/x.png?v=2"), SendFailed},
		{"a cover that is no address", groupChat(), card("x.png"), SendFailed},
		{"an empty text", groupChat(), `{"contentType":1,"content":" "}`, SendFailed},
		{"a picture without an address", groupChat(), `{"contentType":7}`, SendFailed},
		{"a type that cannot be sent", groupChat(), `{"contentType":29,"pic":"https://a.cn/x.png"}`, SendFailed},
		{"somebody who is no friend", privateChat(chenchen), `{"contentType":1,"content":"你好"}`, SendFailed},
		{"a group the robot is not in", chatID(botWxid, "R:1"), `{"contentType":1,"content":"你好"}`, SendFailed},
		{"a robot that is offline", groupChat(), `{"contentType":1,"content":"你好"}`, SendNotSent},
	}
	for _, tc := range cases {
		t.Run(tc.name, func(t *testing.T) {
			s := Launch(t, Options{})
			c := connect(t, s, "")
			if tc.status == SendNotSent {
				if err := s.SetRobotStatus("小助手", StatusOffline); err != nil {
					t.Fatal(err)
				}
				bot := c.event("chat")["botInfo"].(map[string]any)
				expect(t, "pushed status", bot["robotStatus"], any(json.Number("2")))
			}
			c.emit("message", fmt.Sprintf(`{"chatId":%q,"messageId":"1","message":%s}`, tc.chat, tc.message))
			c.action("robot.tags.sync", "2", "") // answered after the message was done with
			expect(t, "the next event's id", c.event("action")["messageId"], any("2"))
			_, peer, _ := splitChatID(tc.chat)
			kept := at(t, list(t, form(t, s, "/wxworkapi/chat/message", "robotKey", botKey, "chatUser", peer), "model"), 0)
			expect(t, "sendStatus", kept["sendStatus"], any(json.Number(fmt.Sprint(tc.status))))
			expect(t, "entries in the ledger", len(s.Ledger()), 0)
		})
	}
}

func TestARetryTakesTheUnsentMessagesPlace(t *testing.T) {
	s := Launch(t, Options{})
	c := connect(t, s, "")
	s.Faults().AddCommand(CommandFault{Command: "text", When: When{Nth: 1}, NotSent: true})
	c.text(groupChat(), "1", "你好")
	c.text(groupChat(), "1", "你好")
	c.event("chat")
	c.event("message")
	all := s.World().History("小助手", groupID)
	expect(t, "messages", len(all), 1)
	expect(t, "status", all[0].SendStatus, SendDone)
}

// TestRepeatedMessageIDs: the platform does not notice them, unless asked to.
func TestRepeatedMessageIDs(t *testing.T) {
	for dedupe, want := range map[bool]int{false: 2, true: 1} {
		t.Run(fmt.Sprintf("dedupe %v", dedupe), func(t *testing.T) {
			s := Launch(t, Options{Dedupe: dedupe})
			c := connect(t, s, "")
			for range 2 {
				c.text(groupChat(), "20260303100000001", "两遍")
				c.event("chat")
				c.event("message")
			}
			expect(t, "effects", len(s.Ledger()), want)
			expect(t, "messages in the history", len(s.World().History("小助手", groupID)), want)
			expect(t, "duplicates", s.Duplicates()["20260303100000001"], want-1)
		})
	}
}

func TestAcceptingAFriend(t *testing.T) {
	s := Launch(t, Options{})
	c := connect(t, s, "")
	if _, err := s.RequestFriend("小助手", "陈晨", "我是陈晨，朋友推荐的"); err != nil {
		t.Fatal(err)
	}
	req := c.event("action")
	expect(t, "type", req["type"], any("robot.on.new.friend.request"))
	expect(t, "userId, a bare number", req["userId"], any(json.Number(chenchen)))
	c.action("robot.accept.friend.request", "1", `"friendWxid":"`+chenchen+`"`)
	result := c.event("action")
	expect(t, "code", result["code"], any("0"))
	expect(t, "friendWxid", result["friendWxid"], any(chenchen))
	expect(t, "friends", s.World().AreFriends("小助手", "陈晨"), true)
	expect(t, "open requests", len(s.World().FriendRequests()), 0)
	e := s.Ledger()[0]
	expect(t, "kind", e.Kind, "accept")
	expect(t, "reason", e.Fields["reason"], "我是陈晨，朋友推荐的")
	c.text(privateChat(chenchen), "2", "欢迎～")
	c.event("chat")
	c.event("message")
	if _, err := s.RequestFriend("小助手", "陈晨", "再来"); err != nil {
		t.Fatal(err)
	}
	expect(t, "userId of the next request, a string", c.event("action")["userId"], any(chenchen))
}

func TestTagging(t *testing.T) {
	s := Launch(t, Options{})
	c := connect(t, s, "")
	c.action("robot.tags.sync", "1", "")
	sync := c.event("action")
	var ids []string
	for _, g := range list(t, sync, "labelList") {
		for _, l := range list(t, g.(map[string]any), "subLabelList") {
			ids = append(ids, string(l.(map[string]any)["labelId"].(json.Number)))
		}
	}
	if !slices.Contains(ids, refundTag) {
		t.Errorf("no bare %s in %v", refundTag, ids)
	}
	c.action("robot.cust.tags", "2", `"userId":"`+lisi+`","tags":["`+refundTag+`","14073752027622311"],"erasingTags":[]`)
	expect(t, "code", c.event("action")["code"], any("0"))
	c.action("robot.cust.tags", "3", `"userId":"`+lisi+`","tags":[],"erasingTags":["14073752027622311"]`)
	expect(t, "code", c.event("action")["code"], any("0"))
	expect(t, "tags", strings.Join(s.World().TagsOf("小助手", "李四"), " "), "售后/退款")
	expect(t, "line", s.Ledger()[0].Text, "+售后/退款 +来源/好友申请")
	expect(t, "line", s.Ledger()[1].Text, "-来源/好友申请")
	body := s.Commands()[1].Body
	if !strings.Contains(body, `"`+refundTag+`"`) {
		t.Errorf("the command's body is %s", body)
	}
}

func TestGroupCommands(t *testing.T) {
	s := Launch(t, Options{})
	c := connect(t, s, "")
	do := func(typ, extra string) map[string]any {
		t.Helper()
		c.action(typ, "m"+fmt.Sprint(len(s.Commands())), extra)
		result := c.event("action")
		for result["type"] != typ {
			result = c.event("action")
		}
		expect(t, typ+": msg", result["msg"], any("OK"))
		return result
	}
	group := func(ref string) Group {
		t.Helper()
		g, err := s.World().Group(ref)
		if err != nil {
			t.Fatal(err)
		}
		return g
	}
	inGroup := `"groupId":"` + groupID + `",`

	c.action("robot.invite.friends.join.group", "i", inGroup+`"friends":[`+wangwu+`]`)
	changed := c.event("action")
	expect(t, "type", changed["type"], any("robot.group.members.changed"))
	expect(t, "nickName", at(t, list(t, changed, "newMembers"), 0)["nickName"], any("王五"))
	result := c.event("action")
	expect(t, "invite's code", result["code"], any("0"))
	expect(t, "invite's friends, as they were sent", firstOf(list(t, result, "friends")), any(json.Number(wangwu)))
	expect(t, "王五 is in", slices.Contains(group(groupID).Members, wangwu), true)

	do("robot.delete.group.members", inGroup+`"friends":["`+wangwu+`"]`)
	expect(t, "王五 is in", slices.Contains(group(groupID).Members, wangwu), false)
	do("robot.modify.group.name", inGroup+`"newName":"产品体验群1（已满）"`)
	expect(t, "name", group(groupID).Name, "产品体验群1（已满）")
	do("robot.set.group.announcement", inGroup+`"isAll":1,"notice":"大家好"`)
	expect(t, "notice", group(groupID).Notice, "大家好")
	do("robot.conv.modify.admins", `"conversationId":"`+groupID+`","opcode":1,"admins":["1688853470825570"]`)
	admins := list(t, do("robot.conv.admins", `"conversationId":"`+groupID+`"`), "admins")
	expect(t, "admin", firstOf(admins), any("1688853470825570"))
	do("robot.conv.modify.admins", `"conversationId":"`+groupID+`","opcode":2,"admins":["1688853470825570"]`)
	expect(t, "admins", len(group(groupID).Admins), 0)
	profile := at(t, list(t, do("robot.contacts.inquiry", `"contacts":["`+groupID+`",404]`), "contacts"), 0)
	expect(t, "creatorId, a bare number", profile["creatorId"], any(json.Number(botWxid)))
	expect(t, "members", len(list(t, profile, "memberList")), 4)

	c.action("robot.create.group", "c", `"name":"新群","friends":["`+lisi+`"]`)
	expect(t, "chat of the new group", c.event("chat")["chatName"], any("新群"))
	made := c.event("action")
	expect(t, "owner", group(made["groupId"].(string)).Owner, botWxid)

	var kinds []string
	for _, e := range s.Ledger() {
		kinds = append(kinds, e.Kind)
	}
	expect(t, "ledger", strings.Join(kinds, ","), "invite,kick,rename_group,announce,admins,admins,create_group")
}

func firstOf(all []any) any {
	if len(all) == 0 {
		return nil
	}
	return all[0]
}

func TestProfileCommands(t *testing.T) {
	s := Launch(t, Options{})
	c := connect(t, s, "")
	c.action("robot.info.modify", "1", `"name":"小助手 2","gender":1,"position":"客服"`)
	info := c.event("action")
	expect(t, "address", info["address"], any("大学城"))
	robot, err := s.World().Robot("小助手 2")
	expect(t, "error", err, nil)
	expect(t, "position", robot.Position, "客服")
	c.action("robot.modify.friend.remark", "2", `"userId":"`+lisi+`","realRemarks":"四哥"`)
	expect(t, "code", c.event("action")["code"], any("0"))
	row := at(t, list(t, form(t, s, "/wxworkapi/external/user/list", "robotKey", botKey, "name", "四哥"), "data"), 0)
	expect(t, "name", row["name"], any("李四"))
	c.action("robot.phone.contact.add", "3", `"phone":"13800000003"`)
	expect(t, "name", c.event("action")["userData"].(map[string]any)["name"], any("张三"))
	c.action("robot.contacts.inquiry", "4", `"contacts":[`+lisi+`]`)
	person := at(t, list(t, c.event("action"), "contacts"), 0)
	expect(t, "userId, a string", person["userId"], any(lisi))
	expect(t, "realRemarks", person["realRemarks"], any("四哥"))
}

func TestForwarding(t *testing.T) {
	s := Launch(t, Options{})
	c := connect(t, s, "")
	if _, err := s.SayImage("小助手", "李四", "https://media.example.cn/海报.png"); err != nil {
		t.Fatal(err)
	}
	c.event("chat")
	id := c.event("message")["msgSvrID"].(string)
	c.action("robot.message.forward", "20200302162850000009", `"msgSvrID":`+id+`,"friends":["`+zhangsan+`","`+groupID+`","`+chenchen+`"]`)
	for _, peer := range []string{zhangsan, groupID} {
		c.event("chat")
		m := c.event("message")
		expect(t, "chatUser", m["chatUser"], any(peer))
		expect(t, "messageId", m["messageId"], any("20200302162850000009"))
	}
	expect(t, "msg", c.event("action")["msg"], any("target not found: "+chenchen))
	expect(t, "entries", len(s.Ledger()), 2)
	expect(t, "duplicates", len(s.Duplicates()), 0)
	expect(t, "status of the third", s.World().History("小助手", chenchen)[0].SendStatus, SendFailed)
}

func TestCommandsAreRefused(t *testing.T) {
	s := Launch(t, Options{})
	c := connect(t, s, "")
	vip := `"groupId":"R:10696051755024720",`
	cases := []struct{ name, typ, extra, msg string }{
		{"an unknown type", "robot.fly", "", "unknown type"},
		{"no type", "", "", "unknown type"},
		{"nobody asked to be a friend", "robot.accept.friend.request", `"friendWxid":"` + chenchen + `"`, "friend request not found"},
		{"a friend's id as a number", "robot.accept.friend.request", `"friendWxid":780000919`, "parameter error: friendWxid"},
		{"tag ids as numbers", "robot.cust.tags", `"userId":"` + lisi + `","tags":[` + refundTag + `]`, "parameter error: tags"},
		{"a tag id that went through a float", "robot.cust.tags", `"userId":"` + lisi + `","tags":["14073751575621260"]`, "label not found: 14073751575621260"},
		{"tags of a stranger", "robot.cust.tags", `"userId":"` + chenchen + `","tags":[]`, "customer not found"},
		{"admins of no group", "robot.conv.admins", `"conversationId":"10696661588019912"`, "invalid conversion id"},
		{"no admins", "robot.conv.modify.admins", `"conversationId":"` + groupID + `","opcode":1,"admins":[]`, "admins invalid"},
		{"outsiders as admins", "robot.conv.modify.admins", `"conversationId":"` + groupID + `","opcode":1,"admins":["` + lisi + `"]`, "admins invalid"},
		{"kick where the robot is nobody", "robot.delete.group.members", vip + `"friends":["` + zhangsan + `"]`, "no permission"},
		{"kick of a stranger", "robot.delete.group.members", `"groupId":"` + groupID + `","friends":["` + wangwu + `"]`, "member not found: " + wangwu},
		{"kick of the owner", "robot.delete.group.members", `"groupId":"` + groupID + `","friends":["` + botWxid + `"]`, "member not found: " + botWxid},
		{"an invited stranger", "robot.invite.friends.join.group", `"groupId":"` + groupID + `","friends":[780000919]`, "friend not found: 780000919"},
		{"an invited float", "robot.invite.friends.join.group", `"groupId":"` + groupID + `","friends":[7.8e8]`, "parameter error: friends"},
		{"an empty name", "robot.modify.group.name", `"groupId":"` + groupID + `","newName":""`, "parameter error: newName"},
		{"an unknown group", "robot.modify.group.name", `"groupId":"R:1","newName":"x"`, "group not found"},
		{"an unknown phone", "robot.phone.contact.add", `"phone":"1"`, "user not found"},
		{"an unknown message", "robot.message.forward", `"msgSvrID":1,"friends":[]`, "message not found"},
		{"a message's id as a string", "robot.message.forward", `"msgSvrID":"1","friends":[]`, "parameter error: msgSvrID"},
	}
	for i, tc := range cases {
		t.Run(tc.name, func(t *testing.T) {
			id := fmt.Sprintf("20260303%010d", i)
			c.action(tc.typ, id, tc.extra)
			result := c.event("action")
			expect(t, "code", result["code"], any("1"))
			expect(t, "msg", result["msg"], any(tc.msg))
			expect(t, "messageId", result["messageId"], any(id))
			expect(t, "type", result["type"], any(tc.typ))
		})
	}
	c.emit("action", `{"type":"robot.tags.sync","robotKey":"nobody","messageId":"x"}`)
	expect(t, "msg for an unknown robot", c.event("action")["msg"], any("robot not found"))
	expect(t, "effects", len(s.Ledger()), 0)
}

func TestTheBridgeIsTheSocketMadeSynchronous(t *testing.T) {
	s := Launch(t, Options{})
	c := connect(t, s, "")
	tok := token(t, s)
	bridge := func(body string) map[string]any {
		t.Helper()
		return rest(t, s, tok, "/wxworkapi/bridge", "application/json; charset=UTF-8", body)
	}
	result := bridge(`{"messageId":"202002051616503","type":"robot.modify.group.name","token":"` + tok + `","robotKey":"` + botKey + `","groupId":"` + groupID + `","newName":"新名字"}`)
	expect(t, "code", result["code"], any("0"))
	expect(t, "newName", result["newName"], any("新名字"))
	if _, has := result["token"]; has {
		t.Error("the token came back in the result")
	}
	expect(t, "msg of a refusal", bridge(`{"messageId":"1","type":"robot.fly","robotKey":"` + botKey + `"}`)["msg"], any("unknown type"))
	sent := bridge(`{"messageId":"2","chatId":"` + groupChat() + `","message":{"contentType":1,"content":"同步"}}`)
	expect(t, "code of a message", sent["code"], any("0"))
	c.event("chat")
	echo := c.event("message") // only the message was pushed: results go to the caller
	expect(t, "msgSvrID", sent["msgSvrID"], echo["msgSvrID"])
}
