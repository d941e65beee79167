package state_test

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"botengine/internal/state"
	"botengine/internal/state/statetest"
)

func BenchmarkUpdate(b *testing.B) {
	for _, inFlight := range []int{1, 64, 1024} {
		b.Run(fmt.Sprintf("in_flight_%d", inFlight), func(b *testing.B) {
			s, _ := opened(b, state.Options{})
			todo := make(chan int)
			var wg sync.WaitGroup
			for range inFlight {
				wg.Go(func() {
					for i := range todo {
						if err := s.Update(b.Context(), set(fmt.Sprint(i%10000), "值")); err != nil {
							b.Error(err)
						}
					}
				})
			}
			for i := 0; b.Loop(); i++ {
				todo <- i
			}
			close(todo)
			wg.Wait()
			got := s.Stats()
			b.ReportMetric(float64(got.Updates)/b.Elapsed().Seconds(), "updates/s")
			b.ReportMetric(float64(got.Updates)/float64(got.Commits), "updates/commit")
		})
	}
}

// BenchmarkEvent is what one event costs: two keys, a fact, a command.
func BenchmarkEvent(b *testing.B) {
	s, _ := opened(b, state.Options{})
	todo := make(chan int)
	var wg sync.WaitGroup
	for range 256 {
		wg.Go(func() {
			for i := range todo {
				err := s.Update(b.Context(), func(tx state.Tx) error {
					keys := []string{fmt.Sprint("m/cfb3e2c2/", i), fmt.Sprint("v/cfb3e2c2/", i)}
					if !tx.Seen(keys) {
						tx.MarkSeen(keys, time.Now())
						tx.SetFact(fmt.Sprint("cd/faq/", i%1000), []byte("1"), time.Now().Add(time.Hour))
						tx.Enqueue(statetest.Command("cfb3e2c2", "S:1_R:2", fmt.Sprint(i)))
					}
					return nil
				})
				if err != nil {
					b.Error(err)
				}
			}
		})
	}
	for i := 0; b.Loop(); i++ {
		todo <- i
	}
	close(todo)
	wg.Wait()
	b.ReportMetric(float64(s.Stats().Updates)/b.Elapsed().Seconds(), "events/s")
}
