package socket_test

import (
	"context"
	"errors"
	"net"
	"net/url"
	"runtime"
	"testing"
	"testing/synctest"
	"time"

	"botengine/internal/yjiyun/socket"
	"botengine/internal/yjiyun/socket/sockettest"
)

func TestAHostThatIsGoneIsNotStormed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		dials := make(chan time.Time, 10_000)
		o := socket.Options{
			URL: "https://gone.invalid/imchat", DelayMin: 10 * time.Second, DelayMax: time.Minute,
			DialContext: func(context.Context, string, string) (net.Conn, error) {
				dials <- time.Now()
				return nil, errors.New("no such host")
			},
		}
		r := sockettest.Start(t, newClient, o)
		before := runtime.NumGoroutine()
		pass(24 * time.Hour)
		r.Stop()
		if n := len(dials); n < 24*60 {
			t.Fatalf("%d dials in a day, want at least one a minute", n)
		}
		if now := runtime.NumGoroutine(); now > before+2 {
			t.Errorf("%d goroutines after a day, %d before", now, before)
		}
		mustBeApart(t, dials, 10*time.Second, time.Minute)
	})
}

func mustBeApart(t *testing.T, times chan time.Time, least, most time.Duration) {
	t.Helper()
	last := <-times
	for len(times) > 0 {
		at := <-times
		if gap := at.Sub(last); gap < least || gap > most {
			t.Errorf("%v between two dials, want %v to %v", gap, least, most)
		}
		last = at
	}
}

func TestAServerThatDropsEverySessionIsNotStormed(t *testing.T) {
	dials := make(chan time.Time, 10_000)
	script := func(p *sockettest.Peer) {
		dials <- time.Now()
		p.Accept(openNPM4)
		p.Expect(namespaced)
		p.Send(`40/imchat,{"sid":"n"}`)
		p.Close()
	}
	inBubble(t, socket.Options{}, script, func(t bubble) {
		for range 1000 {
			t.WaitJoined()
			if e := t.WaitEnded(); e.Next < 10*time.Second {
				t.Errorf("pause of %v", e.Next)
			}
		}
		t.Stop()
		mustBeApart(t.T, dials, 10*time.Second, time.Minute)
	})
}

func TestAStableSessionEndsTheRowOfFailures(t *testing.T) {
	script := func(p *sockettest.Peer) {
		if p.Number < 6 {
			p.Answer(503, "update")
			return
		}
		p.Accept(openNPM4)
		p.Expect(namespaced)
		p.Send(`40/imchat,{"sid":"n"}`)
		for range 3 {
			pass(25 * time.Second)
			p.Send("2")
			p.Expect("3")
		}
		p.Send(`41/imchat,`)
		p.Drain()
	}
	inBubble(t, socket.Options{}, script, func(t bubble) {
		longest := time.Duration(0)
		for range 6 {
			longest = max(longest, t.WaitEnded().Next)
		}
		for range 20 {
			t.WaitJoined()
			pass(75 * time.Second)
			if e := t.WaitEnded(); e.Next > 20*time.Second {
				t.Errorf("pause of %v after a stable session (%v)", e.Next, e.Err)
			}
		}
		if longest <= 20*time.Second {
			t.Errorf("six failures in a row led to pauses of %v at most", longest)
		}
	})
}

func TestARefusedTokenIsAskedForAnewUntilThereIsOne(t *testing.T) {
	script := func(p *sockettest.Peer) {
		if p.Query().Get("token") == "old" {
			p.Answer(401, "")
			return
		}
		p.Accept(openNPM4)
		p.Expect(namespaced)
		p.Send(`40/imchat,{"sid":"n"}`)
		p.Drain()
	}
	var asked []bool
	query := func(_ context.Context, a socket.Attempt) (url.Values, error) {
		asked = append(asked, a.Rejected)
		switch len(asked) {
		case 1:
			return url.Values{"token": {"old"}}, nil
		case 2:
			return nil, errors.New("the service that gives tokens is down")
		default:
			return url.Values{"token": {"new"}}, nil
		}
	}
	inBubble(t, socket.Options{Query: query}, script, func(t bubble) {
		t.WaitJoined()
		t.Stop()
		if len(asked) != 3 || asked[0] || !asked[1] || !asked[2] {
			t.Errorf("told of a refusal: %v, want false, true, true", asked)
		}
	})
}

func TestOptionsAreChecked(t *testing.T) {
	good := socket.Options{URL: "https://www.example.com/imchat?token=geheim", OnEvent: ignore}
	if _, err := socket.New(good); err != nil {
		t.Errorf("good options: %v", err)
	}
	cases := map[string]func(*socket.Options){
		"no callback":              func(o *socket.Options) { o.OnEvent = nil },
		"unknown version":          func(o *socket.Options) { o.EIO = 5 },
		"negative pause":           func(o *socket.Options) { o.DelayMin = -1 },
		"negative limit":           func(o *socket.Options) { o.ReadLimit = -1 },
		"no URL":                   func(o *socket.Options) { o.URL = "" },
		"another scheme":           func(o *socket.Options) { o.URL = "ftp://example.com/imchat?token=geheim" },
		"no host":                  func(o *socket.Options) { o.URL = "https:///imchat?token=geheim" },
		"bad port":                 func(o *socket.Options) { o.URL = "https://example.com:x/imchat?token=geheim" },
		"bad escape":               func(o *socket.Options) { o.URL = "https://example.com/%zz?token=geheim" },
		"password":                 func(o *socket.Options) { o.URL = "https://me:geheim@example.com/imchat" },
		"comma in the namespace":   func(o *socket.Options) { o.URL = "https://example.com/im,chat?token=geheim" },
		"question mark in the URL": func(o *socket.Options) { o.URL = "https://example.com/im%3Fchat?token=geheim" },
	}
	for name, spoil := range cases {
		t.Run(name, func(t *testing.T) {
			o := good
			spoil(&o)
			_, err := socket.New(o)
			if err == nil {
				t.Fatal("accepted")
			}
			mustNotShow(t, err, "geheim")
		})
	}
}
