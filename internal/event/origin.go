package event

import (
	"strconv"
	"time"
)

// Origin says how we know of an event.
type Origin string

// The origins. What came over the socket, as it happened, needs no word.
const (
	FromLive     Origin = ""
	FromHistory  Origin = "history"  // read later, from the history of its chat (§2.11)
	FromInferred Origin = "inferred" // the platform never told: two lists of members differ (§2.6)
)

// Word is the origin as rules and records spell it.
func (o Origin) Word() string {
	if o == FromLive {
		return "live"
	}
	return string(o)
}

// OfMembers makes the event of people who are on a group's list of members and were
// not on the one before. snapshot is the number of the new list, so that the same
// difference, found twice, is one event for each of them. They joined between since
// and at, when the two lists were read.
func OfMembers(account string, robot Robot, chat Chat, members []Person, snapshot uint64, since, at time.Time) Event {
	return Event{
		Kind: MemberJoin, Account: account, Robot: robot, Chat: chat, Members: members, From: FromInferred,
		ID: strconv.FormatUint(snapshot, 10), Time: at, Received: at, Since: since,
	}
}

// inferredKeys is a key for each member: d/<robot>/<group>/<person>/<snapshot>.
func (e *Event) inferredKeys() []string {
	keys := make([]string, len(e.Members))
	for i := range e.Members {
		keys[i] = "d/" + e.Robot.Key + "/" + e.Chat.Peer + "/" + e.Members[i].ID + "/" + e.ID
	}
	return keys
}

// Age is how old the event is at that time of our clock. The platform's clock is
// compared with itself: where it is known to differ from ours, Skew says by how much.
func (e *Event) Age(now time.Time) time.Duration { return now.Add(e.Skew).Sub(e.Time) }
