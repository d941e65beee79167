// Package trace remembers, in memory and within bounds, what became of rules
// lately: for each rule and each outcome the newest few, so that an outcome that
// happens a thousand times a minute never pushes out the one that happens once a
// week. Whoever asks "when did it last fire, and when was it last stopped by its
// cooldown?" asks here; whoever wants to watch follows.
//
// It refuses to know what people wrote, and what happened before the process began:
// that is the journal's.
package trace

import (
	"cmp"
	"container/list"
	"context"
	"slices"
	"strings"
	"sync"
	"time"

	"botengine/internal/diag"
	"botengine/internal/engine"
	"botengine/internal/event"
	"botengine/internal/rule"
)

// The bounds. Together they keep a Log below about 40 MB, however many rules there
// are and whatever they say: an entry holds some 400 bytes, and twice maxDetail at
// most besides; an event is shared by its entries.
const (
	PerOutcome = 8      // entries of one rule and one outcome
	Total      = 32_768 // entries altogether
	Recent     = 1_024  // entries that somebody who follows may lag behind

	maxDetail = 240 // bytes of a detail, in each language
	maxName   = 120 // bytes of an id or a name
)

// Event is what a trace says of an event: nothing that somebody wrote but names.
type Event struct {
	Key     string     `json:"event"` // as the log and the journal name it
	ID      string     `json:"id,omitempty"`
	Kind    event.Kind `json:"kind"`
	Account string     `json:"account,omitempty"`
	Robot   string     `json:"robot"`
	Chat    string     `json:"chat,omitempty"`
	Name    string     `json:"chat_name,omitempty"`
}

// Entry is one verdict.
type Entry struct {
	Seq  uint64    `json:"seq"` // grows by one from entry to entry
	Time time.Time `json:"time"`
	*Event
	Rule       string       `json:"rule,omitempty"`    // "" = no rule was concerned
	Outcome    rule.Outcome `json:"outcome,omitempty"` // then "", too
	Detail     diag.Text    `json:"detail,omitzero"`
	Generation string       `json:"generation"` // the hash of the rules that decided
	Commands   int          `json:"commands,omitempty"`
}

// cellKey names what entries are kept for.
type cellKey struct {
	rule    string
	outcome rule.Outcome
}

// cell is the newest entries of one rule and outcome.
type cell struct {
	key     cellKey
	entries []Entry       // the oldest first
	at      *list.Element // in rows[len(entries)]
}

// Log keeps entries. Any number of goroutines may use it.
type Log struct {
	total int

	mu    sync.Mutex // guards all below
	seq   uint64
	kept  int
	cells map[cellKey]*cell
	rules map[string]map[rule.Outcome]*cell
	// rows[n] are the cells with n entries, the one that was added to longest ago
	// first: from the longest row an entry is given up when there are too many.
	rows   [PerOutcome + 1]*list.List
	recent [Recent]Entry
	more   chan struct{} // closed, and made anew, when there is more; nil = nobody waits
	eyes   int           // who follows
}

// New returns an empty Log.
func New() *Log { return sized(Total) }

func sized(total int) *Log {
	l := &Log{total: total, cells: map[cellKey]*cell{}, rules: map[string]map[rule.Outcome]*cell{}}
	for i := range l.rows {
		l.rows[i] = list.New()
	}
	return l
}

// Record keeps what became of an event. It costs little, and nothing when no rule
// was concerned and nobody follows.
func (l *Log) Record(ev *event.Event, d *engine.Decision, at time.Time) {
	told := slices.ContainsFunc(d.Verdicts, func(v engine.Verdict) bool { return v.Outcome != "" })
	l.mu.Lock()
	defer l.mu.Unlock()
	if !told && (l.eyes == 0 || !isNews(ev)) {
		return
	}
	e := Entry{Time: at, Event: summary(ev), Generation: d.Generation}
	if !told {
		l.publishLocked(e)
		return
	}
	for i := range d.Verdicts {
		v := &d.Verdicts[i]
		if v.Outcome == "" {
			continue
		}
		e.Rule, e.Outcome, e.Commands = v.Rule, v.Outcome, len(v.Commands)
		e.Detail = diag.Text{ZH: clipped(v.Detail.ZH, maxDetail), EN: clipped(v.Detail.EN, maxDetail)}
		l.keepLocked(l.publishLocked(e))
	}
}

// isNews says whether people would ask why nothing answered the event.
func isNews(ev *event.Event) bool {
	switch ev.Kind {
	case event.ChatUpdated, event.Result, event.Timer:
		return false
	default:
		return !ev.IsEcho()
	}
}

// summary copies what is kept of an event: the rest of it may go.
func summary(ev *event.Event) *Event {
	return &Event{
		Key: clipped(ev.Key(), maxName), ID: clipped(ev.ID, maxName), Kind: ev.Kind, Account: clipped(ev.Account, maxName),
		Robot: clipped(ev.Robot.Key, maxName), Chat: clipped(ev.Chat.ID, maxName), Name: clipped(ev.Chat.Name, maxName),
	}
}

// clipped is a copy of at most n bytes, never cut inside of a character.
func clipped(s string, n int) string {
	if len(s) > n {
		return strings.ToValidUTF8(s[:n], "") + "…"
	}
	return strings.Clone(s)
}

// publishLocked numbers an entry and shows it to those who follow.
func (l *Log) publishLocked(e Entry) Entry {
	l.seq++
	e.Seq = l.seq
	l.recent[e.Seq%Recent] = e
	if l.more != nil {
		close(l.more)
		l.more = nil
	}
	return e
}

// keepLocked puts an entry into its cell, in place of the oldest there if it is full.
func (l *Log) keepLocked(e Entry) {
	c := l.cellLocked(cellKey{e.Rule, e.Outcome})
	e.Rule = c.key.rule
	if n := len(c.entries); n == PerOutcome {
		copy(c.entries, c.entries[1:])
		c.entries[n-1] = e
		l.rows[n].MoveToBack(c.at)
		return
	}
	c.entries = append(c.entries, e)
	l.moveLocked(c)
	if l.kept++; l.kept > l.total {
		l.giveUpLocked()
	}
}

func (l *Log) cellLocked(key cellKey) *cell {
	if c, ok := l.cells[key]; ok {
		return c
	}
	key.rule = strings.Clone(key.rule)
	c := &cell{key: key}
	l.cells[key] = c
	if l.rules[key.rule] == nil {
		l.rules[key.rule] = map[rule.Outcome]*cell{}
	}
	l.rules[key.rule][key.outcome] = c
	return c
}

// moveLocked puts a cell into the row of its length, as the one added to last.
func (l *Log) moveLocked(c *cell) {
	l.outLocked(c)
	c.at = l.rows[len(c.entries)].PushBack(c)
}

// outLocked takes a cell out of its row, whichever that is.
func (l *Log) outLocked(c *cell) {
	if c.at == nil {
		return
	}
	for _, row := range l.rows {
		row.Remove(c.at) // does nothing in a row that is not its own
	}
	c.at = nil
}

// giveUpLocked forgets the oldest entry of one of the cells that have most: what
// happens rarely is the last to go.
func (l *Log) giveUpLocked() {
	for n := PerOutcome; n > 0; n-- {
		first := l.rows[n].Front()
		if first == nil {
			continue
		}
		c := first.Value.(*cell) //nolint:forcetypeassert // the rows hold nothing else
		l.kept--
		if n == 1 {
			l.outLocked(c)
			l.forgetLocked(c.key)
			return
		}
		c.entries = slices.Delete(c.entries, 0, 1)
		l.moveLocked(c)
		return
	}
}

func (l *Log) forgetLocked(key cellKey) {
	delete(l.cells, key)
	delete(l.rules[key.rule], key.outcome)
	if len(l.rules[key.rule]) == 0 {
		delete(l.rules, key.rule)
	}
}

// OfRule returns what is kept of a rule, the newest first.
func (l *Log) OfRule(id string) []Entry {
	l.mu.Lock()
	defer l.mu.Unlock()
	var out []Entry
	for _, c := range l.rules[id] {
		out = append(out, c.entries...)
	}
	slices.SortFunc(out, func(a, b Entry) int { return cmp.Compare(b.Seq, a.Seq) })
	return out
}

// Len is how many entries are kept.
func (l *Log) Len() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.kept
}

// Follow calls each with every entry whose number is above after, until ctx ends or
// each fails, and returns that error. Who is slow misses some: the numbers show it.
func (l *Log) Follow(ctx context.Context, after uint64, each func(Entry) error) error {
	l.mu.Lock()
	l.eyes++
	l.mu.Unlock()
	next := after + 1
	defer func() {
		l.mu.Lock()
		l.eyes--
		l.mu.Unlock()
	}()
	for {
		entries, more := l.since(next)
		for i := range entries {
			if err := each(entries[i]); err != nil {
				return err
			}
			next = entries[i].Seq + 1
		}
		if more == nil {
			continue
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-more:
		}
	}
}

// Last returns the newest entries, at most n, the oldest of them first, and the
// number of the very newest.
func (l *Log) Last(n int) (entries []Entry, newest uint64) {
	l.mu.Lock()
	newest = l.seq
	l.mu.Unlock()
	first := newest + 1 - min(uint64(max(n, 0)), newest, Recent)
	entries, _ = l.since(first)
	return entries, max(newest, first+uint64(len(entries))-1)
}

// since returns the entries from a number on that are still there, or what is
// closed when there are some.
func (l *Log) since(next uint64) ([]Entry, <-chan struct{}) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if next > l.seq {
		if l.more == nil {
			l.more = make(chan struct{})
		}
		return nil, l.more
	}
	if l.seq >= Recent {
		next = max(next, l.seq-Recent+1)
	}
	var out []Entry
	for ; next <= l.seq; next++ {
		out = append(out, l.recent[next%Recent])
	}
	return out, nil
}
