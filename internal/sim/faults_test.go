package sim

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"
)

// holdAgenda keeps every effect and every delayed event back until release is called.
func holdAgenda(s *Server) (release func()) {
	gate := make(chan struct{})
	s.agenda.at(time.Time{}, func() { <-gate })
	return func() { close(gate) }
}

// waitCommands waits until n commands were taken in.
func waitCommands(t *testing.T, s *Server, n int) {
	t.Helper()
	waitLedger(t, s, func([]Entry) bool { return len(s.Commands()) >= n })
}

func TestOverlappingActionsOfOneRobotFail(t *testing.T) {
	s := Launch(t, Options{})
	release := holdAgenda(s)
	second := s.World().AddRobot(Robot{NickName: "二号"})
	s.World().Befriend("二号", "李四")
	c := connect(t, s, "")
	tag := `"userId":"` + lisi + `","tags":["` + refundTag + `"],"erasingTags":[]`
	c.action("robot.cust.tags", "1", tag)
	c.action("robot.tags.sync", "2", "")
	c.emit("action", fmt.Sprintf(`{"type":"robot.cust.tags","robotKey":%q,"messageId":"3",%s}`, second.Key, tag))
	c.text(groupChat(), "4", "消息不算")
	waitCommands(t, s, 4)
	release()
	msgs := map[string]string{}
	for range 3 {
		r := c.skipTo("action")
		msgs[r["messageId"].(string)] = r["msg"].(string)
	}
	expect(t, "first", msgs["1"], "OK")
	expect(t, "overlapping", msgs["2"], "busy: overlapping command")
	expect(t, "another robot's", msgs["3"], "OK")
	expect(t, "overlaps", fmt.Sprint(s.Overlaps()), fmt.Sprint([]Overlap{{botKey, "1", "2", "robot.tags.sync"}}))
	c.action("robot.tags.sync", "5", "")
	expect(t, "after the result", c.skipTo("action")["msg"], any("OK"))
	expect(t, "overlaps", len(s.Overlaps()), 1)
}

// skipTo reads events until one of that name comes.
func (c *client) skipTo(name string) map[string]any {
	c.t.Helper()
	for {
		frame := c.read()
		if body, ok := strings.CutPrefix(frame, `42/imchat,["`+name+`",`); ok {
			return decoded(c.t, []byte(strings.TrimSuffix(body, "]")))
		}
	}
}

func TestAnOverlapOverTheBridgeCountsToo(t *testing.T) {
	s := Launch(t, Options{})
	remove := s.Faults().AddCommand(CommandFault{Command: "robot.tags.sync", Delay: time.Nanosecond})
	c := connect(t, s, "")
	release := holdAgenda(s)
	c.action("robot.tags.sync", "1", "")
	waitCommands(t, s, 1)
	remove()
	go func() {
		defer release()
		_, _ = s.WaitLedger(t.Context(), func([]Entry) bool { return len(s.Commands()) >= 2 })
	}()
	result := rest(t, s, token(t, s), "/wxworkapi/bridge", "application/json",
		`{"type":"robot.tags.sync","messageId":"3","robotKey":"`+botKey+`"}`)
	expect(t, "msg", result["msg"], any("busy: overlapping command"))
	expect(t, "the first one's msg", c.skipTo("action")["msg"], any("OK"))
}

func TestOneCommandAfterTheOtherNeverOverlaps(t *testing.T) {
	s := Launch(t, Options{Latency: Range{0, 2 * time.Millisecond}})
	c := connect(t, s, "")
	for i := range 200 {
		c.action("robot.cust.tags", fmt.Sprint(i), `"userId":"`+lisi+`","tags":["`+refundTag+`"],"erasingTags":[]`)
		expect(t, "msg", c.event("action")["msg"], any("OK"))
	}
	expect(t, "overlaps", len(s.Overlaps()), 0)
	expect(t, "effects", len(s.Ledger()), 200)
}

func TestEffectsOfOneRobotKeepTheOrderOfItsCommands(t *testing.T) {
	s := Launch(t, Options{Latency: Range{0, 20 * time.Millisecond}, Seed: 7})
	c := connect(t, s, "")
	const n = 100
	for i := range n {
		c.text(groupChat(), fmt.Sprint(i), fmt.Sprintf("第 %d 条", i))
	}
	all := waitLedger(t, s, AtLeast(n))
	for i, e := range all {
		expect(t, "messageId", e.MessageID, fmt.Sprint(i))
		expect(t, "seq", e.Seq, i+1)
	}
}

func TestCommandFaults(t *testing.T) {
	cases := []struct {
		name    string
		fault   CommandFault
		replies int // echoes seen
		effects int
		status  int // of the first message in the history, -1 without one
	}{
		{"of another kind", CommandFault{Command: "image", DropReply: true}, 1, 1, SendDone},
		{"the echo is lost", CommandFault{Command: "text", DropReply: true}, 0, 1, SendDone},
		{"the echo comes three times", CommandFault{Command: "message", Duplicate: 2}, 3, 1, SendDone},
		{"refused", CommandFault{Code: "1", Msg: "risk"}, 0, 0, SendFailed},
		{"not sent", CommandFault{Robot: botKey, NotSent: true}, 0, 0, SendNotSent},
		{"swallowed", CommandFault{Swallow: true}, 0, 0, -1},
		{"of another robot", CommandFault{Robot: "nobody", Swallow: true}, 1, 1, SendDone},
		{"of another event", CommandFault{Command: "action", Swallow: true}, 1, 1, SendDone},
	}
	for _, tc := range cases {
		t.Run(tc.name, func(t *testing.T) {
			s := Launch(t, Options{})
			c := connect(t, s, "")
			tc.fault.When = When{Nth: 1}
			s.Faults().AddCommand(tc.fault)
			c.text(groupChat(), "1", "你好")
			c.text(groupChat(), "end", "完")
			replies := 0
			for {
				id := c.skipTo("message")["messageId"]
				if id == "end" {
					break
				}
				replies++
			}
			expect(t, "echoes", replies, tc.replies)
			expect(t, "effects", len(s.Ledger()), tc.effects+1)
			status := -1
			if all := s.World().History("小助手", groupID); all[0].MessageID == "1" {
				status = all[0].SendStatus
			}
			expect(t, "status", status, tc.status)
		})
	}
}

func TestResultFaults(t *testing.T) {
	s := Launch(t, Options{})
	c := connect(t, s, "")
	f := s.Faults()
	f.AddCommand(CommandFault{Command: "robot.tags.sync", When: When{Nth: 2}, Code: "40058", Msg: "too fast"})
	f.AddCommand(CommandFault{Command: "robot.tags.sync", When: When{Nth: 3}, DropReply: true})
	f.AddCommand(CommandFault{Command: "robot.tags.sync", When: When{Nth: 4}, Duplicate: 1})
	for i := 1; i <= 5; i++ {
		c.action("robot.tags.sync", fmt.Sprint(i), "")
		c.text(groupChat(), "t"+fmt.Sprint(i), "等一等") // its echo keeps the next action from overlapping
		waitLedger(t, s, AtLeast(i))
	}
	var got []string
	for len(got) < 5 {
		r := c.skipTo("action")
		got = append(got, fmt.Sprintf("%v:%v", r["messageId"], r["code"]))
	}
	expect(t, "results", strings.Join(got, " "), "1:0 2:40058 4:0 4:0 5:0")
	expect(t, "overlaps", len(s.Overlaps()), 0)
}

func TestCutConnections(t *testing.T) {
	for name, fault := range map[string]CommandFault{
		"before the effect": {CutBefore: true, When: When{Nth: 1}},
		"after the effect":  {CutAfter: true, When: When{Nth: 1}},
	} {
		t.Run(name, func(t *testing.T) {
			s := Launch(t, Options{})
			s.Faults().AddCommand(fault)
			c := connect(t, s, "")
			c.text(groupChat(), "1", "断线")
			c.closed()
			expect(t, "effects", len(s.Ledger()), flag(fault.CutAfter))
			connect(t, s, "") // the server is there for the next one
		})
	}
	t.Run("a request over the bridge", func(t *testing.T) {
		s := Launch(t, Options{})
		s.Faults().AddCommand(CommandFault{CutAfter: true})
		ctx, cancel := context.WithTimeout(context.Background(), patienceInTests)
		defer cancel()
		req, err := http.NewRequestWithContext(ctx, http.MethodPost, s.URL()+"/wxworkapi/bridge",
			strings.NewReader(`{"type":"robot.info.modify","name":"新","messageId":"1","robotKey":"`+botKey+`"}`))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("token", token(t, s))
		req.Close = true
		if resp, err := http.DefaultClient.Do(req); err == nil {
			_ = resp.Body.Close()
			t.Error("the request has a response")
		}
		expect(t, "effects", len(s.Ledger()), 1)
	})
}

func TestEventFaults(t *testing.T) {
	s := Launch(t, Options{})
	c := connect(t, s, "")
	s.Faults().AddEvent(EventFault{Event: "chat", Drop: true})
	s.Faults().AddEvent(EventFault{Event: "message", When: When{Nth: 1}, Drop: true})
	s.Faults().AddEvent(EventFault{Event: "message", When: When{Nth: 2}, Duplicate: 1})
	s.Faults().AddEvent(EventFault{Event: "message", When: When{Nth: 3}, Delay: time.Nanosecond})
	release := holdAgenda(s)
	for _, text := range []string{"丢", "双", "迟", "末"} {
		if _, err := s.Say("小助手", "李四", text); err != nil {
			t.Fatal(err)
		}
	}
	var got string
	for i := range 4 {
		if i == 3 {
			release()
		}
		got += c.event("message")["content"].(map[string]any)["content"].(string)
	}
	expect(t, "texts", got, "双双末迟")
	s.PushRaw(`42/imchat,["message",{"broken`)
	expect(t, "raw frame", c.read(), `42/imchat,["message",{"broken`)
}

func TestTwoRobotsInOneGroupSeeEachOther(t *testing.T) {
	s := Launch(t, Options{})
	two := s.World().AddRobot(Robot{NickName: "二号"})
	if err := s.Join("产品体验群1", "二号"); err != nil {
		t.Fatal(err)
	}
	c := connect(t, s, "")
	if _, err := s.Say("产品体验群1", "李四", "你们好"); err != nil {
		t.Fatal(err)
	}
	first, second := c.skipTo("message"), c.skipTo("message")
	expect(t, "first robot", first["robotKey"], any(botKey))
	expect(t, "second robot", second["robotKey"], any(two.Key))
	if first["messageId"] == second["messageId"] {
		t.Error("two robots' views share a messageId")
	}
	c.text(groupChat(), "1", "我来答")
	mirrored, echo := c.skipTo("message"), c.skipTo("message")
	expect(t, "echo", echo["messageId"], any("1"))
	expect(t, "mirrored to", mirrored["robotKey"], any(two.Key))
	expect(t, "said by", mirrored["from"].(map[string]any)["contactId"], any(botWxid))
	if _, self := mirrored["from"].(map[string]any)["isSelf"]; self {
		t.Error("another robot's message claims to be the robot's own")
	}
	if _, err := s.SayByHand("二号", "产品体验群1", "真人在此"); err != nil {
		t.Fatal(err)
	}
	hand := c.skipTo("message")
	expect(t, "type of a message by hand", hand["content"].(map[string]any)["contentType"], any(json.Number("2")))
	expect(t, "isSelf", hand["from"].(map[string]any)["isSelf"], any(json.Number("1")))
}

func TestPeopleCannotDoTheImpossible(t *testing.T) {
	s := Launch(t, Options{})
	_, stranger := s.Say("小助手", "陈晨", "你好")
	_, outside := s.Say("产品体验群1", "王五", "你好")
	_, nobody := s.Say("产品体验群1", "无名", "你好")
	_, nowhere := s.Say("没有这个群", "李四", "你好")
	_, byHand := s.SayByHand("小助手", "陈晨", "你好")
	_, request := s.RequestFriend("小助手", "无名", "")
	for what, err := range map[string]error{
		"a stranger writes": stranger, "somebody outside the group": outside, "nobody": nobody, "nowhere": nowhere,
		"by hand to a stranger": byHand, "nobody applies": request, "nobody joins": s.Join("产品体验群1", "无名"),
		"nobody leaves": s.Leave("产品体验群1", "无名"), "a status of no robot": s.SetRobotStatus("无名", StatusBanned),
	} {
		if err == nil {
			t.Errorf("%s: no error", what)
		}
	}
}
