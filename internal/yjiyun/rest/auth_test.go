package rest_test

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"botengine/internal/yjiyun/rest"
)

func numbered(minutes string) func(int) answer {
	return func(n int) answer { return grant(fmt.Sprintf("token-%d", n), minutes) }
}

func TestTwoHundredCallersLeadToOneRequestForAToken(t *testing.T) {
	for _, force := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			p := &platform{auth: func(n int) answer { a := numbered("60")(n); a.after = 100 * time.Millisecond; return a }}
			c := p.client()
			want := 1
			if force {
				mustToken(t, c, false)
				pass(10 * time.Second)
				want = 2
			}
			together(200, func() {
				if got := mustToken(t, c, force); got != fmt.Sprintf("token-%d", want) {
					t.Errorf("got %s", got)
				}
			})
			if p.auths() != want {
				t.Errorf("force %t: %d requests, want %d", force, p.auths(), want)
			}
		})
	}
}

func TestATokenIsRenewedAtSixtyPercentOfItsLife(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := &platform{auth: numbered("100")}
		c := p.client()
		if got := mustToken(t, c, false); got != "token-1" {
			t.Fatal(got)
		}
		pass(60*time.Minute - time.Second)
		if got := mustToken(t, c, false); got != "token-1" || p.auths() != 1 {
			t.Errorf("at 59:59 of 100 minutes: %s after %d requests", got, p.auths())
		}
		pass(time.Second)
		if got := mustToken(t, c, false); got != "token-2" || p.auths() != 2 {
			t.Errorf("at 60:00 of 100 minutes: %s after %d requests", got, p.auths())
		}
	})
}

func TestATokenWithoutALifeLivesHalfAnHour(t *testing.T) {
	for _, minutes := range []string{`null`, `""`, `0`, `-5`, `"soon"`, `{}`} {
		synctest.Test(t, func(t *testing.T) {
			p := &platform{auth: numbered(minutes)}
			c := p.client()
			mustToken(t, c, false)
			pass(17 * time.Minute)
			mustToken(t, c, false)
			if p.auths() != 1 {
				t.Errorf("expireMinutes %s: renewed before 18 minutes", minutes)
			}
			pass(time.Minute)
			mustToken(t, c, false)
			if p.auths() != 2 {
				t.Errorf("expireMinutes %s: not renewed after 18 minutes", minutes)
			}
		})
	}
}

func TestTheGrantIsReadInEverySpelling(t *testing.T) {
	for _, body := range []string{
		`{"code":0,"data":{"createTime":"1585024550000","expireMinutes":"120","accessToken":"abc"}}`,
		`{"code":"0","msg":"0K","accessToken":"abc","expireMinutes":120}`,
		`{"data":{"accessToken":"abc"}}`,
		`{"code":"OK","data":{"accessToken":"abc","expireMinutes":999999999999,"username":null}}`,
	} {
		p := &platform{auth: func(int) answer { return answer{body: body} }}
		if got := mustToken(t, p.client(), false); got != "abc" {
			t.Errorf("%s: got %q", body, got)
		}
	}
}

func TestOthersGoOnWithTheOldTokenWhileOneRenewsIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := &platform{auth: func(n int) answer {
			a := numbered("100")(n)
			if n > 1 {
				a.after = 20 * time.Second
			}
			return a
		}}
		c := p.client()
		mustToken(t, c, false)
		pass(time.Hour)
		go func() { _, _ = c.Token(t.Context(), false) }()
		synctest.Wait()
		start := time.Now()
		if got := mustToken(t, c, false); got != "token-1" || time.Since(start) > 0 {
			t.Errorf("got %s after %s", got, time.Since(start))
		}
		pass(20 * time.Second)
		synctest.Wait()
		if got := mustToken(t, c, false); got != "token-2" || p.auths() != 2 {
			t.Errorf("got %s after %d requests", got, p.auths())
		}
	})
}

func TestTheOldTokenIsKeptWhileThePlatformIsAway(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var away atomic.Bool
		p := &platform{auth: func(n int) answer {
			if away.Load() {
				return answer{err: errUnreachable}
			}
			return numbered("100")(n)
		}}
		c := p.client()
		mustToken(t, c, false)
		away.Store(true)
		pass(time.Hour)
		for range 3600 { // an hour of use, over the end of the token's life
			if got := mustToken(t, c, false); got != "token-1" {
				t.Fatalf("got %s", got)
			}
			pass(time.Second)
		}
		if n := p.auths(); n < 50 || n > 70 {
			t.Errorf("%d requests for a token in an hour, want about one a minute", n)
		}
		away.Store(false)
		pass(time.Minute)
		if got := mustToken(t, c, false); got == "token-1" {
			t.Error("the platform is back and the token still the old one")
		}
	})
}

func TestAWrongSecretIsSaidOnceAMinute(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := &platform{}
		c := p.client(func(o *rest.Options) { o.AccessSecret = "CANARYwrong" })
		start := time.Now()
		var last error
		for time.Since(start) < 10*time.Minute {
			_, last = c.Token(t.Context(), time.Since(start)%(2*time.Second) == 0)
			refused, ok := errors.AsType[*rest.AuthError](last)
			if !ok || refused.RetryAfter() < time.Minute || refused.Code != "1" || refused.Msg != "用户名或密码错误" {
				t.Fatalf("got %v", last)
			}
			if _, err := c.Robots(t.Context()); !errors.As(err, &refused) {
				t.Fatalf("a question with a wrong secret: %v", err)
			}
			pass(time.Second)
		}
		if p.auths() > 10 {
			t.Errorf("%d requests in ten minutes", p.auths())
		}
		for i := range p.at[1:] {
			if gap := p.at[i+1].Sub(p.at[i]); gap < time.Minute {
				t.Errorf("asked again after %s", gap)
			}
		}
		if !strings.Contains(last.Error(), "access_key and access_secret") || strings.Contains(last.Error(), "CANARY") {
			t.Errorf("the error does not say what to do, or says the secret: %v", last)
		}
	})
}

func TestASecretThatBecameWrongLeavesTheTokenItsLife(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := &platform{auth: func(n int) answer {
			if n > 1 {
				return answer{body: `{"code":"1000","msg":"密码已修改"}`}
			}
			return numbered("100")(n)
		}}
		c := p.client()
		mustToken(t, c, false)
		pass(100*time.Minute - time.Second)
		if got := mustToken(t, c, false); got != "token-1" {
			t.Errorf("got %s", got)
		}
		pass(time.Second)
		if _, err := c.Token(t.Context(), false); !isAuth(err) {
			t.Errorf("after its life: %v", err)
		}
	})
}

func isAuth(err error) bool {
	_, ok := errors.AsType[*rest.AuthError](err)
	return ok
}

func TestAWrongAddressIsNotAWrongSecretAndNotAskedAgainAtOnce(t *testing.T) {
	cases := map[string]answer{
		"not found":          {status: 404, body: `<html>not found</html>`},
		"a page":             {body: `<html>登录</html>`},
		"another program":    {body: `{"hello":"world"}`},
		"no token in it":     {body: `{"code":"0","data":{"accessToken":""}}`},
		"a token with space": {body: `{"code":"0","data":{"accessToken":"a b"}}`},
	}
	for name, a := range cases {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := &platform{auth: func(int) answer { return a }}
				c := p.client()
				for range 59 {
					if _, err := c.Token(t.Context(), false); err == nil || isAuth(err) {
						t.Fatalf("got %v", err)
					}
					pass(time.Second)
				}
				if p.auths() != 1 {
					t.Errorf("%d requests in a minute", p.auths())
				}
			})
		})
	}
}

func TestARefusedTokenIsRenewedOnceForAllWhoUsedIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := &platform{
			auth: func(n int) answer { a := numbered("60")(n); a.after = 50 * time.Millisecond; return a },
			call: func(token, _ string, _ url.Values) answer {
				if token == "token-1" {
					return answer{body: `{"code":1000,"msg":"token失效"}`, after: 10 * time.Millisecond}
				}
				return robots("", "", nil)
			},
		}
		c := p.client()
		together(200, func() {
			if _, err := c.Robots(t.Context()); err != nil {
				t.Error(err)
			}
		})
		if p.auths() != 2 {
			t.Errorf("%d requests for a token, want the first and one renewal", p.auths())
		}
	})
}

func TestAPlatformThatRefusesEveryTokenIsNotAskedOnAndOn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := &platform{
			auth: numbered("60"),
			call: func(string, string, url.Values) answer { return answer{status: 401} },
		}
		c := p.client()
		_, err := c.Robots(t.Context())
		refused, ok := errors.AsType[*rest.AuthError](err)
		if !ok || !refused.FreshToken || p.auths() != 2 || len(p.seen) != 2 {
			t.Fatalf("%v after %d tokens and %d questions", err, p.auths(), len(p.seen))
		}
		for range 50 {
			if _, err := c.Robots(t.Context()); !isAuth(err) {
				t.Fatal(err)
			}
			pass(time.Second)
		}
		if p.auths() != 2 {
			t.Errorf("%d requests for a token in 50 s", p.auths())
		}
		pass(10 * time.Second)
		_, _ = c.Robots(t.Context())
		if p.auths() != 3 {
			t.Errorf("%d requests for a token after the pause, want one more", p.auths())
		}
	})
}

func TestForceGivesUpATokenUnlessItIsNew(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := &platform{auth: numbered("60")}
		c := p.client()
		if got := mustToken(t, c, true); got != "token-1" {
			t.Error(got)
		}
		if got := mustToken(t, c, true); got != "token-1" {
			t.Errorf("a token given a moment ago was given up: %s", got)
		}
		pass(5 * time.Second)
		if got := mustToken(t, c, true); got != "token-2" {
			t.Error(got)
		}
	})
}

func TestAForcedTokenIsNotTheOldOneWhenThePlatformIsAway(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := &platform{auth: func(n int) answer {
			if n > 1 {
				return answer{err: errUnreachable}
			}
			return numbered("60")(n)
		}}
		c := p.client()
		mustToken(t, c, false)
		pass(time.Minute)
		if token, err := c.Token(t.Context(), true); err == nil {
			t.Errorf("the token that was refused is given out again: %s", token)
		}
		if got := mustToken(t, c, false); got != "token-1" {
			t.Error(got)
		}
	})
}

func TestWhoeverGivesUpDoesNotTakeTheOthersAlong(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := &platform{auth: func(n int) answer { a := numbered("60")(n); a.after = time.Second; return a }}
		c := p.client()
		ctx, cancel := context.WithTimeout(t.Context(), 500*time.Millisecond)
		defer cancel()
		first := make(chan error, 1)
		go func() { _, err := c.Token(ctx, false); first <- err }()
		synctest.Wait() // the first leads
		together(10, func() {
			if got := mustToken(t, c, false); got != "token-2" {
				t.Error(got)
			}
		})
		if err := <-first; !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("who gave up got %v", err)
		}
		if p.auths() != 2 {
			t.Errorf("%d requests", p.auths())
		}
	})
}

func TestABusyPlatformIsGivenTheTimeItAsksFor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := &platform{auth: func(int) answer {
			return answer{status: 503, header: map[string]string{"Retry-After": "120"}}
		}}
		c := p.client()
		for range 119 {
			_, err := c.Token(t.Context(), false)
			if busy, ok := errors.AsType[*rest.BusyError](err); !ok || busy.After != 2*time.Minute {
				t.Fatalf("got %v", err)
			}
			pass(time.Second)
		}
		if p.auths() != 1 {
			t.Errorf("%d requests in the two minutes", p.auths())
		}
	})
}
