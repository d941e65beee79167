package replay

import (
	"cmp"
	"slices"
	"time"

	"botengine/internal/event"
	"botengine/internal/rule"
	"botengine/internal/schedule"
)

// robots are those that were heard of so far, and the groups in which they were.
type robots struct {
	byKey map[robotName]*heard
	last  *heard // the one of the event before
}

type robotName struct{ account, key string }

type heard struct {
	event.Robot
	account string
	groups  map[string]event.Chat // by their ids
}

func newRobots() *robots { return &robots{byKey: map[robotName]*heard{}} }

// hear takes note of the robot to whom an event happened.
func (r *robots) hear(ev *event.Event) {
	known := r.last
	if known == nil || known.account != ev.Account || known.Key != ev.Robot.Key {
		known = r.named(robotName{ev.Account, ev.Robot.Key})
		r.last = known
	}
	status := known.Status
	if ev.Robot.Status != event.StatusUnknown {
		status = ev.Robot.Status
	}
	known.Robot = event.Robot{Key: ev.Robot.Key, ID: cmp.Or(ev.Robot.ID, known.ID), Name: cmp.Or(ev.Robot.Name, known.Name), Status: status}
	if peer := ev.Chat.GroupID(); peer != "" {
		if was, there := known.groups[peer]; !there || ev.Chat.Name != "" && ev.Chat.Name != was.Name {
			known.groups[peer] = ev.Chat
		}
	}
}

// named is the robot of that name, heard of or not.
func (r *robots) named(name robotName) *heard {
	known := r.byKey[name]
	if known == nil {
		known = &heard{Robot: event.Robot{Key: name.key, Status: event.StatusUnknown}, account: name.account, groups: map[string]event.Chat{}}
		r.byKey[name] = known
	}
	return known
}

// complete adds what is known of the robot of an event that we made.
func (r *robots) complete(ev *event.Event) {
	found := false
	for name, known := range r.byKey {
		if name.key == ev.Robot.Key && (!found || name.account < ev.Account) {
			ev.Robot, ev.Account, found = known.Robot, name.account, true
		}
	}
}

// occasions are the events of one instant of a rule's schedule.
func (r *robots) occasions(one *rule.Rule, at time.Time) []event.Event {
	var all []schedule.Robot
	for _, known := range r.byKey {
		robot := schedule.Robot{Robot: known.Robot, Account: known.account}
		for _, chat := range known.groups {
			robot.Groups = append(robot.Groups, chat)
		}
		slices.SortFunc(robot.Groups, func(a, b event.Chat) int { return cmp.Compare(a.Peer, b.Peer) })
		all = append(all, robot)
	}
	slices.SortFunc(all, func(a, b schedule.Robot) int {
		return cmp.Or(cmp.Compare(a.Account, b.Account), cmp.Compare(a.Key, b.Key))
	})
	return schedule.Events(one, at, at, all)
}

// Several implements engine.Robots.
func (r *robots) Several() bool { return len(r.byKey) > 1 }

// Known implements engine.Robots: a robot is awake unless it was said to be away.
func (r *robots) Known(account, key string) (event.Robot, bool) {
	known := r.byKey[robotName{account, key}]
	if known == nil {
		return event.Robot{}, false
	}
	switch known.Status {
	case event.StatusOffline, event.StatusBanned, event.StatusKicked:
		return known.Robot, false
	default:
		return known.Robot, true
	}
}

// ByPerson implements engine.Robots.
func (r *robots) ByPerson(id string) (account, key string, ok bool) {
	for name, known := range r.byKey {
		if known.ID == id && id != "" && (!ok || name.account < account || name.account == account && name.key < key) {
			account, key, ok = name.account, name.key, true
		}
	}
	return account, key, ok
}
