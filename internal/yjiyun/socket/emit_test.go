package socket_test

import (
	"context"
	"encoding/json"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"botengine/internal/command"
	"botengine/internal/yjiyun/socket"
	"botengine/internal/yjiyun/socket/sockettest"
)

func TestEmitTellsWhatMayBeOnTheWire(t *testing.T) {
	script := func(p *sockettest.Peer) {
		if p.Number > 0 {
			p.Answer(503, "")
			return
		}
		if !p.AcceptDeaf() {
			return
		}
		p.Send(openNPM2, `42/imchat,["chat"]`) // an event joins, without a word of the client's
		p.Wait()
	}
	inBubble(t, socket.Options{}, script, func(t bubble) {
		t.WaitJoined()
		payload := json.RawMessage(`{"id":14073751575621261}`)
		late, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		first := make(chan error)
		go func() { first <- t.Conn.Emit(t.Context(), "message", payload) }()
		synctest.Wait() // that one is being written now
		mustBeUnsent(t.T, "waiting behind a write, context over", t.Conn.Emit(late, "message", payload))
		if err := <-first; err == nil || isUnsent(err) {
			t.Errorf("an interrupted write says %v, want doubt", err)
		}
		t.WaitEnded()
		mustBeUnsent(t.T, "without a session", t.Conn.Emit(t.Context(), "message", payload))
	})
}

func isUnsent(err error) bool { return errors.Is(err, command.ErrNotSent) }

func mustBeUnsent(t *testing.T, when string, err error) {
	t.Helper()
	if !isUnsent(err) {
		t.Errorf("%s: got %v, want one that says it is surely not sent", when, err)
	}
}
