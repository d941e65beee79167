package app

import (
	"cmp"
	"maps"
	"slices"
	"sync"
	"time"

	"botengine/internal/event"
)

// groupBook knows the groups that each robot is in: as the platform's lists said
// last, and as what happened since tells. Any number of goroutines may use it.
type groupBook struct {
	mu     sync.RWMutex // guards all below
	robots map[robotKey]*robotGroups
}

// robotGroups are the groups of one robot.
type robotGroups struct {
	groups  map[string]event.Group
	listed  time.Time // when the list was asked for last; zero = never by this process
	changed bool      // since it was kept last
}

func newGroupBook() *groupBook { return &groupBook{robots: map[robotKey]*robotGroups{}} }

// Group returns what is known of a group that the robot is in.
func (b *groupBook) Group(account, robot, id string) (event.Group, bool) {
	b.mu.RLock()
	defer b.mu.RUnlock()
	of := b.robots[robotKey{account, robot}]
	if of == nil {
		return event.Group{}, false
	}
	g, ok := of.groups[id]
	return g, ok
}

// Groups returns the groups that a robot is known to be in, by their ids. It
// returns nothing until the platform was asked once, by this process or an earlier
// one.
func (b *groupBook) Groups(account, robot string) []event.Group {
	b.mu.RLock()
	defer b.mu.RUnlock()
	of := b.robots[robotKey{account, robot}]
	if of == nil {
		return nil
	}
	return slices.SortedFunc(maps.Values(of.groups), func(x, y event.Group) int { return cmp.Compare(x.ID, y.ID) })
}

// listed says when the robot's list was taken over last; false if never.
func (b *groupBook) listedAt(account, robot string) (time.Time, bool) {
	b.mu.RLock()
	defer b.mu.RUnlock()
	of := b.robots[robotKey{account, robot}]
	if of == nil || of.listed.IsZero() {
		return time.Time{}, false
	}
	return of.listed, true
}

// replace takes a whole list of a robot's groups, asked for at that time, for the
// truth.
func (b *groupBook) replace(account, robot string, groups []event.Group, at time.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()
	of := b.ofLocked(account, robot)
	next := make(map[string]event.Group, len(groups))
	for _, g := range groups {
		if old, known := of.groups[g.ID]; !known || !same(old, g) {
			of.changed = true
		}
		next[g.ID] = g
	}
	of.changed = of.changed || len(next) != len(of.groups) || of.listed.IsZero() // none at all is known now, too
	of.groups, of.listed = next, at
}

// put takes over what the platform said of one group.
func (b *groupBook) put(account, robot string, g event.Group) {
	b.mu.Lock()
	defer b.mu.Unlock()
	of := b.ofLocked(account, robot)
	of.changed = of.changed || !same(of.groups[g.ID], g)
	of.groups[g.ID] = g
}

// remove forgets a group that the robot is not in any more.
func (b *groupBook) remove(account, robot, id string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	of := b.ofLocked(account, robot)
	if _, known := of.groups[id]; known {
		delete(of.groups, id)
		of.changed = true
	}
}

// notice takes what an event says of its group: its name, and who joined. It
// returns whether the platform has to be asked for the rest.
func (b *groupBook) notice(ev *event.Event) (ask bool) {
	id := ev.Chat.GroupID()
	if id == "" || ev.Robot.Key == "" {
		return false
	}
	if ev.Kind != event.MemberJoin && ev.Kind != event.ChatUpdated { // of most events, and of those with little
		_, known := b.Group(ev.Account, ev.Robot.Key, id)
		return !known
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	of := b.ofLocked(ev.Account, ev.Robot.Key)
	g, known := of.groups[id]
	if !known {
		return true
	}
	was := g
	if ev.Chat.Name != "" {
		g.Name = ev.Chat.Name
	}
	if ev.Kind == event.MemberJoin {
		g.Size += len(ev.Members)
	}
	of.groups[id] = g
	of.changed = of.changed || !same(was, g)
	return ev.Kind == event.MemberJoin // the platform counts better than we do
}

func (b *groupBook) ofLocked(account, robot string) *robotGroups {
	k := robotKey{account, robot}
	if b.robots[k] == nil {
		b.robots[k] = &robotGroups{groups: map[string]event.Group{}}
	}
	return b.robots[k]
}

// same says whether two groups differ in nothing but when they were asked for.
func same(x, y event.Group) bool {
	x.AsOf = y.AsOf
	return x == y
}

// toKeep returns the groups of the account's robots that changed since they were
// kept last; they count as kept from now on.
func (b *groupBook) toKeep(account string) map[string][]event.Group {
	b.mu.Lock()
	defer b.mu.Unlock()
	out := map[string][]event.Group{}
	for k, of := range b.robots {
		if k.account == account && of.changed {
			of.changed = false
			out[k.key] = slices.SortedFunc(maps.Values(of.groups), func(x, y event.Group) int { return cmp.Compare(x.ID, y.ID) })
		}
	}
	return out
}

// keepAgain says that a robot's groups could not be kept.
func (b *groupBook) keepAgain(account, robot string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.ofLocked(account, robot).changed = true
}

// remember takes what an earlier process kept, unless the platform was asked
// meanwhile.
func (b *groupBook) remember(account, robot string, groups []event.Group) {
	b.mu.Lock()
	defer b.mu.Unlock()
	of := b.ofLocked(account, robot)
	if !of.listed.IsZero() {
		return
	}
	for _, g := range groups {
		of.groups[g.ID] = g
	}
}
