package app

import (
	"cmp"
	"context"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"botengine/internal/config"
	"botengine/internal/ctl"
	"botengine/internal/diag"
	"botengine/internal/dispatch"
	"botengine/internal/engine"
	"botengine/internal/event"
	"botengine/internal/state"
)

// conditionBreaker is bad while a breaker or a fuse is open.
const conditionBreaker = "breaker_open"

// loadBreakers reads the breakers; nil where the configuration wants none.
func (a *App) loadBreakers(ctx context.Context) (err error) {
	c := &a.o.Config.Fuses.Breaker
	if c.Pause.Max == 0 {
		return nil
	}
	a.breakers, err = dispatch.LoadBreakers(ctx, breakersOf(c, a.store, a))
	return err
}

func breakersOf(c *config.Breaker, store state.Store, a *App) dispatch.BreakerOptions {
	return dispatch.BreakerOptions{
		Store: store, Pauses: dispatch.BreakerPauses{First: c.Pause.Min, Longest: c.Pause.Max}, Codes: c.Codes, Words: c.Words,
		ChatFailures: c.ChatFailures, RobotFailures: c.RobotFailures, Log: a.o.Log,
	}
}

// ended tells the breakers of the end of a command, in the transaction that writes it.
func (a *App) ended(tx state.Tx, e *state.Entry, now time.Time) {
	if a.breakers != nil {
		a.breakers.Ended(tx, e, now)
	}
}

// BreakerStatus is a breaker or a fuse that is not closed.
type BreakerStatus struct {
	Robot    string    `json:"robot"`
	Chat     string    `json:"chat,omitempty"`   // its id, or who it is with; "" = all that the robot sends
	Person   string    `json:"person,omitempty"` // of a fuse: who is not answered
	State    string    `json:"state"`            // open or half_open
	Cause    string    `json:"cause"`            // risk_answer, undelivered or ping_pong
	Code     string    `json:"code,omitempty"`   // of the answer that opened it
	Since    time.Time `json:"since"`
	Until    time.Time `json:"until"` // when a command is tried, or the fuse closes
	Openings int       `json:"openings,omitempty"`
	Probe    string    `json:"probe,omitempty"` // half open: the command whose end decides
	Waiting  int       `json:"waiting"`         // commands that wait for it
	WhyZH    string    `json:"why_zh"`
	Why      string    `json:"why"`
	TodoZH   string    `json:"todo_zh"`
	Todo     string    `json:"todo"`
}

// Breakers are those that are not closed, version 1.
type Breakers struct {
	V        int             `json:"v"`
	Breakers []BreakerStatus `json:"breakers"`
	Closed   int             `json:"closed,omitempty"` // by the call that was made
}

// BreakerParams say which breakers are to be closed.
type BreakerParams struct {
	Robot string `json:"robot"`          // its key or its name
	Chat  string `json:"chat,omitempty"` // a chat's id, or who it is with; "" = all of the robot
}

var breakerTexts = map[string]diag.Text{
	dispatch.BreakerRisk:        diag.T("平台的应答提示风险", "the platform's answer hinted at risk control"),
	dispatch.BreakerUndelivered: diag.T("消息连续送不到", "messages in a row did not arrive"),
}

// openBreakers are the breakers and fuses that hold something now, with how many
// commands wait for each.
func (a *App) openBreakers(ctx context.Context) ([]BreakerStatus, error) {
	out, err := a.breakersNow(ctx)
	if err != nil || len(out) == 0 || a.breakers == nil {
		return out, err
	}
	err = a.store.View(ctx, func(tx state.Tx) error {
		a.countHeld(tx, out, time.Now())
		return nil
	})
	return out, err
}

// breakersNow is openBreakers without the counts, for which the whole outbox is read.
// With an error it has the breakers, and no fuse.
func (a *App) breakersNow(ctx context.Context) ([]BreakerStatus, error) {
	now, out := time.Now(), []BreakerStatus{}
	if a.breakers != nil {
		for _, b := range a.breakers.List() {
			if b.State != dispatch.BreakerClosed {
				out = append(out, breakerStatus(&b, now))
			}
		}
	}
	err := a.store.View(ctx, func(tx state.Tx) error {
		for _, l := range engine.Loops(tx, now) {
			out = append(out, loopStatus(&l))
		}
		return nil
	})
	slices.SortStableFunc(out, func(x, y BreakerStatus) int { return cmp.Or(cmp.Compare(x.Robot, y.Robot), x.Since.Compare(y.Since)) })
	return out, err
}

// countHeld counts what waits for each breaker.
func (a *App) countHeld(tx state.Tx, all []BreakerStatus, now time.Time) {
	for _, e := range tx.Open("") {
		b, held := a.breakers.Holding(&e.Command, now)
		i := slices.IndexFunc(all, func(s BreakerStatus) bool { return s.Robot == b.Robot && s.Chat == b.Chat && s.Person == "" })
		if held && e.State == state.Pending && i >= 0 {
			all[i].Waiting++
		}
	}
}

func breakerStatus(b *dispatch.Breaker, now time.Time) BreakerStatus {
	why := breakerTexts[b.Cause]
	still := diag.Short(max(0, b.Until.Sub(now)).Round(time.Second))
	s := BreakerStatus{
		Robot: b.Robot, Chat: b.Chat, State: string(b.State), Cause: b.Cause, Code: b.Code, Since: b.Since, Until: b.Until,
		Openings: b.Openings, Probe: b.Probe, WhyZH: why.ZH, Why: why.EN,
	}
	next := diag.T("%s 后放一条试探，成功就恢复", "in %s one command is tried, and its success ends it", still)
	if b.State == dispatch.BreakerHalfOpen {
		next = diag.T("正在试探，成功就恢复", "one command is being tried, and its success ends it")
	}
	s.WhyZH, s.Why = s.WhyZH+"："+next.ZH, s.Why+": "+next.EN
	todo := diag.T("在企业微信里看看这个机器人；没有问题就 `botengine ctl breaker close --robot %s`", "look at the robot in WeCom; if all is well: `botengine ctl breaker close --robot %s`", b.Robot)
	if b.Chat != "" {
		todo = diag.T("看看对方是不是删了机器人、或把它移出了群；没有问题就 `botengine ctl breaker close --robot %s --chat %s`",
			"see whether the robot was deleted or removed there; if all is well: `botengine ctl breaker close --robot %s --chat %s`", b.Robot, b.Chat)
	}
	s.TodoZH, s.Todo = todo.ZH, todo.EN
	return s
}

func loopStatus(l *engine.Loop) BreakerStatus {
	why := l.Why()
	todo := diag.T("如果对方是人：`botengine ctl breaker close --robot %s --chat %s`", "if it is a person: `botengine ctl breaker close --robot %s --chat %s`", l.Robot, l.Peer)
	return BreakerStatus{
		Robot: l.Robot, Chat: l.Peer, Person: l.Person, State: string(dispatch.BreakerOpen), Cause: engine.CodePingPong, Since: l.Since, Until: l.Until,
		WhyZH: why.ZH, Why: why.EN, TodoZH: todo.ZH, Todo: todo.EN,
	}
}

func (a *App) ctlBreakers(ctx context.Context, raw json.RawMessage) (any, error) {
	if _, err := ctl.Params[struct{}](raw); err != nil {
		return nil, err
	}
	open, err := a.openBreakers(ctx)
	return Breakers{V: 1, Breakers: open}, err
}

// ctlBreakerClose closes breakers and fuses before their time. What they held leaves
// at the usual pace.
func (a *App) ctlBreakerClose(ctx context.Context, raw json.RawMessage) (any, error) {
	p, err := ctl.Params[BreakerParams](raw)
	if err != nil {
		return nil, err
	}
	if p.Robot == "" {
		return nil, &ctl.Error{Code: "no_robot", ZH: "要写 --robot：哪个机器人的断路器", EN: "--robot is needed: whose breakers"}
	}
	if p.Robot, err = a.robotNamed(p.Robot); err != nil {
		return nil, err
	}
	closed, err := a.closeBreakers(ctx, p.Robot, p.Chat)
	if err != nil {
		return nil, err
	}
	a.o.Log.Warn("breakers closed by hand", "robot", p.Robot, "chat", p.Chat, "closed", closed)
	a.dispatch.Wake()
	open, err := a.openBreakers(ctx)
	return Breakers{V: 1, Breakers: open, Closed: closed}, err
}

// closeBreakers closes those of a robot, of one chat or all; how many is returned.
func (a *App) closeBreakers(ctx context.Context, robot, chat string) (closed int, err error) {
	peer := chat
	if _, of, ok := event.SplitChatID(chat); ok {
		peer = of
	}
	err = a.store.Update(ctx, func(tx state.Tx) error {
		var w engine.FactWrite
		if w, closed = engine.CloseLoops(tx, robot, peer, time.Now()); closed == 0 {
			return nil
		}
		if w.Delete {
			tx.DeleteFact(w.Key)
		} else {
			tx.SetFact(w.Key, w.Value, w.Expires)
		}
		return nil
	})
	if err != nil || a.breakers == nil {
		return closed, err
	}
	for _, b := range a.breakers.List() {
		_, of, _ := event.SplitChatID(b.Chat)
		if b.Robot != robot || chat != "" && b.Chat != chat && of != chat {
			continue
		}
		ended, err := a.breakers.Close(ctx, robot, b.Chat, time.Now())
		if err != nil {
			return closed, err
		}
		closed += len(ended)
	}
	return closed, nil
}

func (a *App) lookBreakers(ctx context.Context) []Condition {
	open, err := a.breakersNow(ctx)
	if err != nil && ctx.Err() == nil {
		a.o.Log.Warn("it is not known whether a fuse is open", "error", err)
	}
	if len(open) == 0 {
		return []Condition{well("", diag.T("没有断开的断路器", "no breaker is open"))}
	}
	out := make([]Condition, 0, len(open))
	for i := range open {
		s := &open[i]
		about := s.Robot
		if s.Chat != "" {
			about += "/" + s.Chat
		}
		c := degraded(about, diag.Text{ZH: s.WhyZH + "；" + s.TodoZH, EN: s.Why + "; " + s.Todo})
		c.Since = s.Since
		out = append(out, c)
	}
	return out
}

// conditionAside is bad while rules are set aside.
const conditionAside = "rules_set_aside"

func (a *App) lookAside() Condition {
	list := a.aside.List(a.rules.Load())
	if len(list) == 0 {
		return well("", diag.T("没有隔离的规则", "no rule is set aside"))
	}
	ids := make([]string, 0, len(list))
	for _, one := range list {
		ids = append(ids, one.Rule)
	}
	names := strings.Join(ids, ", ")
	return degraded("", diag.T("规则 %s 内部连续出错，已隔离：改好后保存，或 `botengine ctl reload`", "rules %s panicked too often and are set aside: save them mended, or `botengine ctl reload`", names))
}
