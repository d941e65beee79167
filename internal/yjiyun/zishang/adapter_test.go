//go:build zishang

package zishang_test

import (
	"context"
	"encoding/json"
	"errors"
	"net"
	"testing"

	"go.uber.org/goleak"

	"botengine/internal/yjiyun/socket"
	"botengine/internal/yjiyun/socket/npmtest"
	"botengine/internal/yjiyun/socket/sockettest"
	"botengine/internal/yjiyun/zishang"
)

func TestMain(m *testing.M) {
	// The library starts goroutines for ever when it is loaded: they are current.
	goleak.VerifyTestMain(m, goleak.IgnoreCurrent())
}

func newConn(o socket.Options) (socket.Conn, error) { return zishang.New(o) }

// failures are the sentences of the suite that the library breaks.
var failures = map[string]string{
	"unknown Engine.IO packets are reported and cost nothing": "the library ends the session over a packet it does not know",
	"HTTP 401 is a refusal and asks for a new token":          "the library drops the HTTP answer; it is reported as a refusal, without a status",
	"a close packet ends the session, and the next one has a fresh token": "the library does not act on Engine.IO's close packet; " +
		"the session lasts until the connection ends",
}

func TestConformance(t *testing.T) { sockettest.Run(t, newConn, failures) }

const exact = `{"id":14073751575621261,"s":"14073751575621261","max":18446744073709551615,"t":"加 薇 信，🙂"}`

func TestNPMServersOfEngineIO4(t *testing.T) {
	for _, version := range []string{"3", "4"} {
		t.Run("socket.io "+version, func(t *testing.T) {
			server := npmtest.Start(t, version, npmtest.Options{
				Welcome: []npmtest.Event{{Name: "chat", Payload: json.RawMessage(exact)}},
			})
			r := sockettest.Start(t, newConn, socket.Options{URL: server.URL + "?token=t"})
			r.WaitJoined()
			if e := r.WaitEvent("chat"); string(e.Payload) != exact {
				t.Errorf("received %s, want %s", e.Payload, exact)
			}
			r.Emit("action", exact)
			if e := server.WaitEvent("action"); string(e.Payload) != exact {
				t.Errorf("server got %s, want %s", e.Payload, exact)
			}
			server.Kick()
			r.WaitEnded()
			r.WaitJoined()
		})
	}
}

func TestAServerOfEngineIO3IsNamedAsTheReason(t *testing.T) {
	server := npmtest.Start(t, "2", npmtest.Options{})
	r := sockettest.Start(t, newConn, socket.Options{URL: server.URL})
	if e := r.WaitEnded(); !errors.Is(e.Err, socket.ErrHandshake) {
		t.Errorf("ended with %v", e.Err)
	}
}

func TestWhatTheLibraryCannotDoIsRefusedAtOnce(t *testing.T) {
	good := socket.Options{URL: "http://127.0.0.1/imchat", OnEvent: func(context.Context, string, json.RawMessage) {}}
	if _, err := zishang.New(good); err != nil {
		t.Errorf("good options: %v", err)
	}
	old, dialer := good, good
	old.EIO = 3
	dialer.DialContext = (&net.Dialer{}).DialContext
	for name, o := range map[string]socket.Options{"Engine.IO 3": old, "a dialer": dialer} {
		if _, err := zishang.New(o); err == nil {
			t.Errorf("%s was accepted", name)
		}
	}
}
