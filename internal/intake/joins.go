package intake

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"botengine/internal/event"
	"botengine/internal/state"
)

// joined leaves of a group's new members those that rules have not heard of, and
// remembers them; false when none is left. A member whom the platform told of since
// the list of members before was read is not inferred from the next one; one that
// was inferred a moment ago is not news when the platform tells of it at last.
func (t *taking) joined(tx state.Tx, now time.Time) bool {
	if t.members == nil {
		t.members = t.ev.Members
	}
	t.ev.Members = slices.Clone(t.members) // the transaction may run twice
	t.ev.Members = slices.DeleteFunc(t.ev.Members, func(p event.Person) bool {
		return p.ID != "" && t.knownToJoin(tx, p.ID, now)
	})
	for _, p := range t.ev.Members {
		said := t.ev.From.Word() + " " + strconv.FormatInt(now.UnixMilli(), 10)
		tx.SetFact(joinKey(t.ev, p.ID), []byte(said), now.Add(joinKept))
	}
	return len(t.ev.Members) > 0
}

func (t *taking) knownToJoin(tx state.Tx, person string, now time.Time) bool {
	raw, _, ok := tx.Fact(joinKey(t.ev, person))
	if !ok {
		return false
	}
	how, when, _ := strings.Cut(string(raw), " ")
	ms, err := strconv.ParseInt(when, 10, 64)
	if err != nil {
		return false
	}
	at := time.UnixMilli(ms)
	if t.ev.From == event.FromInferred {
		return !at.Before(t.ev.Since)
	}
	return how == event.FromInferred.Word() && now.Sub(at) < tellsLate
}

// joinKey is in/<robot>/<group>/<person>.
func joinKey(ev *event.Event, person string) string {
	return "in/" + ev.Robot.Key + "/" + ev.Chat.Peer + "/" + person
}
