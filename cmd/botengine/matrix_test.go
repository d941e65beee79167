//go:build failpoints

package main

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"botengine/internal/failpoint"
)

// The crash matrix: the real program is killed, at each failpoint, while people talk
// to it; it is started again, perhaps to be killed again, until it is left in peace.
// What people saw is then compared with what the oracle says.
var (
	matrixKills    = flag.Int("kills", len(failpoint.All), "how many times the crash matrix kills the engine, at least")
	matrixSeed     = flag.Uint64("seed", 1, "of the crash matrix: its choices are the same for the same seed")
	matrixParallel = flag.Int("at-once", 8, "how many engines of the crash matrix run at the same time")
	matrixOnly     = flag.String("only", "", "the one failpoint of the crash matrix; empty: all")
)

// hurry is how many times faster than the clock the engine waits.
const hurry = "20"

// matrixSum is what all cases came to.
type matrixSum struct {
	kills, doubles, cases, inputs atomic.Int64
	lost, duplicate, reordered    atomic.Int64
	phantom, told                 atomic.Int64

	mu      sync.Mutex // guards reached
	reached map[failpoint.Name]int
}

func (a *matrixSum) reach(name failpoint.Name) {
	a.kills.Add(1)
	a.mu.Lock()
	defer a.mu.Unlock()
	a.reached[name]++
}

func TestCrashMatrix(t *testing.T) {
	sum := &matrixSum{reached: make(map[failpoint.Name]int)}
	names := failpoint.All
	if *matrixOnly != "" {
		names = []failpoint.Name{failpoint.Name(*matrixOnly)}
	}
	seeds := make(chan int)
	var engines sync.WaitGroup
	for range *matrixParallel {
		engines.Go(func() {
			for i := range seeds {
				runCase(t, sum, names[i%len(names)], *matrixSeed*1_000_000+uint64(i))
			}
		})
	}
	for i := 0; (i < len(names) || sum.kills.Load() < int64(*matrixKills)) && i < 4**matrixKills && !t.Failed(); i++ {
		seeds <- i
	}
	close(seeds)
	engines.Wait()
	sum.tell(t, names)
}

func (a *matrixSum) tell(t *testing.T, names []failpoint.Name) {
	t.Helper()
	for _, name := range names {
		if a.reached[name] == 0 {
			t.Errorf("no case died at %s", name)
		}
	}
	t.Logf("figure: %d kills (%d of them during the recovery from another) at %d failpoints in %d cases, %d messages: %d lost, %d duplicate, %d reordered, %d phantom; %d of unknown fate, each in the outbox for a person",
		a.kills.Load(), a.doubles.Load(), len(a.reached), a.cases.Load(), a.inputs.Load(),
		a.lost.Load(), a.duplicate.Load(), a.reordered.Load(), a.phantom.Load(), a.told.Load())
}

// runCase kills the engine at one moment, and says what became of it all.
func runCase(t *testing.T, sum *matrixSum, at failpoint.Name, seed uint64) {
	random := rand.New(rand.NewPCG(seed, 7)) //nolint:gosec // the same case for the same seed
	c := newCase(t, at, random)

	if c == nil {
		return
	}
	c.seed = seed
	defer c.end()
	sum.cases.Add(1)
	c.firstLife()
	c.life(sum, c.plan(), false)
	for range random.IntN(3) { // it may die again while it recovers
		next := failpoint.All[random.IntN(len(failpoint.All))]
		c.life(sum, fmt.Sprintf("%s=kill@%d", next, 1+random.IntN(2)), true)
	}
	c.peace()
	c.judge(sum)
}

// plan is what goes wrong in the first life of the engine: how it comes to the
// moment at which it dies.
func (c *matrixCase) plan() string {
	kill := fmt.Sprintf("%s=kill@%d", c.at, 1+c.random.IntN(3))
	switch c.at {
	case failpoint.SendGivenBack: // it sleeps until its claim is too old
		kill = fmt.Sprintf("%s=kill,%s=sleep:150ms", c.at, failpoint.SendIntent)
	case failpoint.DoubtMarked, failpoint.DoubtAsk, failpoint.DoubtAnswered:
		kill = fmt.Sprintf("%s=kill", c.at)
		c.loseReplies("text", "退款")
	case failpoint.VerdictTold:
		kill = fmt.Sprintf("%s=kill", c.at)
		c.loseReplies("robot.set.group.announcement", "公告")
	case failpoint.DoubtAgain:
		kill = fmt.Sprintf("%s=kill", c.at)
		c.swallow()
	case failpoint.BootOpened, failpoint.BootLoaded, failpoint.BootRobots, failpoint.BootOutbox, failpoint.BootConnected,
		failpoint.CatchupListed, failpoint.CatchupPage, failpoint.CatchupTaken, failpoint.CatchupDone,
		failpoint.ReloadRead, failpoint.ReloadKept, failpoint.ReloadSwapped, failpoint.SweepDone, failpoint.ScheduleDue, failpoint.TimerDue,
		failpoint.DrainBegun, failpoint.DrainDrained, failpoint.DrainClosing:
		kill = fmt.Sprintf("%s=kill", c.at)
	}
	return kill
}

// firstLife is that of a new engine: what was said before it is no concern of its,
// and what is said from then on is.
func (c *matrixCase) firstLife() {
	c.spawn("")
	if !c.awaitConnection(time.Minute) {
		c.fail("the engine did not connect")
	}
	<-time.After(time.Second) // by the platform's clock, too, what is said now is said after the start
	c.talk(1)
	c.awaitEffects(time.Minute)
	c.stop()
}

// life is one life of the engine: people talk, the rules are edited, and unless it
// dies of its failpoint it is asked to end.
func (c *matrixCase) life(sum *matrixSum, failpoints string, recovering bool) {
	c.spawn(failpoints)
	c.awaitConnection(20 * time.Second)
	c.talk(4 + c.random.IntN(6))
	c.edit()
	c.awaitEffects(c.patience())
	c.stop()
	if !c.killed() {
		return
	}
	sum.reach(failpoint.Name(firstName(failpoints)))
	if recovering {
		sum.doubles.Add(1)
	}
}

// patience is how long a life may go on without dying: some moments come rarely.
func (c *matrixCase) patience() time.Duration {
	switch c.at {
	case failpoint.ScheduleDue:
		return 70 * time.Second
	case failpoint.SweepDone, failpoint.DoubtMarked, failpoint.DoubtAsk, failpoint.DoubtAnswered, failpoint.VerdictTold:
		return 10 * time.Second
	case failpoint.DoubtAgain: // the history must have proved that it does not lag
		return 40 * time.Second
	default:
		return 4 * time.Second
	}
}

// peace is the last life: nothing goes wrong any more, and all that is owed is done.
func (c *matrixCase) peace() {
	c.sim.Faults().Clear()
	c.spawn("")
	if !c.awaitConnection(time.Minute) {
		c.fail("the engine did not connect again")
	}
	c.talk(3)
	c.awaitEffects(90 * time.Second)
	c.awaitRest(5 * time.Second)
	c.stop()
	if c.killed() {
		c.fail("the engine died in peace")
	}
}

// fail says what went wrong in a case, and keeps what its engines said.
func (c *matrixCase) fail(format string, args ...any) {
	c.t.Errorf("%s, seed %d: %s\nthe last words of its engines:\n%s", c.at, c.seed, fmt.Sprintf(format, args...), c.lastWords())
}

// stop asks the engine to end, unless it is dead, and waits until it is gone.
func (c *matrixCase) stop() {
	_ = c.cmd.Process.Signal(syscall.SIGTERM) // it may be dead
	select {
	case <-c.gone:
	case <-time.After(time.Minute):
		_ = c.cmd.Process.Signal(syscall.SIGQUIT) // it says where it hangs
		<-c.gone
		c.fail("the engine did not end")
	}
}

// killed says whether the last life ended by a kill.
func (c *matrixCase) killed() bool {
	status, ok := c.cmd.ProcessState.Sys().(syscall.WaitStatus)
	return ok && status.Signaled() && status.Signal() == syscall.SIGKILL
}

// alive says whether the engine runs.
func (c *matrixCase) alive() bool {
	select {
	case <-c.gone:
		return false
	default:
		return true
	}
}

func (c *matrixCase) end() {
	c.cancel()
	<-c.simDone
	_ = os.RemoveAll(c.dir)
}
