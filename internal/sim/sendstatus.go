package sim

import "fmt"

// SetSendStatus changes what the history says of a robot's own message (§2.11), as the platform does when it finds out
// later that a message it had accepted was not delivered. The ledger keeps what people saw until then.
func (s *Server) SetSendStatus(messageID string, status int) error {
	found := false
	s.world.with(func(r *realm) {
		for _, c := range r.chats {
			for _, m := range c.messages {
				if m.Self && m.MessageID == messageID {
					m.SendStatus, found = status, true
				}
			}
		}
	})
	if !found {
		return fmt.Errorf("set the status of %s: no robot sent such a message", messageID)
	}
	return nil
}
