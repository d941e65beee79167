package dispatch

// sendsKept is how many sends of a robot are remembered for what becomes of them: the
// platform says only a minute later that a message did not arrive.
const sendsKept = 128

// aSend is a message that ended: as far as is known, well or not at its receiver.
type aSend struct {
	ID   string `json:"id"`
	Chat string `json:"chat"`
	Lost bool   `json:"lost,omitempty"`
	By   string `json:"by,omitempty"` // lost: the message with whose loss it opened a breaker; it counts for no other
}

// counts reports whether it is part of a run that the message of that id may end.
func (s *aSend) counts(id string) bool { return s.By == "" || s.By == id }

// sends are the newest messages of a robot that ended, in their order. It is a value
// but for its room: note returns what it is then.
type sends []aSend

// note notes the end of a message; a second end of the same replaces the first.
func (s sends) note(one aSend) sends {
	for i := range s {
		if s[i].ID == one.ID {
			s[i].Lost = one.Lost
			return s
		}
	}
	if len(s) >= sendsKept {
		s = append(s[:0], s[len(s)-sendsKept+1:]...)
	}
	return append(s, one)
}

// lostIn is how many messages in a row a chat did not get, around the one of that id.
func (s sends) lostIn(chat, id string) int {
	run, found := 0, false
	for i := range s {
		switch {
		case s[i].Chat != chat || s[i].Lost && !s[i].counts(id):
		case !s[i].Lost:
			if found {
				return run
			}
			run = 0
		default:
			run++
			found = found || s[i].ID == id
		}
	}
	return run
}

// lostChats is in how many different chats messages in a row did not arrive, around the
// one of that id.
func (s sends) lostChats(id string) int {
	chats, found := map[string]bool{}, false
	for i := range s {
		if !s[i].Lost {
			if found {
				break
			}
			clear(chats)
			continue
		}
		if !s[i].counts(id) {
			continue
		}
		chats[s[i].Chat] = true
		found = found || s[i].ID == id
	}
	return len(chats)
}

// spend marks what was lost in a chat, "" = in any, as what opened a breaker together
// with the message of that id: when its transaction is run again, it does so again.
func (s sends) spend(chat, id string) {
	for i := range s {
		if s[i].Lost && s[i].By == "" && (chat == "" || s[i].Chat == chat) {
			s[i].By = id
		}
	}
}

// endsRun reports whether the newest message arrived where the one before it, of its
// chat or of the robot, did not.
func (s sends) endsRun() bool {
	last := len(s) - 1
	if last < 1 || s[last].Lost {
		return false
	}
	if s[last-1].Lost {
		return true
	}
	for i := last - 1; i >= 0; i-- {
		if s[i].Chat == s[last].Chat {
			return s[i].Lost
		}
	}
	return false
}

// without are the sends but for what was lost in a chat; "" = in any.
func (s sends) without(chat string) sends {
	var out sends
	for _, one := range s {
		if !one.Lost || chat != "" && one.Chat != chat {
			out = append(out, one)
		}
	}
	return out
}

// lost are the newest sends from the first that was lost on, at most so many.
func (s sends) lost(most int) sends {
	for i := range s {
		if s[i].Lost {
			s = s[i:]
			return s[max(0, len(s)-most):]
		}
	}
	return nil
}
