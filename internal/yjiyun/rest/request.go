package rest

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/cenkalti/backoff/v5"

	"botengine/internal/command"
	"botengine/internal/yjiyun"
)

const (
	maxAnswer = 8 << 20          // bytes of one answer
	maxValues = 100_000          // values in it, about: fifty times what a page has
	maxText   = 512 << 10        // bytes of one text in it: files come another way
	maxTries  = 4                // of one request that may be repeated
	maxWait   = 30 * time.Second // the longest Retry-After that is waited for here
	maxTime   = time.Minute      // after which no further try is begun
)

// The codes of the envelope that mean something to every request (§1.2).
const (
	codeNotAuthenticated = "1000"
	codeBusy             = "5000"
)

// form is the body of most requests (§1.2).
func form(values url.Values) body {
	text := values.Encode()
	return body{"application/x-www-form-urlencoded; charset=UTF-8", func(string) (string, error) { return text, nil }}
}

// object is the body of the requests the document marks as JSON.
func object(text []byte) body {
	return body{"application/json; charset=UTF-8", func(string) (string, error) { return string(text), nil }}
}

// body is what a request carries. The token is handed to it because a command
// over the bridge holds it inside (§2.8).
type body struct {
	kind string
	text func(token string) (string, error)
}

// request is one question to the platform.
type request struct {
	path  string
	body  body
	token string // "" for the one that asks for a token
	// changes says that the request may do something: it is not repeated after
	// anything that may have happened. sent is set while that is so.
	changes bool
	sent    *bool
}

// ask puts a question that changes nothing and decodes its answer into `into`.
// A token that is refused is renewed once.
func (c *Client) ask(ctx context.Context, path string, values url.Values, into any) error {
	return c.call(ctx, request{path: path, body: form(values)}, into)
}

// change asks for something to be done, at most once. An error that wraps
// command.ErrNotSent says that surely nothing happened.
func (c *Client) change(ctx context.Context, path string, b body, into any) error {
	return c.call(ctx, request{path: path, body: b, changes: true}, into)
}

func (c *Client) call(ctx context.Context, r request, into any) error {
	r.sent = new(bool)
	err := c.tryCall(ctx, r, into)
	switch {
	case err == nil:
		return nil
	case r.changes && !*r.sent:
		return fmt.Errorf("ask %s: %w: %w", r.path, command.ErrNotSent, err)
	default:
		return fmt.Errorf("ask %s: %w", r.path, err)
	}
}

func (c *Client) tryCall(ctx context.Context, r request, into any) error {
	if c.wrong != nil {
		return c.wrong
	}
	held, err := c.acquire(ctx, 0)
	if err != nil {
		return err
	}
	r.token = held.value
	err = c.exchange(ctx, r, maxTries, into)
	if _, refused := errors.AsType[*refusedToken](err); !refused {
		return err
	}
	fresh, err := c.acquire(ctx, held.generation)
	if err != nil {
		return err
	}
	r.token = fresh.value
	err = c.exchange(ctx, r, maxTries, into)
	if refused, ok := errors.AsType[*refusedToken](err); ok {
		return c.auth.refuse(&AuthError{Code: refused.code, Msg: refused.msg, FreshToken: true}, time.Now())
	}
	return err
}

// exchange sends a request and decodes the answer. One that changes nothing is
// sent again where the platform was busy or could not be reached; one that does
// only where it surely did not arrive.
func (c *Client) exchange(ctx context.Context, r request, tries uint, into any) error {
	_, err := backoff.Retry(ctx, func() (struct{}, error) {
		return struct{}{}, onceMore(c.once(ctx, r, into), r.changes)
	}, backoff.WithBackOff(newPace()), backoff.WithMaxTries(tries), backoff.WithMaxElapsedTime(maxTime))
	if last, ok := errors.AsType[*verdict](err); ok {
		return last.err
	}
	return err
}

// newPace is how the pauses between tries grow: with jitter.
func newPace() *backoff.ExponentialBackOff {
	pace := backoff.NewExponentialBackOff()
	pace.MaxInterval = 8 * time.Second
	return pace
}

// verdict carries an error of once past backoff.Retry, with what it goes by.
type verdict struct {
	err  error // what happened
	sign error // backoff's own kind of error, or nil
}

func (v *verdict) Error() string   { return v.err.Error() }
func (v *verdict) Unwrap() []error { return []error{v.sign, v.err} }

// onceMore marks an error as worth another try, or not.
func onceMore(err error, changes bool) error {
	if err == nil {
		return nil
	}
	busy, hasNoTime := errors.AsType[*BusyError](err)
	transport, unreached := errors.AsType[*TransportError](err)
	switch {
	case changes && (!unreached || transport.final || !transport.unsent):
		return backoff.Permanent(&verdict{err: err})
	case unreached && !transport.final, hasNoTime && busy.After == 0:
		return &verdict{err: err}
	case hasNoTime && busy.After <= maxWait:
		return &verdict{err: err, sign: &backoff.RetryAfterError{Duration: busy.After}}
	default:
		return backoff.Permanent(&verdict{err: err})
	}
}

// once sends a request, when the account's budget allows it, and decodes its
// answer.
func (c *Client) once(ctx context.Context, r request, into any) error {
	if err := c.spend(ctx); err != nil {
		return err
	}
	limited, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	trace := &journey{}
	req, err := c.build(trace.watch(limited), r)
	if err != nil {
		return err
	}
	r.mark(true)
	resp, err := c.http.Do(req)
	if err != nil {
		r.mark(!trace.nothingSent(err))
		return c.unreached(ctx, limited, r, trace, err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer+1))
	switch {
	case err != nil:
		return c.unreached(ctx, limited, r, trace, err)
	case len(text) > maxAnswer:
		return &AnswerError{Reason: fmt.Sprintf("is larger than %d MiB", maxAnswer>>20)}
	case !modest(text):
		return &AnswerError{Reason: fmt.Sprintf("has more than %d values, a text of more than %d KiB, or is nested deeper than %d levels", maxValues, maxText>>10, yjiyun.MaxDepth)}
	}
	err = c.read(r, resp, text, into)
	if _, refused := errors.AsType[*refusedToken](err); refused {
		r.mark(false) // whoever is not let in does nothing
	}
	return err
}

// modest says whether an answer is one that may be decoded: a few megabytes of
// brackets and commas become hundreds of megabytes of values, and a text of megabytes is
// gone through again and again. What is no JSON is for the decoder to say.
func modest(text []byte) bool {
	values, depth := 0, 0
	for i := 0; i < len(text); i++ {
		switch text[i] {
		case '"':
			length := stringEnd(text[i+1:])
			if length > maxText {
				return false
			}
			i += length + 1
		case '{', '[':
			if depth++; depth > yjiyun.MaxDepth {
				return false
			}
		case '}', ']':
			depth--
		case ',':
			if values++; values > maxValues {
				return false
			}
		}
	}
	return true
}

// stringEnd is where the JSON text that begins before it ends.
func stringEnd(text []byte) int {
	for i := 0; ; i++ {
		next := bytes.IndexByte(text[i:], '"')
		if next < 0 {
			return len(text)
		}
		i += next
		escapes := 0
		for escapes < i && text[i-1-escapes] == '\\' {
			escapes++
		}
		if escapes%2 == 0 {
			return i
		}
	}
}

func (r *request) mark(sent bool) {
	if r.sent != nil {
		*r.sent = sent
	}
}

// spend takes one request from the account's budget, waiting for it.
func (c *Client) spend(ctx context.Context) error {
	err := c.budget.Wait(ctx)
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil:
		return ctx.Err()
	default:
		return fmt.Errorf("wait for the account's request budget: %w", context.DeadlineExceeded)
	}
}

func (c *Client) build(ctx context.Context, r request) (*http.Request, error) {
	text, err := r.body.text(r.token)
	if err != nil {
		return nil, err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, c.base.JoinPath(r.path).String(), strings.NewReader(text))
	if err != nil {
		return nil, &TransportError{text: "the request cannot be built", final: true}
	}
	req.Header.Set("Content-Type", r.body.kind)
	req.Header.Set("Accept", "application/json")
	if r.token != "" {
		req.Header.Set("token", r.token)
	}
	return req, nil
}

// unreached says why no answer came, without the address: *url.Error would show
// its query.
func (c *Client) unreached(ctx, limited context.Context, r request, trace *journey, err error) error {
	if redirect, ok := errors.AsType[*RedirectError](err); ok {
		return redirect
	}
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case limited.Err() != nil:
		return &TransportError{text: fmt.Sprintf("no answer within %s", c.timeout), err: limited.Err(), unsent: trace.nothingSent(err)}
	}
	unsent := trace.nothingSent(err)
	for wrapped, ok := errors.AsType[*url.Error](err); ok; wrapped, ok = errors.AsType[*url.Error](err) {
		err = wrapped.Err
	}
	_, untrusted := errors.AsType[*tls.CertificateVerificationError](err)
	return &TransportError{text: c.redact(err.Error(), r.token), err: err, final: untrusted || errors.Is(err, errNotPublic), unsent: unsent}
}

// envelope is what every answer has (§1.2).
type envelope struct {
	Code yjiyun.Text `json:"code"`
	Msg  words       `json:"msg"`
}

// words are the platform's, for people only: what cannot be read is not said.
type words string

// UnmarshalJSON never fails.
func (w *words) UnmarshalJSON(raw []byte) error {
	var text yjiyun.Text
	if text.UnmarshalJSON(raw) == nil {
		*w = words(text)
	}
	return nil
}

// read says what an answer means, and decodes it when it is a success.
func (c *Client) read(r request, resp *http.Response, body []byte, into any) error {
	var e envelope
	err := json.Unmarshal(body, &e)
	code, msg := strings.TrimSpace(string(e.Code)), c.redact(clip(string(e.Msg)), r.token)
	switch good := resp.StatusCode >= 200 && resp.StatusCode < 300; {
	case isBusy(resp.StatusCode), !good && (err != nil || code == "" || yjiyun.IsOK(code)):
		return byStatus(resp)
	case err != nil:
		return unreadable(err)
	case code == codeNotAuthenticated:
		return &refusedToken{code, msg}
	case code == codeBusy:
		return &BusyError{After: retryAfter(resp), Code: "code " + code, msg: msg, answer: body}
	case code != "" && !yjiyun.IsOK(code):
		return &RefusedError{Code: clip(code), Msg: msg, answer: body}
	}
	if err := json.Unmarshal(body, into); err != nil {
		return unreadable(err)
	}
	return nil
}

// byStatus says what an HTTP status means where the body says nothing.
func byStatus(resp *http.Response) error {
	code := "http " + strconv.Itoa(resp.StatusCode)
	switch s := resp.StatusCode; {
	case s == http.StatusUnauthorized || s == http.StatusForbidden:
		return &refusedToken{code, http.StatusText(s)}
	case isBusy(s):
		return &BusyError{After: retryAfter(resp), Code: code}
	case s >= 500:
		return &TransportError{text: code + " " + http.StatusText(s)}
	default:
		return &RefusedError{Code: code, Msg: http.StatusText(s)}
	}
}

func isBusy(status int) bool {
	return status == http.StatusTooManyRequests || status == http.StatusServiceUnavailable
}

// retryAfter reads the header, in seconds or as a date; 0 when it says nothing.
func retryAfter(resp *http.Response) time.Duration {
	value := resp.Header.Get("Retry-After")
	if seconds, err := strconv.Atoi(value); err == nil {
		return time.Duration(min(max(seconds, 0), 86400)) * time.Second
	}
	if at, err := http.ParseTime(value); err == nil {
		return min(max(time.Until(at), 0), 24*time.Hour)
	}
	return 0
}

// clip holds the platform's words to a length fit for one line of a log.
func clip(text string) string {
	const most = 200
	if runes := []rune(text); len(runes) > most {
		return string(runes[:most]) + "…"
	}
	return text
}
