package app

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"botengine/internal/command"
	"botengine/internal/event"
	"botengine/internal/yjiyun/rest"
)

// requester is an account whose platform grants a token and answers every other
// request with then; what line 1 is told arrives in ends.
func requester(life context.Context, t *testing.T, then http.HandlerFunc) (a *account, ends chan event.Event) {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.Contains(r.URL.Path, "auth") {
			_, _ = io.WriteString(w, `{"code":"0","data":{"accessToken":"token-1","expireMinutes":60}}`)
			return
		}
		then(w, r)
	}))
	t.Cleanup(server.Close)
	client := rest.New(rest.Options{BaseURL: server.URL, AccessKey: "key", AccessSecret: "secret"})
	t.Cleanup(client.Close)
	if _, err := client.Token(life, false); err != nil {
		t.Fatal(err)
	}
	ends = make(chan event.Event, 1)
	return &account{name: "main", rest: client, life: life, log: slog.New(slog.DiscardHandler), submit: func(ctx context.Context, ev event.Event) error {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		ends <- ev
		return nil
	}}, ends
}

func cutShort(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }

func TestARequestOfUnknownFateIsRepeatedOnlyWhereThatDoesNoHarm(t *testing.T) {
	for class, want := range map[command.Class]command.End{
		command.Idempotent:   command.Busy,
		command.Queryable:    command.Doubtful,
		command.Unverifiable: command.Doubtful,
	} {
		a, ends := requester(t.Context(), t, cutShort)
		a.request(command.Command{Type: rest.RequestSyncContacts, Robot: "r", MessageID: "1", Class: class, Fields: []byte(`{"syncType":2}`)})
		if r := (<-ends).Result; command.EndOf(r.Code, r.Msg) != want || r.MessageID != "1" {
			t.Errorf("class %s: the end is %+v, want %s", class, r, want)
		}
	}
}

func TestAStopLeavesARequestToTheNextStartButKeepsItsAnswer(t *testing.T) {
	c := command.Command{Type: rest.RequestSyncContacts, Robot: "r", MessageID: "1", Class: command.Idempotent, Fields: []byte(`{"syncType":2}`)}
	t.Run("cut short", func(t *testing.T) {
		life, stop := context.WithCancel(t.Context())
		a, ends := requester(life, t, func(_ http.ResponseWriter, r *http.Request) {
			_, _ = io.Copy(io.Discard, r.Body) // only then the server notices who leaves
			stop()
			<-r.Context().Done()
		})
		c := c
		c.Class = command.Unverifiable
		a.request(c)
		if len(ends) > 0 {
			t.Errorf("an end was said: %+v", (<-ends).Result)
		}
	})
	t.Run("answered", func(t *testing.T) {
		life, stop := context.WithCancel(t.Context())
		a, ends := requester(life, t, func(http.ResponseWriter, *http.Request) {})
		stop()
		a.endRequest(&c, event.CommandEnd{Code: event.CodeOK})
		if len(ends) != 1 {
			t.Error("the answer was dropped")
		}
	})
}

func TestARequestEndsBeforeItsLaneGivesItUp(t *testing.T) {
	for lane, want := range map[time.Duration]time.Duration{0: 50 * time.Second, time.Minute: 50 * time.Second, 6 * time.Second: 5 * time.Second, 6 * time.Minute: 5 * time.Minute} {
		if got := patience(lane); got != want {
			t.Errorf("a lane that waits %v: %v, want %v", lane, got, want)
		}
	}
}
