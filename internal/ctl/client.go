package ctl

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"time"
)

// dialFor is how long an engine may take to take a call: it is on this machine.
const dialFor = 5 * time.Second

// UnreachableError says that no engine answers at a socket.
type UnreachableError struct {
	Path string
	Err  error
}

// Error names the socket and the cause.
func (e *UnreachableError) Error() string {
	return fmt.Sprintf("no engine answers at %s: %v", e.Path, e.Err)
}

// Unwrap returns the cause: fs.ErrNotExist when there is no socket, fs.ErrPermission
// when it is somebody else's.
func (e *UnreachableError) Unwrap() error { return e.Err }

// Client calls an engine. It may be used by any goroutine, and needs no closing.
type Client struct {
	path string
	web  *http.Client
}

// NewClient returns a Client for the engine at that socket. Whether there is one
// shows at the first call.
func NewClient(path string) *Client {
	dial := func(ctx context.Context, _, _ string) (net.Conn, error) {
		conn, err := dialSocket(ctx, path)
		if err != nil {
			return nil, &UnreachableError{Path: path, Err: err}
		}
		return conn, nil
	}
	return &Client{path: path, web: &http.Client{Transport: &http.Transport{DialContext: dial, DisableKeepAlives: true}}}
}

// Call asks for a verb and decodes the answer into out, which may be nil. It
// returns *UnreachableError when no engine answers, and *Error when it says no.
func (c *Client) Call(ctx context.Context, verb string, params, out any) error {
	resp, err := c.post(ctx, verb, params)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	data, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer+1))
	if err != nil {
		return fmt.Errorf("read the engine's answer: %w", c.cut(ctx, err))
	}
	if len(data) > maxAnswer {
		return fmt.Errorf("the engine's answer to %s is larger than %d MiB", verb, maxAnswer>>20)
	}
	if out == nil {
		return nil
	}
	if err := json.Unmarshal(data, out); err != nil {
		return fmt.Errorf("decode the engine's answer: %w", err)
	}
	return nil
}

// Follow asks for a verb that answers with a stream and calls each with every item
// until the stream ends, ctx ends, or each returns an error: that is what it
// returns. An engine that ends is an *UnreachableError.
func (c *Client) Follow(ctx context.Context, verb string, params any, each func(json.RawMessage) error) error {
	resp, err := c.post(ctx, verb, params)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	lines := bufio.NewScanner(resp.Body)
	lines.Buffer(make([]byte, 0, 64<<10), maxAnswer)
	for lines.Scan() {
		var it item
		if err := json.Unmarshal(lines.Bytes(), &it); err != nil {
			return fmt.Errorf("decode the engine's stream: %w", err)
		}
		if it.Error != nil {
			return it.Error
		}
		if err := each(it.Item); err != nil {
			return err
		}
	}
	return c.cut(ctx, lines.Err())
}

// cut says what the end of a connection means: ctx ended, or the engine did.
func (c *Client) cut(ctx context.Context, err error) error {
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case err != nil && !errors.Is(err, bufio.ErrTooLong):
		return &UnreachableError{Path: c.path, Err: err}
	default:
		return err
	}
}

// post sends a call and returns the answer, unless that is a no.
func (c *Client) post(ctx context.Context, verb string, params any) (*http.Response, error) {
	body := []byte(nil)
	if params != nil {
		var err error
		if body, err = encode(params); err != nil {
			return nil, fmt.Errorf("encode the parameters of %s: %w", verb, err)
		}
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://botengine/v1/"+verb, bytes.NewReader(body))
	if err != nil {
		return nil, fmt.Errorf("call %s: %w", verb, err)
	}
	resp, err := c.web.Do(req)
	if err != nil {
		return nil, c.unanswered(ctx, err)
	}
	if resp.StatusCode == http.StatusOK {
		return resp, nil
	}
	defer resp.Body.Close()
	return nil, refusal(resp)
}

// unanswered says why there is no answer, without the words of the HTTP client.
func (c *Client) unanswered(ctx context.Context, err error) error {
	if e, ok := errors.AsType[*UnreachableError](err); ok {
		return e
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return &UnreachableError{Path: c.path, Err: err}
}

func refusal(resp *http.Response) error {
	var e Error
	data, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer))
	if err == nil {
		err = json.Unmarshal(data, &e)
	}
	if err != nil || e.Code == "" {
		return fmt.Errorf("the engine answered with status %d", resp.StatusCode)
	}
	return &e
}
