package state_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"go.etcd.io/bbolt"
	"go.uber.org/goleak"

	"botengine/internal/state"
	"botengine/internal/state/statetest"
)

func TestMain(m *testing.M) {
	if what := os.Getenv(childWhat); what != "" {
		childDoes(what, os.Getenv(childPath))
		return
	}
	if path := os.Getenv(childPath); path != "" {
		child(path)
		return
	}
	goleak.VerifyTestMain(m)
}

func TestTheBoltStoreKeepsTheContract(t *testing.T) {
	statetest.Run(t, func(t *testing.T) statetest.Open {
		t.Helper()
		path := filepath.Join(t.TempDir(), "data", "botengine.db")
		return func(t *testing.T, clock func() time.Time) state.Store {
			t.Helper()
			return open(t, path, state.Options{Now: clock})
		}
	})
}

func open(tb testing.TB, path string, o state.Options) state.Store {
	tb.Helper()
	s, err := state.Open(path, o)
	if err != nil {
		tb.Fatalf("open: %v", err)
	}
	return s
}

// opened is a store that is closed when the test ends.
func opened(tb testing.TB, o state.Options) (state.Store, string) {
	tb.Helper()
	path := filepath.Join(tb.TempDir(), "botengine.db")
	s := open(tb, path, o)
	tb.Cleanup(func() {
		if err := s.Close(); err != nil {
			tb.Errorf("close: %v", err)
		}
	})
	return s, path
}

func set(key, value string) func(state.Tx) error {
	return func(tx state.Tx) error {
		tx.SetFact(key, []byte(value), time.Time{})
		return nil
	}
}

func TestTheFileBelongsToItsOwnerAlone(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a", "b", "botengine.db")
	s := open(t, path, state.Options{})
	defer s.Close()
	for name, want := range map[string]fs.FileMode{path: 0o600, path + ".pid": 0o600, filepath.Dir(path): 0o700} {
		info, err := os.Stat(name)
		if err != nil {
			t.Fatal(err)
		}
		if got := info.Mode().Perm(); got != want {
			t.Errorf("%s has mode %o, want %o", name, got, want)
		}
	}
}

func TestCloseTakesTheOwnersNameAway(t *testing.T) {
	path := filepath.Join(t.TempDir(), "botengine.db")
	s := open(t, path, state.Options{})
	for range 2 {
		if err := s.Close(); err != nil {
			t.Fatalf("close: %v", err)
		}
	}
	if _, err := os.Stat(path + ".pid"); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the pid file after Close: %v", err)
	}
}

func TestOpenSaysWhatIsWrong(t *testing.T) {
	folder := t.TempDir()
	file := filepath.Join(folder, "file")
	if err := os.WriteFile(file, []byte("机器人"), 0o600); err != nil {
		t.Fatal(err)
	}
	long := filepath.Join(folder, "long.db")
	if err := os.WriteFile(long, []byte(strings.Repeat("not a state file. ", 4096)), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct{ path, want string }{
		"the path is a folder":         {folder, "no file"},
		"its folder is a file":         {filepath.Join(file, "x.db"), "no folder"},
		"the file is something else":   {file, "it is not a state file, or damaged"},
		"the file is something longer": {long, "it is not a state file, or damaged"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := state.Open(c.path, state.Options{})
			if err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), c.path) {
				t.Errorf("Open = %v, want the path and %q", err, c.want)
			}
		})
	}
}

func TestAnUnwritablePlaceIsRefused(t *testing.T) {
	if os.Getuid() == 0 {
		t.Skip("root may write anywhere")
	}
	folder := t.TempDir()
	if err := os.Chmod(folder, 0o500); err != nil { //nolint:gosec // a folder one may enter
		t.Fatal(err)
	}
	_, err := state.Open(filepath.Join(folder, "x.db"), state.Options{})
	if err == nil || !strings.Contains(err.Error(), "no rights") {
		t.Errorf("Open = %v", err)
	}
}

func TestAFileOfALaterFormatIsRefused(t *testing.T) {
	path := filepath.Join(t.TempDir(), "botengine.db")
	if err := open(t, path, state.Options{}).Close(); err != nil {
		t.Fatal(err)
	}
	rewriteFormat(t, path, "4")
	_, err := state.Open(path, state.Options{})
	if err == nil || !strings.Contains(err.Error(), `format is "4"`) {
		t.Errorf("Open = %v", err)
	}
	rewriteFormat(t, path, "3") // and the file is not locked any more
}

func rewriteFormat(t *testing.T, path, format string) {
	t.Helper()
	db, err := bbolt.Open(path, 0o600, &bbolt.Options{Timeout: time.Second})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	err = db.Update(func(tx *bbolt.Tx) error {
		return tx.Bucket([]byte("meta")).Put([]byte("format"), []byte(format))
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestAFullFileRefusesAndLivesOn(t *testing.T) {
	s, _ := opened(t, state.Options{MaxSize: 1 << 20})
	large := strings.Repeat("满", 1<<20)
	if err := s.Update(t.Context(), set("large", large)); err == nil {
		t.Fatal("3 MiB went into a file of 1 MiB")
	}
	if err := s.Update(t.Context(), set("small", "1")); err != nil {
		t.Errorf("a small update after it: %v", err)
	}
	if got := s.Stats(); got.Failed != 1 || got.Updates != 1 {
		t.Errorf("Stats = %+v", got)
	}
}

func TestALargeUpdateDoesNotTakeTheSmallOnesDown(t *testing.T) {
	s, _ := opened(t, state.Options{MaxSize: 4 << 20})
	var wg sync.WaitGroup
	errs := make([]error, 64)
	for i := range errs {
		wg.Go(func() {
			value := "klein"
			if i == 7 {
				value = strings.Repeat("x", 8<<20)
			}
			errs[i] = s.Update(t.Context(), set(fmt.Sprint(i), value))
		})
	}
	wg.Wait()
	for i, err := range errs {
		if (err != nil) != (i == 7) {
			t.Errorf("update %d: %v", i, err)
		}
	}
}

func TestUpdatesInFlightShareACommit(t *testing.T) {
	s, _ := opened(t, state.Options{})
	var wg sync.WaitGroup
	started := make(chan struct{})
	wg.Go(func() { // holds the writer until all others are queued
		_ = s.Update(t.Context(), func(state.Tx) error { <-started; return nil })
	})
	for i := range 200 {
		wg.Go(func() {
			if i == 199 {
				close(started)
			}
			if err := s.Update(t.Context(), set(fmt.Sprint(i), "1")); err != nil {
				t.Errorf("update: %v", err)
			}
		})
	}
	wg.Wait()
	if got := s.Stats(); got.Updates != 201 || got.Commits > 100 {
		t.Errorf("Stats = %+v, want 201 updates in far fewer commits", got)
	}
}

func TestACallerWhoGoesAwayIsNotCommitted(t *testing.T) {
	s, _ := opened(t, state.Options{})
	inside, leave := make(chan struct{}), make(chan struct{})
	var wg sync.WaitGroup
	wg.Go(func() {
		_ = s.Update(t.Context(), func(state.Tx) error { close(inside); <-leave; return nil })
	})
	<-inside
	// The writer may have taken the request into its batch, but not run it yet.
	ctx, cancel := context.WithCancel(t.Context())
	answered := make(chan error, 1)
	wg.Go(func() { answered <- s.Update(ctx, set("gone", "1")) })
	cancel()
	err := <-answered
	close(leave)
	wg.Wait()
	if !errors.Is(err, context.Canceled) {
		t.Fatalf("Update = %v", err)
	}
	_ = s.View(t.Context(), func(tx state.Tx) error {
		if _, _, ok := tx.Fact("gone"); ok {
			t.Error("it was committed although its caller was told that it was not")
		}
		return nil
	})
}

func TestCloseFinishesWhatIsUnderWay(t *testing.T) {
	s, path := opened(t, state.Options{})
	var wg sync.WaitGroup
	var mu sync.Mutex // guards kept
	kept := map[string]bool{}
	for i := range 100 {
		wg.Go(func() {
			err := s.Update(t.Context(), set(fmt.Sprint(i), "1"))
			if err != nil && !errors.Is(err, state.ErrClosed) {
				t.Errorf("update: %v", err)
			}
			mu.Lock()
			defer mu.Unlock()
			kept[fmt.Sprint(i)] = err == nil
		})
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	wg.Wait()
	again := open(t, path, state.Options{})
	defer again.Close()
	_ = again.View(t.Context(), func(tx state.Tx) error {
		for key, want := range kept {
			if _, _, ok := tx.Fact(key); ok != want {
				t.Errorf("fact %s: there = %v, acknowledged = %v", key, ok, want)
			}
		}
		return nil
	})
}

func TestTheSweepComesByItself(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, err := state.Open(filepath.Join(t.TempDir(), "x.db"), state.Options{})
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		err = s.Update(t.Context(), func(tx state.Tx) error {
			tx.SetFact("cd/faq/chat", []byte("1"), time.Now().Add(90*time.Second))
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		there := func() (ok bool) {
			_ = s.View(t.Context(), func(tx state.Tx) error {
				_, _, ok = tx.Fact("cd/faq/chat")
				return nil
			})
			return ok
		}
		timer := time.NewTimer(80 * time.Second)
		<-timer.C
		if !there() {
			t.Error("it was swept before its time")
		}
		timer.Reset(time.Minute)
		<-timer.C
		if there() {
			t.Error("it was not swept")
		}
	})
}

func TestTheSweepKeepsUpWithWhatComesIn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, err := state.Open(filepath.Join(t.TempDir(), "x.db"), state.Options{})
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		const facts = 5000
		err = s.Update(t.Context(), func(tx state.Tx) error {
			for i := range facts {
				tx.SetFact(fmt.Sprint("thr/flood/", i), []byte("1"), time.Now().Add(10*time.Second))
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		<-time.After(61 * time.Second)
		_ = s.View(t.Context(), func(tx state.Tx) error {
			left := 0
			for i := range facts {
				if _, _, there := tx.Fact(fmt.Sprint("thr/flood/", i)); there {
					left++
				}
			}
			if left > 0 {
				t.Errorf("%d of %d facts are left", left, facts)
			}
			return nil
		})
	})
}
