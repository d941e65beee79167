package rule

import (
	"slices"

	"botengine/internal/event"
)

// valuesIn are what the event has in a dimension, none of them empty: nothing is
// looked for by an empty value. They are gathered once for each event.
func (x *index) valuesIn(d dimension, w *walk) []string {
	if w.gathered[d] {
		return w.scratch.values[d]
	}
	w.gathered[d], w.some = true, true
	out := w.scratch.values[d][:0]
	switch ev := w.ev; d {
	case dimChat:
		out = append(out, ev.Chat.ID, ev.Chat.Peer, ev.Chat.Name)
	case dimSender:
		out = append(out, ev.Sender.ID, ev.Sender.Name)
	case dimRobot:
		out = append(out, ev.Robot.Key, ev.Robot.ID, ev.Robot.Name)
	case dimChatType:
		out = append(out, chatTypeOf(ev))
	case dimAccount:
		out = append(out, ev.Account)
	case dimMember:
		out = append(out, ev.Sender.ID, ev.Sender.Name, ev.Friend.ID, ev.Friend.Name)
		for i := range ev.Members {
			out = append(out, ev.Members[i].ID, ev.Members[i].Name)
		}
	case dimOwner:
		out = append(out, ev.Chat.Owner, ev.Chat.OwnerName)
	case dimLabel:
		out = x.labels.of(&ev.Chat, out)
	default:
		out = append(out, string(kindOf(ev)))
	}
	out = slices.DeleteFunc(out, func(value string) bool { return value == "" })
	w.scratch.values[d] = out
	return out
}

// forget lets go of the event that the values came from.
func (w *walk) forget() {
	if !w.some {
		return
	}
	for d := range w.gathered {
		if w.gathered[d] {
			clear(w.scratch.values[d])
		}
	}
}

// labelIndex finds the sets of labelled groups that a group is in, however many
// rules ask for each.
type labelIndex struct {
	exact  map[string][]string // keys of sets by ids and names of groups
	byName map[string][]string // and by their labels
	globs  []globSet
	known  map[string]bool // sets that are in, by key
}

// globSet is a pattern of one set.
type globSet struct {
	pattern
	key string
}

// add puts a set in, once.
func (x *labelIndex) add(l *labelSet) {
	if x.known[l.key] {
		return
	}
	if x.known == nil {
		x.known, x.exact, x.byName = map[string]bool{}, map[string][]string{}, map[string][]string{}
	}
	x.known[l.key] = true
	x.byName[l.name] = append(x.byName[l.name], l.key)
	for value := range l.exact {
		x.exact[value] = append(x.exact[value], l.key)
	}
	for _, p := range l.globs {
		x.globs = append(x.globs, globSet{p, l.key})
	}
}

// of appends the keys of the sets that the chat is in.
func (x *labelIndex) of(c *event.Chat, out []string) []string {
	if !c.Group {
		return out
	}
	for _, value := range [3]string{c.Peer, c.Name, c.ID} {
		if value != "" {
			out = append(out, x.exact[value]...)
		}
	}
	for _, label := range c.Labels {
		out = append(out, x.byName[label]...)
	}
	for i := range x.globs {
		if g := &x.globs[i]; g.matches(c.Peer) || g.matches(c.Name) || g.matches(c.ID) {
			out = append(out, g.key)
		}
	}
	return out
}
