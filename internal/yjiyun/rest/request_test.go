package rest_test

import (
	"compress/gzip"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"botengine/internal/yjiyun/rest"
)

func TestABusyOrUnreachablePlatformIsAskedAgainAFewTimes(t *testing.T) {
	cases := map[string]struct {
		answer answer
		busy   bool
	}{
		"code 5000":           {answer{body: `{"code":"5000","msg":"服务器繁忙"}`}, true},
		"code 5000, a number": {answer{body: `{"code":5000}`}, true},
		"too many requests":   {answer{status: 429}, true},
		"unavailable":         {answer{status: 503, body: `<html>`}, true},
		"a bad gateway":       {answer{status: 502, body: `<html>`}, false},
		"no connection":       {answer{err: errUnreachable}, false},
	}
	for name, c := range cases {
		t.Run(name+", then well", func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				n := 0
				p := &platform{auth: numbered("60"), call: func(string, string, url.Values) answer {
					if n++; n < 3 {
						return c.answer
					}
					return robots("", "", nil)
				}}
				if _, err := p.client().Robots(t.Context()); err != nil || n != 3 {
					t.Errorf("%v after %d questions", err, n)
				}
			})
		})
		t.Run(name+", for good", func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := &platform{auth: numbered("60"), call: func(string, string, url.Values) answer { return c.answer }}
				start := time.Now()
				_, err := p.client().Robots(t.Context())
				_, busy := errors.AsType[*rest.BusyError](err)
				_, transport := errors.AsType[*rest.TransportError](err)
				if busy != c.busy || transport == c.busy {
					t.Errorf("got %T: %v", err, err)
				}
				if took := time.Since(start); len(p.seen) != 4 || took < 500*time.Millisecond || took > 30*time.Second {
					t.Errorf("%d questions in %s", len(p.seen), took)
				}
			})
		})
	}
}

func TestRetryAfterIsHonoured(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := 0
		p := &platform{auth: numbered("60"), call: func(string, string, url.Values) answer {
			switch n++; n {
			case 1:
				return answer{status: 429, header: map[string]string{"Retry-After": "20"}}
			case 2:
				return answer{status: 503, header: map[string]string{"Retry-After": time.Now().Add(10 * time.Second).UTC().Format(http.TimeFormat)}}
			default:
				return robots("", "", nil)
			}
		}}
		start := time.Now()
		if _, err := p.client().Robots(t.Context()); err != nil {
			t.Fatal(err)
		}
		if took := time.Since(start); took != 30*time.Second {
			t.Errorf("waited %s, want 20 s and 10 s", took)
		}
	})
}

func TestALongRetryAfterIsLeftToTheCaller(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := &platform{auth: numbered("60"), call: func(string, string, url.Values) answer {
			return answer{status: 429, header: map[string]string{"Retry-After": "31"}}
		}}
		_, err := p.client().Robots(t.Context())
		if busy, ok := errors.AsType[*rest.BusyError](err); !ok || busy.After != 31*time.Second || len(p.seen) != 1 {
			t.Errorf("got %v after %d questions", err, len(p.seen))
		}
	})
}

func TestARefusalIsNotRepeated(t *testing.T) {
	cases := map[string]struct {
		answer    answer
		code, msg string
	}{
		"a code of the platform": {answer{body: `{"code":"1","msg":"robotKey不存在"}`}, "1", "robotKey不存在"},
		"with an HTTP status":    {answer{status: 400, body: `{"code":40001,"msg":"参数错误"}`}, "40001", "参数错误"},
		"an HTTP status alone":   {answer{status: 404, body: `<html>`}, "http 404", "Not Found"},
		"words without an end":   {answer{body: `{"code":"2","msg":"` + strings.Repeat("错", 1000) + `"}`}, "2", strings.Repeat("错", 200) + "…"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			p := &platform{auth: numbered("60"), call: func(string, string, url.Values) answer { return c.answer }}
			_, err := p.client().Robots(t.Context())
			refused, ok := errors.AsType[*rest.RefusedError](err)
			if !ok || refused.Code != c.code || refused.Msg != c.msg || len(p.seen) != 1 {
				t.Errorf("got %v after %d questions", err, len(p.seen))
			}
		})
	}
}

func TestAnAnswerThatCannotBeReadIsSaidWithoutItsText(t *testing.T) {
	cases := map[string]string{
		`<html>CANARY</html>`:          "is not the json",
		``:                             "is not the json",
		`{"code":{"CANARY":1}}`:        "field code has a type",
		`{"code":"0","data":"CANARY"}`: "field data has a type",
		`{"code":"0","data":[{"robotKey":"k","wxid":1.6e15}]}`:     "field data.wxid has a type",
		`{"code":"0","data":[{"nickName":"CANARY"}]}`:              "field data.robotKey is missing",
		`{"code":"0","data":[` + strings.Repeat(" ", 8<<20) + `]}`: "is larger than 8 MiB",

		`{"code":"0","data":[` + strings.Repeat(`{},`, 100_001) + `{}]}`:                       "has more than 100000 values",
		`{"code":"0","data":` + strings.Repeat(`[`, 64) + strings.Repeat(`]`, 64) + `}`:        "nested deeper than 64 levels",
		`{"code":"0","data":[{"nickName":"` + strings.Repeat(`[{,\\\"`, 70_000) + `CANARY"}]}`: "field data.robotKey is missing", // within a text nothing counts
	}
	for body, want := range cases {
		p := &platform{auth: numbered("60"), call: func(string, string, url.Values) answer { return answer{body: body} }}
		_, err := p.client().Robots(t.Context())
		if _, ok := errors.AsType[*rest.AnswerError](err); !ok || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "CANARY") {
			t.Errorf("%.60s: got %v, want %q", body, err, want)
		}
		if len(p.seen) != 1 {
			t.Errorf("%.60s: asked %d times", body, len(p.seen))
		}
	}
}

func TestACallerWhoGivesUpIsNotKeptWaiting(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := &platform{auth: numbered("60"), call: func(string, string, url.Values) answer {
			return answer{status: 503, header: map[string]string{"Retry-After": "30"}}
		}}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		start := time.Now()
		_, err := p.client().Robots(ctx)
		if !errors.Is(err, context.DeadlineExceeded) || time.Since(start) != time.Second {
			t.Errorf("%v after %s", err, time.Since(start))
		}
	})
}

func TestAnAnswerThatDoesNotComeIsWaitedForThirtySeconds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := &platform{auth: numbered("60"), call: func(string, string, url.Values) answer { return answer{after: time.Hour} }}
		start := time.Now()
		_, err := p.client().Robots(t.Context())
		if _, ok := errors.AsType[*rest.TransportError](err); !ok || !strings.Contains(err.Error(), "no answer within 30s") {
			t.Errorf("got %v", err)
		}
		if took := time.Since(start); took > 2*time.Minute {
			t.Errorf("gave up after %s", took)
		}
	})
}

// serve starts a platform on a real socket.
func serve(t *testing.T, handler http.HandlerFunc) (*httptest.Server, *rest.Client) {
	t.Helper()
	server := httptest.NewServer(handler)
	client := rest.New(rest.Options{BaseURL: server.URL, AccessKey: key, AccessSecret: secret})
	t.Cleanup(func() { client.Close(); server.Close() })
	return server, client
}

func TestARequestOnTheWireIsAsTheDocumentSays(t *testing.T) {
	_, client := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodPost || r.Header.Get("Content-Type") != "application/x-www-form-urlencoded; charset=UTF-8" || r.URL.RawQuery != "" {
			t.Errorf("%s %s with %v", r.Method, r.URL, r.Header)
		}
		body, _ := io.ReadAll(r.Body)
		switch r.URL.Path {
		case "/robotapi/client/auth":
			if got := string(body); got != "accessKey=user1&accessSecret=CANARY%2Bsecret%2FQ3KR21ME" || r.Header.Get("token") != "" {
				t.Errorf("auth: %s", got)
			}
			fmt.Fprint(w, grant("eaa9c935b5b27c231a8b0c323feb1361", "60").body)
		case path:
			if r.Header.Get("token") != "eaa9c935b5b27c231a8b0c323feb1361" {
				t.Errorf("token %q", r.Header.Get("token"))
			}
			w.Header().Set("Content-Encoding", "gzip")
			zipped := gzip.NewWriter(w)
			fmt.Fprint(zipped, `{"code":"0","data":[{"robotKey":"k","nickName":"甜甜甜"}]}`)
			zipped.Close()
		default:
			t.Errorf("asked for %s", r.URL.Path)
		}
	})
	robots, err := client.Robots(t.Context())
	if err != nil || len(robots) != 1 || robots[0].Name != "甜甜甜" {
		t.Errorf("got %v, %v", robots, err)
	}
}

// Go's client would send the token header on to whatever host an answer names.
func TestARedirectNeverTakesTheTokenToAnotherHost(t *testing.T) {
	for _, status := range []int{301, 302, 303, 307, 308} {
		var reached atomic.Int32
		other := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { reached.Add(1) }))
		_, client := serve(t, func(w http.ResponseWriter, r *http.Request) {
			if strings.HasSuffix(r.URL.Path, "/auth") {
				fmt.Fprint(w, grant("CANARYtoken", "60").body)
				return
			}
			http.Redirect(w, r, other.URL+"/steal?token="+r.Header.Get("token"), status)
		})
		_, err := client.Robots(t.Context())
		redirect, ok := errors.AsType[*rest.RedirectError](err)
		if !ok || redirect.To != other.URL || reached.Load() != 0 {
			t.Errorf("%d: %v, the other host was reached %d times", status, err, reached.Load())
		}
		if err != nil && strings.Contains(err.Error(), "CANARY") {
			t.Errorf("%d: the error holds the token: %v", status, err)
		}
		other.Close()
	}
}

func TestARedirectOfTheSignInDoesNotTakeTheSecretAlong(t *testing.T) {
	var reached atomic.Int32
	other := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { reached.Add(1) }))
	defer other.Close()
	_, client := serve(t, func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, other.URL, http.StatusTemporaryRedirect)
	})
	_, err := client.Token(t.Context(), false)
	if _, ok := errors.AsType[*rest.RedirectError](err); !ok || reached.Load() != 0 {
		t.Errorf("%v, the other host was reached %d times", err, reached.Load())
	}
}

func TestAnOldEncryptionIsRefused(t *testing.T) {
	server := httptest.NewUnstartedServer(http.NotFoundHandler())
	server.TLS = &tls.Config{MinVersion: tls.VersionTLS10, MaxVersion: tls.VersionTLS11} //nolint:gosec // what an outdated server offers
	server.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, 0)
	server.StartTLS()
	defer server.Close()
	client := rest.New(rest.Options{BaseURL: server.URL, AccessKey: key, AccessSecret: secret})
	defer client.Close()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	_, err := client.Token(ctx, false)
	if _, ok := errors.AsType[*rest.TransportError](err); !ok || !strings.Contains(err.Error(), "protocol version") {
		t.Errorf("got %v", err)
	}
}

func TestAStrangersCertificateIsRefused(t *testing.T) {
	server := httptest.NewUnstartedServer(http.NotFoundHandler())
	server.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, 0)
	server.StartTLS()
	defer server.Close()
	client := rest.New(rest.Options{BaseURL: server.URL, AccessKey: key, AccessSecret: secret})
	defer client.Close()
	_, err := client.Token(t.Context(), false)
	if _, ok := errors.AsType[*rest.TransportError](err); !ok || !strings.Contains(err.Error(), "certificate") {
		t.Errorf("got %v", err)
	}
}

func TestWrongOptionsAreSaidBeforeAnythingIsSent(t *testing.T) {
	good := rest.Options{BaseURL: "https://www.yjiyun.com", AccessKey: key, AccessSecret: secret}
	if err := good.Check(); err != nil {
		t.Fatal(err)
	}
	for _, loopback := range []string{"http://localhost:8080", "http://127.0.0.1:1", "http://[::1]/base"} {
		o := good
		if o.BaseURL = loopback; o.Check() != nil {
			t.Errorf("%s: %v", loopback, o.Check())
		}
	}
	cases := map[string]struct {
		change func(*rest.Options)
		want   string
	}{
		"no scheme":         {func(o *rest.Options) { o.BaseURL = "www.yjiyun.com" }, "write it as https://"},
		"empty":             {func(o *rest.Options) { o.BaseURL = "" }, "write it as https://"},
		"unencrypted":       {func(o *rest.Options) { o.BaseURL = "http://www.yjiyun.com" }, "use https://"},
		"a loopback's look": {func(o *rest.Options) { o.BaseURL = "http://127.0.0.1.example.com" }, "use https://"},
		"another scheme":    {func(o *rest.Options) { o.BaseURL = "wss://www.yjiyun.com" }, "use https://"},
		"a password in it":  {func(o *rest.Options) { o.BaseURL = "https://u:CANARY@www.yjiyun.com" }, "scheme, host and path only"},
		"a token in it":     {func(o *rest.Options) { o.BaseURL = "https://www.yjiyun.com?token=CANARY" }, "scheme, host and path only"},
		"a broken escape":   {func(o *rest.Options) { o.BaseURL = "https://CANARY%zz" }, "write it as https://"},
		"no key":            {func(o *rest.Options) { o.AccessKey = "" }, "access_key is empty"},
		"no secret":         {func(o *rest.Options) { o.AccessSecret = "" }, "access_secret is empty"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			p := &platform{auth: numbered("60"), call: robots}
			o := good
			o.HTTPClient = &http.Client{Transport: p}
			c.change(&o)
			client := rest.New(o)
			_, tokenErr := client.Token(t.Context(), false)
			_, robotsErr := client.Robots(t.Context())
			for _, err := range []error{o.Check(), tokenErr, robotsErr} {
				if err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "CANARY") {
					t.Errorf("got %v, want %q", err, c.want)
				}
			}
			if p.auths() > 0 || len(p.seen) > 0 {
				t.Error("something was sent")
			}
		})
	}
}

// Whatever the network or the platform says, neither the secret nor a token is
// in an error, a log or a printed value.
func TestNothingThatIsPrintedHoldsASecret(t *testing.T) {
	const token = "CANARYtoken"
	echo := `{"code":"1","msg":"bad request: secret ` + secret + ` token ` + token + `"}`
	escaped := url.QueryEscape(secret)
	answers := map[string]answer{
		"refused":     {body: echo},
		"401":         {status: 401, body: echo},
		"1000":        {body: strings.Replace(echo, `"1"`, `"1000"`, 1)},
		"transport":   {err: fmt.Errorf("proxy said: accessSecret=%s token=%s", escaped, token)},
		"url error":   {err: &url.Error{Op: "Post", URL: "https://platform.test/?token=" + token, Err: errUnreachable}},
		"busy":        {status: 503, body: echo},
		"unreadable":  {body: token + secret},
		"wrong field": {body: `{"code":"0","data":{"` + token + `":"` + secret + `"}}`},
	}
	for name, a := range answers {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var logged strings.Builder
				n := 0
				p := &platform{
					auth: func(int) answer {
						if n++; n == 1 || name == "401" || name == "1000" {
							return grant(token, "60")
						}
						return a
					},
					call: func(string, string, url.Values) answer { return a },
				}
				o := rest.Options{BaseURL: "https://platform.test", AccessKey: key, AccessSecret: secret, HTTPClient: &http.Client{Transport: p}, Log: slog.New(slog.NewTextHandler(&logged, nil))}
				c := rest.New(o)
				_, err := c.Robots(t.Context())
				if err == nil {
					t.Fatal("no error")
				}
				pass(40 * time.Minute)
				_, _ = c.Token(t.Context(), false)
				pass(time.Minute)
				_, forced := c.Token(t.Context(), true)
				printed := fmt.Sprintf("%v %+v %v %+v %#v %v %+v %#v %s", err, err, forced, c, c, o, o, o, logged.String())
				for _, hidden := range []string{secret, escaped, token} {
					if strings.Contains(printed, hidden) {
						t.Errorf("%q is in: %s", hidden, printed)
					}
				}
			})
		})
	}
}
