package event

import "time"

// Group is a group that a robot is in, as the platform's list of groups said last
// (§2.4), with the members that joined since.
type Group struct {
	ID        string    `json:"id"` // R:<id>, the peer of the chat
	Name      string    `json:"name,omitempty"`
	Owner     string    `json:"owner,omitempty"` // the id of the person it belongs to
	OwnerName string    `json:"owner_name,omitempty"`
	Size      int       `json:"size,omitempty"` // members, the robot among them
	AsOf      time.Time `json:"as_of"`          // when the platform said so, by our clock
}

// Know adds to the chat what is known of its group. A name that the event itself
// gave stays.
func (c *Chat) Know(g Group) {
	c.Known, c.Owner, c.OwnerName, c.Size = true, g.Owner, g.OwnerName, g.Size
	if c.Name == "" {
		c.Name = g.Name
	}
}

// GroupID is the id of the group the chat is in, "" when it is none.
func (c *Chat) GroupID() string {
	switch {
	case !c.Group:
		return ""
	case c.Peer != "":
		return c.Peer
	}
	_, peer, _ := SplitChatID(c.ID)
	return peer
}
