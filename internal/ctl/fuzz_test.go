package ctl

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"
)

// fuzzWriter is a connection as far as a call needs one.
type fuzzWriter struct{ *httptest.ResponseRecorder }

func (fuzzWriter) SetReadDeadline(time.Time) error  { return nil }
func (fuzzWriter) SetWriteDeadline(time.Time) error { return nil }

// Whatever is asked over the socket is answered with JSON, and a handler sees nothing
// that is not.
func FuzzRequest(f *testing.F) {
	for _, seed := range [][2]string{
		{"/v1/echo", `{"a":1}`}, {"/v1/echo", ``}, {"/v1/echo", `{`}, {"/v1/none", `{}`}, {"/", `null`}, {"/v1/echo", `{"a":14073751575621261,"b":1}`},
		{"/v1/../v1/echo", `[1,2]`}, {"/v1/echo", "\xff"},
	} {
		f.Add(seed[0], []byte(seed[1]))
	}
	type params struct {
		A int64  `json:"a"`
		B string `json:"b"`
	}
	f.Fuzz(func(t *testing.T, path string, body []byte) {
		s := NewServer(nil)
		s.Handle("echo", func(_ context.Context, raw json.RawMessage) (any, error) {
			if len(raw) > 0 && !json.Valid(raw) {
				t.Errorf("a handler was given %q", raw)
			}
			return Params[params](raw)
		})
		r := httptest.NewRequest(http.MethodPost, "/", bytes.NewReader(body))
		r.URL.Path = path
		w := fuzzWriter{httptest.NewRecorder()}
		s.serve(w, r)
		if !json.Valid(w.Body.Bytes()) {
			t.Errorf("%s with %q is answered with %q", path, body, w.Body)
		}
	})
}
