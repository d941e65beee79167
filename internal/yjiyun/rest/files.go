package rest

import (
	"errors"
	"net"
	"net/http"
	"syscall"

	"botengine/internal/webcall"
)

// fileTransport fetches files from wherever the platform says they lie. The platform
// names the host, so nothing but public addresses is dialled for it, whatever its name
// stands for; where a proxy is set, the proxy dials.
type fileTransport struct {
	proxied, direct *http.Transport
}

func newFileTransport() *fileTransport {
	t := &fileTransport{proxied: newTransport(), direct: newTransport()}
	t.direct.Proxy = nil
	t.direct.DialContext = (&net.Dialer{Timeout: DefaultTimeout, Control: publicOnly}).DialContext
	return t
}

var errNotPublic = errors.New("the address that the platform gave for the file is not one of the public internet")

func publicOnly(network, address string, conn syscall.RawConn) error {
	if webcall.PublicOnly(network, address, conn) != nil {
		return errNotPublic
	}
	return nil
}

// RoundTrip implements http.RoundTripper.
func (t *fileTransport) RoundTrip(req *http.Request) (*http.Response, error) {
	if proxy, err := http.ProxyFromEnvironment(req); err == nil && proxy != nil {
		return t.proxied.RoundTrip(req)
	}
	return t.direct.RoundTrip(req)
}

// CloseIdleConnections lets http.Client close what is kept.
func (t *fileTransport) CloseIdleConnections() {
	t.proxied.CloseIdleConnections()
	t.direct.CloseIdleConnections()
}
