//go:build failpoints

package main

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"botengine/internal/failpoint"
	"botengine/internal/oracle"
)

var cutStep = flag.Int("cutstep", 60, "how many bytes the places are apart at which TestFault25 cuts a frame of the engine")

// cutFrames is longer than a frame with a reply, its header included.
const cutFrames = 420

// Fault 25: the connection breaks when so many bytes of a reply are on the wire. The
// reply must be seen once, whether the platform had read enough of it or not.
func TestFault25AFrameThatIsCutAtAnyByteIsSeenOnce(t *testing.T) {
	const engines = 6
	sum := &matrixSum{reached: map[failpoint.Name]int{}}
	var all sync.WaitGroup
	for n := range engines {
		all.Go(func() { cutCase(t, sum, 1+n**cutStep, engines**cutStep) })
	}
	all.Wait()
	t.Logf("figure: a frame of ours cut at every %d. byte up to %d: %d replies wanted: %d lost, %d duplicate, %d reordered, %d phantom",
		*cutStep, cutFrames, 2*sum.inputs.Load(), sum.lost.Load(), sum.duplicate.Load(), sum.reordered.Load(), sum.phantom.Load())
}

// cutCase is one engine whose frames are cut at one place after the other.
func cutCase(t *testing.T, sum *matrixSum, from, step int) {
	c := newCase(t, "a frame that is cut", rand.New(rand.NewPCG(uint64(from), 25))) //nolint:gosec // the same case each time
	if c == nil {
		return
	}
	defer c.end()
	c.firstLife()
	c.spawn("")
	for at := from; at <= cutFrames; at += step {
		if !c.awaitConnection(time.Minute) {
			c.fail("the engine did not connect again")
			break
		}
		c.sim.CutReading(at)
		text := fmt.Sprintf("退款%d", c.next)
		c.next++
		if _, err := c.sim.Say(otherGroup, "张三", text); err != nil {
			t.Error(err)
		}
		c.inputs = append(c.inputs, oracle.Input{Chat: otherGroup, Text: text})
		c.chatterUntilSeen()
	}
	c.stop()
	c.peace()
	c.judge(sum)
}

// chatterUntilSeen has somebody talk in another chat, so that the history shows that it
// does not lag, until everything that is wanted was seen.
func (c *matrixCase) chatterUntilSeen() {
	want := oracle.Want(matrixModel, c.inputs)
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	deadline := time.After(2 * time.Minute)
	for !oracle.Complete(want, effects(c.sim.Ledger())) {
		select {
		case <-tick.C:
			if _, err := c.sim.Say("小助手", "李四", "在吗"); err != nil {
				c.t.Error(err)
			}
		case <-deadline:
			c.fail("a reply whose frame was cut was never seen")
			return
		}
	}
}
