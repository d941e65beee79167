package sim

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const patienceInTests = 60 * time.Second

// The demo world's ids, as the tests use them.
const (
	botKey    = "cfb3e2c2686d437ab1109cd63b87ea48"
	botWxid   = "1688853470427542"
	groupID   = "R:10696051754030138"
	lisi      = "7881299823017745"
	zhangsan  = "7881300883888745"
	wangwu    = "7881300922264508"
	chenchen  = "780000919"
	refundTag = "14073751575621261"
)

func groupChat() string            { return chatID(botWxid, groupID) }
func privateChat(id string) string { return chatID(botWxid, id) }

// rest posts a body and returns the response's fields; numbers stay what they were.
func rest(t *testing.T, s *Server, token, path, contentType, body string) map[string]any {
	t.Helper()
	status, raw := post(t, s, token, path, contentType, body)
	if status != http.StatusOK {
		t.Fatalf("POST %s: HTTP %d: %s", path, status, raw)
	}
	return decoded(t, raw)
}

func post(t *testing.T, s *Server, token, path, contentType, body string) (int, []byte) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patienceInTests)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, s.URL()+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", contentType)
	req.Header.Set("token", token)
	req.Close = true
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	raw, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, raw
}

func decoded(t *testing.T, raw []byte) (body map[string]any) {
	t.Helper()
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	if err := d.Decode(&body); err != nil {
		t.Fatalf("response %s: %v", raw, err)
	}
	return body
}

// form posts form fields with the right token.
func form(t *testing.T, s *Server, path string, pairs ...string) map[string]any {
	t.Helper()
	v := url.Values{}
	for i := 0; i < len(pairs); i += 2 {
		v.Add(pairs[i], pairs[i+1])
	}
	return rest(t, s, token(t, s), path, "application/x-www-form-urlencoded", v.Encode())
}

func token(t *testing.T, s *Server) string {
	t.Helper()
	body := rest(t, s, "", "/robotapi/client/auth", "application/json",
		fmt.Sprintf(`{"accessKey":%q,"accessSecret":%q}`, s.opts.AccessKey, s.opts.AccessSecret))
	return body["data"].(map[string]any)["accessToken"].(string)
}

// client is a raw websocket with no idea of Socket.IO.
type client struct {
	t  *testing.T
	ws *websocket.Conn
}

// dial opens a websocket with the given query and leaves the handshake's frames unread.
func dial(t *testing.T, s *Server, eio int, query string) *client {
	t.Helper()
	address := fmt.Sprintf("ws%s/socket.io/?EIO=%d&transport=websocket&token=%s%s",
		strings.TrimPrefix(s.URL(), "http"), eio, token(t, s), query)
	ws, resp, err := websocket.DefaultDialer.Dial(address, nil)
	if err != nil {
		t.Fatalf("dial: %v (%v)", err, resp)
	}
	t.Cleanup(func() { _ = ws.Close() })
	return &client{t, ws}
}

// connect joins the namespace and is ready for events.
func connect(t *testing.T, s *Server, query string) *client {
	t.Helper()
	c := dial(t, s, 4, query)
	c.want("0{")
	c.send("40/imchat,")
	c.want("40/imchat,{")
	return c
}

func (c *client) send(frame string) {
	c.t.Helper()
	if err := c.ws.WriteMessage(websocket.TextMessage, []byte(frame)); err != nil {
		c.t.Fatalf("send: %v", err)
	}
}

func (c *client) read() string {
	c.t.Helper()
	_ = c.ws.SetReadDeadline(time.Now().Add(patienceInTests))
	_, b, err := c.ws.ReadMessage()
	if err != nil {
		c.t.Fatalf("read: %v", err)
	}
	return string(b)
}

// want reads one frame and checks how it begins.
func (c *client) want(prefix string) string {
	c.t.Helper()
	frame := c.read()
	if !strings.HasPrefix(frame, prefix) {
		c.t.Fatalf("frame %q does not begin with %q", frame, prefix)
	}
	return frame
}

// closed checks that the next thing is the connection's end.
func (c *client) closed() {
	c.t.Helper()
	_ = c.ws.SetReadDeadline(time.Now().Add(patienceInTests))
	if _, b, err := c.ws.ReadMessage(); err == nil {
		c.t.Fatalf("the connection is still open and says %q", b)
	}
}

// event reads the next event, past heartbeats.
func (c *client) event(name string) map[string]any {
	c.t.Helper()
	frame := c.read()
	for frame == "2" {
		c.send("3")
		frame = c.read()
	}
	prefix := `42/imchat,["` + name + `",`
	if !strings.HasPrefix(frame, prefix) || !strings.HasSuffix(frame, "]") {
		c.t.Fatalf("frame %q is no %s event", frame, name)
	}
	return decoded(c.t, []byte(frame[len(prefix):len(frame)-1]))
}

// emit sends an event to the namespace.
func (c *client) emit(name, body string) { c.send(`42/imchat,["` + name + `",` + body + `]`) }

// action sends a command; extra is JSON fields.
func (c *client) action(typ, messageID, extra string) {
	if extra != "" {
		extra = "," + extra
	}
	c.emit("action", fmt.Sprintf(`{"type":%q,"robotKey":%q,"messageId":%q%s}`, typ, botKey, messageID, extra))
}

// text sends a text message.
func (c *client) text(chat, messageID, text string) {
	c.emit("message", fmt.Sprintf(`{"chatId":%q,"messageId":%q,"message":{"contentType":1,"content":%q}}`, chat, messageID, text))
}

// waitLedger waits for a condition of the ledger.
func waitLedger(t *testing.T, s *Server, enough func([]Entry) bool) []Entry {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patienceInTests)
	defer cancel()
	all, err := s.WaitLedger(ctx, enough)
	if err != nil {
		t.Fatalf("the ledger has only %+v: %v", all, err)
	}
	return all
}

func expect[T comparable](t *testing.T, what string, got, want T) {
	t.Helper()
	if got != want {
		t.Errorf("%s = %v, want %v", what, got, want)
	}
}
