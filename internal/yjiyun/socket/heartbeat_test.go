package socket_test

import (
	"testing"
	"time"

	"botengine/internal/yjiyun/socket"
	"botengine/internal/yjiyun/socket/sockettest"
)

func TestHeartbeats(t *testing.T) {
	const day = 24 * time.Hour
	t.Run("Engine.IO 4: the server's pings are answered with their data", func(t *testing.T) {
		script := func(p *sockettest.Peer) {
			p.Accept(openNPM4)
			p.Expect(namespaced)
			p.Send(`40/imchat,{"sid":"n"}`)
			for end := time.Now().Add(day); time.Now().Before(end); {
				pass(25 * time.Second)
				p.Send("2加")
				if !p.Expect("3加") {
					return
				}
			}
			p.Send(`42/imchat,["evening"]`)
			p.Drain()
		}
		inBubble(t, socket.Options{}, script, stayUpFor(day))
	})
	t.Run("Engine.IO 3: the client pings", func(t *testing.T) {
		script := func(p *sockettest.Peer) {
			p.Accept(openNetty, `40`)
			p.Expect(withToken)
			p.Send(`40/imchat`)
			for end := time.Now().Add(day); time.Now().Before(end); {
				begun := time.Now()
				if !p.Expect("2") {
					return
				}
				if gap := time.Since(begun); gap > 25*time.Second {
					t.Errorf("ping after %v", gap)
				}
				p.Send("3")
			}
			p.Send(`42/imchat,["evening"]`)
			p.Drain()
		}
		inBubble(t, socket.Options{}, script, stayUpFor(day))
	})
}

func stayUpFor(d time.Duration) func(bubble) {
	return func(t bubble) {
		t.WaitJoined()
		pass(d)
		t.WaitEvent("evening")
		if n := len(t.Ended); n != 0 {
			t.Errorf("%d sessions ended: %v", n, (<-t.Ended).Err)
		}
	}
}

func TestASilentPeerIsFoundByItsPingTimeout(t *testing.T) {
	for name, frames := range map[string][]string{
		"Engine.IO 4": {openNPM4, `40/imchat,{"sid":"n"}`},
		"Engine.IO 3": {openNPM2, `40`, namespaced},
	} {
		t.Run(name, func(t *testing.T) {
			script := func(p *sockettest.Peer) {
				p.Accept(frames...)
				for {
					if _, ok := p.Read(); !ok {
						return
					}
				}
			}
			inBubble(t, socket.Options{}, script, func(t bubble) {
				t.WaitJoined()
				begun := time.Now()
				pass(44 * time.Second)
				if len(t.Ended) != 0 {
					t.Fatal("given up before the ping timeout")
				}
				t.WaitEnded()
				if took := time.Since(begun); took != 45*time.Second {
					t.Errorf("found after %v, want 25 s + 20 s", took)
				}
			})
		})
	}
}
