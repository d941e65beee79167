package ruletest

import (
	"strings"

	"botengine/internal/event"
)

// groups are those of a test under way, by name.
type groups map[string]*event.Chat

// newGroups makes the groups of a test file known to one test.
func newGroups(of map[string]Group) groups {
	out := groups{}
	for name, g := range of {
		c := &event.Chat{Peer: g.ID, Name: name, Group: true, Labels: g.Labels}
		switch {
		case g.ID == "":
			c.Peer = "R:" + idOf(name)
		case !strings.HasPrefix(g.ID, "R:"):
			c.Peer = "R:" + g.ID
		}
		known := event.Group{ID: c.Peer, OwnerName: g.Owner, Size: g.Size}
		if g.Owner != "" {
			known.Owner = idOf(g.Owner)
		}
		c.Know(known)
		out[name] = c
	}
	return out
}

// chat is the chat of the robot in the group of that name.
func (g groups) chat(robot, name string) event.Chat {
	if c, ok := g[name]; ok {
		out := *c
		out.ID = event.ChatID(robot, c.Peer)
		return out
	}
	peer := "R:" + idOf(name)
	return event.Chat{ID: event.ChatID(robot, peer), Peer: peer, Name: name, Group: true}
}

// join counts who joined.
func (g groups) join(name string, people int) {
	if c, ok := g[name]; ok {
		c.Size += people
	}
}
