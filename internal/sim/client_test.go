package sim

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"botengine/internal/yjiyun/socket"
)

// received is one event as the engine's own client hands it on.
type received struct {
	name    string
	payload json.RawMessage
}

// engineClient runs the engine's client against s until the test ends. It is connected when it is returned; connects
// gets the revision of every later connection.
func engineClient(t *testing.T, s *Server, eio int) (c *socket.Client, events <-chan received, connects <-chan int) {
	t.Helper()
	in, ups := make(chan received, 1000), make(chan int, 10)
	c, err := socket.New(socket.Options{
		URL:      s.URL() + "/imchat",
		EIO:      eio,
		DelayMin: 10 * time.Millisecond,
		DelayMax: 20 * time.Millisecond,
		Query: func(context.Context, socket.Attempt) (url.Values, error) {
			return url.Values{"token": {token(t, s)}}, nil
		},
		OnEvent:   func(_ context.Context, name string, payload json.RawMessage) { in <- received{name, payload} },
		OnConnect: func(_ context.Context, eio int) { ups <- eio },
	})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { defer close(done); _ = c.Run(ctx) }()
	t.Cleanup(func() { cancel(); <-done })
	connected(t, ups)
	return c, in, ups
}

// connected waits for a connection and returns its Engine.IO revision.
func connected(t *testing.T, connects <-chan int) int {
	t.Helper()
	select {
	case eio := <-connects:
		return eio
	case <-time.After(patienceInTests):
		t.Fatal("the client does not connect")
		return 0
	}
}

// next returns the next event of that name.
func next(t *testing.T, events <-chan received, name string) json.RawMessage {
	t.Helper()
	timeout := time.After(patienceInTests)
	for {
		select {
		case e := <-events:
			if e.name == name {
				return e.payload
			}
		case <-timeout:
			t.Fatalf("no %s event", name)
		}
	}
}

func emit(t *testing.T, c *socket.Client, event, body string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patienceInTests)
	defer cancel()
	if err := c.Emit(ctx, event, json.RawMessage(body)); err != nil {
		t.Errorf("emit: %v", err)
	}
}

func TestTheEnginesClientIsUnderstood(t *testing.T) {
	for _, tc := range []struct {
		name          string
		offered       []int
		asked, spoken int
	}{
		{"found out, both offered", nil, 0, 4},
		{"found out, only 3 offered", []int{3}, 0, 3},
		{"found out, only 4 offered", []int{4}, 0, 4},
		{"3 asked", nil, 3, 3},
		{"4 asked", nil, 4, 4},
	} {
		t.Run(tc.name, func(t *testing.T) {
			s := Launch(t, Options{EIO: tc.offered, PingInterval: 50 * time.Millisecond})
			c, events, connects := engineClient(t, s, tc.asked)
			if _, err := s.Say("产品体验群1", "李四", "怎么退款呀？"); err != nil {
				t.Fatal(err)
			}
			if body := next(t, events, "message"); !bytes.Contains(body, []byte("怎么退款呀？")) {
				t.Errorf("message %s", body)
			}
			emit(t, c, "action", `{"type":"robot.tags.sync","robotKey":"`+botKey+`","messageId":"1"}`)
			if body := next(t, events, "action"); !bytes.Contains(body, []byte(`"labelId":`+refundTag+`,`)) {
				t.Errorf("no bare %s in %s", refundTag, body)
			}
			s.CutConnections()
			expect(t, "revision of the second connection", connected(t, connects), tc.spoken)
			emit(t, c, "message", `{"chatId":"`+groupChat()+`","messageId":"2","message":{"contentType":1,"content":"回来了"}}`)
			expect(t, "text", waitLedger(t, s, AtLeast(1))[0].Text, "回来了")
		})
	}
}

func TestManyRobotsWorkAtOnce(t *testing.T) {
	s := Launch(t, Options{Latency: Range{0, time.Millisecond}})
	c, events, _ := engineClient(t, s, 0)
	const robots, each = 10, 50
	results := map[string]chan struct{}{}
	var keys []string
	for i := range robots {
		r := s.World().AddRobot(Robot{NickName: fmt.Sprintf("机器人%d", i)})
		s.World().Befriend(r.Key, "李四")
		results[r.Key] = make(chan struct{}, 1)
		keys = append(keys, r.Key)
	}
	stop := make(chan struct{})
	var all sync.WaitGroup
	all.Go(func() { // hands each result to its robot
		for {
			select {
			case e := <-events:
				var result struct{ RobotKey string }
				if json.Unmarshal(e.payload, &result) == nil && e.name == "action" {
					results[result.RobotKey] <- struct{}{}
				}
			case <-stop:
				return
			}
		}
	})
	var working sync.WaitGroup
	for _, key := range keys {
		working.Go(func() {
			for i := range each {
				emit(t, c, "action", fmt.Sprintf(
					`{"type":"robot.cust.tags","robotKey":%q,"messageId":"%d","userId":%q,"tags":[%q],"erasingTags":[]}`, key, i, lisi, refundTag))
				<-results[key]
			}
		})
	}
	working.Wait()
	close(stop)
	all.Wait()
	expect(t, "effects", len(s.Ledger()), robots*each)
	expect(t, "overlaps", len(s.Overlaps()), 0)
}

// TestAClientThatDoesNotReadCannotHoldTheServerUp ends by Launch's cleanup, which waits for the server.
func TestAClientThatDoesNotReadCannotHoldTheServerUp(t *testing.T) {
	s := Launch(t, Options{})
	connect(t, s, "")
	text := strings.Repeat("满", 100_000)
	for range 40 {
		if _, err := s.Say("产品体验群1", "李四", text); err != nil {
			t.Fatal(err)
		}
	}
	c := connect(t, s, "")
	if _, err := s.Say("产品体验群1", "李四", "还在"); err != nil {
		t.Fatal(err)
	}
	c.event("chat")
	expect(t, "text", c.event("message")["content"].(map[string]any)["content"], any("还在"))
}

// lockedBuffer collects a log that several goroutines write.
type lockedBuffer struct {
	mu  sync.Mutex // guards buf
	buf bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.String()
}

func TestSecretsAndTextsAreNotLogged(t *testing.T) {
	var log lockedBuffer
	s := Launch(t, Options{
		AccessKey: "CANARY-KEY", AccessSecret: "CANARY-SECRET",
		Logger: slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug})),
	})
	c := connect(t, s, "")
	tok := token(t, s)
	c.action("robot.fly", "1", `"token":"`+tok+`"`)
	c.event("action")
	c.text(groupChat(), "2", "悄悄话")
	c.event("chat")
	c.event("message")
	c.emit("action", `{"悄悄话":1}`)
	c.send("4CANARY")
	c.closed()
	for _, secret := range []string{"CANARY", tok, "悄悄话"} {
		if strings.Contains(log.String(), secret) {
			t.Errorf("the log holds %q:\n%s", secret, log.String())
		}
	}
	if strings.Contains(fmt.Sprint(s.Commands()), tok) {
		t.Error("the token is in the record of commands")
	}
	if !strings.Contains(log.String(), "command not understood") {
		t.Errorf("the log does not tell of the malformed command:\n%s", log.String())
	}
}
