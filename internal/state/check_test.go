package state_test

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
	"time"

	"go.etcd.io/bbolt"

	"botengine/internal/command"
	"botengine/internal/event"
	"botengine/internal/state"
)

var flips = flag.Int("flips", 300, "files of which a bit is turned over")

// written is a state file with something of everything in it.
func written(t testing.TB, dir string) string {
	t.Helper()
	path := filepath.Join(dir, "state.db")
	store, err := state.Open(path, state.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for batch := range 3 {
		err := store.Update(context.Background(), func(tx state.Tx) error {
			for n := range 100 {
				writeAll(tx, 100*batch+n)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := store.Close(); err != nil {
		t.Fatal(err)
	}
	return path
}

func writeAll(tx state.Tx, n int) {
	now := minute(n)
	ev := event.Event{Kind: event.MessageText, ID: fmt.Sprint(n), Message: event.Message{Text: "怎么退款呀"}}
	tx.Record(state.EncodeEvent(nil, &ev, state.TextFull), &state.Fate{At: now, Origin: state.Live})
	tx.MarkSeen([]string{fmt.Sprintf("m/r/%d", n), fmt.Sprintf("v/r/%d", n)}, now)
	tx.SetFact(fmt.Sprintf("cooldown/%d", n), []byte("1"), now.Add(time.Hour))
	tx.RaiseMark("r", fmt.Sprintf("chat %d", n%7), now)
	tx.PutRun(state.Run{ID: fmt.Sprintf("run %d", n), Robot: "r", Due: now, Data: bytes.Repeat([]byte("等"), n%9)})
	e := tx.Enqueue(command.Command{Key: fmt.Sprint(n), MessageID: messageID(n), Robot: "r", Type: "text", Fields: []byte(`{"text":"请提供订单号"}`)})
	if n%2 == 0 {
		e.State = state.Confirmed
		tx.PutEntry(e)
	}
	tx.PutDocument(fmt.Sprintf("doc %d", n%3), document(n))
	tx.PutArchive(fmt.Sprint("hash ", n%20), []byte("rules: []"))
}

func document(n int) []byte { return bytes.Repeat([]byte{byte(n)}, 10*n) }

func minute(n int) time.Time { return time.Date(2026, 3, 2, 10, n, 0, 0, time.UTC) }

func messageID(n int) string { return fmt.Sprintf("202603021000000001234567890%05d", n) }

func TestACheckOfASoundFileFindsNothing(t *testing.T) {
	path := written(t, t.TempDir())
	c, err := state.Check(path, state.CheckOptions{})
	if info, _ := os.Stat(path); err != nil || !c.Full || c.Older || c.Bytes != info.Size() || c.Free <= 0 || c.Free >= c.Bytes {
		t.Errorf("Check = %+v, %v", c, err)
	}
	store, err := state.Open(path, state.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	var inUse *state.InUseError
	if _, err := state.Check(path, state.CheckOptions{LockTimeout: 50 * time.Millisecond}); !errors.As(err, &inUse) || inUse.PID != os.Getpid() {
		t.Errorf("of a file in use: %v", err)
	}
}

func TestWhatIsNoStateFileIsNotCalledDamaged(t *testing.T) {
	dir := t.TempDir()
	path := func(name string) string { return filepath.Join(dir, name) }
	if _, err := state.Check(path("nothing.db"), state.CheckOptions{}); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("without a file: %v", err)
	}
	rules := bytes.Repeat([]byte("rules:\n  - id: refund # 退款\n"), 1000)
	if err := os.WriteFile(path("faq.yaml"), rules, 0o600); err != nil {
		t.Fatal(err)
	}
	others, err := bbolt.Open(path("others.db"), 0o600, nil)
	if err != nil {
		t.Fatal(err)
	}
	err = others.Update(func(tx *bbolt.Tx) error {
		b, err := tx.CreateBucket([]byte("theirs"))
		return errors.Join(err, b.Put([]byte("k"), []byte("v")))
	})
	if err := errors.Join(err, others.Close()); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"faq.yaml", "others.db"} {
		var foreign *state.ForeignError
		if _, err := state.Check(path(name), state.CheckOptions{}); !errors.As(err, &foreign) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := os.WriteFile(path("empty.db"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if c, err := state.Check(path("empty.db"), state.CheckOptions{}); err != nil || c.Bytes != 0 {
		t.Errorf("an empty file: %+v, %v", c, err)
	}
}

func TestDamageIsFound(t *testing.T) {
	dir := t.TempDir()
	whole, err := os.ReadFile(written(t, dir))
	if err != nil {
		t.Fatal(err)
	}
	zero := func(from, to int) func([]byte) []byte {
		return func(b []byte) []byte { clear(b[from:to]); return b }
	}
	for name, do := range map[string]func([]byte) []byte{
		"both meta pages are gone":        zero(0, 8192),
		"the pages behind them are":       zero(8192, 40960),
		"it is cut off in the middle":     func(b []byte) []byte { return b[:len(b)/2] },
		"it is cut off in its first page": func(b []byte) []byte { return b[:3000] },
		"it is all zeroes":                zero(0, len(whole)),
		"a text that is to be sent": func(b []byte) []byte {
			return bytes.ReplaceAll(b, []byte("请提供订单号"), []byte("请提供订单吧"))
		},
	} {
		path := filepath.Join(dir, "damaged.db")
		if err := os.WriteFile(path, do(bytes.Clone(whole)), 0o600); err != nil {
			t.Fatal(err)
		}
		var damaged *state.DamagedError
		if _, err := state.Check(path, state.CheckOptions{}); !errors.As(err, &damaged) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// Whatever a check lets pass must not bring the store down: no panic, no fault, no
// hang; and a command, fact, mark or document that is read is the one that was written.
func TestFault59ABitFlipIsFoundOrHarmless(t *testing.T) {
	dir := memoryDir(t)
	whole, err := os.ReadFile(written(t, dir))
	if err != nil {
		t.Fatal(err)
	}
	path, found, older, known := filepath.Join(dir, "flipped.db"), 0, 0, damagedEntries{}
	for n := range *flips {
		random := rand.New(rand.NewPCG(59, uint64(n)))
		bit := random.IntN(8 * len(whole))
		flipped := bytes.Clone(whole)
		flipped[bit/8] ^= 1 << (bit % 8)
		if err := os.WriteFile(path, flipped, 0o600); err != nil {
			t.Fatal(err)
		}
		c, err := state.Check(path, state.CheckOptions{})
		var damaged *state.DamagedError
		switch {
		case errors.As(err, &damaged):
			found++
		case err == nil:
			if c.Older {
				older++
			}
			use(t, path, c.Older, &known)
		case !errors.As(err, new(*state.ForeignError)) && !bytes.Contains([]byte(err.Error()), []byte("its format is")):
			t.Errorf("bit %d: %v", bit, err)
		}
		if t.Failed() {
			t.Fatalf("flip %d: bit %d of byte %d", n, bit%8, bit/8)
		}
	}
	t.Logf("figure: one wrong bit in a state file: %d files, %d found damaged (%d more in a meta page, the commit before is there), panics or faults in what passes: 0, commands that are not what was written: %d",
		*flips, found, older, known.wrong)
}

// memoryDir is a folder that costs no sync, where there is one.
func memoryDir(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("/dev/shm", "botengine")
	if err != nil {
		return t.TempDir()
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	return dir
}

type damagedEntries struct{ wrong int }

// use opens a file that passed, reads all of it and writes to it.
func use(t *testing.T, path string, older bool, d *damagedEntries) {
	t.Helper()
	store, err := state.Open(path, state.Options{Now: func() time.Time { return time.Date(2026, 3, 2, 11, 0, 0, 0, time.UTC) }})
	if err != nil {
		t.Errorf("open: %v", err)
		return
	}
	defer store.Close()
	read := func(tx state.Tx) error {
		for _, e := range tx.Open("") {
			if string(e.Command.Fields) != `{"text":"请提供订单号"}` {
				d.wrong++
				t.Errorf("%s would send %s", e.Command.MessageID, e.Command.Fields)
			}
		}
		tx.EachRun(func(state.Run) bool { return true })
		if next, ok := tx.NextDue(); ok && len(tx.DueRuns(next, 1)) == 0 {
			t.Error("a run is due that is not there: it would be looked for without end")
		}
		if !older {
			asWritten(t, tx)
		}
		return nil
	}
	if err := store.View(t.Context(), read); err != nil {
		t.Errorf("read: %v", err)
	}
	err = store.Update(t.Context(), func(tx state.Tx) error {
		for _, e := range tx.Open("") { // as it is claimed, and ends
			e.State = state.Sending
			tx.PutEntry(e)
			e.State = state.Confirmed
			tx.PutEntry(e)
		}
		writeAll(tx, 1000)
		return nil
	})
	if err != nil {
		t.Errorf("write: %v", err)
	}
}

// asWritten compares what has no command in it with what was written.
func asWritten(t *testing.T, tx state.Tx) {
	t.Helper()
	for n := range 300 {
		if value, expires, ok := tx.Fact(fmt.Sprintf("cooldown/%d", n)); string(value) != "1" || !expires.Equal(minute(n).Add(time.Hour)) || !ok {
			t.Errorf("fact %d = %q, %v, %v", n, value, expires, ok)
		}
	}
	for n := 293; n < 300; n++ {
		if at, ok := tx.Mark("r", fmt.Sprintf("chat %d", n%7)); !at.Equal(minute(n)) || !ok {
			t.Errorf("the mark of chat %d is %v, %v", n%7, at, ok)
		}
	}
	for n := 297; n < 300; n++ {
		if doc, _ := tx.Document(fmt.Sprintf("doc %d", n%3)); !bytes.Equal(doc, document(n)) {
			t.Errorf("document %d has %d other bytes", n%3, len(doc))
		}
	}
}

// What a check of all pages costs: of a file that was just written, and so is in memory.
func BenchmarkCheck(b *testing.B) {
	path := filepath.Join(b.TempDir(), "state.db")
	store, err := state.Open(path, state.Options{})
	if err != nil {
		b.Fatal(err)
	}
	big := bytes.Repeat([]byte("退款"), 3000)
	for batch := range 20 {
		err := store.Update(b.Context(), func(tx state.Tx) error {
			for n := range 250 {
				ev := event.Event{Kind: event.MessageText, ID: fmt.Sprint(batch, n), Message: event.Message{Text: string(big)}}
				tx.Record(state.EncodeEvent(nil, &ev, state.TextFull), &state.Fate{At: time.Now(), Origin: state.Live})
			}
			return nil
		})
		if err != nil {
			b.Fatal(err)
		}
	}
	if err := store.Close(); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		c, err := state.Check(path, state.CheckOptions{Full: true})
		if err != nil {
			b.Fatal(err)
		}
		b.SetBytes(c.Bytes - c.Free)
	}
}
