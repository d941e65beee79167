package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"sync"
	"time"

	"github.com/gorilla/websocket"

	"botengine/internal/rule"
)

// loadRows measures how long replies take when frames come half as fast as the
// engine can take them: from the moment a frame is due to its reply on the wire,
// with the socket, the durable store and the outbox between them.
func loadRows(ctx context.Context, t *table, folder string, e effort) error {
	w := newWorkload(e.most(), 1)
	set, err := compiled(w)
	if err != nil {
		return err
	}
	p, err := newPlatform(w, set)
	if err != nil {
		return err
	}
	ctx, stop := context.WithTimeout(ctx, time.Minute)
	defer stop()
	served, over := error(nil), make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		defer close(over)
		served = p.serve(ctx, rw, r, e.flood)
		stop()
	}))
	defer server.Close()
	if err := runEngine(ctx, server.URL, set, filepath.Join(folder, "load.db")); err != nil && ctx.Err() == nil {
		return err
	}
	<-over
	if served != nil {
		return fmt.Errorf("load: %w", served)
	}
	t.note("one connection, %d chats, %d of %d frames answered: %.0f frames a second at most; at half of that p50 %v",
		chats, len(p.took), p.paced, p.most, percentile(p.took, 50))
	t.within("frame to emitted reply, durable, at half of the greatest throughput, p99", percentile(p.took, 99), 50*time.Millisecond)
	return nil
}

// platform sends the frames of a workload and times the replies.
type platform struct {
	w       *workload
	replies []int // that each frame leads to
	sent    uint64
	most    float64 // frames a second, as fast as they are taken
	paced   int     // frames that were sent at half of that

	writing sync.Mutex // held by whoever writes to the socket

	mu    sync.Mutex             // guards the rest
	due   map[string][]time.Time // of the replies that a chat waits for, in order
	left  int                    // replies to come
	none  chan struct{}          // closed when there are none left
	took  []time.Duration
	wrong error
}

func newPlatform(w *workload, set *rule.Set) (*platform, error) {
	p := &platform{w: w, replies: make([]int, frames), due: map[string][]time.Time{}, sent: 1} // a frame of number 0 would have no id
	for i, frame := range w.frames {
		ev, err := parse(frame)
		if err != nil {
			return nil, err
		}
		p.replies[i] = len(set.Match(&ev, sentAt, false))
	}
	return p, nil
}

// serve first sends n frames as fast as they are taken, then as many at half of
// that pace.
func (p *platform) serve(ctx context.Context, w http.ResponseWriter, r *http.Request, n int) error {
	ws, err := (&websocket.Upgrader{}).Upgrade(w, r, nil)
	if err != nil {
		return err
	}
	defer ws.Close()
	if err := greet(ws); err != nil {
		return err
	}
	go p.read(ws) // ends with the socket
	began := time.Now()
	if err := p.send(ctx, ws, n, func(int) time.Time { return time.Now() }); err != nil {
		return err
	}
	p.most = float64(n) / time.Since(began).Seconds()
	p.took, p.paced = nil, n
	began = time.Now()
	return p.send(ctx, ws, n, func(i int) time.Time { return began.Add(time.Duration(float64(i) * 2 / p.most * float64(time.Second))) })
}

// send sends n frames, each when it is due, and waits for all replies.
func (p *platform) send(ctx context.Context, ws *websocket.Conn, n int, due func(i int) time.Time) error {
	now := fmt.Append(nil, time.Now().UnixMilli())
	p.expect(n)
	for i := range n {
		at := due(i)
		if wait := time.Until(at); wait > time.Millisecond {
			select {
			case <-time.After(wait):
			case <-ctx.Done():
				return ctx.Err()
			}
		}
		frame := bytes.Replace(p.w.frames[p.sent%frames], []byte("1585024550000"), now, 1)
		stamp(frame, p.sent)
		p.await(p.w.chats[p.sent%frames], p.replies[p.sent%frames], at)
		p.sent++
		if err := p.write(ws, frame); err != nil {
			return err
		}
	}
	select {
	case <-p.none:
		return p.wrong
	case <-ctx.Done():
		p.mu.Lock()
		defer p.mu.Unlock()
		return errors.Join(p.wrong, fmt.Errorf("%d replies did not come", p.left))
	}
}

// expect counts the replies that n frames lead to.
func (p *platform) expect(n int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.none, p.left = make(chan struct{}), 0
	for i := range n {
		p.left += p.replies[(p.sent+uint64(i))%frames]
	}
}

func (p *platform) await(chat string, replies int, at time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for range replies {
		p.due[chat] = append(p.due[chat], at)
	}
}

func (p *platform) write(ws *websocket.Conn, frame []byte) error {
	p.writing.Lock()
	defer p.writing.Unlock()
	return ws.WriteMessage(websocket.TextMessage, frame)
}

// read takes replies until the socket is closed, and echoes each: the chat's next
// one is not sent before.
func (p *platform) read(ws *websocket.Conn) {
	for {
		_, frame, err := ws.ReadMessage()
		if err != nil {
			return
		}
		at := time.Now()
		echo, chat := echoOf(frame)
		if echo == nil {
			continue // a ping or the like
		}
		if p.write(ws, echo) != nil {
			return
		}
		p.reply(chat, at)
	}
}

// echoOf is what the platform sends back of a reply: the robot's own message under
// the same id.
func echoOf(frame []byte) (echo []byte, chat string) {
	from := bytes.Index(frame, []byte(`["message",`))
	if from < 0 {
		return nil, ""
	}
	var sent struct {
		ChatID    string `json:"chatId"`
		MessageID string `json:"messageId"`
		Timestamp int64  `json:"timestamp"`
	}
	if json.Unmarshal(frame[from+len(`["message",`):len(frame)-1], &sent) != nil {
		return nil, ""
	}
	return fmt.Appendf(nil, `42/imchat,["message",{"messageId":"%s","timestamp":%d,"robotKey":"%s","chatId":"%s","from":{"contactId":"%s","isSelf":1},`+
		`"isGroupChat":0,"content":{"contentType":1,"content":"您好"}}]`, sent.MessageID, sent.Timestamp, robotKey, sent.ChatID, robotID), sent.ChatID
}

// reply notes how long the first reply that the chat waits for has taken.
func (p *platform) reply(chat string, at time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.due[chat]) == 0 {
		p.wrong = errors.Join(p.wrong, fmt.Errorf("a reply to %s that nobody waits for", chat))
		return
	}
	p.took = append(p.took, at.Sub(p.due[chat][0]))
	p.due[chat] = p.due[chat][1:]
	if p.left--; p.left == 0 {
		close(p.none)
	}
}
