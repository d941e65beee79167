package app

import "botengine/internal/event"

// colleagues are the robots of all accounts, for the question which of several in
// one group answers.
type colleagues struct{ app *App }

// Several implements engine.Robots.
func (c colleagues) Several() bool { return c.app.robots.several() }

// Known implements engine.Robots: a robot is awake while its account is connected
// and the platform has not said that it is gone.
func (c colleagues) Known(account, key string) (r event.Robot, awake bool) {
	r, known := c.app.robots.Robot(account, key)
	acc := c.app.accounts[account]
	return r, known && acc != nil && acc.ready(key)
}

// ByPerson implements engine.Robots.
func (c colleagues) ByPerson(id string) (account, key string, ok bool) {
	return c.app.robots.byPerson(id)
}

func (d *directory) several() bool {
	d.mu.RLock()
	defer d.mu.RUnlock()
	return len(d.robots) > 1
}

// byPerson finds the robot that has the id as a person, in whichever account.
func (d *directory) byPerson(id string) (account, key string, ok bool) {
	d.mu.RLock()
	defer d.mu.RUnlock()
	for k, r := range d.robots {
		if r.ID == id && id != "" && (!ok || k.account < account) {
			account, key, ok = k.account, k.key, true
		}
	}
	return account, key, ok
}
