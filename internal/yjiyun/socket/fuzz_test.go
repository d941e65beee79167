package socket_test

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha1" //nolint:gosec // the websocket handshake is made of it
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"net"
	"net/http"
	"sync"
	"testing"
	"time"

	"botengine/internal/yjiyun/socket"
)

// FuzzSession plays a server that says anything: the input is cut into frames at
// each line feed. Whatever it says, the client neither panics nor hangs, and
// delivers nothing but JSON.
func FuzzSession(f *testing.F) {
	for _, seed := range []string{
		openNPM4 + "\n40/imchat,{\"sid\":\"n\"}\n" + hello + "\n2\n41/imchat,",
		openNPM2 + "\n40\n40/imchat,\n42/imchat,7[\"问？\",1]\n3\n1",
		openNetty + "\n40\n44/imchat?token=tok-1,,\"Invalid namespace\"\n44/imchat,\"no\"",
		openNetty + "\n40{\"sid\":\"s\"}\n42/imchat,[\"chat\"]\n42/imchat,[]\n42/imchat,[1]\n\n7\n45",
		"40\n42/imchat,[\"early\"]\n0\n0{\"pingInterval\":-1,\"pingTimeout\":1e99}\n0{}",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, said []byte) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		c, err := socket.New(socket.Options{
			URL: "http://127.0.0.1/imchat", Query: oneToken, ReadLimit: 1 << 12,
			DialContext: func(context.Context, string, string) (net.Conn, error) { return newPlayedConn(said), nil },
			OnEvent: func(_ context.Context, name string, payload json.RawMessage) {
				if payload != nil && !json.Valid(payload) {
					t.Errorf("event %q with %q, which is not JSON", name, payload)
				}
			},
			OnDisconnect: func(context.Context, error, time.Duration) { cancel() },
		})
		if err != nil {
			t.Fatal(err)
		}
		_ = c.Run(ctx)
		if ctx.Err() == context.DeadlineExceeded {
			t.Error("the session hung")
		}
	})
}

// playedConn is a connection to a server that opens a websocket, says its text
// and ends.
type playedConn struct {
	net.Conn // not there: what is not overridden must not be called
	said     []byte

	mu      sync.Mutex // guards request, answer
	request bytes.Buffer
	answer  *bytes.Reader // nil until the request is whole
	ready   chan struct{} // closed with answer
}

func newPlayedConn(said []byte) *playedConn {
	return &playedConn{said: said, ready: make(chan struct{})}
}

func (c *playedConn) Write(b []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.answer != nil {
		return len(b), nil
	}
	c.request.Write(b)
	if r, err := http.ReadRequest(bufio.NewReader(bytes.NewReader(c.request.Bytes()))); err == nil {
		c.answer = bytes.NewReader(playedAnswer(r.Header.Get("Sec-Websocket-Key"), c.said))
		close(c.ready)
	}
	return len(b), nil
}

func (c *playedConn) Read(b []byte) (int, error) {
	<-c.ready
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.answer.Read(b)
}

func (c *playedConn) Close() error                     { return nil }
func (c *playedConn) SetDeadline(time.Time) error      { return nil }
func (c *playedConn) SetReadDeadline(time.Time) error  { return nil }
func (c *playedConn) SetWriteDeadline(time.Time) error { return nil }

// playedAnswer is the upgrade and the frames.
func playedAnswer(key string, said []byte) []byte {
	sum := sha1.Sum([]byte(key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11")) //nolint:gosec // as above
	answer := []byte("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: " +
		base64.StdEncoding.EncodeToString(sum[:]) + "\r\n\r\n")
	for frame := range bytes.SplitSeq(said, []byte{'\n'}) {
		answer = append(answer, 0x81, 127) // a whole text frame, its length in 64 bits
		answer = binary.BigEndian.AppendUint64(answer, uint64(len(frame)))
		answer = append(answer, frame...)
	}
	return answer
}
