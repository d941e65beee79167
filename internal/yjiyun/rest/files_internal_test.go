package rest

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
)

// The platform says where a file lies: it must not make the engine ask a server of
// the operator's own network, by whatever name.
func TestAFileIsFetchedFromPublicAddressesOnly(t *testing.T) {
	var reached atomic.Int32
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { reached.Add(1) }))
	defer server.Close()
	port := server.URL[strings.LastIndexByte(server.URL, ':'):]
	c := New(Options{BaseURL: "https://platform.test", AccessKey: "k", AccessSecret: "s"})
	defer c.Close()
	for _, host := range []string{"127.0.0.1", "localhost", "[::ffff:127.0.0.1]", "2130706433", "10.0.0.1", "169.254.169.254", "[fd00::1]", "[64:ff9b::7f00:1]"} {
		var file bytes.Buffer
		_, err := c.fetch(t.Context(), &url.URL{Scheme: "http", Host: host + port, Path: "/x.xlsx"}, &file, nil)
		if err == nil || reached.Load() != 0 {
			t.Errorf("%s: %v after %d requests", host, err, reached.Load())
		}
		if host == "127.0.0.1" && !errors.Is(err, errNotPublic) {
			t.Errorf("%s: %v", host, err)
		}
	}
}

// Whoever tries the engine against a simulated platform has the files there, too.
func TestASimulatedPlatformKeepsItsFilesOnThisMachine(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("PK")) }))
	defer server.Close()
	c := New(Options{BaseURL: server.URL, AccessKey: "k", AccessSecret: "s"})
	defer c.Close()
	at, err := url.Parse(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	if n, err := c.fetch(context.WithoutCancel(t.Context()), at, &bytes.Buffer{}, nil); n != 2 || err != nil {
		t.Errorf("%d bytes, %v", n, err)
	}
}
