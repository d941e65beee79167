package rest_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"botengine/internal/command"
	"botengine/internal/yjiyun/rest"
)

var errDial = &net.OpError{Op: "dial", Net: "tcp", Err: errors.New("connect: connection refused")}

// changes are the requests that do something, each with a way to ask for it.
var changes = map[string]func(context.Context, *rest.Client) error{
	"a broadcast": func(ctx context.Context, c *rest.Client) error {
		_, err := c.SaveTask(ctx, sampleTask())
		return err
	},
	"a copy of settings": func(ctx context.Context, c *rest.Client) error {
		_, err := c.CopyGroupSettings(ctx, rest.GroupSettings{
			RobotKey: "k", GroupID: "R:1", Modules: []rest.SettingsModule{rest.ModuleWelcome}, Targets: []rest.Target{{RobotKey: "k", Peers: []string{"R:2"}}},
		})
		return err
	},
	"a clearing": func(ctx context.Context, c *rest.Client) error { return c.ClearUnread(ctx, "S:1_2") },
	"a sync":     func(ctx context.Context, c *rest.Client) error { return c.SyncContacts(ctx, "k", rest.SyncGroups) },
	"a command over the bridge": func(ctx context.Context, c *rest.Client) error {
		_, err := c.Bridge(ctx, sampleCommand())
		return err
	},
	"a raw frame over the bridge": func(ctx context.Context, c *rest.Client) error {
		_, err := c.BridgeRaw(ctx, json.RawMessage(`{"type":"robot.brand.new","robotKey":"k","messageId":"1"}`))
		return err
	},
}

// What may have happened is not asked for again.
func TestAChangeIsAskedForOnce(t *testing.T) {
	cases := map[string]answer{
		"no answer":            {after: time.Hour},
		"a broken connection":  {err: errors.New("unexpected EOF")},
		"a bad gateway":        {status: 502, body: "<html>"},
		"an unavailable one":   {status: 503},
		"a page":               {body: "<html>"},
		"an answer broken off": {body: `{"code":"0`},
	}
	for what, change := range changes {
		for name, a := range cases {
			t.Run(what+", "+name, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					p := &platform{auth: numbered("60"), call: func(string, string, url.Values) answer { return a }}
					err := change(t.Context(), p.client())
					if err == nil || errors.Is(err, command.ErrNotSent) || len(p.seen) != 1 {
						t.Errorf("asked %d times: %v", len(p.seen), err)
					}
				})
			})
		}
	}
}

func TestAChangeThatSurelyDidNotArriveIsAskedForAgain(t *testing.T) {
	for what, change := range changes {
		t.Run(what, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				n := 0
				p := &platform{auth: numbered("60"), call: func(string, string, url.Values) answer {
					switch n++; n {
					case 1, 2:
						return answer{err: errDial}
					case 3:
						return answer{body: `{"code":"1000","msg":"用户认证失败"}`} // nor does the platform do it without a token
					default:
						return answer{body: `{"code":"0","msg":"ok"}`}
					}
				}}
				if err := change(t.Context(), p.client()); err != nil || n != 4 {
					t.Errorf("%d times: %v", n, err)
				}
			})
		})
	}
}

func TestAChangeThatNeverArrivedIsSaidToBeNotSent(t *testing.T) {
	cases := map[string]*platform{
		"the platform is away": {auth: numbered("60"), call: func(string, string, url.Values) answer { return answer{err: errDial} }},
		"there is no token":    {auth: func(int) answer { return answer{body: `{"code":"1","msg":"no"}`} }},
		"every token is refused": {auth: numbered("60"), call: func(string, string, url.Values) answer {
			return answer{body: `{"code":"1000"}`}
		}},
	}
	for name, p := range cases {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				if err := changes["a broadcast"](t.Context(), p.client()); !errors.Is(err, command.ErrNotSent) || errors.Is(err, command.ErrInvalid) {
					t.Errorf("got %v", err)
				}
			})
		})
	}
}

func TestAChangeThatWaitsForTheBudgetTooLongIsNotSent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := &platform{auth: numbered("60"), call: robots}
		c := p.client(func(o *rest.Options) { o.RequestsPerSecond = 0.01 })
		mustToken(t, c, false)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		err := changes["a broadcast"](ctx, c)
		if !errors.Is(err, command.ErrNotSent) || !errors.Is(err, context.DeadlineExceeded) || len(p.seen) > 0 {
			t.Errorf("got %v", err)
		}
	})
}

// On real sockets: what the network layer says is enough to tell.
func TestTheNetworkTellsWhetherAChangeArrived(t *testing.T) {
	var reached atomic.Int32
	var broken atomic.Bool
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "/auth") {
			fmt.Fprint(w, grant("t", "60").body)
			return
		}
		reached.Add(1)
		if broken.Load() {
			panic(http.ErrAbortHandler)
		}
		fmt.Fprint(w, `{"code":"0"}`)
	}))
	c := rest.New(rest.Options{BaseURL: server.URL, AccessKey: key, AccessSecret: secret})
	defer c.Close()
	if err := c.ClearUnread(t.Context(), "S:1_2"); err != nil {
		t.Fatal(err)
	}
	broken.Store(true)
	if err := c.ClearUnread(t.Context(), "S:1_2"); err == nil || errors.Is(err, command.ErrNotSent) || reached.Load() != 2 {
		t.Errorf("a connection cut in the middle: %v after %d", err, reached.Load())
	}
	server.Close()
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	if err := c.ClearUnread(ctx, "S:1_2"); !errors.Is(err, command.ErrNotSent) {
		t.Errorf("a server that is gone: %v", err)
	}
}

func TestAChangeIsRefusedBeforeAnythingIsAsked(t *testing.T) {
	cases := map[string]func(context.Context, *rest.Client) error{
		"a chat that is none":    func(ctx context.Context, c *rest.Client) error { return c.ClearUnread(ctx, "R:1") },
		"contacts of nobody":     func(ctx context.Context, c *rest.Client) error { return c.SyncContacts(ctx, "", rest.SyncAll) },
		"contacts of no kind":    func(ctx context.Context, c *rest.Client) error { return c.SyncContacts(ctx, "k", 5) },
		"a broadcast of nothing": func(ctx context.Context, c *rest.Client) error { _, err := c.SaveTask(ctx, rest.Task{}); return err },
		"settings of no group": func(ctx context.Context, c *rest.Client) error {
			_, err := c.CopyGroupSettings(ctx, rest.GroupSettings{RobotKey: "k", GroupID: "1"})
			return err
		},
		"a frame that is none": func(ctx context.Context, c *rest.Client) error {
			_, err := c.BridgeRaw(ctx, json.RawMessage(`[]`))
			return err
		},
		"a command without an id": func(ctx context.Context, c *rest.Client) error {
			_, err := c.Bridge(ctx, command.Command{Robot: "k", Type: "t"})
			return err
		},
	}
	for name, change := range cases {
		t.Run(name, func(t *testing.T) {
			p := answering(`{"code":"0"}`)
			err := change(t.Context(), p.client())
			if !errors.Is(err, command.ErrInvalid) || !errors.Is(err, command.ErrNotSent) || p.auths() > 0 {
				t.Errorf("got %v", err)
			}
		})
	}
}

// One budget for all that an account asks, sign-ins and repetitions included.
func TestAnAccountKeepsToItsBudget(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var at []time.Time
		p := &platform{auth: numbered("60"), call: func(string, string, url.Values) answer {
			at = append(at, time.Now())
			return answer{body: `{"code":"0"}`}
		}}
		c := p.client()
		for range 30 {
			if _, err := c.Robots(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		for i := 10; i < len(at); i++ { // five at once are saved up, as many come in a second
			if took := at[i].Sub(at[i-10]); took < time.Second {
				t.Errorf("eleven requests within %s", took)
			}
		}
		if took := at[29].Sub(at[0]); took < 5*time.Second || took > 6*time.Second {
			t.Errorf("30 requests took %s", took)
		}
	})
}

func TestSigningInAnewProlongsTheToken(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := &platform{auth: numbered("60"), call: robots}
		c := p.client()
		first := mustToken(t, c, false)
		pass(10 * time.Minute)
		got, err := c.Auth(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		want := rest.Grant{Username: "user1", Created: time.UnixMilli(1585024550000).UTC(), Expires: time.Now().Add(time.Hour)}
		if got != want || mustToken(t, c, false) == first || p.auths() != 2 {
			t.Errorf("got %+v after %d sign-ins", got, p.auths())
		}
		p.auth = func(int) answer { return answer{body: `{"code":"1","msg":"用户名或密码错误"}`} }
		if _, err := c.Auth(t.Context()); err == nil {
			t.Error("a refusal is no grant")
		}
	})
}
