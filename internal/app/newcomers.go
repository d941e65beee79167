package app

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"time"

	"botengine/internal/event"
	"botengine/internal/state"
)

// metDocument is where it is kept since when the robots of an account are known.
func metDocument(account string) string { return "met/" + account }

// met is when robots were first seen, in unix seconds; 0 = before that was kept, so
// that their age is not known and they count as old.
type met map[string]int64

// rememberMet reads since when the account's robots are known, and tells the limiter.
func (a *account) rememberMet(ctx context.Context) error {
	var old int
	var known met
	err := a.store.Update(ctx, func(tx state.Tx) error {
		old = 0
		if data, ok := tx.Document(metDocument(a.name)); ok {
			known = nil
			return json.Unmarshal(data, &known)
		}
		data, ok := tx.Document(robotsDocument(a.name))
		if !ok {
			return nil // none was ever seen
		}
		var robots []event.Robot
		if err := json.Unmarshal(data, &robots); err != nil {
			return err
		}
		known = met{}
		for _, r := range robots {
			known[r.Key] = 0
		}
		old = len(known)
		return known.put(tx, a.name)
	})
	if err != nil {
		return fmt.Errorf("read since when robots are known: %w", err)
	}
	if old > 0 {
		a.log.Info("robots known from before: their age is not known, so there is no warm-up for them", "robots", old)
	}
	a.tellMet(known)
	a.sayWarming(slices.Sorted(maps.Keys(known)), time.Now())
	return nil
}

// meet notes the robots that are seen for the first time. When it returns, the
// limiter knows them.
func (a *account) meet(ctx context.Context, robots []event.Robot, now time.Time) {
	var known met
	var news []string
	err := a.store.Update(ctx, func(tx state.Tx) error {
		known, news = met{}, nil
		if data, ok := tx.Document(metDocument(a.name)); ok {
			if err := json.Unmarshal(data, &known); err != nil {
				return err
			}
		}
		for _, r := range robots {
			if at, seen := known[r.Key]; !seen || at > now.Unix() { // a clock that was set back makes nobody new for longer
				known[r.Key] = now.Unix()
				news = append(news, r.Key)
			}
		}
		if len(news) == 0 {
			return nil
		}
		return known.put(tx, a.name)
	})
	if err != nil && ctx.Err() == nil {
		a.log.Warn("it could not be kept since when robots are known", "error", err)
	}
	a.tellMet(known)
	a.sayWarming(news, now)
}

// sayWarming says which of the robots are slow because they are new: on their first
// days nobody is to wonder why answers wait.
func (a *account) sayWarming(robots []string, now time.Time) {
	most := 0
	warming := slices.DeleteFunc(robots, func(robot string) bool {
		w, ok := a.limiter.Warming(now, robot)
		most = max(most, w.PerMinute)
		return !ok
	})
	if len(warming) > 0 {
		a.log.Info("new robots begin slowly: they are in their warm-up", "robots", warming, "per_minute", most,
			"todo", "`botengine ctl status` shows how far they are; for a robot that is old already set limits.robots.KEY.warm_up: off")
	}
}

func (m met) put(tx state.Tx, account string) error {
	data, err := json.Marshal(m)
	if err != nil {
		return err
	}
	tx.PutDocument(metDocument(account), data)
	return nil
}

func (a *account) tellMet(known met) {
	for robot, at := range known {
		if at > 0 {
			a.limiter.Met(robot, time.Unix(at, 0))
		}
	}
}
