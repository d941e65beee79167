package sim

import (
	"encoding/json"
	"io"
	"net/http"
)

// bridge answers §2.8: a command of the socket as a request, its result as the response. A result that a fault drops
// leaves the request without a response, as a hanging gateway does; one that a fault cuts breaks the connection.
func (s *Server) bridge(w http.ResponseWriter, req *http.Request) {
	raw, err := io.ReadAll(http.MaxBytesReader(w, req.Body, maxBody))
	if err != nil {
		envelope(w, nil, refuse("parameter error"))
		return
	}
	c, err := parseCommand(bridged(raw), raw)
	if err != nil {
		s.malformed.Add(1)
		envelope(w, nil, refuse("parameter error: %v", err))
		return
	}
	results := make(chan fields, 1)
	c.answer = func(f fields) {
		select {
		case results <- f:
		default: // a duplicate: one request has one response
		}
	}
	s.submit(c)
	select {
	case <-req.Context().Done():
	case result := <-results:
		if result == nil {
			panic(http.ErrAbortHandler) //nolint:forbidigo // net/http's way to break a connection
		}
		envelope(w, result, nil)
	}
}

// bridged says which event the body would have been on the socket.
func bridged(raw []byte) string {
	var body struct {
		Message json.RawMessage `json:"message"`
	}
	if json.Unmarshal(raw, &body) == nil && body.Message != nil {
		return "message"
	}
	return "action"
}
