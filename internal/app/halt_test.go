package app

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"botengine/internal/state"
)

// haltBench is a kill switch on a state file.
type haltBench struct {
	*halt
	t     *testing.T
	path  string
	log   bytes.Buffer
	woken atomic.Int64
	stop  func()
}

func newHaltBench(t *testing.T) *haltBench {
	b := &haltBench{t: t, path: filepath.Join(t.TempDir(), "botengine.db")}
	b.start()
	t.Cleanup(func() { b.stop() })
	return b
}

func (b *haltBench) start() {
	b.t.Helper()
	store, err := state.Open(b.path, state.Options{})
	if err != nil {
		b.t.Fatal(err)
	}
	b.halt, err = newHalt(b.t.Context(), store, b.path, slog.New(slog.NewTextHandler(&b.log, nil)), func() { b.woken.Add(1) })
	if err != nil {
		b.t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func(h *halt) { ended <- h.run(ctx) }(b.halt)
	b.stop = func() {
		cancel()
		<-ended
		if err := store.Close(); err != nil {
			b.t.Error(err)
		}
	}
}

func (b *haltBench) restart() { b.t.Helper(); b.stop(); b.start() }

func (b *haltBench) want(robot string, halted bool) {
	b.t.Helper()
	in := false
	if err := b.store.View(b.t.Context(), func(tx state.Tx) error { in = b.HaltedIn(tx, robot); return nil }); err != nil {
		b.t.Fatal(err)
	}
	if got := b.Halted(robot); got != halted || in != halted {
		b.t.Errorf("%s is halted: %v, in a transaction %v; want %v", robot, got, in, halted)
	}
}

func TestAPauseOfAllAndThatOfARobotAreTwoThingsAndOutliveARestart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newHaltBench(t)
		b.want("r1", false)
		do := func(err error) {
			t.Helper()
			if err != nil {
				t.Fatal(err)
			}
		}
		began := time.Now()
		do(b.pause(t.Context(), "r1", "封号 风险\n😱", began))
		b.want("r1", true)
		b.want("r2", false)
		do(b.pause(t.Context(), "", "", began))
		b.want("r2", true)
		b.restart()
		b.want("r1", true)
		b.want("r2", true)
		do(b.resume(t.Context(), ""))
		b.want("r1", true)
		b.want("r2", false)
		<-time.After(time.Hour)
		do(b.pause(t.Context(), "r1", "还是有风险", time.Now()))
		b.restart()
		if got := b.list(); len(got) != 1 || got[0].Robot != "r1" || !got[0].Since.Equal(began) || got[0].Reason != "还是有风险" {
			t.Errorf("paused is %+v", got)
		}
		do(b.resume(t.Context(), "r1"))
		b.want("r1", false)
		b.restart()
		b.want("r1", false)
	})
}

func TestAFileBesideTheStatePausesWithinASecondAndAtTheStart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newHaltBench(t)
		file := filepath.Join(filepath.Dir(b.path), "PAUSED")
		if err := os.WriteFile(file, []byte("  平台说有风险 \n第二行\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		<-time.After(time.Second)
		b.want("r1", true)
		if got := b.list(); len(got) != 1 || got[0].File != file || got[0].Reason != "平台说有风险" {
			t.Errorf("paused is %+v", got)
		}
		if err := b.resume(t.Context(), ""); err != nil {
			t.Fatal(err)
		}
		b.want("r1", true) // the file is for people to remove
		b.restart()
		b.want("r1", true)
		woken := b.woken.Load()
		if err := os.Remove(file); err != nil {
			t.Fatal(err)
		}
		<-time.After(time.Second)
		b.want("r1", false)
		if b.woken.Load() == woken {
			t.Error("nobody was woken when the file was gone")
		}
	})
}

func TestTheLogRemindsEachMinuteOfWhatIsPaused(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newHaltBench(t)
		lines := func() int { synctest.Wait(); return strings.Count(b.log.String(), "paused: nothing is sent") }
		<-time.After(10*time.Minute + time.Second)
		if n := lines(); n != 0 {
			t.Errorf("%d lines, and nothing is paused", n)
		}
		if err := b.pause(t.Context(), "r1", "封号风险", time.Now()); err != nil {
			t.Fatal(err)
		}
		<-time.After(5 * time.Minute)
		if n := lines(); n != 5 || !strings.Contains(b.log.String(), "robot=r1") {
			t.Errorf("%d lines in 5 minutes:\n%s", n, b.log.String())
		}
	})
}

func TestARecordOfPausesThatCannotBeReadPausesAll(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newHaltBench(t)
		err := b.store.Update(t.Context(), func(tx state.Tx) error {
			tx.SetFact(haltFact, []byte(`{"":`), time.Time{})
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		b.restart()
		b.want("r1", true)
		if err := b.resume(t.Context(), ""); err != nil {
			t.Fatal(err)
		}
		b.want("r1", false)
	})
}

func TestAPauseByCtlOutlivesTheLossOfTheStateFile(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newHaltBench(t)
		do := func(err error) {
			t.Helper()
			if err != nil {
				t.Fatal(err)
			}
		}
		kept := filepath.Join(filepath.Dir(b.path), "PAUSED.botengine.db")
		do(b.pause(t.Context(), "r1", "封号风险😱", time.Now()))
		do(b.pause(t.Context(), "r2", "", time.Now()))
		do(b.resume(t.Context(), "r2"))
		was := b.list()
		anew := func() {
			t.Helper()
			b.stop()
			do(os.Remove(b.path))
			b.start()
		}
		anew()
		anew()
		if got := b.list(); len(got) != 1 || got[0].Robot != "r1" || got[0].Reason != "封号风险😱" || !got[0].Since.Equal(was[0].Since) {
			t.Errorf("without its state file %+v is paused, it was %+v", got, was)
		}
		b.want("r1", true)
		b.want("r2", false)
		do(os.Remove(kept)) // then the state has it
		b.restart()
		b.want("r1", true)
		do(os.WriteFile(kept, []byte(`{"r1":`), 0o600))
		b.restart()
		b.want("r2", true) // whom else it named nobody knows
		do(b.resume(t.Context(), ""))
		do(b.resume(t.Context(), "r1"))
		if _, err := os.Lstat(kept); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("nothing is paused, and the file is there (%v)", err)
		}
		b.restart()
		b.want("r1", false)
		anew()
		b.want("r1", false)
	})
}

func TestAPauseThatCannotBeWrittenDownHoldsAndOneThatCannotBeTakenBackGoesOn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newHaltBench(t)
		inTheWay := filepath.Join(filepath.Dir(b.path), "PAUSED.botengine.db", "x")
		if err := os.MkdirAll(inTheWay, 0o700); err != nil {
			t.Fatal(err)
		}
		if err := b.pause(t.Context(), "r1", "", time.Now()); err == nil {
			t.Error("it says that it will hold where the state file is lost")
		}
		b.want("r1", true)
		if err := b.resume(t.Context(), "r1"); err == nil {
			t.Error("it says that nothing is kept any more")
		}
		b.want("r1", true) // as it is after the next start
		if err := os.RemoveAll(filepath.Dir(inTheWay)); err != nil {
			t.Fatal(err)
		}
		if err := b.resume(t.Context(), "r1"); err != nil {
			t.Fatal(err)
		}
		b.want("r1", false)
	})
}

func TestReasonsAreOneShortLine(t *testing.T) {
	for name, c := range map[string]struct{ in, want string }{
		"lines become one":     {"一\n二\t三", "一 二 三"},
		"bad bytes are gone":   {"坏\xff的", "坏的"},
		"what is long is cut":  {strings.Repeat("长", 300), strings.Repeat("长", 200) + "…"},
		"nothing stays so":     {" \n", ""},
		"emoji stay as a rune": {"😱", "😱"},
	} {
		t.Run(name, func(t *testing.T) {
			if got := shorten(c.in); got != c.want {
				t.Errorf("%q, want %q", got, c.want)
			}
		})
	}
}
