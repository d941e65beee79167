//go:build linux

package main

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"botengine/internal/app"
	"botengine/internal/ctl"
	"botengine/internal/event"
	"botengine/internal/sim"
	"botengine/internal/state"
)

var burstSize = flag.Int("burst", 4_000, "how many messages TestFault81 sends in one burst")

const (
	memoryBound   = 512 << 20 // bytes the engine may have at any moment
	burstBacklog  = 4_000     // frames that the platform keeps waiting for the engine
	burstPatience = 50_000    // messages of the burst that may be said until a question from another chat is answered
	burstGroups   = 300
)

// burst is many messages at once, and what became of them.
type burst struct {
	t     *testing.T
	sim   *sim.Server
	child *child
	dir   string
	size  int

	said   atomic.Int64
	took   []time.Duration // of the answers to the lone questions
	waited []int64         // messages of the burst that were said until they came
}

// TestFault81 has people say more than the engine can take in at once, in one chat or
// in many: it must need little memory, lose nothing, and answer somebody in another
// chat all the while.
func TestFault81ABurstNeedsLittleMemoryAndLosesNothing(t *testing.T) {
	for _, c := range []struct {
		name   string
		groups int
	}{{"one chat", 1}, {"many chats", burstGroups}} {
		t.Run(c.name, func(t *testing.T) {
			b := newBurst(t, c.groups)
			begun := time.Now()
			b.run(c.groups)
			took := time.Since(begun)
			peak := peakMemory(t, b.child.cmd.Process.Pid)
			t.Log(memory(t, b.child.cmd.Process.Pid))
			b.end()
			lost := b.lost()
			t.Logf("figure: burst of %d messages in %s: %d lost, peak memory of the engine %d MiB, %.0f messages/s; %d questions from another chat answered meanwhile, the slowest after %v and %d messages",
				b.said.Load(), c.name, lost, peak>>20, float64(b.said.Load())/took.Seconds(), len(b.took), slices.Max(b.took).Round(time.Millisecond), slices.Max(b.waited))
			if lost > 0 {
				t.Errorf("%d messages are lost", lost)
			}
			if peak > memoryBound {
				t.Errorf("it had %d MiB at its peak, want at most %d", peak>>20, memoryBound>>20)
			}
			if slices.Max(b.waited) > burstPatience {
				t.Errorf("a question from another chat waited for %d messages of the burst", slices.Max(b.waited))
			}
		})
	}
}

func newBurst(t *testing.T, groups int) *burst {
	t.Helper()
	world := sim.DemoWorld()
	for i := range groups {
		world.AddGroup(sim.Group{Name: burstGroup(i), Owner: "李四", Members: []string{"小助手", "李四"}})
	}
	s := sim.New(sim.Options{World: world})
	if err := s.Start("127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- s.Run(ctx) }()
	t.Cleanup(func() { cancel(); <-done })
	b := &burst{t: t, sim: s, dir: project(t, s, "0s..0s"), size: *burstSize}
	rules := "version: 1\nrules:\n  - {id: refund, on: message.text, loop_guard: off, match: {any: [退款]}, do: [{reply: 请回复订单号}]}\n"
	if err := os.WriteFile(filepath.Join(b.dir, "rules", "faq.yaml"), []byte(rules), 0o600); err != nil {
		t.Fatal(err)
	}
	b.child = spawn(t, b.dir, "run")
	b.child.waitLog(t, "connected to the platform")
	ask(t, s)
	waitReplies(t, s, 1)
	return b
}

func burstGroup(i int) string { return fmt.Sprintf("热闹的群 %d", i) }

// run lets the burst happen, with questions from another chat all the while: it is not
// over before so many messages were said and the last question is answered. The
// platform's end of the socket is kept filled, but not for ever: whoever talks waits.
func (b *burst) run(groups int) {
	b.t.Helper()
	go func() { // nobody else reads the log, and it must not fill its pipe; it ends with the engine
		for line := range b.child.logs {
			if strings.Contains(line, `"level":"WARN"`) || strings.Contains(line, `"level":"ERROR"`) {
				b.t.Log(line)
			}
		}
	}()
	answered := make(chan struct{})
	go func() {
		defer close(answered)
		b.questions()
	}()
	pause := time.NewTicker(time.Millisecond)
	defer pause.Stop()
	for i := 0; i < b.size || !over(answered); i++ {
		for i%64 == 0 && b.sim.Backlog() > burstBacklog {
			<-pause.C
		}
		if _, err := b.sim.Say(burstGroup(i%groups), "李四", "大家好呀，今天的天气真不错 "+strconv.Itoa(i)); err != nil {
			b.t.Fatal(err)
		}
		b.said.Add(1)
	}
	b.awaitTaken()
}

func over(done <-chan struct{}) bool {
	select {
	case <-done:
		return true
	default:
		return false
	}
}

// questions asks and waits for the answer, again and again until the burst is said.
func (b *burst) questions() {
	for n := 2; len(b.took) == 0 || b.said.Load() < int64(b.size); n++ { // one answer was there before
		begun, before := time.Now(), b.said.Load()
		if _, err := b.sim.Say("产品体验群1", "张三", "怎么退款"); err != nil {
			b.t.Error(err)
			return
		}
		ctx, cancel := context.WithTimeout(context.Background(), soon)
		_, err := b.sim.WaitLedger(ctx, sim.HasKind("text", n))
		cancel()
		if err != nil {
			b.t.Errorf("question %d was not answered: %v", n, err)
			return
		}
		b.took = append(b.took, time.Since(begun))
		b.waited = append(b.waited, b.said.Load()-before)
	}
}

// awaitTaken waits until the engine has taken in what it was sent.
func (b *burst) awaitTaken() {
	b.t.Helper()
	client := ctl.NewClient(filepath.Join(b.dir, "data", "botengine.sock"))
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	deadline := time.After(5 * soon)
	for {
		var s app.Status
		if err := client.Call(b.t.Context(), "status", nil, &s); err != nil {
			b.t.Fatal(err)
		}
		if s.Events.Total-s.Events.Duplicates >= uint64(b.said.Load()) && b.sim.Backlog() == 0 && s.Queue.Depth == 0 {
			return
		}
		select {
		case <-tick.C:
		case <-deadline:
			b.t.Fatalf("of %d messages %d events were taken in, %d of them again", b.said.Load(), s.Events.Total, s.Events.Duplicates)
		}
	}
}

// end ends the engine in order.
func (b *burst) end() {
	b.t.Helper()
	if err := b.child.cmd.Process.Signal(os.Interrupt); err != nil {
		b.t.Fatal(err)
	}
	if err := b.child.cmd.Wait(); err != nil {
		b.t.Errorf("it ended with %v", err)
	}
}

// lost counts the messages that the journal does not have.
func (b *burst) lost() int {
	b.t.Helper()
	store, err := state.Open(filepath.Join(b.dir, "data", "state.db"), state.Options{})
	if err != nil {
		b.t.Fatal(err)
	}
	defer func() { _ = store.Close() }()
	number := regexp.MustCompile(` (\d+)$`)
	has := make([]bool, b.said.Load())
	err = store.View(b.t.Context(), func(tx state.Tx) error {
		tx.EachRecord(state.JournalQuery{}, func(r state.Record) bool {
			if m := number.FindStringSubmatch(r.Event.Message.Text); m != nil && r.Event.Kind == event.MessageText {
				n, _ := strconv.Atoi(m[1])
				if has[n] {
					b.t.Errorf("message %d was taken in twice", n)
				}
				has[n] = true
			}
			return true
		})
		return nil
	})
	if err != nil {
		b.t.Fatal(err)
	}
	n := 0
	for _, there := range has {
		if !there {
			n++
		}
	}
	return n
}

// memory says how much of a process is resident, and of what.
func memory(t *testing.T, pid int) string {
	t.Helper()
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		t.Fatal(err)
	}
	return string(bytes.Join(regexp.MustCompile(`(VmHWM|RssAnon|RssFile):\s+\d+ kB`).FindAll(status, -1), []byte(", ")))
}

// peakMemory is how much memory a process had at its peak, in bytes: all of it that
// was resident, the pages of its state file included.
func peakMemory(t *testing.T, pid int) int64 {
	t.Helper()
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		t.Fatal(err)
	}
	m := regexp.MustCompile(`VmHWM:\s+(\d+) kB`).FindSubmatch(status)
	if m == nil {
		t.Fatalf("%s does not say how much memory the process had:\n%s", runtime.GOOS, status)
	}
	n, err := strconv.ParseInt(string(m[1]), 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	return n << 10
}
