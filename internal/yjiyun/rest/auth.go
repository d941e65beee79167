package rest

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"sync"
	"time"

	"botengine/internal/yjiyun"
)

const (
	pathAuth = "/robotapi/client/auth"

	// forcedAge is how old a token must be before Token gives it up because it
	// was refused: a crowd of refusals is one refusal.
	forcedAge = 5 * time.Second

	defaultLife = 30 * time.Minute // of a token that came without expireMinutes
	maxLife     = 24 * time.Hour

	minRenewalPause = 10 * time.Second // between two renewals that failed
	maxRenewalPause = time.Minute
)

// token is one token the platform gave out. It is not changed afterwards.
type token struct {
	value      string
	username   string
	created    time.Time // the platform's clock; zero when it did not say
	generation uint64    // 1 for the first: the platform may give the same value again
	issued     time.Time
	renew      time.Time // 60 % of its life
	expires    time.Time
}

// authority holds the token of a client and the one request for it.
type authority struct {
	mu       sync.Mutex // guards all below
	token    *token     // nil before the first
	flight   *flight    // the request for a token that is on its way, or nil
	refused  error      // what the platform said last, when it was a no
	until    time.Time  // it is not asked again before
	failures int        // renewals in a row for which the platform was away or busy
	pause    time.Time  // until then the token serves, however old
}

// flight is one request for a token; many may wait for it. Its fields are set
// before done is closed, by the one who leads it.
type flight struct {
	done      chan struct{}
	err       error
	abandoned bool // whoever led it gave up: another must lead
}

// Token is a token that may be used now. One is asked for when there is none,
// when 60 % of the old one's life is over, and when force says that the platform
// refused it (one younger than 5 s is given out again all the same, so that a
// crowd of refusals leads to one request). Whoever asks meanwhile waits for the
// same answer, or goes on with the old token while it lives.
//
// While the platform cannot be reached the old token is given out. Once the
// platform refused the key or the secret, the *AuthError is answered again,
// without asking, until its RetryAfter is over.
func (c *Client) Token(ctx context.Context, force bool) (string, error) {
	if c.wrong != nil {
		return "", c.wrong
	}
	var stale uint64
	if force {
		stale = c.auth.forcible(time.Now())
	}
	t, err := c.acquire(ctx, stale)
	if err != nil {
		return "", fmt.Errorf("get a token: %w", err)
	}
	return t.value, nil
}

// Grant is what signing in gave (§2.1), but for the token itself: Token has it.
type Grant struct {
	Username string
	Created  time.Time // the platform's clock; zero when it did not say
	Expires  time.Time // our clock
}

// Auth signs in anew (§2.1), which prolongs a token that still lives, and says
// what was given. Whoever signs in at the same time shares the request. Errors
// are those of Token, but an old token does not stand in for a new one.
func (c *Client) Auth(ctx context.Context) (Grant, error) {
	if c.wrong != nil {
		return Grant{}, c.wrong
	}
	t, err := c.acquire(ctx, c.auth.generation())
	if err != nil {
		return Grant{}, fmt.Errorf("sign in: %w", err)
	}
	return Grant{Username: t.username, Created: t.created, Expires: t.expires}, nil
}

// acquire gives a token of a later generation than stale.
func (c *Client) acquire(ctx context.Context, stale uint64) (*token, error) {
	for {
		t, f, leads, err := c.auth.join(stale, time.Now())
		if t != nil || err != nil {
			return t, err
		}
		if leads {
			c.lead(ctx, f, stale)
		}
		select {
		case <-f.done:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
		switch {
		case ctx.Err() != nil:
			return nil, ctx.Err()
		case f.abandoned, f.err == nil:
			continue // another must lead; or the new token is there
		default:
			return c.auth.afterFailure(stale, f.err, time.Now())
		}
	}
}

// lead asks the platform for a token, for all who wait for f.
func (c *Client) lead(ctx context.Context, f *flight, stale uint64) {
	tries := uint(maxTries)
	if c.auth.holds(stale) {
		tries = 1 // the old one serves: nobody needs to wait for a second try
	}
	given, err := c.authenticate(ctx, tries)
	if err != nil && ctx.Err() == nil && c.auth.holds(stale) {
		c.log.Warn("token not renewed, the old one is kept", "error", err)
	}
	c.auth.land(f, given, err, ctx.Err() != nil)
}

// authenticate asks for a token (§2.1).
func (c *Client) authenticate(ctx context.Context, tries uint) (grant, error) {
	var answer struct {
		grant
		Data grant `json:"data"`
	}
	body := form(url.Values{"accessKey": {c.key}, "accessSecret": {c.secret}})
	if err := c.exchange(ctx, request{path: pathAuth, body: body}, tries, &answer); err != nil {
		return grant{}, asAuthError(err)
	}
	given := answer.Data
	if given.AccessToken == "" {
		given = answer.grant
	}
	if !isToken(string(given.AccessToken)) {
		return grant{}, &AnswerError{Field: "accessToken", Reason: "is missing or no token"}
	}
	return given, nil
}

// grant is what the platform gives. A token's life is counted from when it came:
// createTime is the platform's clock.
type grant struct {
	AccessToken   yjiyun.Text `json:"accessToken"`
	ExpireMinutes minutes     `json:"expireMinutes"`
	CreateTime    minutes     `json:"createTime"` // in milliseconds; read as leniently
	Username      words       `json:"username"`
}

// minutes is a whole number; what cannot be read is not said.
type minutes int64

// UnmarshalJSON never fails: a token whose life is unclear is still a token.
func (m *minutes) UnmarshalJSON(raw []byte) error {
	var n yjiyun.Number
	if n.UnmarshalJSON(raw) == nil {
		*m = minutes(n)
	}
	return nil
}

func (g grant) life() time.Duration {
	if g.ExpireMinutes <= 0 {
		return defaultLife
	}
	return time.Duration(min(int64(g.ExpireMinutes), int64(maxLife/time.Minute))) * time.Minute
}

func (g grant) created() time.Time {
	if g.CreateTime <= 0 {
		return time.Time{}
	}
	return time.UnixMilli(int64(g.CreateTime)).UTC()
}

// isToken reports whether a text can stand in a header and an address.
func isToken(text string) bool {
	return text != "" && len(text) <= 4096 &&
		!strings.ContainsFunc(text, func(r rune) bool { return r <= ' ' || r >= 0x7f })
}

// asAuthError turns a no to the request for a token into what it means: the key
// or the secret is wrong. An HTTP refusal other than 401 and 403 is about the
// address, and stays what it is.
func asAuthError(err error) error {
	if unknown, ok := errors.AsType[*refusedToken](err); ok {
		return &AuthError{Code: unknown.code, Msg: unknown.msg}
	}
	if refused, ok := errors.AsType[*RefusedError](err); ok && !strings.HasPrefix(refused.Code, "http ") {
		return &AuthError{Code: refused.Code, Msg: refused.Msg}
	}
	return err
}

// forcible is the generation to be replaced when the platform refused the
// token; 0 when it is too young to be given up.
func (a *authority) forcible(now time.Time) uint64 {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.token == nil || now.Sub(a.token.issued) < forcedAge {
		return 0
	}
	return a.token.generation
}

// generation is that of the token that is held, or 0.
func (a *authority) generation() uint64 {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.token == nil {
		return 0
	}
	return a.token.generation
}

// value is the token that is held, or "".
func (a *authority) value() string {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.token == nil {
		return ""
	}
	return a.token.value
}

// holds reports whether there is a token later than stale.
func (a *authority) holds(stale uint64) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.holdsLocked(stale)
}

func (a *authority) holdsLocked(stale uint64) bool {
	return a.token != nil && a.token.generation > stale
}

// join gives the token that serves, the error that is remembered, or the flight
// to wait for, which the caller must lead when leads is set.
func (a *authority) join(stale uint64, now time.Time) (t *token, f *flight, leads bool, err error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	serves := a.holdsLocked(stale)
	switch {
	case serves && (now.Before(a.token.renew) || now.Before(a.pause)):
		return a.token, nil, false, nil
	case serves && now.Before(a.token.expires) && (a.flight != nil || now.Before(a.until)):
		return a.token, nil, false, nil
	case now.Before(a.until):
		return nil, nil, false, a.refused
	case a.flight != nil:
		return nil, a.flight, false, nil
	default:
		a.flight = &flight{done: make(chan struct{})}
		return nil, a.flight, true, nil
	}
}

// land ends a flight.
func (a *authority) land(f *flight, given grant, err error, abandoned bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	now := time.Now()
	f.err, f.abandoned = err, abandoned && err != nil
	switch {
	case err == nil:
		a.acceptLocked(given, now)
	case !f.abandoned:
		a.rememberLocked(err, now)
	}
	a.flight = nil
	close(f.done)
}

func (a *authority) acceptLocked(given grant, now time.Time) {
	life := given.life()
	var generation uint64
	if a.token != nil {
		generation = a.token.generation
	}
	a.token = &token{
		value:      string(given.AccessToken),
		username:   string(given.Username),
		created:    given.created(),
		generation: generation + 1,
		issued:     now,
		renew:      now.Add(life * 6 / 10),
		expires:    now.Add(life),
	}
	a.refused, a.until, a.failures, a.pause = nil, time.Time{}, 0, time.Time{}
}

// rememberLocked keeps a failure as long as asking again would be in vain. A
// platform that is away or busy leaves the old token in use; a no lets it serve
// for the rest of its life only.
func (a *authority) rememberLocked(err error, now time.Time) {
	if isRefusal(err) {
		a.refused, a.until = err, now.Add(authPause)
		return
	}
	wait := min(minRenewalPause<<min(a.failures, 8), maxRenewalPause)
	if busy, ok := errors.AsType[*BusyError](err); ok && busy.After > 0 {
		a.refused, a.until = err, now.Add(busy.After)
		wait = max(wait, busy.After)
	}
	a.failures++
	a.pause = now.Add(wait)
}

// isRefusal reports whether a failure is an answer that will stay the same: not
// a busy platform, and not one that could not be reached.
func isRefusal(err error) bool {
	_, busy := errors.AsType[*BusyError](err)
	_, unreached := errors.AsType[*TransportError](err)
	return !busy && !unreached
}

// afterFailure is what remains when no token was given: the old one, unless it
// is the refused one, or the platform said no and its life is over.
func (a *authority) afterFailure(stale uint64, err error, now time.Time) (*token, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.holdsLocked(stale) && (now.Before(a.token.expires) || !isRefusal(err)) {
		return a.token, nil
	}
	return nil, err
}

// refuse remembers that a fresh token was refused, so that a platform that
// refuses everything is not asked for a token with every request.
func (a *authority) refuse(err *AuthError, now time.Time) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.refused, a.until = err, now.Add(authPause)
	return err
}
