package app

import (
	"cmp"
	"slices"

	"botengine/internal/event"
	"botengine/internal/rule"
	"botengine/internal/schedule"
)

// newScheduler makes the part that hands in the events of schedules.
func (a *App) newScheduler() *schedule.Scheduler {
	return schedule.New(schedule.Options{
		Store: a.store, Rules: &a.rules, Robots: a.scheduledRobots, Submit: a.intake.Submit, Now: a.o.now, Log: a.o.Log,
	})
}

// scheduledRobots are the robots that schedules may be meant for, in a certain
// order, with the groups they are known to be in. Complete is whether every account
// has told its robots and each robot its groups, now or to an earlier process.
func (a *App) scheduledRobots() (robots []schedule.Robot, complete bool) {
	complete = true
	for name, acc := range a.accounts {
		complete = complete && acc.known.Load()
		for _, r := range a.robots.list(name) {
			one := schedule.Robot{Robot: r, Account: name, Groups: a.groupsOf(name, r)}
			if _, listed := a.robots.listedAt(name, r.Key); !listed && len(one.Groups) == 0 {
				complete = false
			}
			robots = append(robots, one)
		}
	}
	slices.SortFunc(robots, func(x, y schedule.Robot) int {
		return cmp.Or(cmp.Compare(x.Account, y.Account), cmp.Compare(x.Key, y.Key))
	})
	return robots, complete
}

// groupsOf are the chats of the groups that the robot is known to be in.
func (a *App) groupsOf(account string, r event.Robot) []event.Chat {
	if r.ID == "" {
		return nil
	}
	var chats []event.Chat
	for _, g := range a.robots.Groups(account, r.Key) {
		chat := event.Chat{ID: event.ChatID(r.ID, g.ID), Peer: g.ID, Name: g.Name, Group: true}
		chat.Know(g)
		chats = append(chats, chat)
	}
	return chats
}

// swapped tells of rules that are live now.
func (a *App) swapped(set *rule.Set) {
	a.loads.another()
	if a.schedule != nil { // at the first load there is none yet, and nothing to wake
		a.schedule.Wake()
	}
	if a.o.OnSwap != nil {
		a.o.OnSwap(set)
	}
}
