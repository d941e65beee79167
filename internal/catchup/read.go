package catchup

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"botengine/internal/command"
	"botengine/internal/event"
	"botengine/internal/failpoint"
	"botengine/internal/state"
	"botengine/internal/yjiyun"
	"botengine/internal/yjiyun/rest"
)

const (
	together   = 100    // messages that are handed in at once
	mostOfChat = 50_000 // messages of one chat that are read at once
	mostAtOnce = 20_000 // messages that the first reading looks through before it hands in any
)

// reading is one walk over the history.
type reading struct {
	r      *Runner
	why    Reason
	ups    int // connections that were made when it began
	p      *progress
	from   time.Time            // nothing before is read
	mark   time.Time            // the newest that the history shows
	upTo   time.Time            // what the mark may be raised to
	listed time.Time            // when the list was made, on the platform's clock
	after  map[string]time.Time // of chats that the list does not have: what is to be read of them
	known  int                  // messages looked through and not handed in
	kept   []chatRead
	errs   []error

	changed  bool            // in what is owed, since it was saved
	forgiven map[string]bool // chats that were owed and given up in this reading
}

// chatRead is a chat with what was read of it, oldest first.
type chatRead struct {
	chat   rest.Chat
	events []event.Event
	ends   []event.Event // of our own messages that could not be delivered
	all    bool          // it showed all that the list promised
}

// reading reads what happened since everything was surely taken in.
func (r *Runner) reading(ctx context.Context, why Reason, ups int) error {
	p, err := r.load(ctx)
	if err != nil {
		return err
	}
	w := &reading{r: r, why: why, ups: ups, p: p, forgiven: map[string]bool{}}
	if w.from = r.clock.Platform(r.o.Now()).Add(-r.o.LookBack); p.Mark.Add(-overlap).After(w.from) {
		w.from = p.Mark.Add(-overlap)
	}
	if !p.Begun {
		if err := w.beginHere(ctx); err != nil {
			return err
		}
		r.members(ctx)
		return nil
	}
	chats, err := w.list(ctx)
	if err != nil {
		return fmt.Errorf("list the chats: %w", err)
	}
	failpoint.Hit(failpoint.CatchupListed)
	if why&Audit != 0 {
		chats = append(chats, w.sample(ctx, chats)...)
	}
	return w.walk(ctx, w.withOwed(chats))
}

// listedMost is how often the chats are listed until the list is whole.
const listedMost = 5

// list returns the chats in which something may have happened since. Lists go back in
// time, page by page: a chat in which somebody speaks meanwhile is on no page to come.
// So after more than one page those that became active since are listed again.
func (w *reading) list(ctx context.Context) (chats []rest.Chat, err error) {
	has := map[string]bool{}
	w.listed = w.r.clock.Platform(w.r.o.Now())
	for since, times := w.from, 0; times < listedMost; times++ {
		pages := 0
		q := rest.ChatsQuery{Since: since, Walk: rest.Walk{Progress: func(int, int) { pages++ }}}
		for chat, err := range w.r.o.Platform.Chats(ctx, q) {
			if err != nil {
				return nil, err
			}
			w.mark = later(w.mark, chat.LastActive)
			if done, ok := w.p.Done[chat.ID]; has[chat.ID] || ok && !chat.LastActive.After(done) {
				continue
			}
			has[chat.ID] = true
			chats = append(chats, chat)
		}
		if pages <= 1 {
			break
		}
		since = later(w.from, w.mark.Add(-time.Second)) // its times are whole seconds
	}
	return chats, nil
}

// sample picks some chats of the look-back in which nothing seems to have happened:
// the list may be wrong, too. They are read from where they were taken in.
func (w *reading) sample(ctx context.Context, listed []rest.Chat) (chosen []rest.Chat) {
	has := map[string]bool{}
	for _, chat := range listed {
		has[chat.ID] = true
	}
	now := w.r.clock.Platform(w.r.o.Now())
	oldest, after := now.Add(-w.r.o.LookBack), map[string]time.Time{}
	seen := 0
	_ = w.r.o.Store.View(ctx, func(tx state.Tx) error { // without it there is no sample, that is all
		tx.EachMark(func(robot, chat string, at time.Time) bool {
			if has[chat] || at.Before(oldest) || !w.knows(robot) {
				return true
			}
			_, peer, _ := event.SplitChatID(chat)
			c := rest.Chat{ID: chat, Peer: peer, LastActive: now, Robot: rest.ChatRobot{Key: robot}}
			after[chat] = at
			if seen++; len(chosen) < sampled {
				chosen = append(chosen, c)
			} else if i := int(w.r.o.Random() * float64(seen)); i < sampled {
				chosen[i] = c
			}
			return true
		})
		return nil
	})
	w.after = map[string]time.Time{}
	for _, chat := range chosen {
		w.after[chat.ID] = after[chat.ID]
	}
	return chosen
}

// knows reports whether the robot is one of this account.
func (w *reading) knows(robot string) bool {
	return slices.ContainsFunc(w.r.o.Robots(), func(b event.Robot) bool { return b.Key == robot })
}

// walk reads the chats and hands in what they hold. The first reading of a process
// looks through all of them before: what it finds may change how it goes on.
func (w *reading) walk(ctx context.Context, chats []rest.Chat) error {
	w.upTo = w.mark
	w.shutOnly(chats)
	if err := w.each(ctx, chats); err != nil {
		return err
	}
	if err := w.handInKept(ctx); err != nil {
		return err
	}
	if len(w.errs) > 0 {
		return errors.Join(append(w.errs, w.saveDebts(ctx))...)
	}
	if w.upTo.After(w.p.Mark) || w.p.Done != nil {
		w.p.Mark, w.p.Done, w.changed = later(w.p.Mark, w.upTo), nil, true
	}
	if err := w.saveDebts(ctx); err != nil {
		return err
	}
	failpoint.Hit(failpoint.CatchupDone)
	w.r.mayOpen(w.ups, w.r.o.Gate.OpenAll)
	w.r.members(ctx)
	return nil
}

// each reads the chats in their order, but first those whose messages are held back:
// they wait for so long only.
func (w *reading) each(ctx context.Context, chats []rest.Chat) error {
	left := make(map[string]rest.Chat, len(chats))
	for _, chat := range chats {
		left[chat.ID] = chat
	}
	for _, chat := range chats {
		for _, id := range append(w.r.o.Gate.Waiting(), chat.ID) {
			next, ok := left[id]
			if !ok {
				continue
			}
			delete(left, id)
			if err := w.chat(ctx, next); err != nil {
				return err
			}
		}
	}
	return nil
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

func (w *reading) shutOnly(chats []rest.Chat) {
	ids := make([]string, len(chats))
	for i := range chats {
		ids[i] = chats[i].ID
	}
	w.r.mayOpen(w.ups, func() { w.r.o.Gate.Only(ids) })
}

// chat reads one chat. One that cannot be read does not keep the others back; after
// some times it does not keep the mark back either: then it is owed.
func (w *reading) chat(ctx context.Context, chat rest.Chat) error {
	from := w.from
	if at, sampled := w.after[chat.ID]; sampled {
		from = at
	}
	if d, owed := w.p.Owed[chat.ID]; owed {
		from = d.From
	}
	if floor := w.p.Floor.Add(time.Millisecond); floor.After(from) {
		from = floor
	}
	if chat.LastActive.Before(from) || w.forgiven[chat.ID] {
		delete(w.p.Owed, chat.ID)
		w.r.o.Gate.Open(chat.ID)
		return nil
	}
	read, err := w.read(ctx, chat, from)
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case err != nil:
		w.failed(&chat, from, err)
		return nil
	}
	delete(w.r.bad, chat.ID)
	return w.take(ctx, read)
}

// read walks over a chat, newest first, below an upper end that stands still.
func (w *reading) read(ctx context.Context, chat rest.Chat, from time.Time) (chatRead, error) {
	out := chatRead{chat: chat}
	q := rest.HistoryQuery{
		RobotKey: chat.Robot.Key, ChatUser: chat.Peer, From: from, To: chat.LastActive.Add(time.Millisecond),
		Walk: rest.Walk{Limit: mostOfChat, Progress: func(int, int) { failpoint.Hit(failpoint.CatchupPage) }},
	}
	w.r.count.chats.Add(1)
	n := 0
	for m, err := range w.r.o.Platform.History(ctx, q) {
		if err != nil {
			return chatRead{}, err
		}
		n++
		out.all = out.all || !m.Time.Before(chat.LastActive)
		w.record(&out, &m)
	}
	if n >= mostOfChat {
		w.r.count.truncated.Add(1)
		w.r.o.Log.Error("a chat had more to say than is read at once: the oldest messages are left out", "chat", chat.ID, "read", n)
	}
	w.r.count.read.Add(uint64(n))
	slices.Reverse(out.events)
	slices.SortStableFunc(out.events, func(a, b event.Event) int { return cmp.Compare(a.Time.UnixNano(), b.Time.UnixNano()) })
	return out, nil
}

// record makes an event of a record. What a robot was to say and did not is no echo:
// it never was said.
func (w *reading) record(out *chatRead, m *rest.HistoryMessage) {
	events, err := yjiyun.Decode(w.r.o.Account, yjiyun.EventMessage, m.Frame, w.r.o.Now())
	if err != nil {
		w.r.count.unreadable.Add(1)
		return
	}
	for _, ev := range events {
		ev.From, ev.Skew = event.FromHistory, w.r.clock.Beyond()
		switch {
		case !ev.Sender.IsSelf, m.SendStatus == rest.SendStatusSent, m.SendStatus == rest.SendStatusAbsent:
			out.events = append(out.events, ev)
		case m.SendStatus == rest.SendStatusFailed:
			out.ends = append(out.ends, w.r.undelivered(ev.Robot.Key, m.MessageID))
		}
	}
}

// take hands in what was read of a chat. The first reading keeps it until it has
// looked through everything, or through as much as it can keep.
func (w *reading) take(ctx context.Context, read chatRead) error {
	w.holdBack(&read)
	if w.r.booted {
		return w.handIn(ctx, read)
	}
	w.known += len(read.events)
	w.kept = append(w.kept, read)
	if w.known < mostAtOnce {
		return nil
	}
	return w.handInKept(ctx)
}

// holdBack keeps the mark from passing a chat that does not show yet what the list
// says of it. For one that is owed it does not wait.
func (w *reading) holdBack(read *chatRead) {
	at := read.chat.LastActive
	if _, owed := w.p.Owed[read.chat.ID]; owed {
		return
	}
	if !read.all && w.mark.Sub(at) < lagPatience && at.Add(-time.Millisecond).Before(w.upTo) {
		w.upTo = at.Add(-time.Millisecond)
	}
}

// handInKept hands in what the first reading has kept, after it has looked whether
// all of it fits to what the store remembers.
func (w *reading) handInKept(ctx context.Context) error {
	older, err := w.showsOlder(ctx)
	if err != nil {
		return err
	}
	if older {
		w.r.o.Log.Error("the history shows messages of ours that are not remembered: an older copy of the state was put back. Nothing is sent that may have been sent already")
		if err := w.r.o.Older(ctx); err != nil {
			return err
		}
	}
	if !w.r.booted {
		w.r.o.Looked()
	}
	kept := w.kept
	w.kept, w.known = nil, 0
	for _, read := range kept {
		if err := w.handIn(ctx, read); err != nil {
			return err
		}
	}
	return nil
}

// remembered is how long the store surely remembers what was sent.
const remembered = 5 * 24 * time.Hour

// showsOlder reports whether there is a message of ours that the store does not know,
// or has not sent yet.
func (w *reading) showsOlder(ctx context.Context) (older bool, err error) {
	var own []event.Event
	for _, read := range w.kept {
		for _, ev := range read.events {
			if ev.IsEcho() && command.IsMessageID(ev.ID) && w.mark.Sub(ev.Time) < remembered {
				own = append(own, ev)
			}
		}
	}
	err = w.r.o.Store.View(ctx, func(tx state.Tx) error {
		older = slices.ContainsFunc(own, func(ev event.Event) bool {
			e, known := tx.Entry(ev.ID)
			return !known || e.State == state.Pending && e.Attempt == 0
		})
		return nil
	})
	return older, err
}

// still is how long nothing was said in a chat that surely shows all that was said
// until then, however far the clocks are apart.
const still = 2 * chance

// handIn has line 1 answer for what was read of a chat, oldest first, and lets go
// what came live meanwhile.
func (w *reading) handIn(ctx context.Context, read chatRead) error {
	for batch := range slices.Chunk(slices.Concat(read.events, read.ends), together) {
		fresh, err := w.r.o.TakeIn(ctx, batch)
		if err != nil {
			return fmt.Errorf("take in what was missed: %w", err)
		}
		failpoint.Hit(failpoint.CatchupTaken)
		w.tell(batch, fresh)
	}
	w.settle(&read)
	w.r.o.Gate.Open(read.chat.ID)
	if w.listed.Sub(read.chat.LastActive) < still {
		return nil // more may have been said in that very moment: a reading that goes on reads it again
	}
	return w.r.chatDone(ctx, w.p, read.chat.ID, read.chat.LastActive)
}

// tell counts what was news.
func (w *reading) tell(batch []event.Event, fresh []bool) {
	silent := 0
	for i := range batch {
		if !fresh[i] || batch[i].Kind == event.Result {
			continue
		}
		w.r.count.recovered.Add(1)
		if w.r.wasUp(&batch[i]) {
			silent++
		}
	}
	if silent > 0 {
		w.r.count.silent.Add(uint64(silent))
		w.r.o.Log.Warn("messages were never pushed though the connection was up", "messages", silent)
	}
}

// late is how long the platform may take to push a message.
const late = 30 * time.Second

// wasUp reports whether an event should have come over the connection that is up.
func (r *Runner) wasUp(ev *event.Event) bool {
	r.mu.Lock()
	since := r.since
	r.mu.Unlock()
	at := r.clock.Ours(ev.Time)
	return !since.IsZero() && at.After(since.Add(2*time.Second)) && r.o.Now().Sub(at) >= late
}
