package dispatch

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"botengine/internal/command"
	"botengine/internal/state"
)

// What left is counted in the transaction that claims it, so that a restart makes no
// quota whole again: each of the last minute by itself, and how many in each minute
// of an hour, by kind, for as long as a day looks back.
const (
	paceRobots = "pace/robots" // the robots of which something is counted
	recentLife = 2 * time.Minute
	hoursBack  = 26
)

func recentFact(robot string) string { return "pace/" + robot + "/recent" }

// hourFact is where an hour of a robot is counted; chat "" = of all it does.
func hourFact(robot, chat string, hour int64) string {
	if chat == "" {
		return "pace/" + robot + "/" + strconv.FormatInt(hour, 10)
	}
	return "pace/" + robot + "/" + strings.ReplaceAll(chat, "/", "_") + "/" + strconv.FormatInt(hour, 10)
}

func hourOf(at time.Time) int64 { return at.Unix() / 3600 }

// left is one command that left.
type left struct {
	At   int64  `json:"at"` // unix milliseconds
	Type string `json:"type"`
	Lane string `json:"lane,omitempty"`
	Chat string `json:"chat,omitempty"`
}

func (s *left) command(robot string) *command.Command {
	return &command.Command{Robot: robot, Type: s.Type, Lane: command.Lane(s.Lane), Chat: s.Chat}
}

// hourCount says how many of each kind of command left in each minute of an hour.
// Kinds are named as in left, by type and lane.
type hourCount map[string]map[int]int

func kindName(c *command.Command) string { return string(c.Lane) + ":" + c.Type }

func kindNamed(robot, chat, name string) *command.Command {
	lane, kind, _ := strings.Cut(name, ":")
	return &command.Command{Robot: robot, Chat: chat, Lane: command.Lane(lane), Type: kind}
}

// count counts a send in the transaction that claims it.
func (w *worker) count(tx state.Tx, c *command.Command, now time.Time) { w.recount(tx, c, now, 1) }

// uncount takes back what count did at a claim that led to no send.
func (w *worker) uncount(tx state.Tx, c *command.Command, claimed time.Time) {
	w.recount(tx, c, claimed, -1)
}

func (w *worker) recount(tx state.Tx, c *command.Command, at time.Time, n int) {
	if !w.o.Limiter.Counts(AskOf(c)) {
		return
	}
	recountRecent(tx, c, at, n)
	recountHour(tx, hourFact(c.Robot, "", hourOf(at)), c, at, n)
	if c.Chat != "" && w.o.Limiter.ChatCounts() {
		recountHour(tx, hourFact(c.Robot, c.Chat, hourOf(at)), c, at, n)
	}
	addRobot(tx, c.Robot)
}

func recountRecent(tx state.Tx, c *command.Command, at time.Time, n int) {
	var all []left
	readFact(tx, recentFact(c.Robot), &all)
	old := at.Add(-recentLife).UnixMilli()
	this := left{At: at.UnixMilli(), Type: c.Type, Lane: string(c.Lane), Chat: c.Chat}
	all = slices.DeleteFunc(all, func(s left) bool { return s.At < old })
	if n > 0 {
		all = append(all, this)
	} else if at := slices.Index(all, this); at >= 0 {
		all = slices.Delete(all, at, at+1)
	}
	writeFact(tx, recentFact(c.Robot), all, at)
}

func recountHour(tx state.Tx, key string, c *command.Command, at time.Time, n int) {
	hour, kind := hourCount{}, kindName(c)
	readFact(tx, key, &hour)
	if hour[kind] == nil {
		hour[kind] = map[int]int{}
	}
	minute := int(at.Unix() / 60 % 60)
	hour[kind][minute] = max(0, hour[kind][minute]+n)
	writeFact(tx, key, hour, at)
}

func addRobot(tx state.Tx, robot string) {
	var robots []string
	readFact(tx, paceRobots, &robots)
	if place, known := slices.BinarySearch(robots, robot); !known {
		data, _ := json.Marshal(slices.Insert(robots, place, robot)) //nolint:errchkjson // strings
		tx.SetFact(paceRobots, data, time.Time{})
	}
}

// readFact reads what only this file writes; what cannot be read counts nothing.
func readFact(tx state.Tx, key string, into any) {
	if data, _, ok := tx.Fact(key); ok {
		_ = json.Unmarshal(data, into)
	}
}

func writeFact(tx state.Tx, key string, value any, at time.Time) {
	data, err := json.Marshal(value)
	if err != nil {
		return // numbers and strings
	}
	// To the hour: the store writes an expiry only when it is another one.
	tx.SetFact(key, data, at.Add(hoursBack*time.Hour).Truncate(time.Hour))
}

// prime tells the limiter what left before this start. That a clock was set back
// since does not matter: what is in its future counts as well.
func (d *Dispatcher) prime(ctx context.Context) error {
	now := d.o.Now()
	err := d.o.Store.View(ctx, func(tx state.Tx) error {
		var robots []string
		readFact(tx, paceRobots, &robots)
		for _, robot := range robots {
			d.primeHours(tx, robot, "", now)
			var recent []left
			readFact(tx, recentFact(robot), &recent)
			for _, s := range recent {
				d.o.Limiter.PrimeMoment(AskOf(s.command(robot)), time.UnixMilli(s.At))
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("read what left before: %w", err)
	}
	return nil
}

func (d *Dispatcher) primeHours(tx state.Tx, robot, chat string, now time.Time) {
	for hour := hourOf(now) - hoursBack; hour <= hourOf(now)+1; hour++ {
		var counted hourCount
		readFact(tx, hourFact(robot, chat, hour), &counted)
		for kind, minutes := range counted {
			ask := AskOf(kindNamed(robot, chat, kind))
			for minute, n := range minutes {
				d.o.Limiter.PrimeCount(ask, time.Unix(hour*3600+int64(minute)*60, 0), n, chat != "")
			}
		}
	}
}

// primeChat tells the limiter, once, what left for a chat before this start.
func (w *worker) primeChat(ctx context.Context, c *command.Command) {
	if c.Chat == "" || w.primed[c.Chat] || !w.o.Limiter.ChatCounts() {
		return
	}
	err := w.o.Store.View(ctx, func(tx state.Tx) error {
		w.d.primeHours(tx, c.Robot, c.Chat, w.o.Now())
		return nil
	})
	w.primed[c.Chat] = true
	if err != nil && ctx.Err() == nil {
		w.o.Log.Warn("quotas of a chat not loaded", "robot", w.key.robot, "error", err)
	}
}
