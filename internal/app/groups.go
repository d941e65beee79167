package app

import (
	"context"
	"encoding/json"
	"sync"
	"time"

	"botengine/internal/event"
	"botengine/internal/state"
	"botengine/internal/yjiyun/rest"
)

// How the platform is asked for groups: soon for what is not known, seldom for
// the rest, and never so fast that it gets in the way of anything else.
const (
	groupsEvery   = 10 * time.Minute       // each robot's list is read anew this often, if the pace allows
	groupsRetry   = time.Minute            // and after a failure
	groupAgain    = time.Minute            // one and the same group is asked for at most this often
	groupsLook    = 5 * time.Second        // how often we look whether a list is due
	groupsPause   = 500 * time.Millisecond // on average between two requests
	groupsBurst   = 20                     // requests that may follow each other at once
	groupsKeep    = 10 * time.Second       // at least, between two writes of what changed
	groupsWaiting = 10_000                 // groups that may wait for being asked for
)

// groupsDocument is where a robot's groups are kept.
func groupsDocument(account, robot string) string { return "groups/" + account + "/" + robot }

// groupReader keeps the groups of one account known. notice may be called by any
// goroutine, the rest by the one that runs it.
type groupReader struct {
	a     *account
	next  time.Time            // of the pace
	kept  time.Time            // when what changed was written last
	tried map[string]time.Time // when a robot's list may be asked for again, after a failure

	bell  chan struct{}          // rings when a group waits; never closed
	mu    sync.Mutex             // guards those below
	wait  []robotKey             // robot and group that are to be asked for
	asked map[robotKey]time.Time // when they were, or are to be
}

func newGroupReader(a *account) *groupReader {
	return &groupReader{a: a, tried: map[string]time.Time{}, bell: make(chan struct{}, 1), asked: map[robotKey]time.Time{}}
}

// notice takes what an event says of its group.
func (g *groupReader) notice(ev *event.Event) {
	if !g.a.robots.notice(ev) {
		return
	}
	k, now := robotKey{ev.Robot.Key, ev.Chat.GroupID()}, time.Now()
	g.mu.Lock()
	defer g.mu.Unlock()
	if at, before := g.asked[k]; before && now.Sub(at) < groupAgain || len(g.wait) >= groupsWaiting {
		return // the next list has it
	}
	g.asked[k] = now
	g.wait = append(g.wait, k)
	select {
	case g.bell <- struct{}{}:
	default: // it rings already
	}
}

// waiting returns the group that waits longest, and forgets when others were asked
// for long ago.
func (g *groupReader) waiting() (robotKey, bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if len(g.wait) == 0 {
		now := time.Now()
		for k, at := range g.asked {
			if now.Sub(at) >= groupAgain {
				delete(g.asked, k)
			}
		}
		return robotKey{}, false
	}
	k := g.wait[0]
	g.wait = g.wait[1:]
	return k, true
}

// run keeps the groups known until ctx ends, and keeps them for the next process.
func (g *groupReader) run(ctx context.Context) {
	for ctx.Err() == nil {
		g.waitingOnes(ctx)
		robot, due := g.dueRobot(time.Now())
		if due {
			g.list(ctx, robot)
		}
		if time.Since(g.kept) >= groupsKeep {
			g.kept = time.Now()
			g.keep(ctx)
		}
		if !due {
			g.rest(ctx)
		}
	}
	ended, cancel := context.WithTimeout(context.WithoutCancel(ctx), g.a.handOver)
	defer cancel()
	g.keep(ended)
}

// rest waits until there may be something to do.
func (g *groupReader) rest(ctx context.Context) {
	tick := time.NewTimer(groupsLook)
	defer tick.Stop()
	select {
	case <-ctx.Done():
	case <-g.bell:
	case <-tick.C:
	}
}

// waitingOnes asks for the groups that wait.
func (g *groupReader) waitingOnes(ctx context.Context) {
	for k, ok := g.waiting(); ok; k, ok = g.waiting() {
		if !g.pace(ctx) {
			return
		}
		g.one(ctx, k.account, k.key)
	}
}

// one asks for one group of a robot.
func (g *groupReader) one(ctx context.Context, robot, id string) {
	at, there := time.Now(), 1
	for found, err := range g.a.rest.Groups(ctx, rest.GroupsQuery{RobotKey: robot, ID: id, Status: &there}) {
		switch {
		case err != nil:
			g.failed(ctx, robot, err)
			return
		case found.ID == id:
			g.a.robots.put(g.a.name, robot, groupOf(&found, at))
			return
		}
	}
	g.a.robots.remove(g.a.name, robot, id)
}

func groupOf(g *rest.Group, at time.Time) event.Group {
	return event.Group{ID: g.ID, Name: g.Name, Owner: g.CreatorID, OwnerName: g.CreatorName, Size: g.Members, AsOf: at}
}

// dueRobot returns the robot whose list is the oldest of those that are due.
func (g *groupReader) dueRobot(now time.Time) (robot string, due bool) {
	var oldest time.Time
	for _, r := range g.a.robots.list(g.a.name) {
		at, _ := g.a.robots.listedAt(g.a.name, r.Key)
		if now.Before(g.tried[r.Key]) || !at.IsZero() && now.Sub(at) < groupsEvery {
			continue
		}
		if !due || at.Before(oldest) {
			robot, oldest, due = r.Key, at, true
		}
	}
	return robot, due
}

// list reads all groups of a robot.
func (g *groupReader) list(ctx context.Context, robot string) {
	at, there := time.Now(), 1
	if !g.pace(ctx) {
		return
	}
	var groups []event.Group
	walk := rest.Walk{Progress: func(int, int) { g.pace(ctx) }}
	for found, err := range g.a.rest.Groups(ctx, rest.GroupsQuery{RobotKey: robot, Status: &there, Walk: walk}) {
		if err != nil {
			g.failed(ctx, robot, err)
			return
		}
		groups = append(groups, groupOf(&found, at))
	}
	first := len(g.a.robots.Groups(g.a.name, robot)) == 0
	g.a.robots.groupBook.replace(g.a.name, robot, groups, at)
	if first && len(groups) > 0 {
		g.a.log.Debug("groups of a robot are known", "robot", robot, "groups", len(groups))
	}
}

// failed says so, and lets the robot's list be for a while: what is known stays.
func (g *groupReader) failed(ctx context.Context, robot string, err error) {
	if ctx.Err() != nil {
		return
	}
	again := retryAfter(err, groupsRetry)
	g.tried[robot] = time.Now().Add(again)
	g.a.log.Warn("the groups of a robot could not be read: what is known of them stays", "robot", robot, "error", err, "next_attempt_in", again.String())
}

// pace waits for a request's turn; false when ctx ended.
func (g *groupReader) pace(ctx context.Context) bool {
	now := time.Now()
	if least := now.Add(-groupsBurst * groupsPause); g.next.Before(least) {
		g.next = least
	}
	g.next = g.next.Add(groupsPause)
	return ctx.Err() == nil && sleep(ctx, g.next.Sub(now))
}

// keep writes down the groups that changed, for the next start: until the lists
// are read anew, that is what is known.
func (g *groupReader) keep(ctx context.Context) {
	for robot, groups := range g.a.robots.toKeep(g.a.name) {
		data, err := json.Marshal(groups)
		if err == nil {
			err = g.a.store.Update(ctx, func(tx state.Tx) error {
				tx.PutDocument(groupsDocument(g.a.name, robot), data)
				return nil
			})
		}
		if err != nil {
			g.a.robots.keepAgain(g.a.name, robot)
			if ctx.Err() == nil {
				g.a.log.Warn("the groups of a robot could not be kept", "robot", robot, "error", err)
			}
		}
	}
}

// remember takes what an earlier process knew of the groups of the robots that are
// known.
func (g *groupReader) remember(ctx context.Context) {
	for _, r := range g.a.robots.list(g.a.name) {
		var groups []event.Group
		err := g.a.store.View(ctx, func(tx state.Tx) error {
			if data, ok := tx.Document(groupsDocument(g.a.name, r.Key)); ok {
				return json.Unmarshal(data, &groups)
			}
			return nil
		})
		if err != nil && ctx.Err() == nil {
			g.a.log.Warn("the groups that were known before cannot be read", "robot", r.Key, "error", err)
		}
		g.a.robots.remember(g.a.name, r.Key, groups)
	}
}
