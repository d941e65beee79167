package rest

import (
	"log/slog"
	"net/http"
	"net/url"
	"time"
)

// Client is one account on the platform. All methods may be called by any
// goroutine; none starts one.
type Client struct {
	base    *url.URL
	wrong   error // why the options cannot be used; every request answers it
	http    *http.Client
	timeout time.Duration
	log     *slog.Logger
	key     string
	secret  string
	auth    authority
}

// New makes a client. It does not connect; wrong options are answered by every
// request (Check tells them before).
func New(o Options) *Client {
	base, _ := parseBase(o.BaseURL) // Check says what is wrong with it
	c := &Client{
		base:    base,
		wrong:   o.Check(),
		http:    newHTTPClient(o.HTTPClient),
		timeout: o.Timeout,
		log:     o.Log,
		key:     o.AccessKey,
		secret:  o.AccessSecret,
	}
	if c.timeout <= 0 {
		c.timeout = DefaultTimeout
	}
	if c.log == nil {
		c.log = slog.New(slog.DiscardHandler)
	}
	return c
}

// Close drops the connections that are kept for later requests.
func (c *Client) Close() { c.http.CloseIdleConnections() }

// String names the address only.
func (c *Client) String() string {
	if c.base == nil {
		return "rest client"
	}
	return "rest client for " + c.base.Scheme + "://" + c.base.Host
}

// GoString is String: %#v must not print the secret either.
func (c *Client) GoString() string { return c.String() }
