package app

import (
	"fmt"
	"time"

	"botengine/internal/diag"
	"botengine/internal/dispatch"
	"botengine/internal/ratelimit"
	"botengine/internal/state"
)

// WarmUpStatus is how far a new robot is in its warm-up.
type WarmUpStatus struct {
	Day       int     `json:"day"` // the first is 1
	Days      int     `json:"days"`
	PerMinute int     `json:"per_minute,omitempty"` // what it may do in a minute; 0 = that is not limited
	Share     float64 `json:"share"`                // of its pace
	WhyZH     string  `json:"why_zh"`
	Why       string  `json:"why"`
}

func (a *App) warmUp(robot string, now time.Time) *WarmUpStatus {
	w, ok := a.limiter.Warming(now, robot)
	if !ok {
		return nil
	}
	text := warmUpText(w)
	return &WarmUpStatus{Day: w.Day, Days: w.Days, PerMinute: w.PerMinute, Share: w.Share, WhyZH: text.ZH, Why: text.EN}
}

func warmUpText(w ratelimit.Warming) diag.Text {
	if w.PerMinute == 0 {
		return diag.T("预热，第 %d 天（共 %d 天）：平时的 %d%%", "warm-up, day %d of %d: %d%% of its pace", w.Day, w.Days, int(w.Share*100))
	}
	return diag.T("预热，第 %d 天（共 %d 天）：每分钟 %d 次", "warm-up, day %d of %d: %d per minute", w.Day, w.Days, w.PerMinute)
}

// held is what holds a command, in a word and in words, and until when at least.
type held struct {
	hold  string // one of the Hold… constants
	text  diag.Text
	until time.Time // zero: nobody can tell
}

// holds says what holds an entry whose turn it is on its lane.
func (a *App) holds(e *state.Entry, now time.Time) held {
	h := a.heldBack(e, now)
	if h.hold == "" {
		h = a.heldByLimits(e, now)
	}
	if h.text == (diag.Text{}) {
		h.text = holdTexts[h.hold]
	}
	return h
}

// heldBack says what holds an entry other than limits.
func (a *App) heldBack(e *state.Entry, now time.Time) held {
	c := &e.Command
	_, why := a.dispatch.Hold(*e, now)
	acc := a.accounts[c.Account]
	switch {
	case a.o.Shadow:
		return held{hold: HoldDryRun}
	case e.State == state.Sending:
		return held{hold: HoldSending}
	case e.State == state.Ambiguous:
		return held{hold: HoldDoubt}
	case why == dispatch.Paused:
		return held{hold: HoldPaused}
	case c.NeedsRobot() && (acc == nil || !acc.connected.Load()):
		return held{hold: HoldAccount}
	case why == dispatch.Offline:
		return held{hold: HoldRobot}
	case why != dispatch.Free:
		return held{hold: string(why)}
	case e.NotBefore.After(now) && (e.Attempt > 0 || e.NotBefore.After(c.NotBefore)):
		return held{hold: HoldRetry}
	case e.NotBefore.After(now):
		return held{hold: HoldTime}
	}
	return held{}
}

// heldByLimits says which limit an entry waits for; if none, it waits for what goes
// before it.
func (a *App) heldByLimits(e *state.Entry, now time.Time) held {
	c := &e.Command
	wait := a.limiter.Look(now, dispatch.AskOf(c))
	h := held{hold: HoldPace, until: wait.Until}
	switch {
	case wait.By == ratelimit.Nobody:
		h.until = time.Time{}
		return h
	case wait.Span != ratelimit.OfMinute:
		h.hold = HoldQuota
	}
	h.text = limitText(wait, dispatch.KindOf(c))
	if w, warming := a.limiter.Warming(now, c.Robot); warming && wait.By == ratelimit.OfRobot && !wait.Ceiling {
		text := warmUpText(w)
		h.hold, h.text = HoldWarmUp, diag.Text{ZH: h.text.ZH + "；" + text.ZH, EN: h.text.EN + "; " + text.EN}
	}
	return h
}

// limitText says which limit it is.
func limitText(w ratelimit.Wait, kind string) diag.Text {
	span := map[ratelimit.Span]diag.Text{
		ratelimit.OfMinute: diag.T("每分钟", "a minute"), ratelimit.OfHour: diag.T("每小时", "an hour"), ratelimit.OfDay: diag.T("24 小时", "24 hours"),
	}[w.Span]
	of := map[ratelimit.Scope]diag.Text{
		ratelimit.OfChat: diag.T("这个会话", "this chat"), ratelimit.OfKind: diag.T("这个机器人的 %s ", "%s by this robot", kind),
		ratelimit.OfRobot: diag.T("这个机器人", "this robot"), ratelimit.OfAll: diag.T("所有机器人合计", "all robots together"),
	}[w.By]
	name := diag.T("限量", "the limit")
	switch {
	case w.Ceiling:
		name = diag.T("上限", "the ceiling")
	case w.Span == ratelimit.OfMinute:
		name = diag.T("速度", "the pace")
	}
	return diag.Text{
		ZH: fmt.Sprintf("按%s排队：%s%s最多 %d 次", name.ZH, of.ZH, span.ZH, w.Limit),
		EN: fmt.Sprintf("it waits for %s of %s: %d in %s", name.EN, of.EN, w.Limit, span.EN),
	}
}
