//go:build failpoints && unix

package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"botengine/internal/failpoint"
	"botengine/internal/sim"
)

// diesAt runs the program with a failpoint until that kills it.
func diesAt(t *testing.T, dir, point string) {
	t.Helper()
	t.Setenv(failpoint.Variable, point)
	c := spawn(t, dir, "run")
	for range c.logs { // until it is dead
	}
	_ = c.cmd.Wait()
	if err := os.Unsetenv(failpoint.Variable); err != nil {
		t.Fatal(err)
	}
}

// chatty says much in a group, of which a few sentences are questions.
func chatty(t *testing.T, s *sim.Server, n, questions int) {
	t.Helper()
	for i := range n {
		text := fmt.Sprintf("闲聊 %d", i)
		if i%(n/questions) == 1 {
			text = fmt.Sprintf("退款 %d", i)
		}
		if _, err := s.Say("产品体验群1", "张三", text); err != nil {
			t.Fatal(err)
		}
	}
}

// Fault 1: a frame that was read and not decoded when the process died is fetched.
func TestFault1KilledAfterAFrameWasReadItsMessageIsAnsweredOnce(t *testing.T) {
	s := platform(t)
	dir := project(t, s, "0s..0s")
	first := spawn(t, dir, "run")
	first.waitLog(t, "nothing is remembered of this account")
	ask(t, s)
	waitReplies(t, s, 1)
	first.kill()

	t.Setenv(failpoint.Variable, string(failpoint.RecvRead)+"=kill")
	c := spawn(t, dir, "run")
	c.waitLog(t, "connected to the platform")
	ask(t, s)
	for range c.logs { // until it is dead
	}
	_ = c.cmd.Wait()
	if err := os.Unsetenv(failpoint.Variable); err != nil {
		t.Fatal(err)
	}
	again := spawn(t, dir, "run")
	again.waitLog(t, "connected to the platform")
	waitReplies(t, s, 2)
	marker(t, s, 3)
}

// Fault 10: killed at each page of a catch-up, at each part that is taken in, and at
// its beginning and its end, the next life goes on where it has to.
func TestFault10KilledAtEachStepOfACatchUpNothingIsLostOrAnsweredTwice(t *testing.T) {
	const questions, pages = 5, 3
	var points []string
	for k := 1; k <= pages; k++ {
		points = append(points, fmt.Sprintf("%s=kill@%d", failpoint.CatchupPage, k), fmt.Sprintf("%s=kill@%d", failpoint.CatchupTaken, k))
	}
	points = append(points, string(failpoint.CatchupListed)+"=kill", string(failpoint.CatchupDone)+"=kill")
	for _, point := range points {
		t.Run(strings.ReplaceAll(point, "=kill", ""), func(t *testing.T) {
			s := platform(t)
			dir := project(t, s, "0s..0s")
			rules := "version: 1\nrules:\n  - {id: refund, on: message.text, loop_guard: off, match: {any: [退款]}, do: [{reply: \"请回复订单号 {{text}}\"}]}\n"
			if err := os.WriteFile(filepath.Join(dir, "rules", "faq.yaml"), []byte(rules), 0o600); err != nil {
				t.Fatal(err)
			}
			first := spawn(t, dir, "run")
			first.waitLog(t, "nothing is remembered of this account")
			ask(t, s)
			waitReplies(t, s, 1)
			first.kill()
			chatty(t, s, 250, questions)
			diesAt(t, dir, point)
			again := spawn(t, dir, "run")
			again.waitLog(t, "connected to the platform")
			tick := time.NewTicker(500 * time.Millisecond)
			defer tick.Stop()
			for over := time.Now().Add(soon); len(s.Ledger()) < 1+questions && time.Now().Before(over); <-tick.C {
				if _, err := s.Say("小助手", "李四", "闲聊"); err != nil { // a history that shows it is up to date
					t.Fatal(err)
				}
			}
			waitReplies(t, s, 1+questions)
			marker(t, s, 2+questions)
			if d := s.Duplicates(); len(d) > 0 {
				t.Errorf("sent twice: %v", d)
			}
		})
	}
}
