package app

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"testing"
	"time"

	"botengine/internal/command"
	"botengine/internal/ctl"
	"botengine/internal/sim"
	"botengine/internal/state"
)

func backup(t *testing.T, a *App, path string) (Backup, error) {
	t.Helper()
	return askVerb[Backup](t, func(raw json.RawMessage) (any, error) { return a.ctlBackup(t.Context(), raw) }, BackupParams{Path: path})
}

// Fault 61, by the commands for it: what was answered since a backup is not answered
// again after it was put back.
func TestFault61ABackupThatIsPutBackAnswersNothingTwice(t *testing.T) {
	t.Parallel()
	b := start(t, serve(t, sim.Options{}), rulesIn(t, answerRules))
	b.firstRead(t)
	must(b.sim.Say("产品体验群1", "张三", "退款 0"))
	b.ledger(t, "the first answer", hasText("退款 0"))
	copied := filepath.Join(t.TempDir(), "backup.db")
	if done, err := backup(t, b.engine, copied); err != nil || done.Bytes == 0 {
		t.Fatalf("%+v, %v", done, err)
	}
	_, err := backup(t, b.engine, copied)
	if no, ok := errors.AsType[*ctl.Error](err); !ok || no.Code != "exists" {
		t.Errorf("over a backup: %v", err)
	}
	for i := range 4 {
		must(b.sim.Say("产品体验群1", "张三", fmt.Sprintf("退款 %d", i+1)))
	}
	b.ledger(t, "more answers", sim.HasKind("text", 5))
	var used *state.InUseError
	if _, err := Restore(t.Context(), copied, b.cfg.State.Path, time.Now()); !errors.As(err, &used) {
		t.Errorf("while the engine runs: %v", err)
	}
	if err := b.end(); err != nil {
		t.Fatal(err)
	}
	out, err := Restore(t.Context(), copied, b.cfg.State.Path, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(out.Aside); err != nil {
		t.Errorf("the state before is not there: %v", err)
	}
	b.run(t)
	b.connected(t)
	b.firstRead(t)
	b.caughtUp(t)
	b.answersOnlyWhatIsNew(t, 6)
}

// answersOnlyWhatIsNew waits until nothing is owed any more and says something new: then
// so many answers were sent, and none of them twice.
func (b *bench) answersOnlyWhatIsNew(t *testing.T, answers int) {
	t.Helper()
	until(t, "an outbox that owes nothing", func() bool { return len(b.open(t)) == 0 })
	must(b.sim.Say("小助手", "李四", "退款 新"))
	b.ledger(t, "the answer to what is new", hasText("退款 新"))
	b.settled()
	if d, n := b.sim.Duplicates(), len(b.sim.Ledger()); len(d) > 0 || n != answers {
		t.Errorf("sent twice: %v; %d in the ledger, want %d", d, n, answers)
	}
}

func TestWhatWaitsInABackupIsInDoubtWhenItIsPutBack(t *testing.T) {
	dir := t.TempDir()
	from, to := filepath.Join(dir, "backup.db"), filepath.Join(dir, "data", "state.db")
	store, err := state.Open(from, state.Options{})
	if err != nil {
		t.Fatal(err)
	}
	enqueue(t, store, command.Command{Key: "k", MessageID: "20260302100000000123456789012345", Robot: "r", Type: "robot.delete.group.members", Class: command.Unverifiable, Lane: command.LaneAction})
	if err := store.Close(); err != nil {
		t.Fatal(err)
	}
	before := must(os.ReadFile(from))
	now := time.Date(2026, 3, 2, 11, 0, 0, 0, time.UTC)
	for i, aside := range []string{"", to + ".20260302-110000", to + ".20260302-110000-1"} {
		out, err := Restore(t.Context(), from, to, now)
		if err != nil || out.Doubted != 1 || out.Aside != aside {
			t.Fatalf("restore %d: %+v, %v", i, out, err)
		}
	}
	if string(must(os.ReadFile(from))) != string(before) {
		t.Error("the backup was changed")
	}
	if store, err = state.Open(to, state.Options{}); err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	err = store.View(t.Context(), func(tx state.Tx) error {
		if open := tx.Open(""); len(open) != 1 || open[0].State != state.Ambiguous {
			t.Errorf("the outbox has %+v", open)
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}

func TestWhatIsNoBackupIsRefusedAndTheStateStays(t *testing.T) {
	dir := t.TempDir()
	to := filepath.Join(dir, "state.db")
	if err := os.WriteFile(to, []byte("不是状态文件"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Restore(t.Context(), filepath.Join(dir, "nothing.db"), to, time.Now()); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("without a backup: %v", err)
	}
	write(t, filepath.Join(dir, "text.db"), "退款")
	if _, err := Restore(t.Context(), filepath.Join(dir, "text.db"), to, time.Now()); err == nil {
		t.Error("a text was taken for a backup")
	}
	if files := must(os.ReadDir(dir)); len(files) != 2 || string(must(os.ReadFile(to))) != "不是状态文件" {
		t.Errorf("there are %v", files)
	}
}

func TestTheLogLevelOfARunningEngineChanges(t *testing.T) {
	a := &App{o: Options{Log: slog.New(slog.DiscardHandler), Level: new(slog.LevelVar)}}
	set := func(level string) (LogLevel, error) {
		return askVerb[LogLevel](t, func(raw json.RawMessage) (any, error) { return a.ctlLogLevel(t.Context(), raw) }, LogLevelParams{Level: level})
	}
	for _, level := range logLevels {
		if l, err := set(level); err != nil || l.Level != level {
			t.Errorf("%s: %+v, %v", level, l, err)
		}
	}
	if _, err := set("DEBUG-4"); err == nil {
		t.Error("a level that has no name was taken")
	}
	if l, err := set(""); err != nil || l.Level != "error" || a.o.Level.Level() != slog.LevelError {
		t.Errorf("asked for: %+v, %v", l, err)
	}
}
