package app

import (
	"encoding/json"
	"log/slog"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"botengine/internal/config"
	"botengine/internal/event"
	"botengine/internal/ratelimit"
	"botengine/internal/sim"
	"botengine/internal/state"
)

// warming returns the warm-up of each robot by its key, as `ctl status` says it.
func (b *bench) warming(t *testing.T) map[string]*WarmUpStatus {
	t.Helper()
	s, err := askVerb[Status](t, func(raw json.RawMessage) (any, error) { return b.engine.ctlStatus(t.Context(), raw) }, struct{}{})
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]*WarmUpStatus{}
	for _, r := range s.Accounts[0].Robots {
		out[r.Key] = r.WarmUp
	}
	return out
}

func slowly(cfg *config.Config) {
	cfg.Limits.Robot.PerMinute.All = 20
	cfg.Limits.WarmUp = config.WarmUp{Days: 7, Start: 0.25}
}

func TestANewRobotBeginsSlowlyAndIsStillNewAfterARestart(t *testing.T) {
	s := serve(t, sim.Options{})
	b := &bench{sim: s, cfg: settings(t, s.URL(), s.URL()+"/imchat", rulesIn(t, mainRules))}
	slowly(&b.cfg)
	b.run(t)
	b.connected(t)
	robots := b.warming(t)
	if len(robots) == 0 {
		t.Fatal("there are no robots")
	}
	for key, w := range robots {
		if w == nil || w.Day != 1 || w.Days != 7 || w.PerMinute != 5 || w.WhyZH != "预热，第 1 天（共 7 天）：每分钟 5 次" || w.Why != "warm-up, day 1 of 7: 5 per minute" {
			t.Errorf("%s begins with %+v", key, w)
		}
	}
	until(t, "the word about it", func() bool {
		return strings.Contains(b.log.String(), "new robots begin slowly") && strings.Contains(b.log.String(), "per_minute=5")
	})
	if err := b.end(); err != nil {
		t.Fatal(err)
	}

	// Two and a half days later.
	store, err := state.Open(b.cfg.State.Path, state.Options{})
	if err != nil {
		t.Fatal(err)
	}
	var known met
	err = store.Update(t.Context(), func(tx state.Tx) error {
		data, _ := tx.Document(metDocument("main"))
		if err := json.Unmarshal(data, &known); err != nil {
			return err
		}
		for key := range known {
			known[key] -= int64((60 * time.Hour).Seconds())
		}
		return known.put(tx, "main")
	})
	if err != nil || len(known) != len(robots) {
		t.Fatalf("%d of %d robots are kept: %v", len(known), len(robots), err)
	}
	if err := store.Close(); err != nil {
		t.Fatal(err)
	}
	old := ""
	for key := range robots {
		old = max(old, key)
	}
	b.cfg.Limits.Robots = map[string]config.RobotLimits{old: {Old: true}}
	b.run(t)
	b.connected(t)
	for key, w := range b.warming(t) {
		if key == old && w != nil || key != old && (w == nil || w.Day != 3 || w.PerMinute != 9) {
			t.Errorf("on its third day %s has %+v", key, w)
		}
	}
}

func TestRobotsOfAStateFromBeforeAreNotNew(t *testing.T) {
	s := serve(t, sim.Options{})
	cfg := settings(t, s.URL(), s.URL()+"/imchat", rulesIn(t, mainRules))
	slowly(&cfg)
	b := &bench{sim: s, cfg: cfg}
	b.run(t)
	b.connected(t)
	keys := make([]string, 0, 2)
	for key := range b.warming(t) {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	if err := b.end(); err != nil {
		t.Fatal(err)
	}

	// As an earlier version left it: it knew the first robot.
	cfg.State.Path = filepath.Join(t.TempDir(), "state.db")
	store, err := state.Open(cfg.State.Path, state.Options{})
	if err != nil {
		t.Fatal(err)
	}
	err = store.Update(t.Context(), func(tx state.Tx) error {
		tx.PutDocument(robotsDocument("main"), must(json.Marshal([]event.Robot{{Key: keys[0]}})))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := store.Close(); err != nil {
		t.Fatal(err)
	}
	b = &bench{sim: s, cfg: cfg}
	b.run(t)
	b.connected(t)
	for key, w := range b.warming(t) {
		if isOld := key == keys[0]; isOld != (w == nil) {
			t.Errorf("%s has %+v", key, w)
		}
	}
	until(t, "the word about it", func() bool { return strings.Contains(b.log.String(), "their age is not known") })
}

func TestARobotThatWasMetByAWrongClockIsNewForNoLonger(t *testing.T) {
	store, err := state.Open(filepath.Join(t.TempDir(), "state.db"), state.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = store.Close() }()
	limiter := ratelimit.New(ratelimit.Limits{Robot: ratelimit.PerMinute(20), WarmUp: ratelimit.WarmUp{Days: 7, Start: 0.25}})
	a := &account{name: "main", store: store, limiter: limiter, log: slog.New(slog.DiscardHandler)}
	robots, now := []event.Robot{{Key: "r1"}}, time.Now()
	a.meet(t.Context(), robots, now.AddDate(10, 0, 0))
	a.meet(t.Context(), robots, now)
	if _, warming := limiter.Warming(now.AddDate(0, 0, 8), "r1"); warming {
		t.Error("eight days after the clock was set right it still is in its warm-up")
	}
}
