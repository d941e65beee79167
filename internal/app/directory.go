package app

import (
	"cmp"
	"maps"
	"sync"

	"botengine/internal/event"
)

// directory knows the robots of all accounts: by key, and which people are
// robots; and in its group book the groups they are in. It is filled from the robot list and from what the platform says of
// robots while it talks; any number of goroutines may use it.
type directory struct {
	*groupBook

	mu     sync.RWMutex // guards all below
	robots map[robotKey]event.Robot
	people map[robotKey]bool // ids of people who are robots

	accounts map[string]bool // with robots
}

// robotKey names a robot, or a person, of one account.
type robotKey struct{ account, key string }

func newDirectory() *directory {
	return &directory{groupBook: newGroupBook(), robots: map[robotKey]event.Robot{}, people: map[robotKey]bool{}, accounts: map[string]bool{}}
}

// Robot returns what is known of a robot.
func (d *directory) Robot(account, key string) (event.Robot, bool) {
	d.mu.RLock()
	defer d.mu.RUnlock()
	r, ok := d.robots[robotKey{account, key}]
	return r, ok
}

// IsRobot reports whether a person is a robot, of whichever account: people's ids are
// the same in all.
func (d *directory) IsRobot(account, userID string) bool {
	d.mu.RLock()
	defer d.mu.RUnlock()
	if d.people[robotKey{account, userID}] || userID == "" {
		return userID != ""
	}
	for name := range d.accounts {
		if d.people[robotKey{name, userID}] {
			return true
		}
	}
	return false
}

// replace takes the robot list of an account for the truth.
func (d *directory) replace(account string, robots []event.Robot) {
	d.mu.Lock()
	defer d.mu.Unlock()
	mine := func(k robotKey) bool { return k.account == account }
	maps.DeleteFunc(d.robots, func(k robotKey, _ event.Robot) bool { return mine(k) })
	maps.DeleteFunc(d.people, func(k robotKey, _ bool) bool { return mine(k) })
	for _, r := range robots {
		d.putLocked(account, r)
	}
}

// learn takes what an event says of its robot, by its key or its id as a person;
// what it does not say is kept. It returns the robot and whether its status is
// another one than before.
func (d *directory) learn(account string, r event.Robot) (_ event.Robot, changed bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	old, known := d.findLocked(account, r)
	if r.Key == "" && !known {
		return r, false
	}
	r.Key = cmp.Or(r.Key, old.Key)
	r.ID = cmp.Or(r.ID, old.ID)
	r.Name = cmp.Or(r.Name, old.Name)
	if r.Status == event.StatusUnknown {
		r.Status = old.Status
	}
	d.putLocked(account, r)
	return r, known && old.Status != r.Status
}

func (d *directory) findLocked(account string, r event.Robot) (event.Robot, bool) {
	if r.Key != "" {
		old, known := d.robots[robotKey{account, r.Key}]
		return old, known
	}
	for k, old := range d.robots {
		if k.account == account && old.ID == r.ID && r.ID != "" {
			return old, true
		}
	}
	return event.Robot{}, false
}

func (d *directory) putLocked(account string, r event.Robot) {
	d.robots[robotKey{account, r.Key}] = r
	if r.ID != "" {
		d.people[robotKey{account, r.ID}] = true
		d.accounts[account] = true
	}
}

// list returns the robots of an account.
func (d *directory) list(account string) []event.Robot {
	d.mu.RLock()
	defer d.mu.RUnlock()
	var robots []event.Robot
	for k, r := range d.robots {
		if k.account == account {
			robots = append(robots, r)
		}
	}
	return robots
}
