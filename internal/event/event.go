// Package event owns what happened to a robot: the normalised event, its ids as
// strings and the keys by which two deliveries of one event are known as one.
// It refuses to know how an event travelled (that is yjiyun) and what any rule
// makes of it (that is engine).
package event

import (
	"strings"
	"time"
)

// Kind says what happened. Triggers of rules name kinds.
type Kind string

// The kinds of event. A message's kind follows from its contentType (§3.2).
const (
	MessageText        Kind = "message.text"
	MessageImage       Kind = "message.image"
	MessageFile        Kind = "message.file"
	MessageVideo       Kind = "message.video"
	MessageVoice       Kind = "message.voice"
	MessageLink        Kind = "message.link"
	MessageSticker     Kind = "message.sticker"
	MessageMiniProgram Kind = "message.miniprogram"
	MessagePhone       Kind = "message.phone" // text sent by hand on the account's own phone
	MessageOther       Kind = "message.other" // a contentType the document does not name
	FriendRequest      Kind = "friend.request"
	MemberJoin         Kind = "member.join"
	ChatUpdated        Kind = "chat.updated"
	RobotOnline        Kind = "robot.online"  // it can be spoken for again
	RobotOffline       Kind = "robot.offline" // it left, or was kicked out (§2.2, status 2 and 4)
	RobotBanned        Kind = "robot.banned"  // it may not log in (§2.2, status 3)
	Result             Kind = "result"        // what became of a command
	Timer              Kind = "timer"         // a waiting run is due
	Schedule           Kind = "schedule"      // the time of a rule's schedule has come, for a robot
	ScheduleChat       Kind = "schedule.chat" // the same, for one chat of a robot
	Start              Kind = "start"         // the engine has started, for a robot
	RuleFired          Kind = "rule.fired"    // a rule has fired
	Emitted            Kind = "emit"          // a rule's step made it
)

// IsMessage reports whether the kind is one of the message kinds.
func (k Kind) IsMessage() bool { return strings.HasPrefix(string(k), "message.") }

// IsRobotStatus reports whether the kind tells of a robot's new status.
func (k Kind) IsRobotStatus() bool { return k == RobotOnline || k == RobotOffline || k == RobotBanned }

// IsSchedule reports whether the kind is a schedule's: for a robot, or for a chat.
func (k Kind) IsSchedule() bool { return k == Schedule || k == ScheduleChat }

// Trigger is the name by which rules listen to events of the kind. A result
// concerns rules only when the command failed.
func (k Kind) Trigger() string {
	switch k {
	case Result:
		return "result.failed"
	case ScheduleChat:
		return string(Schedule)
	default:
		return string(k)
	}
}

// Event is one thing that happened to a robot. Every id is a decimal string, or
// has the platform's own prefix ("R:", "S:"); none ever was a float.
type Event struct {
	Kind     Kind      `json:"kind"`
	ID       string    `json:"id,omitempty"` // the platform's messageId; a timer's own key
	Account  string    `json:"account,omitempty"`
	Robot    Robot     `json:"robot"`
	Time     time.Time `json:"time"`     // the platform's clock; Received when it said none
	Received time.Time `json:"received"` // our clock
	From     Origin    `json:"from,omitempty"`

	// Since is, of an inferred event, when it had not happened yet.
	Since time.Time `json:"since,omitzero"`
	// Skew is by how much the platform's clock is ahead of ours, when that is known and
	// too much for chance.
	Skew time.Duration `json:"skew,omitempty"`

	Chat     Chat         `json:"chat,omitzero"`
	Sender   Person       `json:"sender,omitzero"`
	Message  Message      `json:"message,omitzero"`
	Friend   Friend       `json:"friend,omitzero"`
	Members  []Person     `json:"members,omitempty"`
	Result   CommandEnd   `json:"result,omitzero"`
	Hash     string       `json:"hash,omitempty"` // of the canonical payload; the key of an event without an id
	Timer    TimerPayload `json:"timer,omitzero"`
	Cause    Cause        `json:"cause,omitzero"` // of a derived event, and of our own message
	Schedule Occasion     `json:"schedule,omitzero"`
}

// Robot is the robot an event happened to, as known when it was taken in.
type Robot struct {
	Key    string `json:"key"`          // robotKey (§2.2)
	ID     string `json:"id,omitempty"` // its wxid, the id it has as a person
	Name   string `json:"name,omitempty"`
	Status Status `json:"status,omitempty"`
}

// Status is a robot's robotStatus (§2.2).
type Status int

// The values of robotStatus. StatusUnknown is ours: the platform has not said yet.
const (
	StatusInitial Status = 0
	StatusOnline  Status = 1
	StatusOffline Status = 2
	StatusBanned  Status = 3
	StatusKicked  Status = 4
	StatusUnknown Status = -1
)

// Chat is the conversation an event happened in.
type Chat struct {
	ID    string `json:"id,omitempty"`   // S:<robot's wxid>_<peer>
	Peer  string `json:"peer,omitempty"` // a userId, or a group's R:<id>
	Name  string `json:"name,omitempty"`
	Group bool   `json:"group,omitempty"`

	// Of a group, what is known of it when the event is taken in: see Group. Without
	// Known the others say nothing.
	Known     bool     `json:"known,omitempty"`
	Owner     string   `json:"owner,omitempty"`
	OwnerName string   `json:"owner_name,omitempty"`
	Size      int      `json:"size,omitempty"`
	Labels    []string `json:"labels,omitempty"` // beside those that the rules give it themselves; the platform has none
}

// ChatID builds the platform's id of the chat between a robot and a peer.
func ChatID(robotID, peer string) string { return "S:" + robotID + "_" + peer }

// SplitChatID takes a chat id apart; ok is false for anything of another shape.
func SplitChatID(id string) (robotID, peer string, ok bool) {
	rest, found := strings.CutPrefix(id, "S:")
	if !found {
		return "", "", false
	}
	robotID, peer, ok = strings.Cut(rest, "_")
	return robotID, peer, ok && robotID != "" && peer != ""
}

// Person is someone the event names: a sender or a new member.
type Person struct {
	ID       string `json:"id,omitempty"`
	Name     string `json:"name,omitempty"`
	Avatar   string `json:"avatar,omitempty"`
	Gender   int    `json:"gender,omitempty"`    // 1 male, 2 female, 0 not known
	IsSelf   bool   `json:"is_self,omitempty"`   // the robot itself
	IsRobot  bool   `json:"is_robot,omitempty"`  // a robot of this account, itself included
	IsMember bool   `json:"is_member,omitempty"` // spoke as a member of a group
	IsStaff  bool   `json:"is_staff,omitempty"`  // on the rules' list `staff`
}

// Message is the content of a message event.
type Message struct {
	SvrID       string   `json:"svr_id,omitempty"` // msgSvrID, what forwarding needs (§3.7)
	ContentType int      `json:"content_type,omitempty"`
	Text        string   `json:"text,omitempty"`
	URL         string   `json:"url,omitempty"` // of the picture, the file, the video or the link
	FileName    string   `json:"file_name,omitempty"`
	At          []string `json:"at,omitempty"`
	MentionsMe  bool     `json:"mentions_me,omitempty"`
	Link        Link     `json:"link,omitzero"`
}

// Link is a link card (§3.6).
type Link struct {
	Title       string `json:"title,omitempty"`
	URL         string `json:"url,omitempty"`
	Description string `json:"description,omitempty"`
	Cover       string `json:"cover,omitempty"`
}

// Friend is the person behind a friend request (§3.8).
type Friend struct {
	ID      string `json:"id,omitempty"`
	Name    string `json:"name,omitempty"`
	Reason  string `json:"reason,omitempty"`
	Avatar  string `json:"avatar,omitempty"`
	Remarks string `json:"remarks,omitempty"`
	Gender  int    `json:"gender,omitempty"`
}

// CommandEnd is what became of a command: the platform's result or echo, or our
// own verdict on one whose answer never came.
type CommandEnd struct {
	Type      string `json:"type,omitempty"` // the command's type, "message" for an echo
	MessageID string `json:"message_id,omitempty"`
	Code      string `json:"code,omitempty"` // CodeOK, the platform's number, or one of our words
	Msg       string `json:"msg,omitempty"`
	Payload   []byte `json:"payload,omitempty"` // the result object as it came, when it is of use
	// Who asked for the command; the engine knows, the platform does not.
	Rule string `json:"rule,omitempty"`
	Step string `json:"step,omitempty"`
}

// The codes of a command's end. Those in words are ours: the platform gave none.
const (
	CodeOK      = "0"
	CodeTimeout = "timeout" // no result in time, and it may be given up safely
	CodeUnknown = "unknown" // it may or may not have happened; a person decides
	CodeExpired = "expired" // its time was over before it could be sent
	CodeInvalid = "invalid" // it could not even be built or sent

	CodeTakenOver = "taken_over" // held back: a person was answering in its chat
	CodePaused    = "paused"     // held back: its chat, its robot or everything was paused
)

// IsHeldBack reports whether a code says that a command was held back on purpose
// right before it would have left: nothing happened, and nothing went wrong.
func IsHeldBack(code string) bool { return code == CodeTakenOver || code == CodePaused }

// TimerPayload names the run a timer wakes.
type TimerPayload struct {
	Run string `json:"run,omitempty"`
}
