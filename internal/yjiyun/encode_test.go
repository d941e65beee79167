package yjiyun

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"botengine/internal/command"
	"botengine/internal/event"
)

var sendAt = time.UnixMilli(1585024550000)

const sendToken = "eaa9c935b5b27c231a8b0c323feb1361"

func TestCommandsLookAsTheDocumentShowsThem(t *testing.T) {
	const tail = `"chatId":"S:1688853470427542_1688853470829406","messageId":"2020030216285000000002","robotKey":"k","timestamp":1585024550000,"token":"` + sendToken + `"}`
	const head = `"robotKey":"k","messageId":"2020030216285000000002","timestamp":1585024550000,"token":"` + sendToken + `"`
	cases := []struct {
		sentence, typ, fields, event, want string
	}{
		{"a text with mentions (§3.4)", command.MessageText, `{"content":"123","atUserList":"780000919,780000966"}`, "message",
			`{"message":{"contentType":1,"content":"123","atUserList":"780000919,780000966"},` + tail},
		{"a text in Chinese with emoji, quotes and angle brackets", command.MessageText, `{"content":"您好，<b>\"3‑1\"</b> 👨‍👩‍👧 \\ &"}`, "message",
			`{"message":{"contentType":1,"content":"您好，<b>\"3‑1\"</b> 👨‍👩‍👧 \\ &"},` + tail},
		{"a picture (§3.5)", command.MessageImage, `{"pic":"http://media.yjiyun.com/xxx.png"}`, "message",
			`{"message":{"contentType":7,"pic":"http://media.yjiyun.com/xxx.png"},` + tail},
		{"a link card (§3.6)", command.MessageLink, `{"title":"链接标题","link":"https://www.yjiyun.com/community/group.html","description":"链接描述内容","coverImgFile":"https://media.yjiyun.com/xxx.png"}`, "message",
			`{"message":{"contentType":13,"title":"链接标题","link":"https://www.yjiyun.com/community/group.html","description":"链接描述内容","coverImgFile":"https://media.yjiyun.com/xxx.png"},` + tail},
		{"a file (§3.10)", command.MessageFile, `{"fileName":"http://media.yjiyun.com/xxx.xls"}`, "message",
			`{"message":{"contentType":8,"fileName":"http://media.yjiyun.com/xxx.xls"},` + tail},
		{"a video (§3.24)", command.MessageVideo, `{"fileName":"http://media.yjiyun.com/xxx.MP4"}`, "message",
			`{"message":{"contentType":5,"fileName":"http://media.yjiyun.com/xxx.MP4"},` + tail},
		{"a content type that came with the fields gives way to the command's", command.MessageText, `{"contentType":78,"content":"1"}`, "message",
			`{"message":{"contentType":1,"content":"1"},` + tail},
		{"a forward, its number as it is (§3.7)", "robot.message.forward", `{"msgSvrID": 1058842, "friends": ["1688853470829406", "R:1970325038158435"]}`, "action",
			`{"type":"robot.message.forward",` + head + `,"msgSvrID":1058842,"friends":["1688853470829406","R:1970325038158435"]}`},
		{"an accepted friend (§3.8)", "robot.accept.friend.request", `{"friendWxid":"780000919"}`, "action",
			`{"type":"robot.accept.friend.request",` + head + `,"friendWxid":"780000919"}`},
		{"tags (§3.11)", "robot.cust.tags", `{"userId":"7881302985963919","tags":["14073751575621261"],"erasingTags":[]}`, "action",
			`{"type":"robot.cust.tags",` + head + `,"userId":"7881302985963919","tags":["14073751575621261"],"erasingTags":[]}`},
		{"a command without fields (§3.12)", "robot.tags.sync", ``, "action", `{"type":"robot.tags.sync",` + head + `}`},
		{"an invitation with ids as numbers (§3.18)", "robot.invite.friends.join.group", `{"groupId":"R:1","friends":[14073751575621261,18446744073709551615]}`, "action",
			`{"type":"robot.invite.friends.join.group",` + head + `,"groupId":"R:1","friends":[14073751575621261,18446744073709551615]}`},
		{"a command the engine does not know", "robot.brand.new", `{"甲":{"b":[1.50,null]}}`, "action",
			`{"type":"robot.brand.new",` + head + `,"甲":{"b":[1.50,null]}}`},
		{"a kick as inferred", "robot.delete.group.members", `{"groupId":"R:1","friends":["1"]}`, "action",
			`{"type":"robot.delete.group.members",` + head + `,"groupId":"R:1","friends":["1"]}`},
		{"a kick in our own words", "robot.delete.group.members", `{"group":"R:1","members":["1"]}`, "action",
			`{"type":"robot.delete.group.members",` + head + `,"groupId":"R:1","friends":["1"]}`},
	}
	for _, c := range cases {
		t.Run(c.sentence, func(t *testing.T) {
			cmd := command.Command{MessageID: "2020030216285000000002", Robot: "k", Type: c.typ, Lane: command.LaneAction, Fields: json.RawMessage(c.fields)}
			if c.event == EventMessage {
				cmd.Lane, cmd.Chat = command.LaneChat, "S:1688853470427542_1688853470829406"
			}
			name, got, err := Encode(cmd, sendAt, sendToken, nil)
			if err != nil {
				t.Fatal(err)
			}
			if name != c.event || string(got) != c.want {
				t.Errorf("got  %s %s\nwant %s %s", name, got, c.event, c.want)
			}
			if !json.Valid(got) {
				t.Error("not JSON")
			}
		})
	}
}

func TestACorrectionRenamesOnlyTheInferredCommand(t *testing.T) {
	overrides := Overrides{
		"kick":         {Type: "robot.remove.members", Fields: map[string]string{"group": "conversationId", "members": "userIds"}},
		"create_group": {Fields: map[string]string{"friends": "userIds"}},
		"remark":       {Type: "robot.remark"},
	}
	if err := overrides.Check(); err != nil {
		t.Fatal(err)
	}
	cases := []struct{ sentence, typ, fields, want string }{
		{"a kick is renamed, from the inferred names", "robot.delete.group.members", `{"groupId":"R:1","friends":["1"],"extra":1}`, `"robot.remove.members" {"conversationId":"R:1","userIds":["1"],"extra":1}`},
		{"a kick is renamed, from our words", "robot.delete.group.members", `{"group":"R:1","members":["1"]}`, `"robot.remove.members" {"conversationId":"R:1","userIds":["1"]}`},
		{"a field may be named by the inferred name", "robot.create.group", `{"friends":["1"],"name":"群"}`, `"robot.create.group" {"userIds":["1"],"name":"群"}`},
		{"fields that are not corrected stay as inferred", "robot.modify.friend.remark", `{"user":"1","remark":"红儿","description":"哈哈哈"}`, `"robot.remark" {"userId":"1","realRemarks":"红儿","remarks":"哈哈哈"}`},
		{"another command with the same fields is left alone", "robot.invite.friends.join.group", `{"groupId":"R:1","friends":[1]}`, `"robot.invite.friends.join.group" {"groupId":"R:1","friends":[1]}`},
	}
	for _, c := range cases {
		t.Run(c.sentence, func(t *testing.T) {
			cmd := tagCommand(json.RawMessage(c.fields))
			cmd.Type = c.typ
			_, got, err := Encode(cmd, sendAt, sendToken, overrides)
			if err != nil {
				t.Fatal(err)
			}
			var frame struct{ Type json.RawMessage }
			if err := json.Unmarshal(got, &frame); err != nil {
				t.Fatal(err)
			}
			_, own, _ := strings.Cut(string(got), `"token":"`+sendToken+`",`)
			if got := string(frame.Type) + " {" + own; got != c.want {
				t.Errorf("got %s, want %s", got, c.want)
			}
		})
	}
}

func TestInferredCommandsAreKnownAsSuch(t *testing.T) {
	for _, typ := range []string{"robot.delete.group.members", "robot.modify.friend.remark", "robot.create.group"} {
		if !Inferred(typ) {
			t.Errorf("%s is a guess and not known as one", typ)
		}
	}
	if Inferred("robot.cust.tags") || Inferred("") {
		t.Error("a documented command counts as a guess")
	}
}

func TestACorrectionThatCannotWorkIsSaid(t *testing.T) {
	cases := map[string]Overrides{
		`command "kik" cannot be corrected: only create_group, kick, remark can`: {"kik": {}},
		`command kick: field group cannot be named ""`:                           {"kick": {Fields: map[string]string{"group": ""}}},
		`command kick: field members cannot be named "token"`:                    {"kick": {Fields: map[string]string{"group": "g", "members": "token"}}},
		`command kick: it has no field "grup": its fields are group, members`:    {"kick": {Fields: map[string]string{"grup": "g"}}},
		`command kick: fields group and members cannot both be named "g"`:        {"kick": {Fields: map[string]string{"group": "g", "members": "g"}}},
	}
	for want, overrides := range cases {
		if err := overrides.Check(); err == nil || err.Error() != want {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}

func TestACommandThatCannotBeEncodedWasNotSent(t *testing.T) {
	good := func() command.Command {
		return command.Command{MessageID: "1", Robot: "k", Type: command.MessageText, Lane: command.LaneChat, Chat: "S:1_2", Fields: json.RawMessage(`{"content":"机密CANARY"}`)}
	}
	cases := []struct {
		sentence string
		token    string
		change   func(*command.Command)
	}{
		{"its messageId is longer than the platform takes", "t", func(c *command.Command) { c.MessageID = strings.Repeat("9", 33) }},
		{"it has no messageId", "t", func(c *command.Command) { c.MessageID = "" }},
		{"it has no robot", "t", func(c *command.Command) { c.Robot = "" }},
		{"it has no type", "t", func(c *command.Command) { c.Type = "" }},
		{"there is no token", "", func(*command.Command) {}},
		{"it is a request", "t", func(c *command.Command) { c.Type = command.RequestPrefix + "broadcast" }},
		{"its type of message does not exist", "t", func(c *command.Command) { c.Type = "message.voice" }},
		{"an action waits in a chat's lane", "t", func(c *command.Command) { c.Type = "robot.cust.tags" }},
		{"its chat is a peer", "t", func(c *command.Command) { c.Chat = "R:1736442911" }},
		{"its fields are a list", "t", func(c *command.Command) { c.Fields = json.RawMessage(`["CANARY"]`) }},
		{"its fields break off", "t", func(c *command.Command) { c.Fields = json.RawMessage(`{"content":"CANARY`) }},
		{"its fields are two objects", "t", func(c *command.Command) { c.Fields = json.RawMessage(`{} {"content":"CANARY"}`) }},
		{"an action sets the token itself", "t", func(c *command.Command) {
			c.Type, c.Lane, c.Fields = "robot.cust.tags", command.LaneAction, json.RawMessage(`{"token":"CANARY"}`)
		}},
		{"an action sets a field twice", "t", func(c *command.Command) {
			c.Type, c.Lane, c.Fields = "robot.cust.tags", command.LaneAction, json.RawMessage(`{"userId":"CANARY","userId":"2"}`)
		}},
		{"two fields get one name", "t", func(c *command.Command) {
			c.Type, c.Lane, c.Fields = "robot.create.group", command.LaneAction, json.RawMessage(`{"members":["1"],"friends":["CANARY"]}`)
		}},
	}
	for _, c := range cases {
		t.Run(c.sentence, func(t *testing.T) {
			cmd := good()
			c.change(&cmd)
			_, payload, err := Encode(cmd, sendAt, c.token, nil)
			if !errors.Is(err, command.ErrNotSent) || payload != nil {
				t.Fatalf("got %s and error %v", payload, err)
			}
			if errors.Is(err, command.ErrInvalid) != (c.token != "") {
				t.Errorf("only a token can be there the next time: %v", err)
			}
			if strings.Contains(err.Error(), "CANARY") {
				t.Errorf("the error holds a field's value: %v", err)
			}
		})
	}
	if _, _, err := Encode(good(), sendAt, "t", nil); err != nil {
		t.Fatalf("the command that is right: %v", err)
	}
}

func TestTheLongestMessageIDIsTheOneTheEngineMakes(t *testing.T) {
	id := command.MessageID(sendAt, command.Key("m/k/1", "faq", "1", ""))
	cmd := tagCommand(nil)
	cmd.MessageID = id
	if _, _, err := Encode(cmd, sendAt, sendToken, nil); err != nil || len(id) != MaxMessageID {
		t.Fatalf("id %s of %d characters: %v", id, len(id), err)
	}
}

// What a robot sends comes back as the same message: the echo that settles it.
func TestASentTextComesBackAsItsOwnEcho(t *testing.T) {
	cmd := command.Command{MessageID: "20200324043550000000000000000001", Robot: "k", Type: command.MessageText, Lane: command.LaneChat,
		Chat: event.ChatID("1688853440227542", "R:1736442911"), Fields: json.RawMessage(`{"content":"您好 👋","atUserList":"780000919"}`)}
	_, frame, err := Encode(cmd, sendAt, sendToken, nil)
	if err != nil {
		t.Fatal(err)
	}
	var sent map[string]json.RawMessage
	if err := json.Unmarshal(frame, &sent); err != nil {
		t.Fatal(err)
	}
	sent["content"] = sent["message"]
	sent["from"] = json.RawMessage(`{"contactId":"1688853440227542","isSelf":1}`)
	echo, err := json.Marshal(sent)
	if err != nil {
		t.Fatal(err)
	}
	events, err := Decode("main", EventMessage, echo, received)
	if err != nil {
		t.Fatal(err)
	}
	ev := events[0]
	if !ev.IsEcho() || ev.ID != cmd.MessageID || ev.Chat.ID != cmd.Chat || !ev.Chat.Group || ev.Message.Text != "您好 👋" || ev.Message.At[0] != "780000919" {
		t.Errorf("got %+v", ev)
	}
}
