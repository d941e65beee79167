package sim

import (
	"crypto/rand"
	"crypto/subtle"
	"encoding/hex"
	"sync"
	"time"
)

// tokens are the account's access tokens and when they end (§2.1).
type tokens struct {
	prefix string // of every token
	life   time.Duration
	clock  func() time.Time

	mu      sync.Mutex // guards all below
	valid   map[string]time.Time
	current string
	issued  int
}

// issue prolongs the current token, or makes a new one when it has ended.
func (t *tokens) issue() (token string, created time.Time) {
	t.mu.Lock()
	defer t.mu.Unlock()
	now := t.clock()
	if !now.Before(t.valid[t.current]) {
		t.current = t.prefix + newToken()
	}
	t.valid[t.current] = now.Add(t.life)
	t.issued++
	return t.current, now
}

func (t *tokens) ok(token string) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.clock().Before(t.valid[token])
}

func (t *tokens) revoke() {
	t.mu.Lock()
	defer t.mu.Unlock()
	clear(t.valid)
}

func (t *tokens) minutes() int { return int((t.life + time.Minute - 1) / time.Minute) }

func newToken() string {
	b := make([]byte, 16)
	_, _ = rand.Read(b) // never fails
	return hex.EncodeToString(b)
}

// login answers §2.1.
func (s *Server) login(p params) (fields, error) {
	key := subtle.ConstantTimeCompare([]byte(p.get("accessKey")), []byte(s.opts.AccessKey))
	secret := subtle.ConstantTimeCompare([]byte(p.get("accessSecret")), []byte(s.opts.AccessSecret))
	if key&secret == 0 {
		return nil, errUnauthorized
	}
	token, created := s.tokens.issue()
	return fields{"data": fields{
		"createTime":    created.UnixMilli(),
		"expireMinutes": s.tokens.minutes(),
		"accessToken":   token,
		"username":      s.opts.AccessKey,
	}}, nil
}

// RevokeTokens ends every token at once: REST answers 1000 and handshakes 401 until somebody authenticates again. Open
// sockets stay; CutConnections ends them.
func (s *Server) RevokeTokens() { s.tokens.revoke() }

// Logins counts successful calls of the auth endpoint.
func (s *Server) Logins() int {
	s.tokens.mu.Lock()
	defer s.tokens.mu.Unlock()
	return s.tokens.issued
}
