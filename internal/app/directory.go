package app

import (
	"maps"
	"sync"

	"botengine/internal/event"
)

// directory knows the robots of all accounts: by key, and which people are
// robots. It is filled from the robot list and from what the platform says of
// robots while it talks; any number of goroutines may use it.
type directory struct {
	mu     sync.RWMutex // guards all below
	robots map[robotKey]event.Robot
	people map[robotKey]bool // ids of people who are robots
}

// robotKey names a robot, or a person, of one account.
type robotKey struct{ account, key string }

func newDirectory() *directory {
	return &directory{robots: map[robotKey]event.Robot{}, people: map[robotKey]bool{}}
}

// Robot returns what is known of a robot.
func (d *directory) Robot(account, key string) (event.Robot, bool) {
	d.mu.RLock()
	defer d.mu.RUnlock()
	r, ok := d.robots[robotKey{account, key}]
	return r, ok
}

// IsRobot reports whether a person is a robot of the account.
func (d *directory) IsRobot(account, userID string) bool {
	d.mu.RLock()
	defer d.mu.RUnlock()
	return d.people[robotKey{account, userID}]
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

// learn takes what an event says of its robot; what it does not say is kept.
// It reports whether the robot's status is another one than before.
func (d *directory) learn(account string, r event.Robot) (changed bool) {
	if r.Key == "" {
		return false
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	old, known := d.robots[robotKey{account, r.Key}]
	if r.ID == "" {
		r.ID = old.ID
	}
	if r.Name == "" {
		r.Name = old.Name
	}
	d.putLocked(account, r)
	return known && old.Status != r.Status
}

func (d *directory) putLocked(account string, r event.Robot) {
	d.robots[robotKey{account, r.Key}] = r
	if r.ID != "" {
		d.people[robotKey{account, r.ID}] = true
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
