package event

import "strconv"

// Keys are the dedupe keys of the event: it was seen if any of them was. A
// message has a second key, by its msgSvrID, because the history may give it
// another messageId; what counts up stands first in it, so that the keys of one
// time lie side by side in a store. Two kinds may have none: a result settles its
// command, which can be done only once, and chat.updated, a state that is only the
// same one again when every field of it is, is known by its hash alone.
func (e *Event) Keys() []string {
	switch {
	case e.Kind == Result, e.Kind == ChatUpdated && e.Hash == "":
		return nil
	case e.Kind.IsRobotStatus():
		return []string{"s/" + e.Robot.Key + "/" + strconv.Itoa(int(e.Robot.Status)) + "/" + strconv.FormatInt(e.Time.UnixMilli(), 10)}
	case e.Kind == MemberJoin && e.From == FromInferred:
		return e.inferredKeys()
	case e.Kind == Timer:
		return []string{"t/" + e.ID}
	case e.Kind.IsMessage():
		return e.messageKeys()
	case e.ID != "":
		return []string{"a/" + e.Robot.Key + "/" + string(e.Kind) + "/" + e.ID}
	default:
		return []string{"a/" + e.Robot.Key + "/" + string(e.Kind) + "/" + e.Hash}
	}
}

// MessageKey is the first key of a message by its id.
func MessageKey(robot, id string) string { return "m/" + robot + "/" + id }

func (e *Event) messageKeys() []string {
	if e.ID != "" && e.Message.SvrID != "" {
		both := "m/" + e.Robot.Key + "/" + e.ID + "v/" + e.Robot.Key + "/" + e.Message.SvrID + "/" + e.Chat.ID
		first := len("m/") + len(e.Robot.Key) + len("/") + len(e.ID)
		return []string{both[:first], both[first:]} // of one piece of memory: there are as many as messages
	}
	keys := make([]string, 0, 1)
	if e.ID != "" {
		keys = append(keys, MessageKey(e.Robot.Key, e.ID))
	}
	if e.Message.SvrID != "" {
		keys = append(keys, "v/"+e.Robot.Key+"/"+e.Message.SvrID+"/"+e.Chat.ID)
	}
	if len(keys) == 0 {
		keys = append(keys, "m/"+e.Robot.Key+"/"+e.Hash)
	}
	return keys
}

// Key is the first of the dedupe keys: the event's name in traces, runs and
// command keys. It is "" for an event that has none.
func (e *Event) Key() string {
	if keys := e.Keys(); len(keys) > 0 {
		return keys[0]
	}
	return ""
}

// IsEcho reports whether the event is the robot's own message coming back: the
// confirmation of a send (§3.4), or a person writing by hand on its phone.
func (e *Event) IsEcho() bool { return e.Kind.IsMessage() && e.Sender.IsSelf }
