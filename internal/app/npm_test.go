package app

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"botengine/internal/sim"
	"botengine/internal/yjiyun/socket/npmtest"
)

const (
	npmRobot = "cfb3e2c2686d437ab1109cd63b87ea48" // of the demo world, whose requests are answered
	npmChat  = "S:1688853470427542_R:10696051754030138"
)

// message is a frame as the platform writes it.
func message(id, from, name, text string, self int) string {
	return fmt.Sprintf(`{"messageId":%q,"msgSvrID":"9%s","timestamp":%d,"robotKey":%q,"chatId":%q,"chatName":"产品体验群1",
		"chatUser":"R:10696051754030138","isGroupChat":1,"from":{"contactId":%s,"nickName":%q,"isGroupContact":1,"isSelf":%d},
		"content":{"contentType":1,"content":%q}}`, id, id[len(id)-6:], time.Now().UnixMilli(), npmRobot, npmChat, from, name, self, text)
}

// answer does for one command what the platform does, and returns what it was.
func answer(t *testing.T, s *npmtest.Server, e npmtest.Event) string {
	t.Helper()
	var c struct {
		Type, MessageID, RobotKey string
		Message                   struct{ Content, AtUserList string }
	}
	if err := json.Unmarshal(e.Payload, &c); err != nil {
		t.Fatalf("the command %s: %v", e.Payload, err)
	}
	switch {
	case e.Name == "message":
		s.Send("message", message(c.MessageID, `"1688853470427542"`, "小助手", c.Message.Content, 1))
		return "message " + c.Message.Content + " @" + c.Message.AtUserList
	case c.Type == "robot.tags.sync":
		s.Send("action", fmt.Sprintf(`{"type":%q,"messageId":%q,"robotKey":%q,"code":"0","msg":"OK","list":[
			{"labelId":14073751306622333,"name":"售后","isGroupLabel":1,"subLabelList":[{"labelId":14073751575621261,"name":"退款","groupName":"售后","fullName":"售后: 退款"}]},
			{"labelId":14073752027622310,"name":"来源","isGroupLabel":1,"subLabelList":[{"labelId":14073752027622311,"name":"好友申请","groupName":"来源","fullName":"来源: 好友申请"}]}]}`,
			c.Type, c.MessageID, c.RobotKey))
	default:
		s.Send("action", fmt.Sprintf(`{"type":%q,"messageId":%q,"robotKey":%q,"code":"0","msg":"0K"}`, c.Type, c.MessageID, c.RobotKey))
	}
	return c.Type + " " + string(e.Payload)
}

// next answers commands until one begins as wanted.
func next(t *testing.T, s *npmtest.Server, want, with string) {
	t.Helper()
	deadline := time.After(soon)
	for {
		select {
		case e := <-s.Events:
			got := answer(t, s, e)
			if !strings.HasPrefix(got, want) {
				continue
			}
			if !strings.Contains(got, with) {
				t.Fatalf("the server got %s, want it to hold %s", got, with)
			}
			return
		case <-deadline:
			t.Fatalf("the server never got %s", want)
		}
	}
}

// The rules that answer the simulated platform answer real socket.io servers of
// both wire protocols, too.
func TestTheSameRulesAgainstRealSocketIOServers(t *testing.T) {
	for _, version := range []string{"2", "4"} {
		t.Run("socket.io "+version, func(t *testing.T) {
			s := npmtest.Start(t, version, npmtest.Options{})
			platform := serve(t, sim.Options{})
			b := &bench{sim: platform, cfg: settings(t, platform.URL(), s.URL, rulesIn(t, mainRules))}
			b.run(t)
			if token := s.WaitJoined().Get("token"); token == "" {
				t.Error("the handshake carried no token")
			}
			s.Send("message", message("2026030210000000000001", "7881300883888745", "张三", "退 款 怎么办", 0))
			next(t, s, "message 张三，请看退款入口", "@7881300883888745")
			next(t, s, "robot.cust.tags", `"tags":["14073751575621261"]`)
			s.Send("action", fmt.Sprintf(`{"type":"robot.group.members.changed","messageId":"2026030210000000000002","robotKey":%q,
				"conversationId":"R:10696051754030138","name":"产品体验群1","dts":%d,"newMembers":[{"userId":7881300922264508,"userName":"王五","nickName":"王五"}]}`, npmRobot, time.Now().UnixMilli()))
			next(t, s, "message 欢迎 王五 🎉", "")
			s.Send("action", fmt.Sprintf(`{"type":"robot.on.new.friend.request","messageId":"2026030210000000000003","robotKey":%q,"code":"0",
				"reason":"我是陈晨","name":"陈晨","userId":780000919,"gender":2,"isOuterUser":1}`, npmRobot))
			next(t, s, "robot.accept.friend.request", `"friendWxid":"780000919"`)
			next(t, s, "robot.cust.tags", `"tags":["14073752027622311"]`)
			next(t, s, "message 你好，陈晨", "")
		})
	}
}
