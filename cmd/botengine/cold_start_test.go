package main

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"botengine/internal/command"
	"botengine/internal/state"
)

var (
	coldKeys = flag.Int("cold-keys", 20_000, "dedupe keys of the state that TestColdStart starts with")
	coldRows = flag.Int("cold-rows", 2_000, "commands that wait in it")
)

// Goal D14: how long it takes from the start of the program until it is connected,
// with a state of some size. The time is a figure, not a test: machines differ.
func TestColdStart(t *testing.T) {
	s := platform(t)
	dir := project(t, s, "0s..0s")
	warm := spawn(t, dir, "run") // so that the robots are known
	warm.waitLog(t, "connected to the platform")
	if err := warm.cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	if err := warm.ended(); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "data", "state.db")
	stock(t, path, *coldKeys, *coldRows, s.World().Robots()[0].Key)
	began := time.Now()
	c := spawn(t, dir, "run", "-v")
	parts := []string{"the state file was checked", "rules loaded", "connected to the platform"}
	var took []string
	for _, part := range parts {
		c.waitLog(t, part)
		took = append(took, fmt.Sprintf("%s after %v", part, time.Since(began).Round(time.Millisecond)))
	}
	ask(t, s)
	waitReplies(t, s, 1)
	took = append(took, fmt.Sprintf("the first question answered after %v", time.Since(began).Round(time.Millisecond)))
	t.Logf("figure: cold start with %d dedupe keys and %d waiting commands: %s", *coldKeys, *coldRows, strings.Join(took, ", "))
}

// stock fills a state with keys and with commands that are due in an hour.
func stock(t *testing.T, path string, keys, rows int, robot string) {
	t.Helper()
	store, err := state.Open(path, state.Options{})
	if err != nil {
		t.Fatal(err)
	}
	now := time.Now()
	const together = 5000
	for from := 0; from < max(keys, rows); from += together {
		err := store.Update(t.Context(), func(tx state.Tx) error {
			for n := from; n < min(from+together, keys); n++ {
				tx.MarkSeen([]string{fmt.Sprintf("m/%s/%032d", robot, n)}, now.Add(-time.Duration(n%7)*24*time.Hour))
			}
			for n := from; n < min(from+together, rows); n++ {
				tx.Enqueue(command.Command{
					Key: fmt.Sprint("cold ", n), MessageID: fmt.Sprintf("20260302100000000%015d", n), Account: "main", Robot: robot,
					Chat: "R:10" + fmt.Sprint(n%500), Type: "text", Lane: command.LaneChat, Rule: "refund", Class: command.Verifiable, NotBefore: now.Add(time.Hour),
					Fields: []byte(`{"robotKey":"` + robot + `","conversationId":"R:10` + fmt.Sprint(n%500) + `","content":"请回复订单号，我们马上为您处理"}`),
				})
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
}
