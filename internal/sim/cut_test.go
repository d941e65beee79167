package sim

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"testing"
	"time"
)

// TestTheEnginesClientSurvivesACutAnywhere: whatever byte the connection breaks at, nothing half is taken for an event
// or a command, and the client comes back.
func TestTheEnginesClientSurvivesACutAnywhere(t *testing.T) {
	for _, n := range []int{1, 2, 4, 5, 20, 100, 300} {
		t.Run(fmt.Sprintf("an event at byte %d", n), func(t *testing.T) {
			s := Launch(t, Options{})
			_, events, connects := engineClient(t, s, 4)
			s.Faults().AddEvent(EventFault{Event: "message", CutAt: n, When: When{Nth: 1}})
			if _, err := s.Say("小助手", "李四", "断在半路"); err != nil {
				t.Fatal(err)
			}
			connected(t, connects)
			if _, err := s.Say("小助手", "李四", "回来了"); err != nil {
				t.Fatal(err)
			}
			if body := next(t, events, "message"); !bytes.Contains(body, []byte("回来了")) {
				t.Errorf("the first whole message is %s", body)
			}
		})
		t.Run(fmt.Sprintf("a command at byte %d", n), func(t *testing.T) {
			s := Launch(t, Options{})
			c, _, connects := engineClient(t, s, 4)
			s.CutReading(n)
			body := fmt.Sprintf(`{"chatId":%q,"messageId":"1","message":{"contentType":1,"content":%q}}`, groupChat(), bytes.Repeat([]byte("断"), 100))
			ctx, cancel := context.WithTimeout(t.Context(), patienceInTests)
			defer cancel()
			_ = c.Emit(ctx, "message", json.RawMessage(body)) // it may seem to have gone out: that is the point
			connected(t, connects)
			expect(t, "commands that came", len(s.Commands()), 0)
		})
	}
}

// TestAHalfOpenConnectionIsGivenUp: nothing comes any more, heartbeats neither, and nobody says so.
func TestAHalfOpenConnectionIsGivenUp(t *testing.T) {
	s := Launch(t, Options{PingInterval: 50 * time.Millisecond, PingTimeout: 50 * time.Millisecond})
	c, events, connects := engineClient(t, s, 4)
	s.Faults().SetStalled(true)
	ctx, cancel := context.WithTimeout(t.Context(), patienceInTests)
	defer cancel()
	if err := s.WaitConnections(ctx, func(n int) bool { return n == 0 }); err != nil {
		t.Fatal(err)
	}
	s.Faults().SetStalled(false)
	connected(t, connects)
	emit(t, c, "message", `{"chatId":"`+groupChat()+`","messageId":"1","message":{"contentType":1,"content":"回来了"}}`)
	if body := next(t, events, "message"); !bytes.Contains(body, []byte("回来了")) {
		t.Errorf("the echo is %s", body)
	}
}
