package event

// Cause says what a derived event came of, and how far it is from what people or
// the platform did.
type Cause struct {
	Rule string `json:"rule,omitempty"` // whose step or firing made it
	Name string `json:"name,omitempty"` // that the step gave it
	Hops int    `json:"hops,omitempty"` // how many rules lie between it and what came from outside
}

// IsDerived reports whether events of the kind are made by rules.
func (k Kind) IsDerived() bool { return k == RuleFired || k == Emitted }

// HasMessage reports whether events of the kind may have a sender and a content: a
// message, or what rules made of one.
func (k Kind) HasMessage() bool { return k.IsMessage() || k.IsDerived() }

// Derive makes the event that a rule makes of ev: about the same people in the
// same chat, one hop further on. The id has to be its own.
func (e *Event) Derive(kind Kind, id string, c Cause) Event {
	out := *e
	out.Kind, out.ID, out.Hash = kind, id, ""
	out.Result, out.Timer, out.Schedule = CommandEnd{}, TimerPayload{}, Occasion{}
	out.Cause = c
	out.Cause.Hops = e.Cause.Hops + 1
	if e.Kind == FriendRequest {
		out.Sender = Person{ID: e.Friend.ID, Name: e.Friend.Name, Avatar: e.Friend.Avatar, Gender: e.Friend.Gender}
	}
	return out
}
