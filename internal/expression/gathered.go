package expression

import "time"

// gatheredView is one of the events that the rule has gathered.
type gatheredView struct {
	ID     string     `expr:"id"`
	Type   string     `expr:"type"`
	Time   time.Time  `expr:"time"`
	Text   string     `expr:"text"`
	Sender senderView `expr:"sender"`
	Chat   chatView   `expr:"chat"`
}

// fillGathered puts the gathered events into e; name makes names fit.
func (e *env) fillGathered(events []Gathered, name func(string) string) {
	if len(events) == 0 {
		return
	}
	e.Events = make([]gatheredView, len(events))
	for i := range events {
		g := &events[i]
		p, c := &g.Sender, &g.Chat
		e.Events[i] = gatheredView{
			ID: g.ID, Type: string(g.Kind), Time: g.Time.In(zone), Text: g.Text,
			Sender: senderView{ID: p.ID, Name: name(p.Name), Avatar: p.Avatar, IsSelf: p.IsSelf, IsRobot: p.IsRobot, IsMember: p.IsMember},
			Chat:   chatView{ID: c.ID, Name: name(c.Name), Type: chatType(c), Peer: c.Peer},
		}
	}
}
