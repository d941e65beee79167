package hostile

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha1" //nolint:gosec // the websocket protocol has no other
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"time"

	"botengine/internal/yjiyun"
	"botengine/internal/yjiyun/socket"
)

// wires are what a server writes into the connection of the client. Behind it stands
// a message as any other: it must arrive, or the session must have ended.
func wires() []Case {
	var all []Case
	for _, eio := range []int{3, 4} {
		for _, c := range []struct {
			name string
			want Verdict
			wire func(w *bufio.Writer) (more bool)
		}{
			{"a frame of 100 MB", Refused, func(w *bufio.Writer) bool { frameOf(w, 100_000_000); return true }},
			{"a frame of 2^63-1 bytes that does not come", Refused, func(w *bufio.Writer) bool { header(w, 0x81, 1<<63-1); return false }},
			{"a frame of 2^64-1 bytes", Refused, func(w *bufio.Writer) bool { header(w, 0x81, 1<<64-1); return false }},
			{"a frame of 10,000 pieces", "", func(w *bufio.Writer) bool { pieces(w, 10_000); return true }},
			{"10,000 empty frames", Refused, func(w *bufio.Writer) bool { many(w, 10_000, 0x81, ""); return true }},
			{"10,000 frames of nothing known", Refused, func(w *bufio.Writer) bool { many(w, 10_000, 0x81, "9"); return true }},
			{"1,000 pings of a kilobyte", Handled, func(w *bufio.Writer) bool { many(w, 1_000, 0x81, "2"+strings.Repeat("a", 1000)); return true }},
			{"1,000 pings of the websocket", Handled, func(w *bufio.Writer) bool { many(w, 1_000, 0x89, "a"); return true }},
			{"10,000 pongs nobody asked for", Handled, func(w *bufio.Writer) bool { many(w, 10_000, 0x8a, ""); return true }},
			{"a ping of the websocket that is too large", Refused, func(w *bufio.Writer) bool { many(w, 1, 0x89, strings.Repeat("a", 200)); return true }},
			{"a frame of an unknown kind", Refused, func(w *bufio.Writer) bool { many(w, 1, 0x83, "a"); return true }},
			{"a frame with reserved bits", Refused, func(w *bufio.Writer) bool { many(w, 1, 0xf1, "a"); return true }},
			{"a frame in the client's mask", Refused, func(w *bufio.Writer) bool { _, _ = w.Write([]byte{0x81, 0x81, 0, 0, 0, 0, '2'}); return true }},
			{"a continuation of nothing", Refused, func(w *bufio.Writer) bool { many(w, 1, 0x80, "a"); return true }},
			{"a frame that is binary", Refused, func(w *bufio.Writer) bool { many(w, 1, 0x82, strings.Repeat("\x00", 100_000)); return true }},
			{"a frame that is no UTF-8", Refused, func(w *bufio.Writer) bool { many(w, 1, 0x81, "\xff\xfe"); return true }},
			{"a close of a code that is none", Refused, func(w *bufio.Writer) bool { many(w, 1, 0x88, "\x00\x01bye"); return true }},
			{"a close of one byte", Refused, func(w *bufio.Writer) bool { many(w, 1, 0x88, "\x03"); return true }},
			{"3 events of a megabyte", Handled, func(w *bufio.Writer) bool {
				many(w, 3, 0x81, `42/imchat,["chat",{"a":"`+strings.Repeat("a", 1<<20-100)+`"}]`)
				return true
			}},
			{"1,000 open packets", Refused, func(w *bufio.Writer) bool { many(w, 1000, 0x81, open); return true }},
			{"1,000 joins", "", func(w *bufio.Writer) bool { many(w, 1000, 0x81, `40/imchat,{"sid":"a"}`); return true }},
			{"1,000 packets for other namespaces", Refused, func(w *bufio.Writer) bool { many(w, 1000, 0x81, `42/admin,["message",{}]`); return true }},
			{"1,000 changes of the transport", "", func(w *bufio.Writer) bool { many(w, 1000, 0x81, "5"); return true }},
		} {
			all = append(all, Case{Group: fmt.Sprintf("wire of EIO %d", eio), Name: c.name, Want: c.want, Make: func() (int, func() Verdict) {
				return 0, func() Verdict { return session(eio, "", c.wire) }
			}})
		}
	}
	for name, more := range map[string]string{
		"200 MB of headers":             strings.Repeat("X-A: "+strings.Repeat("a", 1000)+"\r\n", 1000),
		"a header of 200 MB":            "X-A: " + strings.Repeat("a", 1<<20),
		"a status of 200 MB":            strings.Repeat("a", 1<<20),
		"an extension nobody asked for": "Sec-WebSocket-Extensions: permessage-deflate\r\n",
	} {
		all = append(all, Case{Group: "handshake", Name: name, Want: Refused, Make: func() (int, func() Verdict) {
			return 0, func() Verdict { return session(4, more, func(*bufio.Writer) bool { return true }) }
		}})
	}
	return sorted(all)
}

const open = `0{"sid":"a","upgrades":[],"pingInterval":25000,"pingTimeout":60000}`

// header writes the beginning of a frame of n bytes.
func header(w *bufio.Writer, first byte, n uint64) {
	switch {
	case n < 126:
		_, _ = w.Write([]byte{first, byte(n)})
	case n < 1<<16:
		_, _ = w.Write(binary.BigEndian.AppendUint16([]byte{first, 126}, uint16(n)))
	default:
		_, _ = w.Write(binary.BigEndian.AppendUint64([]byte{first, 127}, n))
	}
}

func frameOf(w *bufio.Writer, n int) {
	header(w, 0x81, uint64(n))
	piece := bytes.Repeat([]byte("a"), 64<<10)
	for n > 0 {
		wrote, err := w.Write(piece[:min(n, len(piece))])
		if err != nil {
			return
		}
		n -= wrote
	}
}

func many(w *bufio.Writer, n int, first byte, text string) {
	for range n {
		header(w, first, uint64(len(text)))
		if _, err := w.WriteString(text); err != nil {
			return
		}
	}
}

// pieces is one message in n pieces.
func pieces(w *bufio.Writer, n int) {
	many(w, 1, 0x01, "4")
	many(w, n, 0x00, "a")
	many(w, 1, 0x80, "a")
}

// session lets the engine's client meet a server that writes what wire does. What is
// behind it must come, or the session must end: no third thing.
func session(eio int, headers string, wire func(w *bufio.Writer) (more bool)) Verdict {
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	refused := false
	c, err := socket.New(socket.Options{
		URL: "http://127.0.0.1/imchat?token=t", EIO: eio, DelayMin: time.Hour, DelayMax: time.Hour, HandshakeTimeout: 10 * time.Second, DrainTimeout: time.Second,
		DialContext: func(context.Context, string, string) (net.Conn, error) {
			ours, theirs := net.Pipe()
			context.AfterFunc(ctx, func() { _ = theirs.Close() }) // nobody waits for a farewell
			go serve(theirs, headers, wire)
			return ours, nil
		},
		OnEvent: func(_ context.Context, name string, payload json.RawMessage) {
			if _, err := yjiyun.Decode("a", name, payload, start); err == nil {
				cancel() // the message behind it
			}
		},
		OnMalformed:  func(context.Context, error) { refused = true },
		OnDisconnect: func(context.Context, error, time.Duration) { refused = true; cancel() },
	})
	if err != nil {
		panic(err) //nolint:forbidigo // the corpus itself is broken
	}
	_ = c.Run(ctx)
	if !errors.Is(context.Cause(ctx), context.Canceled) {
		panic("nothing came of it within 20 s") //nolint:forbidigo // what a death looks like
	}
	return verdict(refused)
}

// serve is a server that answers the handshake, joins, writes what wire does, and then
// a message as any other.
func serve(conn net.Conn, headers string, wire func(w *bufio.Writer) (more bool)) {
	defer func() { _ = conn.Close() }()
	r, w := bufio.NewReader(conn), bufio.NewWriterSize(conn, 64<<10)
	req, err := http.ReadRequest(r)
	if err != nil {
		return
	}
	sum := sha1.Sum([]byte(req.Header.Get("Sec-WebSocket-Key") + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11")) //nolint:gosec // as above
	if _, err := fmt.Fprintf(w, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: %s\r\n", base64.StdEncoding.EncodeToString(sum[:])); err != nil {
		return
	}
	for sent := 0; len(headers) > 1000 && sent < 200<<20; sent += len(headers) {
		if _, err := w.WriteString(headers); err != nil {
			return
		}
	}
	if len(headers) <= 1000 {
		_, _ = w.WriteString(headers)
	}
	_, _ = w.WriteString("\r\n")
	go func() { _, _ = io.Copy(io.Discard, r) }() // what the client says is of no interest
	many(w, 1, 0x81, open)
	many(w, 1, 0x81, "40")
	many(w, 1, 0x81, `40/imchat,{"sid":"a"}`)
	if !wire(w) {
		_ = w.Flush()
		return
	}
	many(w, 1, 0x81, `42/imchat,["message",`+textOf("你好")+"]")
	_ = w.Flush()
	_, _ = io.Copy(io.Discard, r) // until the client leaves
}
