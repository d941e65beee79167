package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"regexp"
	"time"

	"botengine/internal/app"
	"botengine/internal/event"
	"botengine/internal/yjiyun"
)

func (c *cli) eventOf(f explainFlags) (event.Event, error) {
	if f.file == "" {
		return textEvent(f), nil
	}
	data, err := c.readFile(f.file)
	if err != nil {
		return event.Event{}, err
	}
	name, payload := frameOf(data)
	events, err := yjiyun.Decode("main", name, payload, time.Now())
	if err != nil {
		return event.Event{}, fmt.Errorf(c.say(
			`%s 不是平台推送的事件，要写它的 JSON 对象，或 ["message", {…}]：%w`,
			`%s is no event of the platform, write its JSON object, or ["message", {…}]: %w`), f.file, err)
	}
	if len(events) == 0 {
		return event.Event{}, fmt.Errorf(c.say("%s 里面没有规则能听到的事件", "%s holds no event that rules could hear"), f.file)
	}
	return withRobot(events[0]), nil
}

// withRobot gives an event that names its robot by key alone the id that the
// engine would know from the robot list: without it nothing can be answered.
func withRobot(ev event.Event) event.Event {
	if ev.Robot.ID == "" {
		ev.Robot.ID = standInRobot
	}
	if ev.Chat.ID == "" && ev.Chat.Peer != "" {
		ev.Chat.ID = event.ChatID(ev.Robot.ID, ev.Chat.Peer)
	}
	return ev
}

// packetHead is what stands before the JSON of a Socket.IO packet as a browser's
// tools show it.
var packetHead = regexp.MustCompile(`^\s*\d+(?:/[^,\[{]*,)?\d*\s*`)

// frameOf takes an event as it was recorded: the object alone, with its name as
// ["message", {…}], or the whole packet.
func frameOf(data []byte) (name string, payload []byte) {
	data = packetHead.ReplaceAll(data, nil)
	var frame []json.RawMessage
	if json.Unmarshal(data, &frame) == nil && len(frame) > 1 && json.Unmarshal(frame[0], &name) == nil {
		return name, frame[1]
	}
	return frameName(data), data
}

func (c *cli) readFile(name string) ([]byte, error) {
	if name == "-" {
		return io.ReadAll(io.LimitReader(c.in, 8<<20))
	}
	return os.ReadFile(name)
}

// frameName says under which Socket.IO event the platform would have sent it.
func frameName(data []byte) string {
	var shape struct {
		Type          string          `json:"type"`
		Content       json.RawMessage `json:"content"`
		LastMsgActive json.RawMessage `json:"lastMsgActive"`
	}
	_ = json.Unmarshal(data, &shape) // what is wrong with it, Decode says
	switch {
	case shape.Type != "" && shape.Content == nil:
		return "action"
	case shape.LastMsgActive != nil && shape.Content == nil:
		return "chat"
	default:
		return "message"
	}
}

// standInRobot is the id of the robot that explanations are about.
const standInRobot = "1688850000000001"

func textEvent(f explainFlags) event.Event {
	const robotID, personID, groupID = standInRobot, "7881300000000001", "R:10696000000000001"
	ev := event.Event{
		Kind: event.MessageText, ID: "explain", Time: time.Now(), Received: time.Now(),
		Robot:   event.Robot{Key: app.StandIn, ID: robotID, Name: "小助手", Status: event.StatusOnline},
		Chat:    event.Chat{ID: event.ChatID(robotID, groupID), Peer: groupID, Name: f.chat, Group: true},
		Sender:  event.Person{ID: personID, Name: f.from, IsMember: !f.private},
		Message: event.Message{ContentType: 1, Text: f.text, MentionsMe: f.mention},
	}
	if f.private {
		ev.Chat = event.Chat{ID: event.ChatID(robotID, personID), Peer: personID, Name: f.from}
	}
	if f.mention {
		ev.Message.At = []string{robotID}
	}
	return ev
}
