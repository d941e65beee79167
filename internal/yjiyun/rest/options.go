package rest

import (
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"time"

	"botengine/internal/yjiyun"
)

// DefaultTimeout is how long one request may take, its answer included.
const DefaultTimeout = 30 * time.Second

// DefaultRequestsPerSecond is the budget of an account: all its requests
// together, sign-ins and repetitions included. As many may come at once.
const DefaultRequestsPerSecond = 5

// Options are what a client needs to know. BaseURL, AccessKey and AccessSecret
// are required; they are checked by Check and, failing that, by every request.
type Options struct {
	BaseURL      string // https://host, or http:// to a loopback address
	AccessKey    string
	AccessSecret string

	HTTPClient *http.Client  // for its Transport and Jar only; nil = TLS >= 1.2 with the system's roots
	Timeout    time.Duration // of one request; 0 = DefaultTimeout
	// RequestsPerSecond is the account's budget; 0 = DefaultRequestsPerSecond.
	RequestsPerSecond float64
	// Overrides correct the inferred commands that go over the bridge (§2.8).
	Overrides yjiyun.Overrides

	Log *slog.Logger // told of renewals that failed while the old token still serves; nil = nobody
}

// String names the address only: the rest must not be printed.
func (o Options) String() string { return "rest options for " + displayURL(o.BaseURL) }

// GoString is String: %#v must not print the secret either.
func (o Options) GoString() string { return o.String() }

// LogValue is String.
func (o Options) LogValue() slog.Value { return slog.StringValue(o.String()) }

// Check says what is wrong with the options, or nil.
func (o Options) Check() error {
	if _, err := parseBase(o.BaseURL); err != nil {
		return err
	}
	switch {
	case o.AccessKey == "":
		return errors.New("access_key is empty: set it to the account's name on the platform")
	case o.AccessSecret == "":
		return errors.New("access_secret is empty: set it to the account's password on the platform")
	default:
		return nil
	}
}

// parseBase holds the address to what may be handed a secret: https, or http to
// this machine itself. An error never holds what stands in the address beside
// scheme and host.
func parseBase(base string) (*url.URL, error) {
	u, err := url.Parse(base)
	if err != nil || u.Host == "" {
		return nil, errors.New("rest_url is not an address: write it as https://www.yjiyun.com")
	}
	switch {
	case u.User != nil || u.RawQuery != "" || u.Fragment != "":
		return nil, fmt.Errorf("rest_url %s holds a user, a query or a fragment: write scheme, host and path only", displayURL(base))
	case u.Scheme == "https":
		return u, nil
	case u.Scheme == "http" && isLoopback(u.Hostname()):
		return u, nil
	case u.Scheme == "http":
		return nil, fmt.Errorf("rest_url %s would send the secret unencrypted: use https:// (http:// is for a loopback address only)", displayURL(base))
	default:
		return nil, fmt.Errorf("rest_url %s has the scheme %q: use https://", displayURL(base), u.Scheme)
	}
}

func isLoopback(host string) bool {
	if strings.EqualFold(host, "localhost") {
		return true
	}
	address, err := netip.ParseAddr(host)
	return err == nil && address.IsLoopback()
}

// displayURL is the part of an address that may be shown: scheme and host.
func displayURL(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return "(unreadable)"
	}
	return u.Scheme + "://" + u.Host
}

// newHTTPClient makes the client all requests go through. Redirects are refused:
// Go would hand the token header to whatever host the answer names.
func newHTTPClient(given *http.Client) *http.Client {
	client := &http.Client{}
	if given != nil {
		client.Transport, client.Jar = given.Transport, given.Jar
	}
	if client.Transport == nil {
		client.Transport = newTransport()
	}
	client.CheckRedirect = func(to *http.Request, _ []*http.Request) error {
		return &RedirectError{To: to.URL.Scheme + "://" + to.URL.Host}
	}
	return client
}

func newTransport() *http.Transport {
	return &http.Transport{
		Proxy:                 http.ProxyFromEnvironment,
		TLSClientConfig:       &tls.Config{MinVersion: tls.VersionTLS12},
		ForceAttemptHTTP2:     true,
		MaxIdleConns:          16,
		MaxIdleConnsPerHost:   8,
		IdleConnTimeout:       90 * time.Second,
		TLSHandshakeTimeout:   10 * time.Second,
		ExpectContinueTimeout: time.Second,
	}
}
