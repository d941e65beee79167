package dispatch

import (
	"context"
	"fmt"
	"testing"
	"time"

	"botengine/internal/command"
	"botengine/internal/event"
	"botengine/internal/ratelimit"
	"botengine/internal/state"
)

// bare is as much of a store as sending needs: what it measures is the order in which
// commands leave, not the disk.
type bare struct {
	state.Store
	state.Tx
	entries map[string]state.Entry
	facts   map[string][]byte
}

func (b *bare) Update(_ context.Context, fn func(state.Tx) error) error { return fn(b) }

func (b *bare) Entry(id string) (state.Entry, bool) {
	e, ok := b.entries[id]
	return e, ok
}

func (b *bare) PutEntry(e state.Entry) { b.entries[e.Command.MessageID] = e }

func (b *bare) Fact(key string) ([]byte, time.Time, bool) {
	data, ok := b.facts[key]
	return data, time.Time{}, ok
}

func (b *bare) SetFact(key string, value []byte, _ time.Time) { b.facts[key] = value }

// fleeting is a platform that answers at once.
type fleeting struct{ sent []string }

func (f *fleeting) Send(_ context.Context, c command.Command) error {
	f.sent = append(f.sent, c.MessageID)
	return nil
}

func (f *fleeting) Ready(string, string) bool { return true }

// drain puts a message for each of n chats into the queue and has them all leave at
// the pace, on a clock of its own. It returns the real time both took.
func drain(b *testing.B, n int) time.Duration {
	b.Helper()
	now := time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC)
	store := &bare{entries: map[string]state.Entry{}, facts: map[string][]byte{}}
	platform := &fleeting{}
	d := New(Options{
		Store: store, Sender: platform, Now: func() time.Time { return now }, Report: func(context.Context, event.Event) error { return nil },
		Limiter: ratelimit.New(ratelimit.Limits{
			Robot: ratelimit.PerMinute(20), Chat: ratelimit.PerMinute(6), JitterMin: time.Second, JitterMax: 3 * time.Second,
			Ceiling: ratelimit.Ceiling{Robot: ratelimit.Rates{Minute: 60, Hour: 1500, Day: 50_000}},
		}),
	})
	entries := make([]state.Entry, n)
	for i := range entries {
		entries[i] = state.Entry{Seq: uint64(i + 1), State: state.Pending, Command: command.Command{ //nolint:gosec // not negative
			MessageID: fmt.Sprint(i), Robot: "r", Chat: fmt.Sprint("S:1_", i), Type: command.MessageText,
			Lane: command.LaneChat, Class: command.Verifiable, Expires: now.Add(1000 * time.Hour),
		}}
		store.entries[entries[i].Command.MessageID] = entries[i]
	}
	began := time.Now()
	w := newWorker(d, workerKey{robot: "r"})
	all := make([]news, n)
	for i := range entries {
		all[i].entry = entries[i]
	}
	w.tell(all)
	for done := 0; done < n; {
		w.read()
		now = now.Add(w.round(b.Context()))
		for ; done < len(platform.sent); done++ {
			e := store.entries[platform.sent[done]]
			e.State = state.Confirmed
			store.entries[platform.sent[done]] = e
			w.tell([]news{{entry: e}})
		}
	}
	return time.Since(began)
}

// BenchmarkDrain compares what a send costs with 10,000 chats waiting and with 100.
func BenchmarkDrain(b *testing.B) {
	const few, many = 100, 10_000
	var ofFew, ofMany time.Duration
	for b.Loop() {
		for range many / few {
			ofFew += drain(b, few)
		}
		ofMany += drain(b, many)
	}
	per := func(d time.Duration) float64 { return float64(d.Microseconds()) / float64(b.N) / many }
	b.ReportMetric(per(ofFew), "us/send-of-100")
	b.ReportMetric(per(ofMany), "us/send-of-10000")
	b.ReportMetric(float64(ofMany)/float64(ofFew), "ratio")
}
