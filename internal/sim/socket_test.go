package sim

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"
)

func TestEIO4Transcript(t *testing.T) {
	s := Launch(t, Options{PingInterval: 50 * time.Millisecond})
	c := dial(t, s, 4, "")
	open := c.want(`0{"sid":"`)
	if !strings.Contains(open, `"maxPayload":1000000`) || !strings.Contains(open, `"pingInterval":50,`) {
		t.Errorf("open packet %s", open)
	}
	c.want("2") // the server pings
	c.send("3")
	c.send("40/imchat,")
	for frame := c.read(); !strings.HasPrefix(frame, `40/imchat,{"sid":"`); frame = c.read() {
		expect(t, "frame before the ack", frame, "2")
		c.send("3")
	}
	if _, err := s.Say("产品体验群1", "李四", "怎么退款呀？🙂"); err != nil {
		t.Fatal(err)
	}
	expect(t, "chat", c.event("chat")["pushContent"], any("怎么退款呀？🙂"))
	m := c.event("message")
	expect(t, "chatId", m["chatId"], any(groupChat()))
	expect(t, "content", m["content"].(map[string]any)["content"], any("怎么退款呀？🙂"))
	c.send("41/imchat,")
	c.send("1")
	c.closed()
}

func TestEIO3Transcript(t *testing.T) {
	s := Launch(t, Options{})
	c := dial(t, s, 3, "")
	open := c.want(`0{"sid":"`)
	if strings.Contains(open, "maxPayload") {
		t.Errorf("an EIO 3 open packet has no maxPayload: %s", open)
	}
	expect(t, "unasked root namespace", c.read(), "40")
	c.send("40/imchat?token=tok-A,")
	expect(t, "ack", c.read(), "40/imchat,")
	c.send("2") // the client pings
	expect(t, "pong", c.read(), "3")
	c.send("2probe")
	expect(t, "pong with data", c.read(), "3probe")
	c.send(`42/imchat,7["message",{"chatId":"` + groupChat() + `","messageId":"2020030216285000000001","message":{"contentType":1,"content":"你好"}}]`)
	expect(t, "ack of the event", c.read(), "43/imchat,7[]")
	c.event("chat")
	expect(t, "echo", c.event("message")["messageId"], any("2020030216285000000001"))
}

func TestHandshakeIsRefused(t *testing.T) {
	both := Launch(t, Options{})
	only4 := Launch(t, Options{EIO: []int{4}})
	cases := []struct {
		name   string
		server *Server
		query  string
		status int
		body   string
	}{
		{"a bad token", both, "EIO=4&transport=websocket&token=wrong", http.StatusUnauthorized, "Unauthorized"},
		{"no token", both, "EIO=3&transport=websocket", http.StatusUnauthorized, "Unauthorized"},
		{"polling", both, "EIO=4&transport=polling&token=x", http.StatusBadRequest, `"code":0`},
		{"a revision nobody speaks", both, "EIO=2&transport=websocket", http.StatusBadRequest, `"code":5`},
		{"revision 3 where only 4 is offered", only4, "EIO=3&transport=websocket", http.StatusBadRequest, `"code":5`},
	}
	for _, tc := range cases {
		t.Run(tc.name, func(t *testing.T) {
			_, resp, err := websocket.DefaultDialer.Dial("ws"+strings.TrimPrefix(tc.server.URL(), "http")+"/socket.io/?"+tc.query, nil)
			if err == nil || resp == nil {
				t.Fatalf("the handshake went through (%v)", err)
			}
			defer resp.Body.Close()
			body := make([]byte, 200)
			n, _ := resp.Body.Read(body)
			expect(t, "status", resp.StatusCode, tc.status)
			if !strings.Contains(string(body[:n]), tc.body) {
				t.Errorf("body %q has no %q", body[:n], tc.body)
			}
		})
	}
}

func TestAServerOfRevision3IgnoresWhatIsAsked(t *testing.T) {
	s := Launch(t, Options{EIO: []int{3}})
	c := dial(t, s, 4, "")
	c.want("0{")
	expect(t, "unasked root namespace", c.read(), "40")
}

func TestAnUnknownNamespaceIsRefused(t *testing.T) {
	s := Launch(t, Options{})
	c := dial(t, s, 4, "")
	c.want("0{")
	c.send("40/elsewhere,")
	expect(t, "refusal", c.read(), `44/elsewhere,{"message":"Invalid namespace"}`)
	old := dial(t, s, 3, "")
	old.want("0{")
	old.want("40")
	old.send("40/elsewhere,")
	expect(t, "refusal", old.read(), `44/elsewhere,"Invalid namespace"`)
}

func TestProtocolErrorsEndTheConnectionAndAreCounted(t *testing.T) {
	cases := map[string]string{
		"a frame of no type":       "x",
		"an unknown packet":        "49",
		"an event that is no list": `42/imchat,{"a":1}`,
		"half an event":            `42/imchat,["message",{"a"`,
	}
	for name, frame := range cases {
		t.Run(name, func(t *testing.T) {
			s := Launch(t, Options{})
			c := connect(t, s, "")
			c.send(frame)
			c.closed()
			expect(t, "malformed", s.Malformed(), 1)
		})
	}
	t.Run("an event before joining, on EIO 4", func(t *testing.T) {
		c := dial(t, Launch(t, Options{}), 4, "")
		c.want("0{")
		c.text(groupChat(), "1", "太早了")
		c.closed()
	})
}

func TestBodiesThatMakeNoSenseAreCountedAndTheConnectionStays(t *testing.T) {
	s := Launch(t, Options{})
	c := connect(t, s, "")
	for _, body := range []string{`null`, `[]`, `{}`, `{"messageId":1}`, `{"messageId":"` + strings.Repeat("9", 33) + `"}`} {
		c.emit("action", body)
	}
	c.emit("chat", `{"messageId":"1"}`)
	c.text(groupChat(), "2", "还在")
	c.event("chat")
	c.event("message")
	expect(t, "malformed", s.Malformed(), 6)
}

func TestSilentClientsAreDropped(t *testing.T) {
	for _, eio := range []int{3, 4} {
		t.Run(fmt.Sprintf("EIO %d", eio), func(t *testing.T) {
			s := Launch(t, Options{PingInterval: 30 * time.Millisecond, PingTimeout: 30 * time.Millisecond})
			c := dial(t, s, eio, "")
			for {
				_ = c.ws.SetReadDeadline(time.Now().Add(patienceInTests))
				if _, _, err := c.ws.ReadMessage(); err != nil {
					return // a deadline of ours would have come after ten seconds
				}
			}
		})
	}
}

func TestWhoNeverJoinsIsDropped(t *testing.T) {
	s := Launch(t, Options{ConnectTimeout: 20 * time.Millisecond})
	c := dial(t, s, 4, "")
	c.want("0{")
	c.closed()
}

func TestFramesAboveTheLimitEndTheConnection(t *testing.T) {
	s := Launch(t, Options{MaxPayload: 1000})
	c := connect(t, s, "")
	c.text(groupChat(), "1", strings.Repeat("长", 1000))
	c.closed()
}

func TestEveryConnectionGetsEveryEventAndNobodyGetsOldOnes(t *testing.T) {
	s := Launch(t, Options{})
	if _, err := s.Say("产品体验群1", "李四", "没人听见"); err != nil {
		t.Fatal(err)
	}
	a, b := connect(t, s, ""), connect(t, s, "")
	expect(t, "connections", s.Connections(), 2)
	if _, err := s.Say("产品体验群1", "张三", "在吗"); err != nil {
		t.Fatal(err)
	}
	for _, c := range []*client{a, b} {
		c.event("chat")
		expect(t, "first message", c.event("message")["content"].(map[string]any)["content"], any("在吗"))
	}
	expect(t, "messages in the history", len(s.World().History("小助手", groupID)), 2)
}

func TestFilteredConnectionsGetTextsMeantForTheRobotAndActions(t *testing.T) {
	s := Launch(t, Options{})
	c := connect(t, s, "&msgFilter=1")
	say := func(_ string, err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	say(s.Say("产品体验群1", "李四", "随便聊聊"))
	say(s.SayImage("小助手", "李四", "https://media.example.cn/a.png"))
	say(s.Say("产品体验群1", "李四", "@小助手 在吗", "小助手"))
	say(s.Say("小助手", "李四", "私聊"))
	say(s.RequestFriend("小助手", "陈晨", "我是陈晨"))
	expect(t, "first", c.event("message")["content"].(map[string]any)["content"], any("@小助手 在吗"))
	expect(t, "second", c.event("message")["content"].(map[string]any)["content"], any("私聊"))
	expect(t, "third", c.event("action")["reason"], any("我是陈晨"))
}

func TestOrderIsKeptUnderLoad(t *testing.T) {
	s := Launch(t, Options{})
	c := connect(t, s, "")
	const n = 2000
	go func() {
		for i := range n {
			if _, err := s.Say("产品体验群1", "李四", fmt.Sprint(i)); err != nil {
				t.Error(err)
			}
		}
	}()
	for i := range n {
		c.event("chat")
		expect(t, "message", c.event("message")["content"].(map[string]any)["content"], any(fmt.Sprint(i)))
	}
}

func TestKickedClientsAreTold(t *testing.T) {
	s := Launch(t, Options{})
	c := connect(t, s, "")
	s.Kick()
	expect(t, "goodbye", c.read(), "41/imchat,")
	c.closed()
}

func TestWaitConnections(t *testing.T) {
	s := Launch(t, Options{})
	ctx, cancel := context.WithTimeout(context.Background(), patienceInTests)
	defer cancel()
	wait := func(want int) {
		t.Helper()
		if err := s.WaitConnections(ctx, func(n int) bool { return n == want }); err != nil {
			t.Fatalf("%d connections, want %d: %v", s.Connections(), want, err)
		}
	}
	wait(0)
	c := connect(t, s, "")
	wait(1)
	c.send("41/imchat,")
	wait(0)
	c.send("40/imchat,")
	wait(1)
	_ = c.ws.Close()
	wait(0)
	cancel()
	if err := s.WaitConnections(ctx, func(n int) bool { return n == 1 }); err == nil {
		t.Error("WaitConnections outlives its context")
	}
}

func TestStartRefusesTheOpenInternet(t *testing.T) {
	for _, addr := range []string{"0.0.0.0:0", ":0", "nonsense"} {
		if err := New(Options{}).Start(addr); err == nil {
			t.Errorf("Start(%q) took the address", addr)
		}
	}
}
