package app

import (
	"cmp"
	"context"
	"encoding/json"
	"slices"
	"time"

	"botengine/internal/command"
	"botengine/internal/ctl"
	"botengine/internal/diag"
	"botengine/internal/dispatch"
	"botengine/internal/state"
)

// Queue is what waits for being sent or for its result, version 1.
type Queue struct {
	V      int         `json:"v"`
	Depth  int         `json:"depth"`
	Oldest float64     `json:"oldest_seconds"` // how long the oldest command has been there
	Lanes  []QueueLane `json:"lanes"`          // those with the oldest commands first
}

// QueueLane are the commands of a robot that leave one after the other.
type QueueLane struct {
	Account   string    `json:"account"`
	Robot     string    `json:"robot"`
	RobotName string    `json:"robot_name,omitempty"`
	Lane      string    `json:"lane"`           // chat, action or call
	Chat      string    `json:"chat,omitempty"` // of a lane of messages
	Depth     int       `json:"depth"`
	Since     time.Time `json:"since"` // when its oldest command was put there
	Age       float64   `json:"age_seconds"`
	Next      QueueNext `json:"next"`
	Hold      string    `json:"hold"`           // one of the Hold… constants
	Until     time.Time `json:"until,omitzero"` // it is held so long at least; zero = nobody can tell
	WhyZH     string    `json:"why_zh"`
	Why       string    `json:"why"`
}

// QueueNext is the command of a lane whose turn it is.
type QueueNext struct {
	MessageID string    `json:"message_id"`
	Type      string    `json:"type"`
	Rule      string    `json:"rule,omitempty"`
	Step      string    `json:"step,omitempty"`
	State     string    `json:"state"`
	Attempt   int       `json:"attempt,omitempty"`
	Due       time.Time `json:"due,omitzero"`     // not before; zero = its time has come
	Expires   time.Time `json:"expires,omitzero"` // it is not sent later
}

// What can hold a lane.
const (
	HoldDryRun  = "dry_run"  // nothing is sent at all
	HoldPaused  = "paused"   // `ctl pause`, or the file PAUSED
	HoldBreaker = "breaker"  // a breaker of the robot or of the chat is open
	HoldAccount = "account"  // there is no such account, or it is not connected
	HoldRobot   = "robot"    // the robot cannot speak
	HoldSending = "sending"  // its result is awaited
	HoldDoubt   = "in_doubt" // the history is asked whether it happened
	HoldTime    = "time"     // its time has not come
	HoldRetry   = "retry"    // it is sent again after a pause
	HoldQuota   = "quota"    // the quota of an hour or a day is used up
	HoldPace    = "pace"     // its turn by the limits has not come
	HoldWarmUp  = "warm_up"  // nor has it by those of a new robot
)

var holdTexts = map[string]diag.Text{
	HoldDryRun:  diag.T("以 --dry-run 运行，什么都不发送", "the engine runs with --dry-run and sends nothing"),
	HoldPaused:  diag.T("已暂停发送：ctl pause 或文件 PAUSED", "sending is paused: by ctl pause or the file PAUSED"),
	HoldBreaker: diag.T("断路器断开了：botengine ctl breaker 说为什么、到什么时候", "a breaker is open: botengine ctl breaker says why and until when"),
	HoldAccount: diag.T("账号没有连接平台", "the account is not connected to the platform"),
	HoldRobot:   diag.T("机器人不在线", "the robot is not online"),
	HoldSending: diag.T("已发出，等结果", "it is sent, its result is awaited"),
	HoldDoubt:   diag.T("不知道发出没有，正在查历史", "nobody knows whether it was sent, the history is being asked"),
	HoldTime:    diag.T("还没到时间", "its time has not come"),
	HoldRetry:   diag.T("平台忙或没发出去，稍后再试", "the platform was busy or it did not leave, it is tried again"),
	HoldPace:    diag.T("按速度限制排队，前面还有更急的或更早的", "it waits for its turn by the limits, behind what is more urgent or older"),
}

func (a *App) ctlQueue(ctx context.Context, raw json.RawMessage) (any, error) {
	if _, err := ctl.Params[struct{}](raw); err != nil {
		return nil, err
	}
	var open []state.Entry
	err := a.store.View(ctx, func(tx state.Tx) error {
		open = tx.Open("")
		return nil
	})
	if err != nil {
		return nil, err
	}
	return a.queueOf(open, time.Now()), nil
}

// queueOf sorts the open entries, which are in the order of their numbers, by lanes.
func (a *App) queueOf(open []state.Entry, now time.Time) Queue {
	q := Queue{V: 1, Depth: len(open), Lanes: []QueueLane{}}
	type place struct{ account, robot, lane string }
	lanes := map[place][]*state.Entry{}
	for i := range open {
		c := &open[i].Command
		at := place{c.Account, c.Robot, dispatch.LaneOf(c)}
		lanes[at] = append(lanes[at], &open[i])
	}
	for _, entries := range lanes {
		q.Lanes = append(q.Lanes, a.laneOf(entries, now))
	}
	slices.SortFunc(q.Lanes, func(x, y QueueLane) int {
		return cmp.Or(x.Since.Compare(y.Since), cmp.Compare(x.Next.MessageID, y.Next.MessageID))
	})
	if len(q.Lanes) > 0 {
		q.Oldest = q.Lanes[0].Age
	}
	return q
}

// laneOf describes a lane by its entries, of which there is at least one.
func (a *App) laneOf(entries []*state.Entry, now time.Time) QueueLane {
	next := entries[0]
	for _, e := range entries {
		if e.State != state.Pending {
			next = e
			break
		}
	}
	c := &next.Command
	l := QueueLane{
		Account: c.Account, Robot: c.Robot, Lane: string(cmp.Or(c.Lane, command.LaneAction)), Depth: len(entries),
		Next: QueueNext{
			MessageID: c.MessageID, Type: c.Type, Rule: c.Rule, Step: c.Step,
			State: string(next.State), Attempt: next.Attempt, Expires: c.Expires,
		},
	}
	if c.IsMessage() {
		l.Chat = c.Chat
	}
	if next.State == state.Pending && next.NotBefore.After(now) {
		l.Next.Due = next.NotBefore
	}
	if r, ok := a.robots.Robot(c.Account, c.Robot); ok {
		l.RobotName = r.Name
	}
	for _, e := range entries {
		if at := addedAt(e); l.Since.IsZero() || at.Before(l.Since) {
			l.Since = at
		}
	}
	l.Age = max(0, now.Sub(l.Since).Seconds())
	h := a.holds(next, now)
	l.Hold, l.Until, l.Why, l.WhyZH = h.hold, h.until, h.text.EN, h.text.ZH
	return l
}

// addedAt is when an entry was enqueued; for rows of versions before, when the event
// happened that it was made for.
func addedAt(e *state.Entry) time.Time {
	if !e.AddedAt.IsZero() {
		return e.AddedAt
	}
	at, _ := command.MessageTime(e.Command.MessageID)
	return at
}
