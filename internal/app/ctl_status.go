package app

import (
	"cmp"
	"context"
	"encoding/json"
	"os"
	"slices"
	"sync/atomic"
	"time"

	"botengine/internal/ctl"
	"botengine/internal/engine"
	"botengine/internal/event"
	"botengine/internal/intake"
	"botengine/internal/rule"
	"botengine/internal/state"
)

// Status is what `ctl status` says of a running engine, version 1.
type Status struct {
	V       int       `json:"v"`
	Version string    `json:"version"`
	PID     int       `json:"pid"`
	Started time.Time `json:"started"`
	Uptime  float64   `json:"uptime_seconds"`
	DryRun  bool      `json:"dry_run"`
	State   string    `json:"state_file"`

	Rules    RulesStatus     `json:"rules"`
	Accounts []AccountStatus `json:"accounts"`
	Queue    QueueStatus     `json:"queue"`
	Events   EventsStatus    `json:"events"`

	Paused   []Paused             `json:"paused"`   // what must not be sent for now
	Breakers []BreakerStatus      `json:"breakers"` // that are open, fuses among them
	Rollouts []engine.TrialStatus `json:"rollouts"` // rules that changed a short while ago
	Health   Health               `json:"health"`
}

// RulesStatus says which rules are live.
type RulesStatus struct {
	Count      int               `json:"count"`
	Hash       string            `json:"hash"`
	Generation string            `json:"generation"` // the beginning of Hash, as the log has it
	Loads      uint64            `json:"loads"`      // sets that became live since the start
	LoadedAt   time.Time         `json:"loaded_at"`
	Aside      []engine.SetAside `json:"set_aside,omitempty"` // rules that panicked too often

	Refused string `json:"refused,omitempty"` // hash of changed rules that have errors and are not live
}

// AccountStatus says whether an account is connected, and how its robots are.
type AccountStatus struct {
	Name      string        `json:"name"`
	Connected bool          `json:"connected"`
	Robots    []RobotStatus `json:"robots"`
}

// RobotStatus is one robot as the platform last told.
type RobotStatus struct {
	Key    string `json:"key"`
	Name   string `json:"name,omitempty"`
	Status string `json:"status"` // initial, online, offline, banned, kicked or unknown
	Queue  int    `json:"queue"`  // commands of it that have not ended

	WarmUp *WarmUpStatus `json:"warm_up,omitempty"` // of a new robot
}

// QueueStatus counts the commands that have not ended.
type QueueStatus struct {
	Depth     int `json:"depth"`
	Pending   int `json:"pending"`
	Sending   int `json:"sending"`
	Ambiguous int `json:"ambiguous"`
	robots    map[string]int
}

// EventsStatus counts what was taken in since the start.
type EventsStatus struct {
	Total      uint64 `json:"total"`
	Duplicates uint64 `json:"duplicates"`
	Decided    uint64 `json:"decided"`
	Poisoned   uint64 `json:"poisoned"`
}

// lives remembers when rules became live; any goroutine may use it.
type lives struct {
	count atomic.Uint64
	last  atomic.Int64 // unix milliseconds
}

func (l *lives) another() {
	l.last.Store(time.Now().UnixMilli())
	l.count.Add(1)
}

func (a *App) ctlStatus(ctx context.Context, raw json.RawMessage) (any, error) {
	if _, err := ctl.Params[struct{}](raw); err != nil {
		return nil, err
	}
	queue, err := a.queueStatus(ctx)
	if err != nil {
		return nil, err
	}
	trials, err := a.trials(ctx, a.rules.Load())
	if err != nil {
		return nil, err
	}
	breakers, err := a.openBreakers(ctx)
	if err != nil {
		return nil, err
	}
	a.halt.look()
	s := Status{
		Paused: a.halt.list(), Breakers: breakers, Rollouts: trials, Health: a.health.check(ctx),
		V: 1, Version: a.o.Version, PID: os.Getpid(), Started: a.began, Uptime: time.Since(a.began).Seconds(), DryRun: a.o.Shadow,
		State: a.o.Config.State.Path, Rules: a.rulesStatus(a.rules.Load()), Queue: queue, Events: eventsStatus(a.intake.Stats()),
	}
	for _, acc := range a.accounts {
		s.Accounts = append(s.Accounts, a.accountStatus(acc, queue.robots))
	}
	slices.SortFunc(s.Accounts, func(x, y AccountStatus) int { return cmp.Compare(x.Name, y.Name) })
	return s, nil
}

func (a *App) rulesStatus(set *rule.Set) RulesStatus {
	return RulesStatus{
		Count: len(set.Rules), Hash: set.Hash, Generation: short(set.Hash), Loads: a.loads.count.Load(),
		LoadedAt: time.UnixMilli(a.loads.last.Load()), Refused: a.reload.refused.get(),
		Aside: a.aside.List(set),
	}
}

func (a *App) accountStatus(acc *account, queued map[string]int) AccountStatus {
	s := AccountStatus{Name: acc.name, Connected: acc.connected.Load(), Robots: []RobotStatus{}}
	for _, r := range a.robots.list(acc.name) {
		s.Robots = append(s.Robots, RobotStatus{Key: r.Key, Name: r.Name, Status: statusName(r.Status), Queue: queued[acc.name+"/"+r.Key], WarmUp: a.warmUp(r.Key, time.Now())})
	}
	slices.SortFunc(s.Robots, func(x, y RobotStatus) int { return cmp.Compare(x.Key, y.Key) })
	return s
}

// statusName is a robot's status in a word for scripts.
func statusName(s event.Status) string {
	switch s {
	case event.StatusInitial:
		return "initial"
	case event.StatusOnline:
		return "online"
	case event.StatusOffline:
		return "offline"
	case event.StatusBanned:
		return "banned"
	case event.StatusKicked:
		return "kicked"
	default:
		return "unknown"
	}
}

func (a *App) queueStatus(ctx context.Context) (QueueStatus, error) {
	var q QueueStatus
	err := a.store.View(ctx, func(tx state.Tx) error {
		q = QueueStatus{robots: map[string]int{}}
		for _, e := range tx.Open("") {
			q.count(&e)
		}
		return nil
	})
	return q, err
}

func (q *QueueStatus) count(e *state.Entry) {
	q.Depth++
	q.robots[e.Command.Account+"/"+e.Command.Robot]++
	switch e.State {
	case state.Pending:
		q.Pending++
	case state.Sending:
		q.Sending++
	default:
		q.Ambiguous++
	}
}

func eventsStatus(s intake.Stats) EventsStatus {
	return EventsStatus{Total: s.Events, Duplicates: s.Duplicates, Decided: s.Decided, Poisoned: s.Poisoned}
}
