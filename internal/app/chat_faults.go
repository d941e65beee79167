package app

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"botengine/internal/diag"
	"botengine/internal/sim"
)

// chatFault is one way for the platform to go wrong.
type chatFault struct {
	name, args string
	help       diag.Text
	arm        func(s *sim.Server, args string) error // an error means that the arguments are wrong
	once       bool                                   // it is over as soon as it has begun
}

func chatFaults() []chatFault {
	return slices.Concat(commandFaults(), eventFaults(), wireFaults(), restFaults())
}

// onCommands makes a fault that hits every command.
func onCommands(name string, help diag.Text, f sim.CommandFault) chatFault {
	return chatFault{name: name, help: help, arm: func(s *sim.Server, _ string) error { s.Faults().AddCommand(f); return nil }}
}

func commandFaults() []chatFault {
	return []chatFault{
		onCommands("drop-echo", diag.T("做了，但回执丢了", "it is done, and echo and result are lost"), sim.CommandFault{DropReply: true}),
		onCommands("double-echo", diag.T("回执来两次", "echo and result come twice"), sim.CommandFault{Duplicate: 1}),
		{name: "delay", args: "5s", help: diag.T("回执迟到", "echo and result are late"), arm: withSpan(func(s *sim.Server, d time.Duration) {
			s.Faults().AddCommand(sim.CommandFault{Delay: d})
		})},
		{name: "refuse", args: "CODE", help: diag.T("拒绝，历史里 sendStatus 2", "refused; sendStatus 2 in the history"), arm: func(s *sim.Server, args string) error {
			code, msg := cut(args)
			if code == "" || code == "0" {
				return strconv.ErrSyntax
			}
			if msg == "" {
				msg = "refused"
			}
			s.Faults().AddCommand(sim.CommandFault{Code: code, Msg: msg})
			return nil
		}},
		onCommands("not-sent", diag.T("没有发出，历史里 sendStatus 0", "not sent; sendStatus 0 in the history"), sim.CommandFault{NotSent: true}),
		onCommands("swallow", diag.T("吞掉：没有效果，没有回执，历史里也没有", "swallowed: no effect, no answer, not in the history"), sim.CommandFault{Swallow: true}),
		onCommands("accept-only", diag.T("说成功了，其实谁也没看到", "it says that all is well, and nobody sees it"), sim.CommandFault{AcceptOnly: true}),
		onCommands("cut-before", diag.T("下一条命令没做就断线", "the connection breaks before the next command is done"), sim.CommandFault{CutBefore: true, When: sim.When{Nth: 1}}),
		onCommands("cut-after", diag.T("下一条命令做完就断线", "the connection breaks after the next command is done"), sim.CommandFault{CutAfter: true, When: sim.When{Nth: 1}}),
	}
}

func eventFaults() []chatFault {
	on := func(name string, help diag.Text, all ...sim.EventFault) chatFault {
		return chatFault{name: name, help: help, arm: func(s *sim.Server, _ string) error {
			for _, f := range all {
				s.Faults().AddEvent(f)
			}
			return nil
		}}
	}
	second := sim.When{Every: 2}
	return []chatFault{
		on("drop-events", diag.T("推送全部丢失", "everything that is pushed is lost"), sim.EventFault{Drop: true}),
		on("double-events", diag.T("推送都来两次", "everything that is pushed comes twice"), sim.EventFault{Duplicate: 1}),
		on("reorder", diag.T("推送乱序：每两条里有一条晚到", "out of order: every other message and result is late"),
			sim.EventFault{Event: "message", Behind: 1, When: second}, sim.EventFault{Event: "action", Behind: 1, When: second}),
		{name: "cut-at", args: "N", help: diag.T("下一帧写到第 N 个字节断线", "the connection breaks at byte N of the next frame"), arm: withNumber(func(s *sim.Server, n int) {
			s.Faults().AddEvent(sim.EventFault{CutAt: n, When: sim.When{Nth: 1}})
		})},
	}
}

func wireFaults() []chatFault {
	now := func(name string, help diag.Text, do func(*sim.Server)) chatFault {
		return chatFault{name: name, help: help, once: true, arm: func(s *sim.Server, _ string) error { do(s); return nil }}
	}
	stall := now("stall", diag.T("连接还在，什么都不通", "the connections stay and nothing passes"), func(s *sim.Server) { s.Faults().SetStalled(true) })
	stall.once = false
	return []chatFault{
		now("cut", diag.T("现在断线", "the connections break now"), (*sim.Server).CutConnections),
		now("kick", diag.T("现在客气地断线（41）", "the connections are closed politely now (41)"), (*sim.Server).Kick),
		{name: "close", args: "CODE", once: true, help: diag.T("现在用这个关闭码断线", "the connections are closed with this code now"), arm: withNumber(func(s *sim.Server, n int) { s.CloseConnections(n, "") })},
		now("expire", diag.T("令牌现在全部失效（1000）", "every token ends now (1000)"), (*sim.Server).RevokeTokens),
		stall,
		{name: "slow", args: "1s", help: diag.T("平台读得慢", "the platform reads slowly"), arm: withSpan(func(s *sim.Server, d time.Duration) { s.Faults().SetSlowReads(d) })},
	}
}

func restFaults() []chatFault {
	history := func(name string, help diag.Text, h sim.HistoryFault) chatFault {
		return chatFault{name: name, help: help, arm: func(s *sim.Server, _ string) error { s.Faults().SetHistory(h); return nil }}
	}
	return []chatFault{
		{name: "busy", help: diag.T("HTTP 接口都说 5000 服务器繁忙", "every HTTP request is answered 5000, busy"), arm: func(s *sim.Server, _ string) error {
			s.Faults().AddHTTP(sim.HTTPFault{Code: "5000", Msg: "服务器繁忙"})
			return nil
		}},
		{name: "lag", args: "30s", help: diag.T("聊天记录滞后", "the chat history lags behind"), arm: withSpan(func(s *sim.Server, d time.Duration) { s.Faults().SetHistoryLag(d) })},
		history("other-ids", diag.T("聊天记录里 messageId 不同", "the history has other messageIds"), sim.HistoryFault{OtherIDs: true}),
		history("no-status", diag.T("聊天记录里没有 sendStatus", "the history has no sendStatus"), sim.HistoryFault{NoStatus: true}),
	}
}

func withSpan(do func(*sim.Server, time.Duration)) func(*sim.Server, string) error {
	return func(s *sim.Server, args string) error {
		d, err := time.ParseDuration(args)
		if err == nil {
			do(s, d)
		}
		return err
	}
}

func withNumber(do func(*sim.Server, int)) func(*sim.Server, string) error {
	return func(s *sim.Server, args string) error {
		n, err := strconv.Atoi(args)
		if err == nil && n < 1 {
			err = strconv.ErrRange
		}
		if err == nil {
			do(s, n)
		}
		return err
	}
}

// fault arms one, takes all away, or lists them.
func (c *chat) fault(_ context.Context, args string) error {
	name, rest := cut(args)
	all := chatFaults()
	switch name {
	case "":
		return c.listFaults(all)
	case "off":
		c.sim.Faults().Clear()
		c.sim.Release()
		c.wrong = nil
		c.talk.line("%s", c.talk.pen.dim(c.talk.say("平台恢复正常", "the platform is well again")))
		return nil
	}
	names := []string{"off"}
	for _, f := range all {
		if f.name == name {
			if err := f.arm(c.sim, rest); err != nil {
				return c.bad("写法：/fault %s %s", "write it so: /fault %s %s", f.name, f.args)
			}
			if f.once {
				c.talk.line("%s", c.talk.pen.dim(f.help.In(c.o.Lang)))
				return nil
			}
			c.wrong = append(c.wrong, strings.TrimSpace(name+" "+rest))
			c.talk.line("%s", c.talk.pen.dim(c.talk.say("从现在起：", "from now on: ")+f.help.In(c.o.Lang)))
			return nil
		}
		names = append(names, f.name)
	}
	return c.known(name, names)
}

func (c *chat) listFaults(all []chatFault) error {
	rows := make([][2]string, 0, len(all)+1)
	for _, f := range all {
		rows = append(rows, [2]string{strings.TrimSpace(f.name + " " + f.args), f.help.In(c.o.Lang)})
	}
	c.table(append(rows, [2]string{"off", c.talk.say("恢复正常", "well again")}))
	on := c.talk.say("没有", "none")
	if len(c.wrong) > 0 {
		on = strings.Join(c.wrong, c.talk.say("、", ", "))
	}
	c.talk.line("%s%s", c.talk.say("现在开着：", "on now: "), on)
	return nil
}
