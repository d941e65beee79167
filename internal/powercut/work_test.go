package powercut_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"botengine/internal/command"
	"botengine/internal/state"

	"go.etcd.io/bbolt"
)

// workPath names the variable by which the test's own binary, started again, knows
// that it is to write to a store.
const workPath = "BOTENGINE_POWERCUT_CHILD"

// The child's work: transactions an hour apart, by workers at the same time, of
// which the last ones are still remembered whole when the next is done.
const (
	transactions = 160
	workers      = 4
	remembered   = 15
)

var began = time.Date(2026, 3, 1, 8, 0, 0, 0, time.UTC)

// options let the store forget fast, so that it also frees what it wrote.
func options(now func() time.Time) state.Options {
	return state.Options{Now: now, KeepSeen: 48 * time.Hour, KeepEnded: 30 * time.Hour, SweepEvery: 5 * time.Millisecond}
}

// work writes transactions and says each one's number when it is durable.
func work(path string) {
	var last atomic.Int64
	now := func() time.Time { return began.Add(time.Duration(last.Load()) * time.Hour) }
	s, err := state.Open(path, options(now))
	if err != nil {
		fail(err)
	}
	var wg sync.WaitGroup
	for range workers {
		wg.Go(func() {
			for n := int(last.Add(1)); n <= transactions; n = int(last.Add(1)) {
				if err := s.Update(context.Background(), func(tx state.Tx) error { return write(tx, n) }); err != nil {
					fail(err)
				}
				_, _ = fmt.Fprintf(os.Stdout, "ACK %d\n", n)
			}
		})
	}
	wg.Wait()
	if err := s.Close(); err != nil {
		fail(err)
	}
}

func fail(err error) {
	_, _ = fmt.Fprintln(os.Stderr, err)
	os.Exit(1)
}

func keys(n int) []string {
	return []string{fmt.Sprintf("m/robot/%d", n), fmt.Sprintf("v/robot/%d", n)}
}
func runID(n int) string { return fmt.Sprintf("run/%d", n) }
func message(n int) string {
	return fmt.Sprintf("%032d", n)
}
func payload(n int) []byte { return bytes.Repeat([]byte{byte(n)}, 100+n*37%900) }

// write is what an event does to the store, number n of them.
func write(tx state.Tx, n int) error {
	at := began.Add(time.Duration(n) * time.Hour)
	count := counted(tx) + 1
	tx.MarkSeen(keys(n), at)
	tx.SetFact("count", []byte(strconv.Itoa(count)), time.Time{})
	tx.SetFact(fmt.Sprintf("fact/%d", n), append(payload(n), strconv.Itoa(count)...), at.Add(40*time.Hour))
	tx.PutRun(state.Run{ID: runID(n), Robot: "robot", Due: at.Add(time.Hour), Data: payload(n)})
	tx.DeleteRun(runID(n - 2*remembered))
	tx.Enqueue(command.Command{
		Key: "key", MessageID: message(n), Robot: "robot", Chat: "R:1", Type: command.MessageText,
		Lane: command.LaneChat, Class: command.Verifiable, Fields: json.RawMessage(`{"text":"好的"}`),
	})
	if e, ok := tx.Entry(message(n - remembered)); ok {
		e.State, e.EndedAt = state.Confirmed, at
		tx.PutEntry(e)
	}
	tx.PutDocument("last", payload(n))
	return nil
}

func counted(tx state.Tx) int {
	value, _, _ := tx.Fact("count")
	n, _ := strconv.Atoi(string(value)) // none yet: zero
	return n
}

// wantSoundFile opens the file with bbolt alone and has it check all pages.
func wantSoundFile(path string) (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = fmt.Errorf("open panics: %v", v)
		}
	}()
	db, err := bbolt.Open(path, 0o600, &bbolt.Options{Timeout: time.Second, ReadOnly: true, PreLoadFreelist: true})
	if err != nil {
		return err
	}
	tx, err := db.Begin(false)
	if err != nil {
		return errors.Join(err, db.Close())
	}
	for fault := range tx.Check() {
		// Of a file whose pages go round there is no end of faults, and the check goes on
		// reading: the file stays open.
		return fault
	}
	return errors.Join(tx.Rollback(), db.Close())
}

// wantState opens the file as the engine does: what was acknowledged is there, and
// each transaction is there whole or not at all.
func wantState(ctx context.Context, path string, acked map[int]bool) error {
	last := 0
	for n := range acked {
		last = max(last, n)
	}
	now := func() time.Time { return began.Add(time.Duration(last) * time.Hour) }
	o := options(now)
	o.SweepEvery = time.Hour
	s, err := state.Open(path, o)
	if err != nil {
		return err
	}
	err = s.View(ctx, func(tx state.Tx) error { return wantTransactions(tx, acked, last) })
	return errors.Join(err, s.Close())
}

func wantTransactions(tx state.Tx, acked map[int]bool, last int) error {
	latest := 0
	for n := max(1, last-remembered+workers); n <= last+workers; n++ {
		there, count, err := transaction(tx, n)
		if err != nil {
			return err
		}
		if acked[n] && !there {
			return fmt.Errorf("transaction %d was acknowledged, and is lost", n)
		}
		latest = max(latest, count)
	}
	if count := counted(tx); count != latest {
		return fmt.Errorf("the latest transaction counted %d, and the count is %d", latest, count)
	}
	return nil
}

// transaction says whether number n happened, and what it counted.
func transaction(tx state.Tx, n int) (there bool, count int, err error) {
	value, _, there := tx.Fact(fmt.Sprintf("fact/%d", n))
	if there {
		rest, ok := bytes.CutPrefix(value, payload(n))
		count, err = strconv.Atoi(string(rest))
		if !ok || err != nil {
			return true, 0, fmt.Errorf("transaction %d has another's content", n)
		}
	}
	run, hasRun := tx.Run(runID(n))
	_, hasEntry := tx.Entry(message(n))
	seen := tx.Seen(keys(n)[:1]) && tx.Seen(keys(n)[1:])
	either := tx.Seen(keys(n))
	if hasRun != there || hasEntry != there || seen != there || either != there {
		return there, count, fmt.Errorf("transaction %d is there in parts: fact %t, run %t, entry %t, seen %t, either %t", n, there, hasRun, hasEntry, seen, either)
	}
	if there && !bytes.Equal(run.Data, payload(n)) {
		return there, count, fmt.Errorf("the run of transaction %d has another's content", n)
	}
	return there, count, nil
}
