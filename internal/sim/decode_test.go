package sim

import (
	"testing"
	"time"

	"botengine/internal/event"
	"botengine/internal/yjiyun"
)

// TestEveryPushIsReadAsWhatItIs: the project's decoder and this server read one document, each in its own words.
func TestEveryPushIsReadAsWhatItIs(t *testing.T) {
	s := Launch(t, Options{})
	_, events, _ := engineClient(t, s, 0)
	next := func(name string) event.Event {
		t.Helper()
		all, err := yjiyun.Decode("demo", name, next(t, events, name), time.Now())
		if err != nil || len(all) != 1 {
			t.Fatalf("%s was read as %v, %v", name, all, err)
		}
		return all[0]
	}
	done := func(_ string, err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	for contentType, kind := range map[int]event.Kind{
		TypeText: event.MessageText, TypeImage: event.MessageImage, TypeFile: event.MessageFile, TypeVideo: event.MessageVideo,
		TypeVoice: event.MessageVoice, TypeLink: event.MessageLink, TypeSticker: event.MessageSticker,
		TypeMiniProgram: event.MessageMiniProgram,
	} {
		done(s.SayContent("产品体验群1", "李四", Content{ContentType: contentType, Content: "内容"}))
		chat, message := next("chat"), next("message")
		expect(t, "chat's kind", chat.Kind, event.ChatUpdated)
		expect(t, "chat's peer", chat.Chat.Peer, groupID)
		expect(t, "message's kind", message.Kind, kind)
		expect(t, "sender", message.Sender.ID, lisi)
		expect(t, "sender is the robot", message.IsEcho(), false)
		expect(t, "robot", message.Robot.Key, botKey)
	}
	done(s.Say("产品体验群1", "李四", "@小助手 在吗？", "小助手"))
	expect(t, "mentioned", next("message").Message.MentionsMe, true)
	done(s.SayByHand("小助手", "李四", "我是真人"))
	hand := next("message")
	expect(t, "kind", hand.Kind, event.MessagePhone)
	expect(t, "by the robot's account", hand.IsEcho(), true)
	for range 2 { // once with a number as id, once with a string
		done(s.RequestFriend("小助手", "陈晨", "我是陈晨🙂"))
		request := next("action")
		expect(t, "kind", request.Kind, event.FriendRequest)
		expect(t, "friend", request.Friend.ID, chenchen)
		expect(t, "reason", request.Friend.Reason, "我是陈晨🙂")
	}
	for _, who := range []string{"王五", "陈晨"} {
		if err := s.Join("产品体验群1", who); err != nil {
			t.Fatal(err)
		}
		joined := next("action")
		expect(t, "kind", joined.Kind, event.MemberJoin)
		expect(t, "group", joined.Chat.Peer, groupID)
		expect(t, "member", joined.Members[0].Name, who)
	}
	if err := s.SetRobotStatus("小助手", StatusBanned); err != nil {
		t.Fatal(err)
	}
	for status := event.StatusOnline; status != event.StatusBanned; {
		status = next("chat").Robot.Status
	}
}
