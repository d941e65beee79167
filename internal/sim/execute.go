package sim

import (
	"encoding/json"
	"errors"
	"maps"
	"time"
)

// lane is what the platform knows about one robot's commands.
type lane struct {
	free    time.Time // when the last command taken in will have had its effect
	running string    // messageId of the action that has no result yet
}

// execution is one command being done, with the world locked.
type execution struct {
	s      *Server
	r      *realm
	robot  *Robot
	c      *command
	fault  CommandFault
	out    fields         // what the result adds to the request's fields
	echoes []func(*realm) // what is pushed before the result
}

// receive takes a command from the socket. What cannot be understood is counted and gets no answer: there is nothing to
// answer to.
func (s *Server) receive(event string, body json.RawMessage) {
	c, err := parseCommand(event, body)
	if err != nil {
		s.malformed.Add(1)
		s.log.Info("command not understood", "error", err)
		return
	}
	s.submit(c)
}

// submit takes a command in: from here until its result is written its robot is busy.
func (s *Server) submit(c *command) {
	s.world.with(func(r *realm) {
		robot := s.robotOf(r, c)
		s.ledger.receive(Received{c.event, c.typ, c.robotKey, c.messageID, c.text()})
		if robot == nil {
			s.reply(c, s.result(r, c, nil, refuse("robot not found")))
			return
		}
		fault := s.faults.command(c)
		if fault.CutBefore {
			s.CutConnections()
			s.abandon(c)
			return
		}
		s.schedule(robot, c, fault)
	})
}

// robotOf finds a command's robot: actions name it, messages name a chat of its.
func (s *Server) robotOf(r *realm, c *command) *Robot {
	if c.event == "action" {
		return r.robotByKey(c.robotKey)
	}
	wxid, _, _ := splitChatID(c.chatID)
	robot := r.robotByWxid(wxid)
	if robot != nil {
		c.robotKey = robot.Key
	}
	return robot
}

// schedule puts the command's effect on the agenda. The effects of one robot happen in the order of its commands.
func (s *Server) schedule(robot *Robot, c *command, fault CommandFault) {
	l := s.lane(robot.Key)
	due := s.agenda.now().Add(s.latency())
	if due.Before(l.free) {
		due = l.free
	}
	l.free = due
	job := s.execute
	if c.event == "action" {
		if l.running != "" {
			s.ledger.overlap(Overlap{robot.Key, l.running, c.messageID, c.typ})
			job = s.refuseOverlap
		} else {
			l.running = c.messageID
		}
	}
	s.agenda.at(due, func() {
		s.world.with(func(r *realm) {
			job(&execution{s: s, r: r, robot: robot, c: c, fault: fault, out: fields{}})
		})
	})
}

func (s *Server) lane(robotKey string) *lane {
	if s.lanes[robotKey] == nil {
		s.lanes[robotKey] = &lane{}
	}
	return s.lanes[robotKey]
}

func (s *Server) latency() time.Duration { return s.draw(s.opts.Latency) }

// draw takes a time out of a range.
func (s *Server) draw(r Range) time.Duration {
	if r.Max <= r.Min {
		return r.Min
	}
	return r.Min + time.Duration(s.rng.Int64N(int64(r.Max-r.Min)+1))
}

// refuseOverlap answers an action that came too early. The one it overlaps with goes on.
func (s *Server) refuseOverlap(x *execution) {
	s.reply(x.c, s.result(x.r, x.c, nil, refuse("busy: overlapping command")))
}

// execute does a command and answers it, as far as no fault says otherwise.
func (s *Server) execute(x *execution) {
	var err error
	if !x.fault.Swallow {
		err = x.perform()
	}
	finish := func(r *realm) { s.finish(r, x, err) }
	if x.fault.Delay > 0 {
		s.agenda.after(x.fault.Delay, func() { s.world.with(finish) })
		return
	}
	finish(x.r)
}

// finish frees the robot and writes the answer in one step: nobody can see the answer and find the robot busy.
func (s *Server) finish(r *realm, x *execution, err error) {
	if l := s.lane(x.robot.Key); x.c.event == "action" && l.running == x.c.messageID {
		l.running = ""
	}
	if x.fault.CutAfter {
		s.CutConnections()
		s.abandon(x.c)
		return
	}
	if x.fault.Swallow || x.fault.DropReply {
		return
	}
	for range 1 + x.fault.Duplicate {
		for _, echo := range x.echoes {
			echo(r)
		}
		s.reply(x.c, s.result(r, x.c, x.out, err))
	}
}

// perform does the command if the robot can and may.
func (x *execution) perform() error {
	if x.c.event == "message" {
		return x.send()
	}
	if x.fault.Code != "" && !x.fault.AcceptOnly {
		return refusal{x.fault.Code, x.fault.Msg}
	}
	if x.robot.Status != StatusOnline || x.fault.NotSent {
		return refuse("robot offline")
	}
	do, ok := actions[x.c.typ]
	if !ok {
		return refuse("unknown type")
	}
	return do(x)
}

// effect makes it happen and records what people saw, unless a fault keeps it from them; on a server that dedupes, a
// messageId has its effect in a chat once.
func (x *execution) effect(e Entry, happen func()) {
	e.Robot, e.MessageID, e.Time = x.robot.Key, x.c.messageID, x.r.clock()
	if x.fault.AcceptOnly {
		return
	}
	if x.s.opts.Dedupe && x.s.ledger.happened(e.Robot, e.Chat, e.MessageID) {
		return
	}
	happen()
	x.s.ledger.record(e)
}

// result is the request's fields, what the command adds, and how it ended.
func (s *Server) result(r *realm, c *command, added fields, err error) fields {
	out := fields{}
	for name, raw := range c.body {
		out[name] = raw
	}
	maps.Copy(out, added)
	out["code"], out["msg"] = "0", "OK"
	if err != nil {
		out["code"], out["msg"] = "1", err.Error()
		if ref, ok := errors.AsType[refusal](err); ok {
			out["code"], out["msg"] = ref.code, ref.msg
		}
	}
	out["dts"] = r.clock().UnixMilli()
	out["robotType"], out["robotBizType"], out["assignTo"] = robotType, robotBizType, assignTo
	return out
}

// reply brings a result to whoever waits for it. A message's echo is its result, except over the bridge.
func (s *Server) reply(c *command, result fields) {
	switch {
	case c.answer != nil:
		c.answer(result)
	case c.event == "action":
		s.publish(push{event: "action", typ: c.typ, robot: c.robotKey, payload: result, passesFilter: true})
	}
}

// abandon tells a caller of the bridge that its connection is to break.
func (s *Server) abandon(c *command) {
	if c.answer != nil {
		c.answer(nil)
	}
}
