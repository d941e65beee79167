package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"botengine/internal/intake"
	"botengine/internal/rule"
	"botengine/internal/state"
)

// fleet is one goroutine per chat, each with its own frames, all of them under way
// at the same time. Every frame is another message: its id is counted up.
type fleet struct {
	w      *workload
	sent   atomic.Uint64
	failed atomic.Pointer[error]
}

// run lets all chats together send n messages.
func (f *fleet) run(n int, handle func(chat int, frame []byte) error) {
	var left atomic.Int64
	left.Store(int64(n))
	var all sync.WaitGroup
	for chat := range chats {
		all.Go(func() {
			var buf []byte
			for i := chat; left.Add(-1) >= 0; i += chats {
				buf = append(buf[:0], f.w.frames[i%frames]...)
				stamp(buf, f.sent.Add(1))
				if err := handle(chat, buf); err != nil {
					f.failed.CompareAndSwap(nil, &err)
				}
			}
		})
	}
	all.Wait()
}

// stamp gives a frame the messageId and the msgSvrID of another message.
func stamp(frame []byte, id uint64) {
	digits := fmt.Appendf(nil, "%020d", id)
	copy(frame[idAt:], digits)
	copy(frame[svrAt:], digits[3:])
}

// svrAt is where the 17 digits of the msgSvrID stand.
const svrAt = idAt + 20 + len(`","msgSvrID":"`)

func (f *fleet) err() error {
	if err := f.failed.Load(); err != nil {
		return *err
	}
	return nil
}

// durableRows measures what it costs to remember everything.
func durableRows(ctx context.Context, t *table, folder string, e effort) (err error) {
	w := newWorkload(e.most(), 1)
	set, err := compiled(w)
	if err != nil {
		return err
	}
	store, err := state.Open(filepath.Join(folder, "botengine.db"), state.Options{})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	var rules atomic.Pointer[rule.Set]
	rules.Store(set)
	in := intake.New(intake.Options{Store: store, Rules: &rules, Now: func() time.Time { return sentAt }})
	f := &fleet{w: w}
	lanes := make([]*lane, chats)
	for i := range lanes {
		lanes[i] = newLane(set)
	}
	got := interleave(2*e.slow, e.road,
		side{name: "without", do: func(n int) {
			f.run(n, func(chat int, frame []byte) error { _, err := lanes[chat].decide(frame); return err })
		}},
		side{name: "durable", do: func(n int) {
			f.run(n, func(_ int, frame []byte) error {
				ev, err := parse(frame)
				if err != nil {
					return err
				}
				return in.Handle(ctx, ev)
			})
		}},
	)
	stats := in.Stats()
	t.note("road without a store %v per event, with the durable store %v; %.0f events in a commit",
		got.typical("without"), got.typical("durable"), float64(stats.Events)/float64(max(1, stats.Commits)))
	if stats.Duplicates > 0 {
		return errors.Join(f.err(), fmt.Errorf("%d of %d events were taken for others", stats.Duplicates, stats.Events))
	}
	t.atLeast("throughput of the durable road / without a store, 64 chats", got.ratio("without", "durable"), 0.6)
	return f.err()
}
