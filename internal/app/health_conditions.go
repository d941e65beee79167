package app

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"botengine/internal/diag"
	"botengine/internal/event"
	"botengine/internal/state"
)

// The names of the conditions of accounts, robots, rules, pauses, the store and
// what waits for a person.
const (
	conditionDisconnected = "disconnected"
	conditionToken        = "token_failing"
	conditionCatchUp      = "catchup_running"
	conditionPaused       = "paused"
	conditionConfig       = "config_stale"
	conditionStore        = "store_failing"
	conditionLetters      = "letters_waiting"
	conditionRobot        = "robot_away"
	conditionLoops        = "loops_stuck"
)

// newHealth registers what there is to know. Whoever has a condition adds it here.
func (a *App) newHealth() *health {
	h := newHealth()
	h.add(conditionDisconnected, a.eachAccount(connectionOf))
	h.add(conditionToken, a.eachAccount(tokenOf))
	h.add(conditionRobot, a.lookRobots)
	h.add(conditionCatchUp, a.eachAccount(catchUpOf))
	h.add(conditionPaused, a.lookPaused)
	h.add(conditionBreaker, a.lookBreakers)
	h.add(conditionConfig, one(a.lookConfig))
	h.add(conditionAside, one(a.lookAside))
	h.add(conditionStore, one(a.lookStore))
	h.add(conditionLoops, one(a.lookLoops))
	h.add(conditionDisk, one(a.lookDisk))
	h.add(conditionLetters, a.lookLetters)
	return h
}

// eachAccount is a look at every account, in the order of their names.
func (a *App) eachAccount(of func(*account) Condition) look {
	return func(context.Context) []Condition {
		out := make([]Condition, 0, len(a.accounts))
		for _, acc := range a.accounts {
			c := of(acc)
			c.About = acc.name
			out = append(out, c)
		}
		sortByAbout(out)
		return out
	}
}

func sortByAbout(conditions []Condition) {
	slices.SortStableFunc(conditions, func(x, y Condition) int { return strings.Compare(x.About, y.About) })
}

func connectionOf(acc *account) Condition {
	if acc.connected.Load() {
		return well("", diag.T("已连接平台", "connected to the platform"))
	}
	return broken(diag.T("没有连接平台", "not connected to the platform"))
}

func tokenOf(acc *account) Condition {
	t := acc.rest.TokenState()
	switch {
	case t.Refused && !t.Serves:
		return broken(diag.T("平台拒绝了 access_key 或 access_secret", "the platform refuses access_key or access_secret"))
	case t.Refused:
		return degraded("", diag.T("平台拒绝续期，现在的还能用到 %s", "the platform refuses to renew it; the present one serves until %s", clockTime(t.Expires)))
	case t.Failures > 0 && !t.Serves:
		return degraded("", diag.T("取不到：平台没有答复，会一直重试", "there is none: the platform does not answer, it is asked again"))
	case t.Failures > 0:
		return degraded("", diag.T("续期失败 %d 次，现在的能用到 %s", "renewing it failed %d times; the present one serves until %s", t.Failures, clockTime(t.Expires)))
	default:
		return well("", diag.T("能用", "it serves"))
	}
}

// clockTime is a moment as people here read it.
func clockTime(t time.Time) string { return t.Local().Format(time.DateTime) }

func catchUpOf(acc *account) Condition {
	s := acc.catchUp.Stats()
	if s.Owed > 0 {
		return degraded("", diag.T("有 %d 个会话的聊天记录一直读不出来，里面错过的消息还欠着，会隔一阵再读", "the history of %d chats cannot be read: what was missed in them is owed, they are asked for again", s.Owed))
	}
	if s.NeedsCatchUp {
		return degraded("", diag.T("正在从聊天记录补读错过的消息，或等着补读", "what was missed is being read from the history, or is about to be"))
	}
	return well("", diag.T("没有欠着的消息", "nothing is owed"))
}

func (a *App) lookRobots(context.Context) []Condition {
	var out []Condition
	for _, acc := range a.accounts {
		for _, r := range a.robots.list(acc.name) {
			about := acc.name + "/" + r.Key
			if text, away := awayTexts[r.Status]; away {
				out = append(out, degraded(about, text))
			} else {
				out = append(out, well(about, diag.T("在线", "online")))
			}
		}
	}
	sortByAbout(out)
	return out
}

var awayTexts = map[event.Status]diag.Text{
	event.StatusOffline: diag.T("离线：它的命令等着", "offline: its commands wait"),
	event.StatusBanned:  diag.T("被封：它的命令等着", "banned: its commands wait"),
	event.StatusKicked:  diag.T("被踢下线：它的命令等着", "kicked: its commands wait"),
}

func (a *App) lookPaused(context.Context) []Condition {
	var out []Condition
	for _, p := range a.halt.list() {
		reason, by := p.Reason, "ctl pause"
		if p.File != "" {
			by = p.File
		}
		c := degraded(p.Robot, diag.T("已暂停发送（%s）：%s", "sending is paused (%s): %s", by, reason))
		if reason == "" {
			c = degraded(p.Robot, diag.T("已暂停发送（%s）", "sending is paused (%s)", by))
		}
		c.Since = p.Since
		out = append(out, c)
	}
	if len(out) == 0 {
		return []Condition{well("", diag.T("没有暂停", "nothing is paused"))}
	}
	return out
}

func (a *App) lookConfig() Condition {
	if a.reload.refused.get() != "" {
		return degraded("", diag.T("改过的规则有错，没有生效，旧的还在用：botengine ctl reload 说是什么", "changed rules have errors and are not live, the old ones are: botengine ctl reload says which"))
	}
	return well("", diag.T("生效的是最新的规则", "the newest rules are live"))
}

func (a *App) lookStore() Condition {
	if a.store.Stats().Failing {
		return broken(diag.T("状态文件写不进去：不收也不发，写得进去了会自己恢复", "the state file cannot be written: nothing is taken in or sent until it can be, and then by itself"))
	}
	return well("", diag.T("状态文件写得进去", "the state file can be written"))
}

// letterCount counts the dead letters that wait for a person. Counting reads all that has
// ended, so it is done again only after something ended badly or a person decided, and
// now and then: what is too old is forgotten without a word.
type letterCount struct {
	changed atomic.Bool
	mu      sync.Mutex // guards what follows; held while they are counted
	count   map[state.EntryState]int
	next    time.Time // not counted again before
	stale   time.Time // counted again then, whatever happened
}

// countShare bounds the time spent on counting: one in so many parts.
const countShare = 20

// letterEvery is how old a count of dead letters may become.
const letterEvery = time.Hour

func (a *App) lookLetters(ctx context.Context) []Condition {
	n := 0
	for _, of := range a.countLetters(ctx) {
		n += of
	}
	if n == 0 {
		return []Condition{well("", diag.T("没有等人处理的命令", "no command waits for a person"))}
	}
	return []Condition{degraded("", diag.T("%d 条命令等人处理：botengine ctl dead", "%d commands wait for a person: botengine ctl dead", n))}
}

// countLetters returns how many dead letters there are, by how they ended.
func (a *App) countLetters(ctx context.Context) map[state.EntryState]int {
	l := &a.letters
	l.mu.Lock()
	defer l.mu.Unlock()
	began := time.Now()
	if l.count != nil && (began.Before(l.next) || !l.changed.Swap(false) && began.Before(l.stale)) {
		return l.count
	}
	count := map[state.EntryState]int{}
	err := a.store.View(ctx, func(tx state.Tx) error {
		tx.EachEnded(time.Time{}, func(e state.Entry) bool {
			if isDead(&e, false) {
				count[e.State]++
			}
			return true
		})
		return nil
	})
	if err != nil {
		l.changed.Store(true) // this time nobody knows more than before
		return l.count
	}
	l.count, l.next, l.stale = count, time.Now().Add(countShare*time.Since(began)), began.Add(letterEvery)
	return count
}

// text is a condition in one line, for logs and pages.
func (c *Condition) text(lang diag.Lang) string {
	about := c.Name
	if c.About != "" {
		about = fmt.Sprintf("%s (%s)", c.Name, c.About)
	}
	if lang == diag.ZH {
		return about + "：" + c.DetailZH
	}
	return about + ": " + c.Detail
}
