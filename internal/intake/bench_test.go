package intake_test

import (
	"fmt"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"botengine/internal/engine"
	"botengine/internal/event"
	"botengine/internal/intake"
	"botengine/internal/rule"
	"botengine/internal/state"
)

// aDayOfRules are n keyword rules, of which one fires on 退款.
func aDayOfRules(b *testing.B, n int) *rule.Set {
	b.Helper()
	var text strings.Builder
	text.WriteString("version: 1\nrules:\n")
	for i := range n {
		fmt.Fprintf(&text, "  - {id: r%d, on: message, match: {any: [关键词%d]}, loop_guard: off, do: [{reply: 好的}]}\n", i, i)
	}
	text.WriteString("  - {id: refund, on: message, match: {any: [退款]}, loop_guard: off, do: [{reply: 请回复订单号}]}\n")
	set, findings := rule.Compile(rule.Sources{{Path: "rules/a.yaml", Text: []byte(text.String())}})
	if set == nil {
		b.Fatalf("the rules do not compile: %v", findings)
	}
	return set
}

// one of ten messages is answered.
func aMessage(i int) event.Event {
	text := "大家好，今天的课几点开始？😊"
	if i%10 == 0 {
		text = "怎么 退款？"
	}
	ev := says(fmt.Sprint(i), text)
	ev.Chat.ID = fmt.Sprintf("S:%s_R:%d", robotID, i%500)
	return ev
}

// BenchmarkHandle is line 1 under load from 1,024 goroutines, with a durable commit
// per event and without a store: the quotient is what durability costs.
func BenchmarkHandle(b *testing.B) {
	set := aDayOfRules(b, 200)
	b.Run("durable", func(b *testing.B) {
		store, err := state.Open(filepath.Join(b.TempDir(), "botengine.db"), state.Options{})
		if err != nil {
			b.Fatal(err)
		}
		defer store.Close()
		var rules atomic.Pointer[rule.Set]
		rules.Store(set)
		in := intake.New(intake.Options{Store: store, Rules: &rules, Directory: directory{}})
		load(b, func(i int) {
			if err := in.Handle(b.Context(), aMessage(i)); err != nil {
				b.Error(err)
			}
		})
		got := in.Stats()
		b.ReportMetric(float64(got.Events)/float64(got.Commits), "events/commit")
	})
	b.Run("without_a_store", func(b *testing.B) {
		cache := engine.NewCache()
		load(b, func(i int) {
			ev, now := aMessage(i), time.Now()
			engine.Decide(engine.Input{
				Set: set, Event: &ev, Matches: set.Match(&ev, now, false), Now: now, Facts: nothing{}, Cache: cache,
			})
		})
	})
}

func load(b *testing.B, handle func(i int)) {
	b.Helper()
	todo := make(chan int)
	var wg sync.WaitGroup
	for range 1024 {
		wg.Go(func() {
			for i := range todo {
				handle(i)
			}
		})
	}
	for i := 0; b.Loop(); i++ {
		todo <- i
	}
	close(todo)
	wg.Wait()
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "events/s")
}

// nothing is a past in which nothing happened.
type nothing struct{}

func (nothing) Fact(string) ([]byte, time.Time, bool) { return nil, time.Time{}, false }
func (nothing) RunData(string) ([]byte, bool)         { return nil, false }
func (nothing) Archive(string) ([]byte, bool)         { return nil, false }
