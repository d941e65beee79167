package rest

import (
	"log/slog"
	"net/http"
	"net/url"
	"time"

	"golang.org/x/time/rate"

	"botengine/internal/yjiyun"
)

// Client is one account on the platform. All methods may be called by any
// goroutine; none starts one.
type Client struct {
	base    *url.URL
	wrong   error // why the options cannot be used; every request answers it
	http    *http.Client
	files   *http.Client // for what lies on other hosts: no cookies
	timeout time.Duration
	log     *slog.Logger
	key     string
	secret  string
	auth    authority
	budget  *rate.Limiter // of the account: every request and every try takes one

	overrides yjiyun.Overrides
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
		files:   newHTTPClient(o.HTTPClient),
		budget:  newBudget(o.RequestsPerSecond),

		overrides: o.Overrides,
	}
	c.files.Transport, c.files.Jar = c.http.Transport, nil
	if o.HTTPClient == nil && !isLoopback(c.hostname()) {
		c.files.Transport = newFileTransport()
	}
	if c.timeout <= 0 {
		c.timeout = DefaultTimeout
	}
	if c.log == nil {
		c.log = slog.New(slog.DiscardHandler)
	}
	return c
}

func (c *Client) hostname() string {
	if c.base == nil {
		return ""
	}
	return c.base.Hostname()
}

// newBudget is a bucket that holds one second's requests.
func newBudget(perSecond float64) *rate.Limiter {
	if perSecond <= 0 {
		perSecond = DefaultRequestsPerSecond
	}
	return rate.NewLimiter(rate.Limit(perSecond), max(1, int(perSecond)))
}

// Close drops the connections that are kept for later requests.
func (c *Client) Close() {
	c.http.CloseIdleConnections()
	c.files.CloseIdleConnections()
}

// String names the address only.
func (c *Client) String() string {
	if c.base == nil {
		return "rest client"
	}
	return "rest client for " + c.base.Scheme + "://" + c.base.Host
}

// GoString is String: %#v must not print the secret either.
func (c *Client) GoString() string { return c.String() }
