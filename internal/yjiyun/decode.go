package yjiyun

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"strings"
	"time"

	"botengine/internal/event"
)

// The names of the platform's events, in both directions (§3.0).
const (
	EventMessage = "message"
	EventChat    = "chat"
	EventAction  = "action"
)

// The types of the actions that tell of something new; every other type is the
// result of a command.
const (
	typeFriendRequest  = "robot.on.new.friend.request"
	typeMembersChanged = "robot.group.members.changed"
	typeHeartbeat      = "chat.heart" // the document's example of a type (§3.0); it means nothing
)

// maxResult is the most bytes of a result that are kept with its event.
const maxResult = 1 << 20

// Decode makes events of one frame: name is the Socket.IO event, payload its
// one object, received the moment it came. The events do not share memory with
// the payload. A frame may mean nothing (a heartbeat, a change of members that
// nobody joined): then there are no events and no error.
//
// What only the directory of robots knows is left out: a robot's name and
// status, whether a sender is another robot of the account, and the chat id of a
// group whose action names the group alone. Robot.Status is StatusUnknown except
// for a chat frame that says it.
//
// The error is a *MalformedError, which says what was wrong without the frame's
// text: such frames are counted and dropped.
func Decode(account, name string, payload []byte, received time.Time) ([]event.Event, error) {
	decode, ok := decoders[name]
	if !ok {
		return nil, &MalformedError{Reason: ReasonUnknownEvent}
	}
	events, err := decode(payload, event.Event{
		Account:  account,
		Robot:    event.Robot{Status: event.StatusUnknown},
		Time:     received,
		Received: received,
	})
	if err != nil {
		return nil, err
	}
	for i := range events {
		if !needsHash(&events[i]) {
			continue
		}
		if events[i].Hash, err = hashOf(payload); err != nil {
			return nil, err
		}
	}
	return events, nil
}

// needsHash reports whether the event's ids alone do not name it: it has none, or
// is a result, of which one command may have several.
func needsHash(ev *event.Event) bool {
	return ev.Kind == event.Result || ev.ID == "" && ev.Message.SvrID == ""
}

var decoders = map[string]func(payload []byte, base event.Event) ([]event.Event, error){
	EventMessage: decodeMessage,
	EventChat:    decodeChat,
	EventAction:  decodeAction,
}

// admit holds a payload to the caps and makes it UTF-8.
func admit(name string, payload []byte) ([]byte, error) {
	if len(payload) > MaxPayload {
		return nil, &MalformedError{Event: name, Reason: ReasonTooLarge}
	}
	payload = valid(payload)
	text, err := canonical(payload)
	if err == nil && text[0] != '{' {
		err = &MalformedError{Reason: ReasonSyntax}
	}
	if refused, ok := errors.AsType[*MalformedError](err); ok {
		refused.Event = name
		return nil, err
	}
	return payload, nil
}

// hashOf is the SHA-256 of a payload's canonical spelling: the key of an event
// that has no id.
func hashOf(payload []byte) (string, error) {
	text, err := canonical(valid(payload))
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:]), nil
}

func decodeMessage(payload []byte, ev event.Event) ([]event.Event, error) {
	var f messageFrame
	if !f.read(payload) {
		var err error
		if f, _, err = carefully[messageFrame](EventMessage, payload); err != nil {
			return nil, err
		}
	}
	switch {
	case f.RobotKey == "":
		return nil, missing(EventMessage, "robotKey")
	case f.ChatID == "":
		return nil, missing(EventMessage, "chatId")
	case f.Content == nil:
		return nil, missing(EventMessage, "content")
	}
	robotID, chat := chatOf(f.ChatID, f.ChatUser, f.ChatName, f.IsGroupChat)
	if chat.Peer == "" {
		return nil, missing(EventMessage, "chatUser")
	}
	ev.Kind = kindOf(f.Content.ContentType)
	ev.ID = string(f.MessageID)
	ev.Robot.Key, ev.Robot.ID = string(f.RobotKey), robotID
	ev.Time = f.Timestamp.Time(ev.Received)
	ev.Chat = chat
	ev.Sender = f.From.person(robotID, ev.Kind)
	ev.Message = f.Content.message(robotID)
	ev.Message.SvrID = string(f.MsgSvrID)
	return []event.Event{ev}, nil
}

// chatOf reads a conversation; the peer may be told by the chat's id alone, as
// in the sample of §3.2.
func chatOf(id, user ID, name Text, group Number) (robotID string, chat event.Chat) {
	robotID, peer, _ := event.SplitChatID(string(id))
	if user != "" {
		peer = string(user)
	}
	return robotID, event.Chat{
		ID:    string(id),
		Peer:  peer,
		Name:  string(name),
		Group: group == 1 || isGroup(peer),
	}
}

// isGroup reports whether a conversation is a group's: only those have ids with
// this prefix.
func isGroup(peer string) bool { return strings.HasPrefix(peer, "R:") }

func decodeChat(payload []byte, ev event.Event) ([]event.Event, error) {
	var f chatFrame
	if !f.read(payload) {
		var err error
		if f, _, err = carefully[chatFrame](EventChat, payload); err != nil {
			return nil, err
		}
	}
	if f.ChatID == "" {
		return nil, missing(EventChat, "chatId")
	}
	robotID, chat := chatOf(f.ChatID, f.ChatUser, f.ChatName, f.IsGroupChat)
	if robotID == "" {
		robotID = string(f.BotInfo.WxID)
	}
	if f.BotInfo.RobotKey == "" && robotID == "" { // the sample of §3.3 has the wxid alone
		return nil, missing(EventChat, "botInfo.robotKey")
	}
	ev.Kind = event.ChatUpdated
	ev.Robot.Key, ev.Robot.ID, ev.Robot.Name = string(f.BotInfo.RobotKey), robotID, string(f.BotInfo.NickName)
	if f.BotInfo.RobotStatus != nil {
		ev.Robot.Status = event.Status(f.BotInfo.RobotStatus.Int())
	}
	ev.Time = f.LastMsgActive.Time(ev.Received)
	ev.Chat = chat
	return []event.Event{ev}, nil
}

func decodeAction(payload []byte, ev event.Event) ([]event.Event, error) {
	f, payload, err := readAction(payload)
	if err != nil {
		return nil, err
	}
	switch {
	case f.Type == typeHeartbeat:
		return nil, nil
	case f.RobotKey == "":
		return nil, missing(EventAction, "robotKey")
	case f.Type == "":
		return nil, missing(EventAction, "type")
	}
	ev.ID = string(f.MessageID)
	ev.Robot.Key = string(f.RobotKey)
	ev.Time = f.Timestamp.Time(f.Dts.Time(ev.Received))
	switch f.Type {
	case typeFriendRequest:
		return decodeFriendRequest(payload, ev)
	case typeMembersChanged:
		return decodeMembersChanged(payload, ev)
	default:
		return decodeResult(payload, f, ev)
	}
}

func decodeFriendRequest(payload []byte, ev event.Event) ([]event.Event, error) {
	var f friendRequest
	if err := unmarshal(EventAction, payload, &f); err != nil {
		return nil, err
	}
	if f.UserID == "" {
		return nil, missing(EventAction, "userId")
	}
	ev.Kind = event.FriendRequest
	ev.Friend = event.Friend{
		ID:      string(f.UserID),
		Name:    string(f.Name),
		Reason:  string(f.Reason),
		Avatar:  string(f.WechatImgURL),
		Remarks: string(f.Remarks),
		Gender:  f.Gender.Int(),
	}
	return []event.Event{ev}, nil
}

// decodeMembersChanged tells of those who joined; the frame may name nobody,
// because it is also sent when someone left (§3.22 names new members only).
func decodeMembersChanged(payload []byte, ev event.Event) ([]event.Event, error) {
	var f membersChanged
	if err := unmarshal(EventAction, payload, &f); err != nil {
		return nil, err
	}
	group := firstOf(f.ConversationID, f.Chatroom)
	if group == "" {
		return nil, missing(EventAction, "conversationId")
	}
	if len(f.NewMembers) == 0 {
		return nil, nil
	}
	ev.Kind = event.MemberJoin
	ev.Chat = event.Chat{Peer: string(group), Name: string(firstOf(f.Name, f.GroupNickName)), Group: true}
	for _, m := range f.NewMembers {
		if m.UserID == "" {
			return nil, missing(EventAction, "newMembers.userId")
		}
		ev.Members = append(ev.Members, m.person())
	}
	return []event.Event{ev}, nil
}

func decodeResult(payload []byte, f actionFrame, ev event.Event) ([]event.Event, error) {
	if f.MessageID == "" {
		return nil, missing(EventAction, "messageId")
	}
	ev.Kind = event.Result
	ev.Result = f.end(payload)
	return []event.Event{ev}, nil
}

// ReadEnd reads the result of a command that came as an answer rather than as a
// frame (§2.8). What the answer leaves out stays empty; one that says neither
// code nor OK has the code event.CodeUnknown. The error is a *MalformedError.
func ReadEnd(payload []byte) (event.CommandEnd, error) {
	f, payload, err := readAction(payload)
	if err != nil {
		return event.CommandEnd{}, err
	}
	return f.end(payload), nil
}

// readAction reads what all action frames share; admitted is the payload as UTF-8.
func readAction(payload []byte) (f actionFrame, admitted []byte, err error) {
	if f.read(payload) {
		return f, payload, nil
	}
	return carefully[actionFrame](EventAction, payload)
}

func (f *actionFrame) end(payload []byte) event.CommandEnd {
	end := event.CommandEnd{
		Type:      string(f.Type),
		MessageID: string(f.MessageID),
		Code:      codeOf(string(f.Code), string(f.Msg)),
		Msg:       string(f.Msg),
	}
	if len(payload) <= maxResult {
		end.Payload = bytes.Clone(payload)
	}
	return end
}

// codeOf is the code of a result. One that says nothing but OK in words is a
// success; one that says nothing at all leaves open what happened.
func codeOf(code, msg string) string {
	code = strings.TrimSpace(code)
	switch {
	case IsOK(code), code == "" && IsOK(strings.TrimSpace(msg)):
		return event.CodeOK
	case code == "":
		return event.CodeUnknown
	default:
		return code
	}
}

// IsOK reports whether a code or a message is one of the platform's spellings
// of success ("0", "ok", "OK" and "0K" are all in its document).
func IsOK(code string) bool {
	switch code {
	case "0", "ok", "OK", "Ok", "0K", "0k", "O", "o":
		return true
	default:
		return false
	}
}

// firstOf is the first text that is not empty.
func firstOf[T ~string](texts ...T) T {
	for _, t := range texts {
		if t != "" {
			return t
		}
	}
	return ""
}
