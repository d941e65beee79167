package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"botengine/internal/engine"
	"botengine/internal/event"
	"botengine/internal/intake"
	"botengine/internal/rule"
	"botengine/internal/state"
)

// flow is what the socket brings: frame after frame, each another message, of 64
// chats that all have messages under way.
type flow struct {
	w    *workload
	sent uint64
	buf  []byte
	done sync.WaitGroup // one for each event under way
	err  error          // the first
}

// run reads n frames and hands each event on; it returns when all are answered for.
func (f *flow) run(n int, hand func(event.Event) error) {
	f.done.Add(n)
	for range n {
		f.buf = append(f.buf[:0], f.w.frames[f.sent%frames]...)
		f.sent++
		stamp(f.buf, f.sent)
		ev, err := parse(f.buf)
		if err == nil {
			err = hand(ev)
		}
		if err != nil {
			f.err = errors.Join(f.err, err)
			f.done.Done()
		}
	}
	f.done.Wait()
}

// svrAt is where the 17 digits of the msgSvrID stand.
const svrAt = idAt + 20 + len(`","msgSvrID":"`)

// stamp gives a frame the messageId and the msgSvrID of another message.
func stamp(frame []byte, id uint64) {
	digits := fmt.Appendf(nil, "%020d", id)
	copy(frame[idAt:], digits)
	copy(frame[svrAt:], digits[3:])
}

// forgetful is line 1 without a store: a queue and a goroutine for each chat.
type forgetful struct {
	queues  [chats]chan *event.Event
	workers sync.WaitGroup
}

func startForgetful(set *rule.Set, done func()) *forgetful {
	l := &forgetful{}
	cache := engine.NewCache()
	for i := range l.queues {
		l.queues[i] = make(chan *event.Event, chats)
		l.workers.Go(func() {
			for ev := range l.queues[i] {
				decide(set, ev, cache)
				done()
			}
		})
	}
	return l
}

// submit queues an event behind those of its chat.
func (l *forgetful) submit(ev event.Event) error {
	n := len(ev.Chat.ID)
	chat := int(ev.Chat.ID[n-1]-'0') + 10*int(ev.Chat.ID[n-2]-'0')
	l.queues[chat%chats] <- &ev
	return nil
}

func (l *forgetful) stop() {
	for _, q := range l.queues {
		close(q)
	}
	l.workers.Wait()
}

// durableRows measures what it costs to remember everything.
func durableRows(ctx context.Context, t *table, folder, cores string, e effort) (err error) {
	w := newWorkload(e.most(), 1)
	set, err := compiled(w)
	if err != nil {
		return err
	}
	store, err := state.Open(filepath.Join(folder, "throughput "+cores+".db"), state.Options{})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	var rules atomic.Pointer[rule.Set]
	rules.Store(set)
	f := &flow{w: w}
	over := func(store state.Store) *intake.Intake {
		return intake.New(intake.Options{
			Store: store, Rules: &rules, Journal: state.TextFull, Now: func() time.Time { return sentAt },
			OnCommitted: func(intake.Report) { f.done.Done() },
		})
	}
	in, forgetting := over(store), over(newMemory())
	running, stop := context.WithCancel(ctx)
	var intakes sync.WaitGroup
	var failed error
	intakes.Go(func() { err = in.Run(running) })
	intakes.Go(func() { failed = forgetting.Run(running) })
	l := startForgetful(set, f.done.Done)
	got := interleave(2*e.slow, e.road,
		side{name: "without", do: func(n int) { f.run(n, l.submit) }},
		side{name: "durable", do: func(n int) { f.run(n, func(ev event.Event) error { return in.Submit(ctx, ev) }) }},
		side{name: "memory", do: func(n int) { f.run(n, func(ev event.Event) error { return forgetting.Submit(ctx, ev) }) }},
	)
	stop()
	intakes.Wait()
	l.stop()
	stats := in.Stats()
	t.note("%s: road without a store %v per event, with one in memory %v, with the durable store %v, %.0f events to a commit", cores,
		got.typical("without"), got.typical("memory"), got.typical("durable"), float64(stats.Events)/float64(max(1, stats.Commits)))
	if stats.Duplicates > 0 {
		return fmt.Errorf("%d of %d events were taken for others", stats.Duplicates, stats.Events)
	}
	t.atLeast("throughput of the durable road / without a store, 64 chats, "+cores, got.ratio("without", "durable"), 0.6)
	t.atLeast("throughput of the durable road / with a store in memory, 64 chats, "+cores, got.ratio("memory", "durable"), 0.6)
	return errors.Join(err, failed, f.err)
}
