package state_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"botengine/internal/state"
)

func TestForeseenKeysAreAnsweredAsOthersAre(t *testing.T) {
	s, _ := opened(t, state.Options{})
	noon := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	keys := make([][]string, 20)
	for i := range keys {
		keys[i] = []string{fmt.Sprint("m/机器人/", i), fmt.Sprint("v/机器人/", i)}
	}
	foreseeing := func(foreseen, asked [][]string, seen bool) {
		t.Helper()
		err := s.Update(t.Context(), func(tx state.Tx) error {
			tx.(state.Foreseer).Foresee(slices.Values(foreseen))
			for _, k := range asked {
				if got := tx.Seen(k); got != seen {
					t.Errorf("%v: seen %v, want %v", k, got, seen)
				}
				tx.MarkSeen(k, noon)
				if !tx.Seen(k[1:]) || !tx.Seen(k[:1]) {
					t.Errorf("%v was marked and is not seen", k)
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	foreseeing(keys[:10], keys[:10], false)                  // as was foreseen
	foreseeing(keys[10:15], keys[12:20], false)              // some that were not, and not all that were
	foreseeing(nil, keys[10:12], false)                      // nothing was
	foreseeing(append([][]string{nil}, keys...), keys, true) // and one without keys
}

func TestAViewDoesNotSeeTheKeysOfATransactionUnderWay(t *testing.T) {
	s, _ := opened(t, state.Options{})
	noon := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	seen := func() (is bool) {
		t.Helper()
		if err := s.View(t.Context(), func(tx state.Tx) error { is = tx.Seen([]string{"new"}); return nil }); err != nil {
			t.Fatal(err)
		}
		return is
	}
	marked, asked, done := make(chan struct{}), make(chan struct{}), make(chan error)
	go func() {
		done <- s.Update(t.Context(), func(tx state.Tx) error {
			tx.MarkSeen([]string{"new"}, noon)
			close(marked)
			<-asked
			return nil
		})
	}()
	<-marked
	before := seen()
	close(asked)
	if err := <-done; err != nil || before || !seen() {
		t.Errorf("seen %v before the commit, %v after it (%v)", before, seen(), err)
	}
}
