package webcall

import (
	"crypto/tls"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
)

// There is no switch for either.
func TestACallNeedsAGoodCertificateAndAPresentEncryption(t *testing.T) {
	for name, config := range map[string]*tls.Config{
		"certificate":      {},
		"protocol version": {MinVersion: tls.VersionTLS10, MaxVersion: tls.VersionTLS11}, //nolint:gosec // what an outdated server offers
	} {
		var reached atomic.Int32
		server := httptest.NewUnstartedServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { reached.Add(1) }))
		server.TLS = config
		server.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, 0)
		server.StartTLS()
		host := Host{Name: strings.TrimPrefix(server.URL, "https://"), Private: true}
		_, err := New(Options{Hosts: []Host{host}}).Do(t.Context(), calling(t, "POST", server.URL+"/orders", map[string]string{"X-Key": "a"}, `{}`))
		if err == nil || !strings.Contains(err.Error(), name) || reached.Load() != 0 {
			t.Errorf("%s: the call ended %v after %d requests", name, err, reached.Load())
		}
		server.Close()
	}
}
