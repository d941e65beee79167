package rest

import (
	"errors"
	"time"
)

// TokenState is how a client's token is, without the token.
type TokenState struct {
	Serves   bool      // there is one, and its life is not over
	Expires  time.Time // our clock; zero = there is none
	Failures int       // renewals in a row for which the platform was away or busy
	Refused  bool      // the platform said no to the key or the secret, and nothing else since
}

// TokenState returns how the token is. It asks nobody, and may be called from any
// goroutine.
func (c *Client) TokenState() TokenState { return c.auth.state(c.wrong != nil, time.Now()) }

func (a *authority) state(wrong bool, now time.Time) TokenState {
	a.mu.Lock()
	defer a.mu.Unlock()
	_, no := errors.AsType[*AuthError](a.refused)
	s := TokenState{Failures: a.failures, Refused: wrong || no}
	if a.token != nil {
		s.Expires, s.Serves = a.token.expires, now.Before(a.token.expires)
	}
	return s
}
