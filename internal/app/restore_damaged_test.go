package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"botengine/internal/sim"
	"botengine/internal/state"
)

// Fault 59, on the whole road: of a state file that is damaged the next best is used,
// what was answered is not answered again, and what is new is answered.
func TestFault59ADamagedStateAnswersNothingTwice(t *testing.T) {
	t.Parallel()
	for from, c := range map[string]struct {
		before func(t *testing.T, b *bench, path string) // while the engine runs
		damage func(path string)
	}{
		FromPrevious: {damage: func(path string) { loseRoot(path) }},
		FromSnapshot: {
			before: func(t *testing.T, b *bench, path string) {
				t.Helper()
				must(backup(t, b.engine, path+snapshotMark+"20260302-100000"))
			},
			damage: func(path string) { must(0, os.Truncate(path, 8192)) },
		},
		FromNothing: {damage: func(path string) { must(0, os.Truncate(path, 8192)) }},
	} {
		t.Run(from, func(t *testing.T) {
			t.Parallel()
			b := start(t, serve(t, sim.Options{}), rulesIn(t, answerRules))
			b.firstRead(t)
			path := b.cfg.State.Path
			must(b.sim.Say("产品体验群1", "张三", "退款 0"))
			b.ledger(t, "the first answer", hasText("退款 0"))
			if c.before != nil {
				c.before(t, b, path)
			}
			for i := range 4 {
				must(b.sim.Say("产品体验群1", "张三", fmt.Sprintf("退款 %d", i+1)))
			}
			b.ledger(t, "more answers", sim.HasKind("text", 5))
			must(0, b.end())
			c.damage(path)
			b.run(t)
			b.connected(t)
			b.caughtUp(t)
			b.answersOnlyWhatIsNew(t, 6)
			if said := b.log.String(); !strings.Contains(said, "goes_on_with="+from) {
				t.Errorf("the log does not say that it goes on with %s:\n%s", from, tail(said, 3000))
			}
			if aside := must(filepath.Glob(path + ".damaged-*")); len(aside) != 1 {
				t.Errorf("the damaged file is not kept: %v", aside)
			}
		})
	}
}

// loseRoot overwrites the page that the newest commit of a state file begins with.
func loseRoot(path string) {
	data := must(os.ReadFile(path))
	newest, transaction := 0, uint64(0)
	for n := range 2 {
		if meta := data[4096*n+16:]; le(meta[48:]) >= transaction {
			newest, transaction = n, le(meta[48:])
		}
	}
	root := 4096 * le(data[4096*newest+16+16:])
	clear(data[root : root+4096])
	must(0, os.WriteFile(path, data, 0o600))
}

func le(b []byte) (n uint64) {
	for i := range 8 {
		n |= uint64(b[i]) << (8 * i)
	}
	return n
}

func TestALinkToADamagedStateFileStaysAndNothingOfAKilledRestoreDoes(t *testing.T) {
	t.Parallel()
	dir, link := t.TempDir(), filepath.Join(t.TempDir(), "state.db")
	file := filepath.Join(dir, "real.db")
	must(0, os.Symlink(file, link))
	store := must(state.Open(link, state.Options{}))
	must(0, store.Update(t.Context(), func(tx state.Tx) error { tx.PutDocument("规则", []byte("退款")); return nil }))
	must(0, store.Close())
	loseRoot(file)
	half := filepath.Join(dir, ".real.db.restoring.123")
	must(0, os.WriteFile(half, []byte("半"), 0o600))

	check := func(_ context.Context, path string) (state.Checked, error) {
		return state.Check(path, state.CheckOptions{})
	}
	done, err := soundState(t.Context(), link, check, slog.New(slog.DiscardHandler))
	if err != nil || done == nil || done.From != FromPrevious || filepath.Dir(done.Aside) != dir {
		t.Fatalf("soundState = %+v, %v", done, err)
	}
	if to, err := os.Readlink(link); err != nil || to != file {
		t.Errorf("the link leads to %q, %v", to, err)
	}
	if _, err := state.Check(file, state.CheckOptions{Full: true}); err != nil {
		t.Error(err)
	}
	if _, err := os.Lstat(half); err == nil {
		t.Error("half a copy was left")
	}
}

// An engine that is ended while it puts the next best in place, or that has no room for
// it, must not begin anew: the next start does it.
func TestWhoIsStoppedWhileHePutsADamagedStateAsideKeepsWhatThereIs(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "state.db")
	store := must(state.Open(path, state.Options{}))
	must(0, store.Update(t.Context(), func(tx state.Tx) error { tx.PutDocument("规则", []byte("退款")); return nil }))
	must(0, store.Close())
	loseRoot(path)
	check := func(_ context.Context, path string) (state.Checked, error) {
		return state.Check(path, state.CheckOptions{})
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if done, err := soundState(ended, path, check, slog.New(slog.DiscardHandler)); !errors.Is(err, context.Canceled) {
		t.Fatalf("when it is stopped: %+v, %v", done, err)
	}
	if left := must(filepath.Glob(path + "*")); len(left) != 1 {
		t.Errorf("there are %v", left)
	}
	if done, err := soundState(t.Context(), path, check, slog.New(slog.DiscardHandler)); err != nil || done.From != FromPrevious {
		t.Errorf("the next start: %+v, %v", done, err)
	}
}

func TestOnlyWhatIsInAFileMakesItOneThatCannotBeUsed(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		err       error
		elsewhere bool
	}{
		{fmt.Errorf("write: %w", syscall.ENOSPC), true},
		{&os.PathError{Op: "open", Err: syscall.EACCES}, true},
		{errors.Join(context.Canceled), true},
		{&state.InUseError{}, true},
		{&os.PathError{Op: "open", Err: syscall.ENOENT}, false}, // it is not there any more
		{&state.DamagedError{Why: errors.New("坏了")}, false},
	} {
		if got := elsewhere(c.err); got != c.elsewhere {
			t.Errorf("elsewhere(%v) = %v", c.err, got)
		}
	}
}
