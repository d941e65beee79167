package rest

import (
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

	"botengine/internal/yjiyun"
)

const (
	maxAnswer = 8 << 20          // bytes of one answer
	maxTries  = 4                // of one request that may be repeated
	maxWait   = 30 * time.Second // the longest Retry-After that is waited for here
	maxTime   = time.Minute      // after which no further try is begun
)

// The codes of the envelope that mean something to every request (§1.2).
const (
	codeNotAuthenticated = "1000"
	codeBusy             = "5000"
)

// call asks the platform with a token and decodes its answer into `into`. A
// token that is refused is renewed once.
func (c *Client) call(ctx context.Context, path string, form url.Values, into any) error {
	if err := c.tryCall(ctx, path, form, into); err != nil {
		return fmt.Errorf("ask %s: %w", path, err)
	}
	return nil
}

func (c *Client) tryCall(ctx context.Context, path string, form url.Values, into any) error {
	if c.wrong != nil {
		return c.wrong
	}
	held, err := c.acquire(ctx, 0)
	if err != nil {
		return err
	}
	err = c.exchange(ctx, request{path, form, held.value}, maxTries, into)
	if _, refused := errors.AsType[*refusedToken](err); !refused {
		return err
	}
	fresh, err := c.acquire(ctx, held.generation)
	if err != nil {
		return err
	}
	err = c.exchange(ctx, request{path, form, fresh.value}, maxTries, into)
	if refused, ok := errors.AsType[*refusedToken](err); ok {
		return c.auth.refuse(&AuthError{Code: refused.code, Msg: refused.msg, FreshToken: true}, time.Now())
	}
	return err
}

// request is one question to the platform.
type request struct {
	path  string
	form  url.Values
	token string // "" for the one that asks for a token
}

// exchange sends a request that changes nothing, again where the platform was
// busy or could not be reached, and decodes the answer.
func (c *Client) exchange(ctx context.Context, r request, tries uint, into any) error {
	pace := backoff.NewExponentialBackOff()
	pace.MaxInterval = 8 * time.Second
	_, err := backoff.Retry(ctx, func() (struct{}, error) {
		return struct{}{}, onceMore(c.once(ctx, r, into))
	}, backoff.WithBackOff(pace), backoff.WithMaxTries(tries), backoff.WithMaxElapsedTime(maxTime))
	if last, ok := errors.AsType[*verdict](err); ok {
		return last.err
	}
	return err
}

// verdict carries an error of once past backoff.Retry, with what it goes by.
type verdict struct {
	err  error // what happened
	sign error // backoff's own kind of error, or nil
}

func (v *verdict) Error() string   { return v.err.Error() }
func (v *verdict) Unwrap() []error { return []error{v.sign, v.err} }

// onceMore marks an error as worth another try, or not.
func onceMore(err error) error {
	if err == nil {
		return nil
	}
	busy, hasNoTime := errors.AsType[*BusyError](err)
	transport, unreached := errors.AsType[*TransportError](err)
	switch {
	case unreached && !transport.final, hasNoTime && busy.After == 0:
		return &verdict{err: err}
	case hasNoTime && busy.After <= maxWait:
		return &verdict{err: err, sign: &backoff.RetryAfterError{Duration: busy.After}}
	default:
		return backoff.Permanent(&verdict{err: err})
	}
}

// once sends a request and decodes its answer.
func (c *Client) once(ctx context.Context, r request, into any) error {
	limited, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	req, err := http.NewRequestWithContext(limited, http.MethodPost, c.base.JoinPath(r.path).String(), strings.NewReader(r.form.Encode()))
	if err != nil {
		return &TransportError{text: "the request cannot be built"}
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded; charset=UTF-8")
	req.Header.Set("Accept", "application/json")
	if r.token != "" {
		req.Header.Set("token", r.token)
	}
	resp, err := c.http.Do(req)
	if err != nil {
		return c.unreached(ctx, limited, r, err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer+1))
	switch {
	case err != nil:
		return c.unreached(ctx, limited, r, err)
	case len(body) > maxAnswer:
		return &AnswerError{Reason: fmt.Sprintf("is larger than %d MiB", maxAnswer>>20)}
	default:
		return c.read(r, resp, body, into)
	}
}

// unreached says why no answer came, without the address: *url.Error would show
// its query.
func (c *Client) unreached(ctx, limited context.Context, r request, err error) error {
	if redirect, ok := errors.AsType[*RedirectError](err); ok {
		return redirect
	}
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case limited.Err() != nil:
		return &TransportError{text: fmt.Sprintf("no answer within %s", c.timeout), err: limited.Err()}
	}
	for wrapped, ok := errors.AsType[*url.Error](err); ok; wrapped, ok = errors.AsType[*url.Error](err) {
		err = wrapped.Err
	}
	_, untrusted := errors.AsType[*tls.CertificateVerificationError](err)
	return &TransportError{text: c.redact(err.Error(), r.token), err: err, final: untrusted}
}

// envelope is what every answer has (§1.2).
type envelope struct {
	Code yjiyun.Text `json:"code"`
	Msg  yjiyun.Text `json:"msg"`
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
		return &BusyError{After: retryAfter(resp), Code: "code " + code}
	case code != "" && !yjiyun.IsOK(code):
		return &RefusedError{Code: clip(code), Msg: msg}
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
