package catchup

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"botengine/internal/event"
	"botengine/internal/yjiyun/rest"
)

const (
	debtsMost   = 1000             // chats that may be owed at once
	debtPause   = time.Minute      // before a chat that is owed is asked for again; doubled each time
	debtPauseTo = 15 * time.Minute // the longest such pause
	debtShare   = 8                // and no more than one part in so many of the look-back
)

// debt is a chat whose history could not be read again and again. The mark does not
// wait for it: what it had to say since From is owed. It is durable.
type debt struct {
	Robot string    `json:"robot"`
	From  time.Time `json:"from"`  // on the platform's clock: from there on it is to be read
	Least time.Time `json:"least"` // nothing older is surely missing
	Last  time.Time `json:"last"`  // the newest that the list showed of it
	Tries int       `json:"tries"`
	Next  time.Time `json:"next"`          // on our clock: it is not asked for before
	Cut   bool      `json:"cut,omitempty"` // a part of it is too old to be fetched
}

// failed notes that a chat could not be read.
func (w *reading) failed(chat *rest.Chat, from time.Time, err error) {
	if d, owed := w.p.Owed[chat.ID]; owed {
		w.putOff(d)
		w.r.o.Log.Warn("a chat that is owed cannot be read yet", "chat", chat.ID, "attempts", d.Tries, "next_attempt_in", w.r.debtPause(d).String(), "error", err)
		return
	}
	w.r.bad[chat.ID]++
	if w.r.bad[chat.ID] < giveUpChat {
		w.errs = append(w.errs, fmt.Errorf("read a chat: %w", err))
		return
	}
	delete(w.r.bad, chat.ID)
	w.owe(chat, from, err)
}

// owe leaves a chat out of the readings to come, but for those in which its time has
// come.
func (w *reading) owe(chat *rest.Chat, from time.Time, err error) {
	d := &debt{Robot: chat.Robot.Key, From: from, Least: later(from, w.p.Mark), Last: chat.LastActive}
	if w.from.After(w.p.Mark) {
		d.Least = d.Last // it was not read from the mark on, but as far as is allowed
	}
	if w.p.Owed == nil {
		w.p.Owed = map[string]*debt{}
	}
	w.p.Owed[chat.ID] = d
	w.putOff(d)
	w.r.count.skipped.Add(1)
	w.r.o.Log.Error("a chat's history cannot be read: what it has to say is owed, it is asked for again", "chat", chat.ID, "from", from, "next_attempt_in", w.r.debtPause(d).String(), "error", err)
	for len(w.p.Owed) > debtsMost {
		w.forgive(w.oldest(), "too many chats are owed")
	}
}

// oldest is the chat that has been owed for the longest time.
func (w *reading) oldest() string {
	return slices.MinFunc(slices.Collect(maps.Keys(w.p.Owed)), func(a, b string) int {
		return cmp.Or(w.p.Owed[a].From.Compare(w.p.Owed[b].From), cmp.Compare(a, b))
	})
}

// forgive gives up a chat that was owed: what it had to say is lost.
func (w *reading) forgive(chat, why string) {
	d := w.p.Owed[chat]
	w.lost(chat, d, why)
	delete(w.p.Owed, chat)
	if w.p.Done == nil {
		w.p.Done = map[string]time.Time{}
	}
	w.p.Done[chat] = d.Last
	w.forgiven[chat] = true
}

// lost counts a chat of which something is lost, once.
func (w *reading) lost(chat string, d *debt, why string) {
	w.changed = true
	if d.Cut {
		return
	}
	d.Cut = true
	w.r.count.lost.Add(1)
	w.r.o.Log.Error("messages of a chat are lost: its history could not be read in time", "chat", chat, "from", d.Least, "because", why)
}

// putOff notes one more attempt in vain.
func (w *reading) putOff(d *debt) {
	d.Tries++
	d.Next = w.r.o.Now().Add(w.r.debtPause(d))
	w.changed = true
}

// debtPause is how long a chat is not asked for after so many attempts.
func (r *Runner) debtPause(d *debt) time.Duration {
	longest := max(apart, min(debtPauseTo, r.o.LookBack/debtShare))
	return min(debtPause<<min(max(d.Tries-1, 0), 6), longest)
}

// withOwed puts the chats that are owed behind the others, if it is their time, and
// takes them out if it is not.
func (w *reading) withOwed(listed []rest.Chat) []rest.Chat {
	w.expire()
	chats := slices.DeleteFunc(listed, func(c rest.Chat) bool {
		d, owed := w.p.Owed[c.ID]
		if _, sampled := w.after[c.ID]; owed && !sampled && c.LastActive.After(d.Last) {
			d.Last, w.changed = c.LastActive, true
		}
		return owed
	})
	now := w.r.o.Now()
	for _, id := range slices.Sorted(maps.Keys(w.p.Owed)) {
		d := w.p.Owed[id]
		if now.Before(d.Next) && d.Next.Sub(now) <= debtPauseTo { // else the clock was put back
			continue
		}
		_, peer, _ := event.SplitChatID(id)
		chats = append(chats, rest.Chat{ID: id, Peer: peer, LastActive: d.Last, Robot: rest.ChatRobot{Key: d.Robot}})
	}
	return chats
}

// expire gives up what is older than the look-back.
func (w *reading) expire() {
	oldest := w.r.clock.Platform(w.r.o.Now()).Add(-w.r.o.LookBack)
	for _, id := range slices.Sorted(maps.Keys(w.p.Owed)) {
		switch d := w.p.Owed[id]; {
		case d.Last.Before(oldest):
			w.forgive(id, "it is older than look_back")
		case d.From.Before(oldest):
			if d.From = oldest; d.Least.Before(oldest) {
				w.lost(id, d, "the oldest of it is older than look_back")
			}
		}
	}
}

// settle takes a chat off that was owed, after what it had to say was taken in. If it
// may have shown less than there is, the newest part stays owed.
func (w *reading) settle(read *chatRead) {
	d, owed := w.p.Owed[read.chat.ID]
	if !owed {
		return
	}
	w.changed = true
	if read.all || w.listed.Sub(d.Last) >= lagPatience {
		delete(w.p.Owed, read.chat.ID)
		w.r.o.Log.Info("a chat that was owed could be read", "chat", read.chat.ID, "attempts", d.Tries+1)
		return
	}
	d.From = later(d.From, w.listed.Add(-lagPatience-overlap))
	d.Tries, d.Next = 1, w.r.o.Now().Add(debtPause)
}

// saveDebts writes down what is owed, at the end of a reading, and remembers when it is
// to be asked for.
func (w *reading) saveDebts(ctx context.Context) error {
	w.r.debtAt = time.Time{}
	for _, d := range w.p.Owed {
		if at := w.r.debtAt; at.IsZero() || d.Next.Before(at) {
			w.r.debtAt = d.Next
		}
	}
	if !w.changed {
		return nil
	}
	w.changed = false
	return w.r.save(ctx, w.p)
}

// followDebts has the history read again when the next of what is owed is due.
func (r *Runner) followDebts() {
	if r.debtAt.IsZero() || slices.ContainsFunc(r.follow, r.debtAt.Equal) {
		return
	}
	r.follow = append(r.follow, r.debtAt)
	slices.SortFunc(r.follow, time.Time.Compare)
}
