package actions

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"botengine/internal/command"
	"botengine/internal/event"
	"botengine/internal/expression"
)

func TestWhatTheStepsForTheRestOfThePlatformSend(t *testing.T) {
	const staff = "S:1688850285583026_R:1970325038158435"
	msg := func(typ, chat, fields string) command.Command {
		return command.Command{Type: typ, Chat: chat, Lane: command.LaneChat, Class: command.Verifiable, Fields: []byte(fields)}
	}
	act := func(typ string, class command.Class, fields string) command.Command {
		return command.Command{Type: typ, Lane: command.LaneAction, Class: class, Fields: []byte(fields)}
	}
	const i, q, u = command.Idempotent, command.Queryable, command.Unverifiable
	tests := map[string]struct {
		step string
		ev   *event.Event
		want command.Command
	}{
		"a text to a group, with mentions": {`send: {to: "R:1970325038158435", text: "{{sender.name}} 要退款", at: [1688853470365500, 1688853470365500]}`, groupMessage("退款"),
			msg("message.text", staff, `{"contentType":1,"content":"张三👋 要退款","atUserList":"1688853470365500"}`)},
		"a picture to a person": {`send: {to: 780000919, image: https://example.com/a.png}`, friendRequest(),
			msg("message.image", "S:1688850285583026_780000919", `{"contentType":7,"pic":"https://example.com/a.png"}`)},
		"a link card by a whole chat id": {`send: {to: "S:1688850285583026_R:1970325038158435", link: {title: 看, url: "https://example.com/?a=1&b=2", cover: "https://example.com/c.png"}}`, memberJoin(),
			msg("message.link", staff, `{"contentType":13,"title":"看","link":"https://example.com/?a=1&b=2","coverImgFile":"https://example.com/c.png"}`)},
		"a file": {`send: {to: "R:1970325038158435", file: "{{vars.site}}price.pdf"}`, groupMessage(""),
			msg("message.file", staff, `{"contentType":8,"fileName":"https://example.com/price.pdf"}`)},
		"a video": {`send: {to: "R:1970325038158435", video: https://example.com/a.mp4}`, groupMessage(""),
			msg("message.video", staff, `{"contentType":5,"fileName":"https://example.com/a.mp4"}`)},
		"a text to everybody is only a text": {`send: {to: "R:1970325038158435", text: "@所有人 {{text}}"}`, groupMessage("@所有人"),
			msg("message.text", staff, `{"contentType":1,"content":"＠所有人 ＠所有人"}`)},
		"a number as somebody wrote it": {`add_friend: "{{text}}"`, groupMessage("+86 138-0013-8000"),
			act("robot.phone.contact.add", u, `{"phone":"13800138000"}`)},
		"a number of another country, for sure": {`add_friend: {phone: "+85291234567", delivery: at_least_once}`, groupMessage(""),
			act("robot.phone.contact.add", i, `{"phone":"+85291234567"}`)},
		"a remark": {`remark: "{{friend.name}} 供应商"`, friendRequest(),
			act("robot.modify.friend.remark", q, `{"userId":"780000919","realRemarks":"李四 供应商"}`)},
		"a description that becomes empty": {`remark: {description: "{{text}}", user: 18446744073709551615}`, groupMessage(""),
			act("robot.modify.friend.remark", q, `{"userId":"18446744073709551615","remarks":""}`)},
		"the robot's profile": {`robot_profile: {name: HONG, alias: "{{robot.name}}", gender: male, phone: 00123, mobile: "13900139000", position: CPP}`, groupMessage(""),
			act("robot.info.modify", i, `{"name":"HONG","alias":"小助手","gender":1,"phone":"00123","mobile":"13900139000","position":"CPP"}`)},
		"new admins of this group": {`set_admins: {add: [1688853866655589, "{{sender.id}}", 1688853866655589]}`, groupMessage(""),
			act("robot.conv.modify.admins", i, `{"opcode":1,"conversationId":"R:10696052725010172","admins":["1688853866655589","7881302985963919"]}`)},
		"admins no more, in another group": {`set_admins: {remove: [1, 2, 3, 4], group: "R:10696661588019912"}`, friendRequest(),
			act("robot.conv.modify.admins", i, `{"opcode":2,"conversationId":"R:10696661588019912","admins":["1","2","3","4"]}`)},
		"a group's name": {`rename_group: "{{chat.name}}（已满）"`, groupMessage(""),
			act("robot.modify.group.name", i, `{"groupId":"R:10696052725010172","newName":"产品体验群①（已满）"}`)},
		"a group made of people": {`create_group: {members: ["{{sender.id}}", 9007199254740993], name: 服务群}`, privateMessage(""),
			act("robot.create.group", q, `{"friends":[7881302985963919,9007199254740993],"name":"服务群"}`)},
		"an announcement": {`announce: 大家好 {{sender.name}}`, groupMessage(""),
			act("robot.set.group.announcement", u, `{"groupId":"R:10696052725010172","isAll":0,"notice":"大家好 张三👋"}`)},
		"an announcement for everybody": {`announce: {text: 维护, notify_all: true, allow_mention_all: true, group: "R:1", delivery: at_least_once}`, friendRequest(),
			act("robot.set.group.announcement", i, `{"groupId":"R:1","isAll":1,"notice":"维护"}`)},
		"any command, with exact numbers": {`command: {type: chat.heart, fields: {id: 18446744073709551615, big: 123456789012345678901234567890, "1": [1.0, 1e3, 0x10, 007, ~, no, true]}}`, robotOffline(),
			act("chat.heart", u, `{"id":18446744073709551615,"big":123456789012345678901234567890,"1":[1.0,1e3,"0x10","007",null,"no",true]}`)},
		"any message": {`command: {type: message.file, fields: {fileName: "https://example.com/{{chat.name}}.pdf"}}`, groupMessage(""),
			msg("message.file", "S:1688850285583026_R:10696052725010172", `{"fileName":"https://example.com/产品体验群①.pdf"}`)},
		"this chat is read": {`mark_read`, groupMessage(""),
			act("rest.mark_read", i, `{"chatId":"S:1688850285583026_R:10696052725010172"}`)},
		"all contacts anew": {`sync_contacts`, robotOffline(), act("rest.sync_contacts", i, `{"robotKey":"cfb3e2c2","syncType":0}`)},
		"some contacts of another robot": {`sync_contacts: {what: departments, robot: e8ef2eea}`, robotOffline(),
			act("rest.sync_contacts", i, `{"robotKey":"e8ef2eea","syncType":4}`)},
		"settings for groups of several robots": {`copy_group_settings: {from: "R:1736038911", from_robot: c59640291cbd, to: {d50059bf: ["R:10696052725018269", "R:10696052725018261"], 42fb402a: "R:1736053432"}, modules: [welcome, auto_reply, welcome]}`, robotOffline(),
			act("rest.copy_group_settings", i, `{"chatroom":["R:10696052725018269;R:10696052725018261","R:1736053432"],"g":"R:1736038911","module":["WELCOME_NEW_MEMBER","PERIOD_AUTO_REPLY"],"r":"c59640291cbd","robotKey":["d50059bf","42fb402a"]}`)},
		"settings for one's own groups": {`copy_group_settings: {from: "R:1", to: "R:2", modules: keyword_reply}`, groupMessage(""),
			act("rest.copy_group_settings", i, `{"chatroom":["R:2"],"g":"R:1","module":["GROUP_KEYWORD_REPLY"],"r":"cfb3e2c2","robotKey":["cfb3e2c2"]}`)},
		"a broadcast at once": {`broadcast: {name: 通知, to: ["R:10696051755024720"], messages: {text: 今晚维护}}`, groupMessage(""),
			act("rest.broadcast", u, `{"name":"通知","taskType":"1","commandType":"wxwork.robot.batch.send","taskRule":"1","suitCount":12,"perSuitSecond":45,"perSuitSecondUpper":60,"taskData":{"contents":[{"msgType":1,"content":"今晚维护"}],"acceptTarget":[{"robotKey":"cfb3e2c2","chatUser":["R:10696051755024720"]}],"isGroupChat":"2"}}`)},
		"a broadcast of everything, later": {`broadcast: {name: 通知, robot: f16096ca, to: [1, 2, 1], start: 2026-03-02 10:00, pace: 50s..90s, batch: 1, messages: [{image: "https://example.com/a.png"}, {file: "https://example.com/a.pdf"}, {link: {title: 看, url: "https://example.com", description: 好看, cover: "https://example.com/c.png"}}, {miniprogram: {title: 微信读书, content: 向上生长, sender: 凯撒, avatar: "https://example.com/0", logo: "https://example.com/96"}}]}`, robotOffline(),
			act("rest.broadcast", u, `{"name":"通知","taskType":"1","startTime":1772416800000,"commandType":"wxwork.robot.batch.send","taskRule":"2","suitCount":1,"perSuitSecond":50,"perSuitSecondUpper":90,"taskData":{"contents":[`+
				`{"msgType":3,"content":"https://example.com/a.png"},{"msgType":49,"content":"https://example.com/a.pdf"},`+
				`{"msgType":16,"appType":1,"link":"https://example.com","title":"看","description":"好看","coverImgFile":"https://example.com/c.png"},`+
				`{"msgType":78,"content":"向上生长","title":"微信读书","senderName":"凯撒","senderHeadImg":"https://example.com/0","logo":"https://example.com/96"}],`+
				`"acceptTarget":[{"robotKey":"f16096ca","chatUser":["1","2"]}],"isGroupChat":"1"}}`)},
		"a broadcast every week": {`broadcast: {name: 通知, to: "R:1", messages: {text: 早}, time: "09:30", days: [mon, fri], delivery: at_least_once}`, robotOffline(),
			act("rest.broadcast", i, `{"name":"通知","taskType":"2","execStartTime":"09:30","weekday":["MON","FRI"],"commandType":"wxwork.robot.batch.send","taskRule":"1","suitCount":12,"perSuitSecond":45,"perSuitSecondUpper":60,"taskData":{"contents":[{"msgType":1,"content":"早"}],"acceptTarget":[{"robotKey":"cfb3e2c2","chatUser":["R:1"]}],"isGroupChat":"2"}}`)},
		"who is admin here":             {`lookup: {admins: true, as: boss}`, groupMessage(""), act("robot.conv.admins", i, `{"conversationId":"R:10696052725010172"}`)},
		"who is admin elsewhere":        {`lookup: {admins: "R:1", as: boss}`, robotOffline(), act("robot.conv.admins", i, `{"conversationId":"R:1"}`)},
		"what is known of contacts":     {`lookup: {contacts: ["{{sender.id}}", "R:1", 18446744073709551615], as: who}`, groupMessage(""), act("robot.contacts.inquiry", i, `{"contacts":[7881302985963919,"R:1",18446744073709551615]}`)},
		"what is known of the group":    {`lookup: {group: true, as: here}`, memberJoin(), act("rest.group", i, `{"robotKey":"cfb3e2c2","conversationId":"R:10696052725010172"}`)},
		"who is in another group":       {`lookup: {members: "R:1", as: people}`, robotOffline(), act("rest.group_members", i, `{"robotKey":"cfb3e2c2","conversationId":"R:1","status":1}`)},
		"which tags there are":          {`lookup: {tags: true, as: labels}`, robotOffline(), act("robot.tags.sync", i, `{}`)},
		"a name for it may be Chinese":  {`lookup: {admins: "R:1", as: 群管理}`, robotOffline(), act("robot.conv.admins", i, `{"conversationId":"R:1"}`)},
		"a message may be sent by vars": {`send: {to: "{{vars.staff}}", text: 好}`, robotOffline(), msg("message.text", staff, `{"contentType":1,"content":"好"}`)},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if !strings.Contains(tt.step, ":") {
				tt.step += ":"
			}
			if diff := cmp.Diff(tt.want, *plan(t, tt.step, tt.ev).Command); diff != "" {
				t.Errorf("command (-want +got):\n%s", diff)
			}
		})
	}
}

func TestAnotherRobotOfTheAccountMaySend(t *testing.T) {
	c := plan(t, `send: {robot: e8ef2eea, to: "S:1688853470427542_780000919", text: "{{robot.name}} {{robot.status}}"}`, robotOffline()).Command
	if c.Robot != "e8ef2eea" || c.Chat != "S:1688853470427542_780000919" || !strings.Contains(string(c.Fields), "小助手 offline") {
		t.Errorf("got %+v", c)
	}
}

func TestAForwardHasOneCommandForEachTarget(t *testing.T) {
	bound := mustBind(t, `forward: ["R:1970325038158435", 780000919, "R:1970325038158435"]`, event.MessageImage)
	env := envFor(imageMessage())
	for attempt, want := range []struct{ chat, fields string }{
		{"S:1688850285583026_R:1970325038158435", `{"msgSvrID":18446744073709551615,"friends":["R:1970325038158435"]}`},
		{"S:1688850285583026_780000919", `{"msgSvrID":18446744073709551615,"friends":["780000919"]}`},
	} {
		env.Attempt = attempt
		effect, err := bound.Plan(env)
		if err != nil {
			t.Fatal(err)
		}
		c := effect.Command
		if c.Chat != want.chat || string(c.Fields) != want.fields || effect.Next != (attempt == 0) || effect.More {
			t.Errorf("target %d: %+v %s", attempt, effect, c.Fields)
		}
		if c.Lane != command.LaneAction || c.Class != command.Verifiable {
			t.Errorf("target %d: lane %s, class %s", attempt, c.Lane, c.Class)
		}
	}
	env.Attempt = 2
	if _, err := bound.Plan(env); err == nil {
		t.Error("a third target was found")
	}
}

func TestAStepForThePlatformThatCannotBeDoneSaysWhy(t *testing.T) {
	unnumbered, homeless := imageMessage(), robotOffline()
	unnumbered.Message.SvrID, homeless.Robot.ID = "", ""
	tests := map[string]struct {
		step string
		ev   *event.Event
		want string
	}{
		"a message without a number to forward":  {`forward: "R:1"`, unnumbered, "plan forward: the message has no msgSvrID to forward it by"},
		"a robot that does not know its own id":  {`send: {to: "R:1", text: 好}`, homeless, "plan send: the robot's own id is not known"},
		"another robot's chat":                   {`send: {to: "S:1688853470427542_R:1", text: 好}`, robotOffline(), "plan send: the chat belongs to another robot"},
		"another robot's chat, as any message":   {`command: {type: message.text, chat: "S:1688853470427542_R:1", fields: {content: 好}}`, robotOffline(), "plan command: the chat belongs to another robot"},
		"a number that is none":                  {`add_friend: "{{text}}"`, groupMessage("１３８００１３８０００"), "plan add_friend: phone: not a mobile number"},
		"no number at all":                       {`add_friend: "{{text}}"`, groupMessage(""), "plan add_friend: phone: not a mobile number"},
		"an admin that is none":                  {`set_admins: {add: "{{sender.name}}"}`, groupMessage(""), "plan set_admins: add: not a person's id"},
		"a group that is none":                   {`rename_group: 新名`, privateMessage(""), "plan rename_group: the event did not happen in a group"},
		"a name that gets too long":              {`rename_group: "{{text}}"`, groupMessage(strings.Repeat("长", 31)), "plan rename_group: name is longer than a group's name may be"},
		"a name that comes out empty":            {`rename_group: "{{text}}"`, groupMessage(" "), "plan rename_group: name is empty after rendering"},
		"a member who is none":                   {`create_group: {members: "{{text}}"}`, groupMessage("张三"), "plan create_group: members: not a person's id"},
		"an announcement that comes out empty":   {`announce: "{{text}}"`, groupMessage(""), "plan announce: text is empty after rendering"},
		"a contact who is none":                  {`lookup: {contacts: "{{text}}", as: who}`, groupMessage("张三"), "plan lookup: contacts: not the id of a person or a group"},
		"admins of no group":                     {`lookup: {admins: true, as: who}`, privateMessage(""), "plan lookup: the event did not happen in a group"},
		"a broadcast of nothing":                 {`broadcast: {name: 通知, to: "R:1", messages: {text: "{{text}}"}}`, groupMessage(""), "plan broadcast: text is empty after rendering"},
		"a mini program of nobody":               {`broadcast: {name: 通知, to: "R:1", messages: {miniprogram: {title: 读书, content: 好, sender: "{{text}}"}}}`, groupMessage(""), "plan broadcast: sender is empty after rendering"},
		"a field that cannot be computed":        {`command: {type: robot.info.modify, fields: {a: {b: ["{{int(text)}}"]}}}`, groupMessage("退款"), "plan command: a: b: value: evaluate expression at character 3: the values cannot be used like this here"},
		"a remark for nobody":                    {`remark: 好`, &event.Event{Kind: event.FriendRequest}, "plan remark: the event names no person"},
		"a card whose cover gets a query string": {`send: {to: "R:1", link: {title: 看, url: "https://example.com", cover: "https://example.com/{{text}}"}}`, groupMessage("a?b"), "plan send: cover: the address has a query string, which the platform does not take"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := mustBind(t, tt.step, tt.ev.Kind).Plan(envFor(tt.ev))
			if err == nil || err.Error() != tt.want {
				t.Errorf("got %v, want %s", err, tt.want)
			}
		})
	}
}

func TestOnlyALookupIsKnownByAName(t *testing.T) {
	look := mustBind(t, `lookup: {members: true, as: people}`, event.MessageText).Looks()
	if look == nil || look.As != "people" || look.Shape != expression.ShapeMembers {
		t.Errorf("got %+v", look)
	}
	if look := mustBind(t, `reply: 好`, event.MessageText).Looks(); look != nil {
		t.Errorf("got %+v", look)
	}
}
