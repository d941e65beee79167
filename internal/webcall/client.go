package webcall

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"strconv"
	"sync/atomic"
	"time"

	"botengine/internal/command"
	"botengine/internal/event"
)

// The bounds of a call.
const (
	Timeout   = 5 * time.Second // from the look-up of the name to the end of the answer
	MaxAnswer = 64 << 10        // bytes of its body
)

// The codes with which calls end, besides those of package event and the numbers of
// HTTP: an answer of 200 to 299 is success.
const (
	CodeTooLarge = "too_large" // the answer is larger than MaxAnswer
)

// Options say what may be called.
type Options struct {
	Hosts []Host
	// Secrets returns a secret of the configuration, for headers. nil: there are none.
	Secrets func(name string) (value string, ok bool)
	// Resolver looks names up; nil: the system's.
	Resolver *net.Resolver
	// TLS is for tests with certificates of their own; nil: the system's.
	TLS *tls.Config
}

// Client makes calls. Any number of goroutines may use it.
type Client struct {
	o                 Options
	public, permitted *http.Client // to public addresses only; to private ones too
}

// New returns a client that calls the hosts of o and no others.
func New(o Options) *Client {
	return &Client{o: o, public: newHTTP(&o, PublicOnly), permitted: newHTTP(&o, privateToo)}
}

// newHTTP makes a client that dials what allowed lets it. A connection serves one
// call: net/http would repeat a call by itself on one that was used before.
func newHTTP(o *Options, allowed control) *http.Client {
	dialer := &net.Dialer{Timeout: Timeout, Resolver: o.Resolver, Control: allowed}
	return &http.Client{
		Transport: &http.Transport{
			Proxy:                  nil,
			DialContext:            dialer.DialContext,
			TLSClientConfig:        o.TLS,
			TLSHandshakeTimeout:    Timeout,
			TLSNextProto:           map[string]func(string, *tls.Conn) http.RoundTripper{}, // HTTP/1.1
			DisableKeepAlives:      true,
			MaxResponseHeaderBytes: MaxAnswer,
		},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// fields are the fields of a call as the rule's step wrote them.
type fields struct {
	Method  string            `json:"method"`
	URL     string            `json:"url"`
	Headers map[string]string `json:"headers"`
	Body    json.RawMessage   `json:"body"`
}

// answer is what becomes of a call's answer: the payload of its end.
type answer struct {
	Status int    `json:"status"`
	Body   string `json:"body"`
}

// Do makes the call, once, and returns its end. An error that wraps
// command.ErrInvalid says that it may never be made, one that wraps
// command.ErrNotSent that surely not a byte of it left; after any other error it
// may have happened. Errors name the host, and nothing else of the call.
func (c *Client) Do(ctx context.Context, cmd command.Command) (event.CommandEnd, error) {
	ctx, cancel := context.WithTimeout(ctx, Timeout)
	defer cancel()
	var sent atomic.Bool
	ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{GotConn: func(httptrace.GotConnInfo) { sent.Store(true) }})
	req, client, err := c.request(ctx, cmd)
	if err != nil {
		return event.CommandEnd{}, fmt.Errorf("%w: %w", command.ErrInvalid, err)
	}
	resp, err := client.Do(req)
	if err != nil {
		return event.CommandEnd{}, explain(req.URL.Host, err, sent.Load())
	}
	defer resp.Body.Close()
	return end(resp, req.URL.Host)
}

// request builds the request of a call, and says who may make it.
func (c *Client) request(ctx context.Context, cmd command.Command) (*http.Request, *http.Client, error) {
	var f fields
	if err := json.Unmarshal(cmd.Fields, &f); err != nil {
		return nil, nil, errors.New("the call cannot be read")
	}
	u, err := url.Parse(f.URL)
	if err != nil {
		return nil, nil, errors.New("the call's address cannot be read")
	}
	host, err := c.allowed(u)
	if err != nil {
		return nil, nil, err
	}
	req, err := http.NewRequestWithContext(ctx, f.Method, u.String(), bytes.NewReader(f.Body))
	if err != nil {
		return nil, nil, errors.New("the call cannot be made a request")
	}
	req.Header.Set("User-Agent", "botengine")
	req.Header.Set("Idempotency-Key", cmd.Key)
	if len(f.Body) > 0 {
		req.Header.Set("Content-Type", "application/json; charset=utf-8")
	}
	for name, value := range f.Headers {
		if value, err = c.reveal(value); err != nil {
			return nil, nil, fmt.Errorf("header %s: %w", name, err)
		}
		req.Header.Set(name, value)
	}
	if host.Private {
		return req, c.permitted, nil
	}
	return req, c.public, nil
}

// end reads the answer.
func end(resp *http.Response, host string) (event.CommandEnd, error) {
	body, err := io.ReadAll(io.LimitReader(resp.Body, MaxAnswer+1))
	if err != nil {
		return event.CommandEnd{}, explain(host, err, true)
	}
	switch status := resp.StatusCode; {
	case status >= 300 && status < 400:
		return event.CommandEnd{Code: strconv.Itoa(status), Msg: "the host wants to redirect the call, which is not followed"}, nil
	case status < 200 || status > 299:
		return event.CommandEnd{Code: strconv.Itoa(status), Msg: http.StatusText(status)}, nil
	case len(body) > MaxAnswer:
		return event.CommandEnd{Code: CodeTooLarge, Msg: fmt.Sprintf("the answer is larger than %d KiB", MaxAnswer>>10)}, nil
	}
	payload, err := json.Marshal(answer{Status: resp.StatusCode, Body: string(bytes.ToValidUTF8(body, []byte("\uFFFD")))})
	if err != nil {
		return event.CommandEnd{}, fmt.Errorf("keep the answer: %w", err)
	}
	return event.CommandEnd{Code: event.CodeOK, Payload: payload}, nil
}

// explain says why there is no answer. What net/http says has the whole address in
// it, with what people wrote: only the cause beneath is told.
func explain(host string, err error, sent bool) error {
	var refused *AddressError
	var whole *url.Error
	var timeout interface{ Timeout() bool }
	switch {
	case errors.As(err, &refused):
		return fmt.Errorf("call %s: %w: %w", host, command.ErrInvalid, refused)
	case errors.As(err, &whole):
		err = whole.Err
	}
	if errors.As(err, &timeout) && timeout.Timeout() {
		err = fmt.Errorf("no answer within %s", Timeout)
	}
	if !sent {
		return fmt.Errorf("call %s: %w: %w", host, command.ErrNotSent, err)
	}
	return fmt.Errorf("call %s: %w", host, err)
}
