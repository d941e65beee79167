package simulation

import (
	"bytes"
	"flag"
	"fmt"
	"path/filepath"
	"runtime"
	"sync"
	"testing"
	"time"

	"botengine/internal/state"
	"botengine/internal/state/statetest"
)

var (
	oneSeed  = flag.Uint64("seed", 0, "the one seed to run, with all that happens in it; 0 = many")
	allSteps = flag.Int("steps", 25_000, "how many steps to run in all")
	perSeed  = flag.Int("per-seed", 700, "steps of trouble in a seed")
	replays  = flag.Uint64("replays", 4, "how many seeds to run twice")
	first    = flag.Uint64("first", 1, "the first seed")
)

func TestTheStoreInMemoryKeepsTheContract(t *testing.T) {
	statetest.Run(t, func(*testing.T) statetest.Open {
		kept := newRows()
		var before *memory
		return func(_ *testing.T, clock func() time.Time) state.Store {
			if before != nil {
				kept = before.rows
			}
			before = &memory{now: clock, rows: kept}
			return withoutJournal{before}
		}
	})
}

// withoutJournal says that the store keeps no journal.
type withoutJournal struct{ *memory }

func (withoutJournal) NoJournal() {}

var rulesOnce = sync.OnceValues(compiled)

// simulate runs one seed.
func simulate(t *testing.T, seed uint64, keep bool) (*world, error) {
	t.Helper()
	sets, err := rulesOnce()
	if err != nil {
		t.Fatal(err)
	}
	w := newWorld(seed, sets, filepath.Join(t.TempDir(), fmt.Sprint(seed)))
	w.trace.keep = keep
	return w, w.run(*perSeed)
}

func TestSimulation(t *testing.T) {
	if *oneSeed != 0 {
		w, err := simulate(t, *oneSeed, true)
		t.Logf("profile: %+v\n%s", w.p, w.trace.text)
		if err != nil {
			t.Error(err)
		}
		return
	}
	steps, seeds, began := 0, 0, time.Now()
	sum := uint64(0)
	var lives, commits, said int
	for seed := *first; steps < *allSteps; seed++ {
		if !concerned(seed) {
			continue
		}
		w, err := simulate(t, seed, false)
		if err != nil {
			t.Errorf("seed %d: %v\nrun it again: go test ./internal/simulation -run TestSimulation -v -args -per-seed=%d -seed=%d", seed, err, *perSeed, seed)
		}
		if t.Failed() {
			break
		}
		steps, seeds, sum = steps+w.steps, seeds+1, sum^w.trace.sum
		lives, commits, said = lives+w.lives, commits+w.commits, said+len(w.inputs)
	}
	t.Logf("figure: simulated steps %d in %d seeds: %d messages, %d commits, %d lives of the engine; %.0f steps/s", steps, seeds, said, commits, lives, float64(steps)/time.Since(began).Seconds())
	t.Logf("trace %016x", sum)
}

// The store in memory is no more than a stand-in: seeds are run on the real file, too.
func TestSeedsOnARealFile(t *testing.T) {
	sets, err := rulesOnce()
	if err != nil {
		t.Fatal(err)
	}
	for seed := uint64(1); seed <= 2; seed++ {
		w := newWorld(seed, sets, filepath.Join(t.TempDir(), "data"))
		w.p.file, w.p.backup, w.p.kill, w.p.full = true, false, 30, 100
		if err := w.run(250); err != nil {
			t.Errorf("seed %d: %v", seed, err)
		}
		if w.lives < 2 {
			t.Errorf("seed %d: the engine never died", seed)
		}
	}
}

func TestASeedReplaysByteForByte(t *testing.T) {
	for seed := uint64(1); seed <= *replays; seed++ {
		a, errA := simulate(t, seed, true)
		runtime.GC()
		b, errB := simulate(t, seed, true)
		if !bytes.Equal(a.trace.text, b.trace.text) || fmt.Sprint(errA) != fmt.Sprint(errB) {
			t.Errorf("seed %d differs: %v and %v", seed, errA, errB)
		}
	}
}
