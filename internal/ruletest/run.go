package ruletest

import (
	"fmt"
	"hash/fnv"
	"slices"
	"strconv"
	"strings"
	"time"

	"botengine/internal/command"
	"botengine/internal/engine"
	"botengine/internal/event"
	"botengine/internal/rule"
)

// Failure is one thing a test found otherwise than expected.
type Failure struct {
	File string
	Line int
	Test string
	What string
}

// String is the failure in one clickable line.
func (f Failure) String() string { return fmt.Sprintf("%s:%d: %s: %s", f.File, f.Line, f.Test, f.What) }

// Run runs every test of the file against the set, each in a world of its own.
func Run(set *rule.Set, f File) ([]Failure, error) {
	start, err := f.start()
	if err != nil {
		return nil, err
	}
	var failures []Failure
	for _, t := range f.Tests {
		found, err := newStory(set, &f, start).run(t)
		if err != nil {
			return nil, fmt.Errorf("%s:%d: %s: %w", f.Path, t.Line, t.Name, err)
		}
		for i := range found {
			found[i].File, found[i].Test = f.Path, t.Name
		}
		failures = append(failures, found...)
	}
	return failures, nil
}

// story is one test under way.
type story struct {
	world *world
	robot event.Robot
	tags  []byte // what robot.tags.sync answers
	fails []Fail
	seq   int
}

func newStory(set *rule.Set, f *File, start time.Time) *story {
	s := &story{robot: event.Robot{Key: "test-robot", ID: "1688850000000001", Name: "小助手", Status: event.StatusOnline}}
	if f.Robot.Name != "" {
		s.robot.Name = f.Robot.Name
	}
	if f.Robot.ID != "" {
		s.robot.ID = f.Robot.ID
	}
	s.tags = labels(f.Tags)
	s.world = newWorld(set, start)
	s.world.answer = s.answer
	return s
}

func (s *story) run(t Test) ([]Failure, error) {
	var failures []Failure
	for _, step := range t.Steps {
		decisions, err := s.take(step)
		if err != nil {
			return nil, err
		}
		for _, what := range compare(step.Expect, decisions) {
			failures = append(failures, Failure{Line: step.Line, What: what})
		}
	}
	return failures, nil
}

// take moves the clock, then hands in the step's event, if it has one.
func (s *story) take(step Step) ([]engine.Decision, error) {
	var decisions []engine.Decision
	if step.At != "" {
		d, err := time.ParseDuration(strings.TrimPrefix(step.At, "+"))
		if err != nil || d < 0 {
			return nil, fmt.Errorf("line %d: at: %q is no span of time: write +30s, +10m or +3h", step.Line, step.At)
		}
		s.fails = step.Fail
		decisions = s.world.pass(s.world.now.Add(d))
	}
	s.fails = step.Fail
	ev, ok := s.event(step)
	if !ok {
		return decisions, nil
	}
	return append(decisions, s.world.take(ev, true)...), nil
}

// event makes the step's event; ok is false for a step that only lets time pass.
func (s *story) event(step Step) (ev event.Event, ok bool) {
	s.seq++
	ev = event.Event{ID: "t" + strconv.Itoa(s.seq), Robot: s.robot, Time: s.world.now, Received: s.world.now}
	by := step.By
	if by == "" {
		by = "张三"
	}
	switch {
	case step.Friend != "":
		ev.Kind = event.FriendRequest
		ev.Friend = event.Friend{ID: idOf(step.Friend), Name: step.Friend, Reason: step.Reason}
		ev.Chat = s.chat(step.Friend, "")
	case len(step.Join) > 0:
		ev.Kind = event.MemberJoin
		for _, name := range step.Join {
			ev.Members = append(ev.Members, event.Person{ID: idOf(name), Name: name})
		}
		ev.Chat = s.chat("", step.Group)
	case step.Say != "":
		ev.Kind = event.MessageText
		ev.Sender = event.Person{ID: idOf(by), Name: by, IsMember: step.Group != ""}
		ev.Message = event.Message{ContentType: 1, Text: step.Say, SvrID: strconv.Itoa(1000 + s.seq)}
		if step.AtMe {
			ev.Message.At, ev.Message.MentionsMe = []string{s.robot.ID}, true
		}
		ev.Chat = s.chat(by, step.Group)
	default:
		return ev, false
	}
	return ev, true
}

func (s *story) chat(person, group string) event.Chat {
	peer, name := idOf(person), person
	if group != "" {
		peer, name = "R:"+idOf(group), group
	}
	return event.Chat{ID: event.ChatID(s.robot.ID, peer), Peer: peer, Name: name, Group: group != ""}
}

// answer ends a command as the step says: badly if it is listed, else well.
func (s *story) answer(c command.Command) event.CommandEnd {
	end := wellDone(c)
	i := slices.IndexFunc(s.fails, func(f Fail) bool { return f.Type == c.Type })
	switch {
	case i >= 0:
		end.Code, end.Msg = s.fails[i].Code, s.fails[i].Msg
	case c.Type == "robot.tags.sync":
		end.Payload = s.tags
	}
	return end
}

// idOf makes the id of a person or group that a test only names: the same name,
// the same id.
func idOf(name string) string {
	h := fnv.New32a()
	h.Write([]byte(name))
	return strconv.Itoa(7881300000000000 + int(h.Sum32()))
}
