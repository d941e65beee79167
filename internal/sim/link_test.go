package sim

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"
)

// raw reads what comes over the wire until the connection ends, below the websocket's own framing.
func (c *client) raw() (n int) {
	c.t.Helper()
	_ = c.ws.NetConn().SetReadDeadline(time.Now().Add(patienceInTests))
	b := make([]byte, 4096)
	for {
		got, err := c.ws.NetConn().Read(b)
		n += got
		if err != nil {
			return n
		}
	}
}

func TestAFrameIsCutAtAnyByte(t *testing.T) {
	for _, n := range []int{1, 2, 3, 4, 5, 50, 200} {
		t.Run(fmt.Sprint(n), func(t *testing.T) {
			s := Launch(t, Options{})
			c := connect(t, s, "")
			s.Faults().AddEvent(EventFault{Event: "chat", CutAt: n})
			if _, err := s.Say("小助手", "李四", "这一帧只到一半"); err != nil {
				t.Fatal(err)
			}
			expect(t, "bytes that came", c.raw(), n)
			connect(t, s, "") // the server is there for the next one
		})
	}
}

func TestACommandIsCutAtAnyByte(t *testing.T) {
	whole := len(`42/imchat,["message",{"chatId":"","messageId":"1","message":{"contentType":1,"content":"断"}}]`) + len(groupChat()) + 6
	for _, n := range []int{0, 1, 5, 6, 7, 60, whole - 1} {
		t.Run(fmt.Sprint(n), func(t *testing.T) {
			s := Launch(t, Options{})
			c := connect(t, s, "")
			s.CutReading(n)
			_ = c.ws.WriteMessage(websocket.TextMessage, // it may break while it is being written
				[]byte(`42/imchat,["message",{"chatId":"`+groupChat()+`","messageId":"1","message":{"contentType":1,"content":"断"}}]`))
			c.closed()
			expect(t, "commands that came", len(s.Commands()), 0)
		})
	}
}

// texts reads n messages and returns what they say.
func (c *client) texts(n int) (all []string) {
	c.t.Helper()
	for range n {
		all = append(all, c.skipTo("message")["content"].(map[string]any)["content"].(string))
	}
	return all
}

func TestEchoesComeOutOfOrder(t *testing.T) {
	s := Launch(t, Options{})
	c := connect(t, s, "")
	s.Faults().AddEvent(EventFault{Event: "chat", Drop: true})
	s.Faults().AddEvent(EventFault{Event: "message", Behind: 2, When: When{Nth: 1}})
	s.Faults().AddEvent(EventFault{Event: "message", Behind: 9, When: When{Nth: 4}})
	for i, text := range []string{"一", "二", "三", "四"} {
		c.text(groupChat(), fmt.Sprint(i), text)
	}
	waitLedger(t, s, AtLeast(4))
	expect(t, "order", strings.Join(c.texts(3), ""), "二三一")
	s.Release()
	expect(t, "what was held back", strings.Join(c.texts(1), ""), "四")
}

func TestResultsAreShuffled(t *testing.T) {
	const n = 100
	s := Launch(t, Options{Seed: 3})
	c := connect(t, s, "")
	s.Faults().AddEvent(EventFault{Event: "chat", Drop: true})
	s.Faults().AddEvent(EventFault{Event: "message", Shuffle: n})
	var sent []string
	for i := range n + 1 {
		sent = append(sent, fmt.Sprint(i))
		c.text(groupChat(), sent[i], sent[i])
	}
	got := c.texts(n)
	if slices.Equal(got, sent[:n]) {
		t.Error("a hundred echoes came in order")
	}
	s.Release()
	got = append(got, c.texts(1)...)
	slices.Sort(got)
	slices.Sort(sent)
	expect(t, "all of them", strings.Join(got, " "), strings.Join(sent, " "))
}

func TestOneInSoManyIsLost(t *testing.T) {
	s := Launch(t, Options{})
	c := connect(t, s, "")
	s.Faults().AddEvent(EventFault{Event: "message", Drop: true, When: When{Every: 3}})
	for i := range 7 {
		c.text(groupChat(), fmt.Sprint(i), fmt.Sprint(i))
	}
	expect(t, "messages", strings.Join(c.texts(5), ""), "01346")
}

func TestTheServerReadsSlowly(t *testing.T) {
	s := Launch(t, Options{})
	const pause = 40 * time.Millisecond
	s.Faults().SetSlowReads(pause)
	start := time.Now()
	c := connect(t, s, "")
	for i := range 3 {
		c.text(groupChat(), fmt.Sprint(i), "慢慢读")
	}
	waitLedger(t, s, AtLeast(3))
	if took := time.Since(start); took < 4*pause {
		t.Errorf("four frames took %v", took)
	}
	s.Faults().Clear()
}

func TestAStalledConnectionStays(t *testing.T) {
	s := Launch(t, Options{})
	c := connect(t, s, "")
	read := make(chan struct{}) // closed when the server has read what was sent before a websocket ping
	c.ws.SetPongHandler(func(string) error { close(read); return nil })
	heard := make(chan string, 1)
	go func() {
		for {
			_ = c.ws.SetReadDeadline(time.Now().Add(patienceInTests))
			_, b, err := c.ws.ReadMessage()
			if err != nil || strings.HasPrefix(string(b), `42/imchat,["message"`) {
				heard <- string(b)
				return
			}
		}
	}()
	s.Faults().SetStalled(true)
	c.text(groupChat(), "1", "石沉大海")
	if _, err := s.Say("小助手", "李四", "听得见吗"); err != nil {
		t.Fatal(err)
	}
	if err := c.ws.WriteControl(websocket.PingMessage, nil, time.Now().Add(patienceInTests)); err != nil {
		t.Fatal(err)
	}
	select {
	case <-read:
	case <-time.After(patienceInTests):
		t.Fatal("the connection is gone")
	}
	s.Faults().SetStalled(false)
	c.text(groupChat(), "2", "通了")
	if frame := <-heard; !strings.Contains(frame, "通了") {
		t.Errorf("the first message is %q", frame)
	}
	expect(t, "commands", len(s.Commands()), 1)
}

func TestConnectionsAreClosedWithACode(t *testing.T) {
	s := Launch(t, Options{})
	c := connect(t, s, "")
	s.CloseConnections(websocket.CloseServiceRestart, "升级中")
	_, _, err := c.ws.ReadMessage()
	closed, ok := err.(*websocket.CloseError) //nolint:errorlint // ReadMessage returns it as it is
	if !ok || closed.Code != websocket.CloseServiceRestart || closed.Text != "升级中" {
		t.Errorf("the connection ends with %v", err)
	}
}

func TestWhatIsAcceptedAndNeverSent(t *testing.T) {
	for code, status := range map[string]int{"": SendNotSent, "1": SendFailed} {
		t.Run("sendStatus "+fmt.Sprint(status), func(t *testing.T) {
			s := Launch(t, Options{})
			c := connect(t, s, "")
			s.Faults().AddCommand(CommandFault{AcceptOnly: true, Code: code})
			c.text(groupChat(), "1", "您好")
			expect(t, "the echo", c.skipTo("message")["messageId"], any("1"))
			kept := at(t, list(t, form(t, s, "/wxworkapi/chat/message", "robotKey", botKey, "chatUser", groupID), "model"), 0)
			expect(t, "sendStatus", kept["sendStatus"], any(json.Number(fmt.Sprint(status))))
			c.action("robot.modify.group.name", "2", `"groupId":"`+groupID+`","newName":"新名字"`)
			expect(t, "the result", c.skipTo("action")["code"], any("0"))
			expect(t, "the group", s.World().Name(groupID), "产品体验群1")
			expect(t, "what people saw", len(s.Ledger()), 0)
		})
	}
}

func TestErrorsOfTheEnvelopeOnEveryPath(t *testing.T) {
	s := Launch(t, Options{})
	tok := token(t, s)
	for _, path := range []string{
		"/robot/list", "/external/user/list", "/group/list", "/grouptag/list/download", "/group/member/list",
		"/multiple/task/save", "/bridge", "/group/setting/duplicate", "/chat/list", "/chat/message", "/unreadmsg/clean", "/contact/sync",
	} {
		t.Run(path, func(t *testing.T) {
			expect(t, "without a token", rest(t, s, "", "/wxworkapi"+path, "application/json", "{}")["code"], any("1000"))
			remove := s.Faults().AddHTTP(HTTPFault{Path: "/wxworkapi" + path, Code: "5000", Msg: "服务器繁忙"})
			defer remove()
			busy := rest(t, s, tok, "/wxworkapi"+path, "application/json", "{}")
			expect(t, "busy", fmt.Sprint(busy["code"], busy["msg"]), "5000服务器繁忙")
			remove()
			status, _ := post(t, s, tok, "/wxworkapi"+path, "application/json", "{}")
			expect(t, "status", status, http.StatusOK)
		})
	}
}
