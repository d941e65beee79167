//go:build failpoints

package main

import (
	"bytes"
	"testing"
	"time"

	"botengine/internal/failpoint"
)

// A panic prints what the program was at: no secret and nothing that people wrote is
// among it, at each of the moments at which a message is in hand.
func TestFaultNoPanicShowsASecretOrWhatPeopleWrote(t *testing.T) {
	t.Parallel()
	out := &aviary{all: map[string]*bytes.Buffer{}}
	for _, moment := range []failpoint.Name{failpoint.RecvDecoded, failpoint.EngineMatched, failpoint.OutboxCommit, failpoint.SendEmit, failpoint.SendEmitted} {
		s := cageOf(t)
		c := newCoop(t, out, s.URL(), s.URL()+"/imchat", nowhere)
		c.env = append(c.env, failpoint.Variable+"="+string(moment)+"=panic")
		name := "panic at " + string(moment)
		cmd := c.command(name, "run", "-v")
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		ended := make(chan error, 1)
		go func() { ended <- cmd.Wait() }()
		wait(t, name, func() bool { return out.has(name, "connected to the platform") || out.has(name, "panic") })
		if _, err := s.Say("产品体验群1", "张三", canaryText+" 怎么退款"); err != nil {
			t.Fatal(err)
		}
		select {
		case err := <-ended:
			if err == nil {
				t.Errorf("%s: it ended well", name)
			}
		case <-time.After(soon):
			_ = cmd.Process.Kill()
			t.Errorf("%s: it goes on", name)
		}
		if !out.has(name, "goroutine ") {
			t.Errorf("%s: there is no panic in what it said", name)
		}
	}
	out.count(t)
}
