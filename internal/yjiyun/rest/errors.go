package rest

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"
)

// authPause is how long the platform is not asked for a token again after it
// said no: asking on would not help and may lock the account.
const authPause = time.Minute

// AuthError says that the platform refused the access key and secret, or a token
// it had given out a moment before.
type AuthError struct {
	Code string // the platform's code, or "http 401"
	Msg  string // the platform's words
	// FreshToken says that a new token was refused: the key and the secret are
	// right, but something else is not.
	FreshToken bool
}

// Error says what was refused and what to do.
func (e *AuthError) Error() string {
	what, todo := "the access key or secret", "correct access_key and access_secret"
	if e.FreshToken {
		what = "a token it had just given out"
		todo = "see whether the account may use the interface, and whether another program signs in with it"
	}
	return fmt.Sprintf("the platform refused %s (code %s: %s): %s; not asked again for %s",
		what, e.Code, e.Msg, todo, e.RetryAfter())
}

// RetryAfter is how long to wait before trying again: 60 s. Until then a client
// answers the same error without asking the platform.
func (e *AuthError) RetryAfter() time.Duration { return authPause }

// BusyError says that the platform has no time now: code 5000, or HTTP 429 or
// 503. The request was tried again before this was answered.
type BusyError struct {
	After time.Duration // what the platform asked for with Retry-After; 0 = it did not say
	Code  string

	msg    string
	answer []byte // all that was answered; nil for an HTTP status
}

// Error says that the platform is busy, and until when if it said so.
func (e *BusyError) Error() string {
	if e.After > 0 {
		return fmt.Sprintf("the platform is busy (%s) and asks to wait %s", e.Code, e.After)
	}
	return fmt.Sprintf("the platform is busy (%s)", e.Code)
}

// RefusedError says that the platform understood and answered no.
type RefusedError struct {
	Code string // the envelope's code, or "http 404"
	Msg  string

	answer []byte // all that was answered; nil for an HTTP status
}

// Error says the platform's code and words.
func (e *RefusedError) Error() string {
	return fmt.Sprintf("the platform refused (code %s: %s)", e.Code, e.Msg)
}

// RedirectError says that the platform's answer pointed to another address. It
// is not followed: the token would go with it.
type RedirectError struct {
	To string // scheme and host
}

// Error says where the answer pointed and what to do.
func (e *RedirectError) Error() string {
	return fmt.Sprintf("redirected to %s, which is not followed because the token would go there: set rest_url to the address that answers itself", e.To)
}

// AnswerError says that the platform's answer cannot be read. It never holds
// anything of the answer's text.
type AnswerError struct {
	Field  string // the field at fault; "" for the whole answer
	Reason string

	todo string // "" = to see whether the address is right
}

// Error says what cannot be read and what may be the cause.
func (e *AnswerError) Error() string {
	if e.Field != "" {
		return fmt.Sprintf("the platform's answer: field %s %s", e.Field, e.Reason)
	}
	todo := e.todo
	if todo == "" {
		todo = "see whether rest_url is the platform's address"
	}
	return fmt.Sprintf("the platform's answer %s: %s", e.Reason, todo)
}

// TransportError says that no answer came: the network, the name, the
// certificate or a server on the way is at fault.
type TransportError struct {
	text string // the cause without addresses' queries and without secrets
	err  error

	final  bool // it will be the same the next time
	unsent bool // the request surely did not leave
}

// Error says the cause.
func (e *TransportError) Error() string { return e.text }

// Unwrap is the cause as the network layer gave it; nil for an HTTP status.
func (e *TransportError) Unwrap() error { return e.err }

// refusedToken says that the platform does not know the token of a request.
type refusedToken struct{ code, msg string }

func (e *refusedToken) Error() string {
	return fmt.Sprintf("the platform refused the token (code %s: %s)", e.code, e.msg)
}

func unreadable(err error) error {
	if wrongType, ok := errors.AsType[*json.UnmarshalTypeError](err); ok && wrongType.Field != "" {
		return &AnswerError{Field: wrongType.Field, Reason: "has a type that cannot be read"}
	}
	return &AnswerError{Reason: "is not the json it should be"}
}

// redact is a text without the secret, the token of the request and the one that
// is held, should somebody have put them there.
func (c *Client) redact(text, token string) string {
	for _, hidden := range []string{c.secret, url.QueryEscape(c.secret), token, c.auth.value()} {
		if hidden != "" {
			text = strings.ReplaceAll(text, hidden, "***")
		}
	}
	return text
}
