package state_test

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"go.etcd.io/bbolt"
	"pgregory.net/rapid"

	"botengine/internal/state"
)

var errNo = errors.New("no")

// marker is one function of a batch: it asks for a key, marks it, and ends in a way.
type marker struct {
	key, end string
	day      int
}

var markers = rapid.Custom(func(t *rapid.T) marker {
	return marker{
		key: fmt.Sprintf("m/机器人/%d", rapid.IntRange(0, 40).Draw(t, "key")),
		end: rapid.SampledFrom([]string{"well", "well", "error", "panic"}).Draw(t, "end"),
		day: rapid.IntRange(0, 3).Draw(t, "day"),
	}
})

// TestSeenKeysAreThoseThatWereCommitted: whatever fails, panics or is taken back
// leaves no key behind, and what was committed is there, for the functions behind it,
// for views, and after a restart.
func TestSeenKeysAreThoseThatWereCommitted(t *testing.T) {
	noon := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	folder, files := t.TempDir(), 0
	rapid.Check(t, func(t *rapid.T) {
		files++
		path := filepath.Join(folder, fmt.Sprint(files, ".db"))
		o := state.Options{Now: func() time.Time { return noon }, MaxSize: 1 << 20}
		s, err := state.Open(path, o)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = s.Close() }()
		model := map[string]bool{}
		for range rapid.IntRange(1, 6).Draw(t, "rounds") {
			switch rapid.IntRange(0, 3).Draw(t, "round") {
			case 0:
				refuseTooMuch(t, s, noon)
			case 1:
				if err := s.Close(); err != nil {
					t.Fatal(err)
				}
				if s, err = state.Open(path, o); err != nil {
					t.Fatal(err)
				}
			default:
				commitTogether(t, s, rapid.SliceOfN(markers, 1, 12).Draw(t, "functions"), noon, model)
			}
			wantSeen(t, s, model)
		}
	})
}

func wantSeen(t *rapid.T, s state.Store, model map[string]bool) {
	err := s.View(context.Background(), func(tx state.Tx) error {
		for n := range 41 {
			key := fmt.Sprintf("m/机器人/%d", n)
			if got := tx.Seen([]string{key}); got != model[key] {
				t.Fatalf("%s: seen %v, committed %v", key, got, model[key])
			}
		}
		if tx.Seen([]string{"too much"}) {
			t.Fatal("what was not committed is seen")
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// refuseTooMuch is a commit that fails as a whole.
func refuseTooMuch(t *rapid.T, s state.Store, at time.Time) {
	err := s.Update(context.Background(), func(tx state.Tx) error {
		tx.MarkSeen([]string{"too much"}, at)
		tx.SetFact("large", []byte(strings.Repeat("满", 1<<20)), time.Time{})
		return nil
	})
	if err == nil {
		t.Fatal("it fitted")
	}
}

// commitTogether runs the functions at the same time, so that they share commits, in
// an order that is not known: each says what it saw, and the model is told in the
// order in which they ran.
func commitTogether(t *rapid.T, s state.Store, all []marker, noon time.Time, model map[string]bool) {
	var (
		mu   sync.Mutex
		done sync.WaitGroup
		bad  []string
	)
	for _, m := range all {
		done.Go(func() {
			_ = s.Update(context.Background(), func(tx state.Tx) error {
				mu.Lock() // the writer runs one function at a time: for the race detector
				defer mu.Unlock()
				if seen := tx.Seen([]string{m.key}); seen != model[m.key] {
					bad = append(bad, fmt.Sprintf("%s: seen %v before, committed %v", m.key, seen, model[m.key]))
				}
				tx.MarkSeen([]string{m.key}, noon.AddDate(0, 0, -m.day))
				if !tx.Seen([]string{m.key}) {
					bad = append(bad, m.key+" is not seen by the one who marked it")
				}
				switch m.end {
				case "error":
					return errNo
				case "panic":
					panic(errNo)
				}
				model[m.key] = true
				return nil
			})
		})
	}
	done.Wait()
	if len(bad) > 0 {
		t.Fatal(strings.Join(bad, "; "))
	}
}

// TestAFileOfTheFirstFormatIsTakenOver: it had a row for each key.
func TestAFileOfTheFirstFormatIsTakenOver(t *testing.T) {
	path := filepath.Join(t.TempDir(), "botengine.db")
	if err := open(t, path, state.Options{}).Close(); err != nil {
		t.Fatal(err)
	}
	now := time.Now().UTC()
	days := []string{now.AddDate(0, 0, -2).Format("20060102"), now.Format("20060102")}
	makeFirstFormat(t, path, days, 1500)
	reading := func() viewer {
		r, err := state.OpenReader(path, state.Options{})
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	owning := func() viewer { return open(t, path, state.Options{}) }
	for _, opening := range []func() viewer{reading, owning, owning, reading} {
		s := opening()
		err := s.View(t.Context(), func(tx state.Tx) error {
			for _, day := range days {
				for n := range 1500 {
					if !tx.Seen([]string{fmt.Sprintf("m/%s/%d", day, n)}) {
						t.Fatalf("key %d of %s was lost", n, day)
					}
				}
			}
			if tx.Seen([]string{"m/20260101/7"}) {
				t.Error("a key that nobody marked is seen")
			}
			return nil
		})
		if err != nil {
			t.Error(err)
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}
}

// viewer is a Store, or a Reader.
type viewer interface {
	View(ctx context.Context, fn func(state.Tx) error) error
	Close() error
}

func makeFirstFormat(t *testing.T, path string, days []string, keys int) {
	t.Helper()
	db, err := bbolt.Open(path, 0o600, &bbolt.Options{Timeout: time.Second})
	if err != nil {
		t.Fatal(err)
	}
	err = db.Update(func(tx *bbolt.Tx) error {
		seen, err := tx.CreateBucket([]byte("seen"))
		if err != nil {
			return err
		}
		for _, day := range days {
			b, err := seen.CreateBucket([]byte(day))
			if err != nil {
				return err
			}
			for n := range keys {
				if err := b.Put(fmt.Appendf(nil, "m/%s/%d", day, n), []byte{}); err != nil {
					return err
				}
			}
		}
		return errors.Join(tx.DeleteBucket([]byte("marks")), tx.Bucket([]byte("meta")).Put([]byte("format"), []byte("1")))
	})
	if err := errors.Join(err, db.Close()); err != nil {
		t.Fatal(err)
	}
}

// TestWritingAheadHarmsNoPage: the file grows by a few MiB, and every page of it is
// still what bbolt left there.
func TestWritingAheadHarmsNoPage(t *testing.T) {
	path := filepath.Join(t.TempDir(), "botengine.db")
	value := strings.Repeat("页", 1<<14)
	for round := range 3 {
		s := open(t, path, state.Options{})
		for n := range 30 {
			if err := s.Update(t.Context(), set(fmt.Sprintf("%d/%d", round, n), value)); err != nil {
				t.Fatal(err)
			}
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
	checkPages(t, path)
	s := open(t, path, state.Options{})
	defer s.Close()
	err := s.View(t.Context(), func(tx state.Tx) error {
		for n := range 90 {
			key := fmt.Sprintf("%d/%d", n/30, n%30)
			if got, _, ok := tx.Fact(key); !ok || string(got) != value {
				t.Errorf("fact %s was lost", key)
			}
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}

func checkPages(t *testing.T, path string) {
	t.Helper()
	db, err := bbolt.Open(path, 0o600, &bbolt.Options{Timeout: time.Second})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	err = db.View(func(tx *bbolt.Tx) error {
		for err := range tx.Check() {
			t.Errorf("check: %v", err)
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}

// BenchmarkOpenWithAMillionKeys is what a restart takes that has a million dedupe keys
// to read.
func BenchmarkOpenWithAMillionKeys(b *testing.B) {
	path := filepath.Join(b.TempDir(), "botengine.db")
	s := open(b, path, state.Options{})
	now := time.Now()
	for n := range 1000 {
		keys := make([]string, 1000)
		for i := range keys {
			keys[i] = fmt.Sprintf("m/cfb3e2c2686d437ab1109cd63b87ea48/%020d", 1000*n+i)
		}
		err := s.Update(b.Context(), func(tx state.Tx) error {
			tx.MarkSeen(keys, now.Add(-time.Duration(n)*10*time.Minute))
			return nil
		})
		if err != nil {
			b.Fatal(err)
		}
	}
	if err := s.Close(); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if err := open(b, path, state.Options{}).Close(); err != nil {
			b.Fatal(err)
		}
	}
}
