package socket

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"unicode"

	"github.com/gorilla/websocket"

	"botengine/internal/command"
)

var (
	// ErrNotSent is command.ErrNotSent: after it, an event surely is not on the
	// wire.
	ErrNotSent = command.ErrNotSent

	// ErrNotConnected is returned by Emit while there is no session. Nothing was
	// sent and nothing is kept for later, so it is an ErrNotSent too.
	ErrNotConnected = fmt.Errorf("%w: no socket session", ErrNotSent)

	// ErrServerClosed ends a session that the server took leave of by a packet.
	ErrServerClosed = errors.New("the server ended the session")

	// ErrHandshake ends an attempt whose connection opened, but whose namespace
	// was never acknowledged: the server may speak another dialect.
	ErrHandshake = errors.New("connection opened, but the namespace was not acknowledged")
)

// RejectedError is a server's refusal of the handshake.
type RejectedError struct {
	Status int    // of the HTTP answer; 0 for a Socket.IO connect error (packet 44)
	Reason string // the server's words, shortened, without secrets
}

func (e *RejectedError) Error() string {
	what := "namespace refused by the server"
	if e.Status != 0 {
		what = fmt.Sprintf("handshake answered with HTTP %d %s", e.Status, http.StatusText(e.Status))
	}
	if e.Reason == "" {
		return what
	}
	return fmt.Sprintf("%s: %q", what, e.Reason)
}

// TokenRefused tells whether a new token may help.
func (e *RejectedError) TokenRefused() bool {
	return e.Status == 0 || e.Status == http.StatusUnauthorized || e.Status == http.StatusForbidden
}

// HTTPAnswered tells whether a websocket handshake failed because the server
// answered with plain HTTP, where nothing is known of the answer.
func HTTPAnswered(err error) bool { return errors.Is(err, websocket.ErrBadHandshake) }

// Refusal is what a connect error says.
func Refusal(p Packet) *RejectedError {
	return &RejectedError{Reason: refusalReason(p.Payload)}
}

// refusalReason finds the words in the payload of a connect error: a string in
// protocol 4, an object with a message in protocol 5, or anything.
func refusalReason(payload json.RawMessage) string {
	var text string
	if json.Unmarshal(payload, &text) == nil {
		return reason([]byte(text))
	}
	var object struct{ Message string }
	if json.Unmarshal(payload, &object) == nil && object.Message != "" {
		return reason([]byte(object.Message))
	}
	return reason(payload)
}

const maxReason = 200 // characters

// reason makes a server's words fit for a log line.
func reason(words []byte) string {
	clean := strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || r == unicode.ReplacementChar {
			return ' '
		}
		return r
	}, string(words))
	runes := []rune(strings.TrimSpace(clean))
	return string(runes[:min(len(runes), maxReason)])
}

// redact returns err in a form whose text shows no URL and no value of the
// query: the token is one of them, and neither libraries nor servers are
// trusted to leave it out of what they say.
func redact(err error, query url.Values) error {
	if rejected, ok := errors.AsType[*RejectedError](err); ok {
		return &RejectedError{Status: rejected.Status, Reason: hideValues(rejected.Reason, query)}
	}
	if located, ok := errors.AsType[*url.Error](err); ok {
		err = fmt.Errorf("%s: %w", located.Op, located.Err)
	}
	if text := hideValues(err.Error(), query); text != err.Error() {
		return &redactedError{text: text, err: err}
	}
	return err
}

// redactedError keeps what an error is, and hides how it says it. It has no
// Unwrap, so that nobody prints what it wraps.
type redactedError struct {
	text string
	err  error
}

func (e *redactedError) Error() string        { return e.text }
func (e *redactedError) Is(target error) bool { return errors.Is(e.err, target) }

// minSecret keeps flags like msgFilter=1 from being cut out of every text.
const minSecret = 4

func hideValues(text string, query url.Values) string {
	for _, values := range query {
		for _, v := range values {
			if len(v) >= minSecret {
				text = strings.ReplaceAll(text, v, "<secret>")
				text = strings.ReplaceAll(text, url.QueryEscape(v), "<secret>")
			}
		}
	}
	return text
}
