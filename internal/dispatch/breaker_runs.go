package dispatch

// sendsKept is how many sends of a robot are remembered for what becomes of them: the
// platform says only a minute later that a message did not arrive.
const sendsKept = 128

// aSend is a message that ended: as far as is known, well or not at its receiver.
type aSend struct {
	ID   string `json:"id"`
	Chat string `json:"chat"`
	Lost bool   `json:"lost,omitempty"`
}

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
		case s[i].Chat != chat:
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
		chats[s[i].Chat] = true
		found = found || s[i].ID == id
	}
	return len(chats)
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
