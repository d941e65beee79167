package sim

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// everyCommand is each command of the platform, well formed and, where it can be, refused; in an order in which they
// work.
func everyCommand(imageID, miniID string) []struct{ name, typ, fields string } {
	group := `"groupId":"` + groupID + `"`
	return []struct{ name, typ, fields string }{
		{"accept", "robot.accept.friend.request", `"friendWxid":"` + chenchen + `"`},
		{"accept nobody", "robot.accept.friend.request", `"friendWxid":"1"`},
		{"add by phone", "robot.phone.contact.add", `"phone":"13800000003"`},
		{"add by an unknown phone", "robot.phone.contact.add", `"phone":"10086"`},
		{"tag", "robot.cust.tags", `"userId":"` + lisi + `","tags":["` + refundTag + `"],"erasingTags":["14073752703607623"]`},
		{"tag with an unknown tag", "robot.cust.tags", `"userId":"` + lisi + `","tags":["1"],"erasingTags":[]`},
		{"list tags", "robot.tags.sync", ""},
		{"remark", "robot.modify.friend.remark", `"userId":"` + lisi + `","realRemarks":"四哥","remarks":"爱退款 🙂"`},
		{"own profile", "robot.info.modify", `"name":"小助手","alias":"HONG","gender":2,"phone":"38261212","position":"CPP"`},
		{"own profile of no gender", "robot.info.modify", `"gender":3`},
		{"forward a picture", "robot.message.forward", `"msgSvrID":` + imageID + `,"friends":["` + zhangsan + `","` + groupID + `"]`},
		{"forward a mini program", "robot.message.forward", `"msgSvrID":` + miniID + `,"friends":["` + zhangsan + `"]`},
		{"forward to a stranger", "robot.message.forward", `"msgSvrID":` + imageID + `,"friends":["404"]`},
		{"forward nothing", "robot.message.forward", `"msgSvrID":1,"friends":["` + zhangsan + `"]`},
		{"invite", "robot.invite.friends.join.group", group + `,"friends":[` + wangwu + `]`},
		{"kick", "robot.delete.group.members", group + `,"friends":["` + wangwu + `"]`},
		{"create a group", "robot.create.group", `"name":"新群","friends":["` + lisi + `"]`},
		{"rename", "robot.modify.group.name", group + `,"newName":"产品体验群一"`},
		{"announce", "robot.set.group.announcement", group + `,"isAll":1,"notice":"大家好"`},
		{"add an admin", "robot.conv.modify.admins", `"conversationId":"` + groupID + `","opcode":1,"admins":["1688853470825570"]`},
		{"add an outsider", "robot.conv.modify.admins", `"conversationId":"` + groupID + `","opcode":1,"admins":["` + lisi + `"]`},
		{"list admins", "robot.conv.admins", `"conversationId":"` + groupID + `"`},
		{"list admins of no group", "robot.conv.admins", `"conversationId":"10696661588019912"`},
		{"look up people and groups", "robot.contacts.inquiry", `"contacts":[` + lisi + `,"` + groupID + `"]`},
		{"an unknown command", "robot.fly", ""},
	}
}

// everyMessage is each kind of message, well formed and not.
var everyMessage = map[string]string{
	"text":         `{"contentType":1,"content":"@李四 您好 🙂","atUserList":"` + lisi + `"}`,
	"image":        `{"contentType":7,"pic":"http://media.yjiyun.com/a.png"}`,
	"link":         `{"contentType":13,"title":"社群","link":"https://a.cn/","description":"点我","coverImgFile":"https://a.cn/x.png"}`,
	"file":         `{"contentType":8,"fileName":"http://media.yjiyun.com/报价.xls"}`,
	"video":        `{"contentType":5,"fileName":"http://media.yjiyun.com/a.mp4"}`,
	"link refused": `{"contentType":13,"title":"社群","link":"https://a.cn/","coverImgFile":"https://a.cn/x.png?v=1"}`,
	"mini program": `{"contentType":78,"title":"微信读书","content":"向上生长"}`,
}

// twin is one of two servers with equal worlds, and what is seen of it.
type twin struct {
	*Server
	c     *client
	token string
}

// twins returns two servers in which the same has happened, and the msgSvrIDs of a picture and a mini program in them.
func twins(t *testing.T) (socket, bridge twin, imageID, miniID string) {
	t.Helper()
	for _, w := range []*twin{&socket, &bridge} {
		now := &clock{tuesday}
		w.Server = Launch(t, Options{Clock: now.Now, World: DemoWorld()})
		w.c, w.token = connect(t, w.Server, ""), token(t, w.Server)
		_, errImage := w.SayImage("小助手", "李四", "https://media.example.cn/海报.png")
		imageID = w.c.skipTo("message")["msgSvrID"].(string)
		_, errMini := w.SayContent("小助手", "李四", Content{ContentType: TypeMiniProgram, Title: "微信读书", Content: "向上生长"})
		miniID = w.c.skipTo("message")["msgSvrID"].(string)
		_, errAsk := w.RequestFriend("小助手", "陈晨", "我是陈晨")
		w.c.skipTo("action")
		if errImage != nil || errMini != nil || errAsk != nil {
			t.Fatal(errImage, errMini, errAsk)
		}
	}
	return socket, bridge, imageID, miniID
}

// until reads events until the result of a command; the others are what it led to.
func (w *twin) until(t *testing.T, messageID string) (result map[string]any, others []string) {
	t.Helper()
	for {
		frame := w.c.read()
		name, payload, _ := strings.Cut(strings.TrimPrefix(frame, `42/imchat,["`), `",`)
		body := decoded(t, []byte(strings.TrimSuffix(payload, "]")))
		if name == "action" && body["messageId"] == messageID {
			return body, others
		}
		others = append(others, frame)
	}
}

func TestBridgeAndSocketGiveTheSameResults(t *testing.T) {
	socket, bridge, imageID, miniID := twins(t)
	covered := map[string]bool{}
	for i, tc := range everyCommand(imageID, miniID) {
		covered[tc.typ] = true
		t.Run(tc.name, func(t *testing.T) {
			id := fmt.Sprintf("20260303100000%04d", i)
			body := fmt.Sprintf(`{"type":%q,"robotKey":%q,"messageId":%q}`, tc.typ, botKey, id)
			if tc.fields != "" {
				body = strings.TrimSuffix(body, "}") + "," + tc.fields + "}"
			}
			socket.c.emit("action", body)
			pushed, led := socket.until(t, id)
			answered := rest(t, bridge.Server, bridge.token, "/wxworkapi/bridge", "application/json", body)
			if diff := cmp.Diff(pushed, answered); diff != "" {
				t.Errorf("the socket's result (-) and the bridge's (+) differ:\n%s", diff)
			}
			for _, want := range led {
				expect(t, "what the command led to", bridge.c.read(), want)
			}
		})
	}
	for _, typ := range slices.Sorted(maps.Keys(actions)) {
		if !covered[typ] {
			t.Errorf("%s is not compared", typ)
		}
	}
	sameWorlds(t, socket, bridge)
}

func TestBridgeAndSocketSendTheSameMessages(t *testing.T) {
	socket, bridge, _, _ := twins(t)
	for i, name := range slices.Sorted(maps.Keys(everyMessage)) {
		t.Run(name, func(t *testing.T) {
			body := fmt.Sprintf(`{"chatId":%q,"messageId":"20260303100000%04d","message":%s}`, groupChat(), i, everyMessage[name])
			socket.c.emit("message", body)
			fence := fmt.Sprintf("fence%d", i)
			socket.c.action("robot.conv.admins", fence, `"conversationId":"`+groupID+`"`)
			_, echoes := socket.until(t, fence)
			answered := rest(t, bridge.Server, bridge.token, "/wxworkapi/bridge", "application/json", body)
			expect(t, "refused", answered["code"] != "0", len(echoes) == 0)
			for _, want := range echoes {
				expect(t, "echo", bridge.c.read(), want)
			}
			for field, want := range decoded(t, []byte(body)) {
				if diff := cmp.Diff(want, answered[field]); diff != "" {
					t.Errorf("the result's %s is not the command's: %s", field, diff)
				}
			}
		})
	}
	sameWorlds(t, socket, bridge)
}

// sameWorlds checks that people saw the same in both, and that the histories tell the same.
func sameWorlds(t *testing.T, a, b twin) {
	t.Helper()
	if diff := cmp.Diff(a.Ledger(), b.Ledger()); diff != "" {
		t.Errorf("the ledgers differ:\n%s", diff)
	}
	for _, peer := range []string{groupID, lisi, zhangsan, chenchen} {
		history := func(w twin) []any {
			return list(t, form(t, w.Server, "/wxworkapi/chat/message", "robotKey", botKey, "chatUser", peer, "count", "100"), "model")
		}
		if diff := cmp.Diff(history(a), history(b)); diff != "" {
			t.Errorf("the histories with %s differ:\n%s", peer, diff)
		}
	}
}

func TestTheBridgeRefusesWhatIsNoCommand(t *testing.T) {
	s := Launch(t, Options{})
	for name, body := range map[string]string{
		"no id":       `{"type":"robot.tags.sync","robotKey":"` + botKey + `"}`,
		"an id of 33": `{"type":"robot.tags.sync","robotKey":"` + botKey + `","messageId":"` + strings.Repeat("1", 33) + `"}`,
		"no chat":     `{"messageId":"1","message":{"contentType":1,"content":"x"}}`,
	} {
		expect(t, name, jsonPost(t, s, "/wxworkapi/bridge", body)["code"], any("1"))
	}
	s.Faults().AddHTTP(HTTPFault{Path: "/wxworkapi/bridge", Code: "5000", Msg: "服务器繁忙", When: When{Nth: 1}})
	command := `{"type":"robot.tags.sync","robotKey":"` + botKey + `","messageId":"1"}`
	expect(t, "a busy server", jsonPost(t, s, "/wxworkapi/bridge", command)["code"], any("5000"))
	expect(t, "commands taken in", len(s.Commands()), 0)
	if err := s.SetRobotStatus("小助手", StatusOffline); err != nil {
		t.Fatal(err)
	}
	result := jsonPost(t, s, "/wxworkapi/bridge", command)
	expect(t, "a robot that is offline", fmt.Sprint(result["code"], result["msg"], result["dts"].(json.Number) > "0"), "1robot offlinetrue")
}
