package ruletest

import (
	"cmp"
	"fmt"
	"hash/fnv"
	"slices"
	"strconv"
	"strings"
	"time"

	"botengine/internal/command"
	"botengine/internal/engine"
	"botengine/internal/event"
	"botengine/internal/expression"
	"botengine/internal/rule"
)

// Run runs every test of the file against the set, each in a world of its own.
func Run(set *rule.Set, f File) ([]Failure, error) {
	if found := Check(set, &f); found.HasErrors() {
		return nil, Faults(found)
	}
	r := NewRunner(set)
	var failures []Failure
	for i := range f.Tests {
		result, err := r.Run(&f, &f.Tests[i])
		if err != nil {
			return nil, err
		}
		failures = append(failures, result.Failures...)
	}
	return failures, nil
}

// Runner runs tests against one set, each in a world of its own. One goroutine may
// use it at a time.
type Runner struct {
	set      *rule.Set
	facts    *factBook
	coverage *Coverage // nil: not wanted
}

// NewRunner makes a runner of tests.
func NewRunner(set *rule.Set) *Runner { return &Runner{set: set, facts: newFactBook(set)} }

// Run runs one test of the file. An error says that the test can't be carried out.
func (r *Runner) Run(f *File, t *Test) (Result, error) {
	s := newStory(r.set, t.over(f.Head))
	s.facts, s.world.coverage = r.facts, r.coverage
	result, err := s.run(t)
	if len(result.Failures) > 0 && err == nil { // once more, the same to the last bit, to see why
		s = newStory(r.set, t.over(f.Head))
		s.facts, s.world.trees = r.facts, map[string]*expression.Tree{}
		result, err = s.run(t)
	}
	if err != nil {
		return result, fmt.Errorf("%s:%d: %s: %w", f.Path, t.Line, t.Name, err)
	}
	result.File, result.Name, result.Line = f.Path, t.Name, t.Line
	for i := range result.Failures {
		result.Failures[i].File, result.Failures[i].Test = f.Path, t.Name
	}
	return result, nil
}

// story is one test under way.
type story struct {
	world *world
	robot event.Robot       // whose event the step is
	team  *team             // all robots, the first one too
	tags  []byte            // what robot.tags.sync answers
	names map[string]string // of the tags, by their ids
	fails []Fail
	told  map[string][]byte // by the command's type
	seq   int
	seed  string
	last  *event.Event // the latest that a step made, which facts are asked about
	facts *factBook

	account string
	groups  groups
}

func newStory(set *rule.Set, h Head) *story {
	s := &story{robot: event.Robot{Key: "test-robot", ID: "1688850000000001", Name: "小助手", Status: event.StatusOnline}, seed: h.Seed}
	s.robot.Name, s.robot.ID = cmp.Or(h.Robot.Name, s.robot.Name), cmp.Or(h.Robot.ID, s.robot.ID)
	s.team = newTeam(s.robot, h.Robots)
	s.tags, s.names = labels(h.Tags)
	s.account, s.groups = h.Account, newGroups(h.Groups)
	s.world = newWorld(set, h.start)
	s.world.change(h.Changed, h.start)
	s.world.team = s.team
	s.world.answer = s.answer
	return s
}

func (s *story) run(t *Test) (Result, error) {
	out := Result{Asking: t.asking(), names: t.people()}
	s.world.robots = s.scheduled(t.Steps)
	for i := range t.Steps {
		step, asks := &t.Steps[i], slices.Contains(out.Asking, i)
		clear(s.world.trees)
		was := s.before(asks)
		decisions, err := s.take(step)
		if err != nil {
			return out, err
		}
		seen := s.seen(s.world.sent(decisions))
		if asks {
			seen.Facts = s.changed(was)
		}
		wrong, err := s.compare(step, &seen)
		if err != nil {
			return out, err
		}
		for _, f := range wrong {
			f.Line = step.Line
			out.Failures = append(out.Failures, f)
		}
		out.Steps = append(out.Steps, Taken{Step: step, Seen: seen})
	}
	return out, nil
}

// take moves the clock, then hands in the step's event, if it has one.
func (s *story) take(step *Step) ([]engine.Decision, error) {
	var decisions []engine.Decision
	s.listen(step)
	if step.after > 0 {
		decisions = s.world.pass(s.world.now.Add(step.after))
	}
	hearing, err := s.team.hearing(step)
	if err != nil {
		return nil, err
	}
	s.groups.join(step.Group, len(step.Join))
	for _, robot := range hearing {
		s.robot = *robot
		ev, ok := s.event(step)
		if !ok {
			return decisions, nil
		}
		s.last = &ev
		decisions = append(decisions, s.world.take(ev, true)...)
	}
	return decisions, nil
}

// listen takes over what the platform answers from this step on.
func (s *story) listen(step *Step) {
	s.fails = slices.Clone(step.Fail)
	s.told = make(map[string][]byte, len(step.Answer))
	for _, a := range step.Answer {
		s.told[a.Type] = a.fields
	}
}

// event makes the step's event; ok is false for a step that only lets time pass.
func (s *story) event(step *Step) (ev event.Event, ok bool) {
	s.seq++
	if step.Status != "" {
		return s.becomes(step)
	}
	ev = event.Event{ID: s.eventID(), Account: s.account, Robot: s.robot, Time: s.world.now, Received: s.world.now}
	by := step.By
	if by == "" {
		by = "张三"
	}
	switch {
	case step.Start:
		ev = event.OfStart("", s.robot, s.world.now)
	case step.Updated:
		ev.Kind, ev.ID, ev.Hash = event.ChatUpdated, "", ev.ID
		ev.Chat = s.chat(by, step.Group)
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
	case step.Media != "":
		ev.Kind = event.Kind("message." + step.Media)
		ev.Sender = event.Person{ID: idOf(by), Name: by, IsMember: step.Group != ""}
		ev.Message = step.medium(strconv.Itoa(1000 + s.seq))
		ev.Chat = s.chat(by, step.Group)
	case step.Phone != "":
		ev.Kind = event.MessagePhone
		ev.Sender = event.Person{ID: s.robot.ID, Name: s.robot.Name, IsSelf: true, IsRobot: true, IsMember: step.Group != ""}
		ev.Message = event.Message{ContentType: 2, Text: step.Phone, SvrID: strconv.Itoa(1000 + s.seq)}
		ev.Chat = s.chat(by, step.Group)
	case step.Say != "":
		ev.Kind = event.MessageText
		ev.Sender = event.Person{ID: idOf(by), Name: by, IsMember: step.Group != ""}
		ev.Message = event.Message{ContentType: 1, Text: step.Say, SvrID: strconv.Itoa(1000 + s.seq)}
		if step.AtMe {
			meant := s.team.meant(step)
			ev.Message.At, ev.Message.MentionsMe = []string{meant}, meant == s.robot.ID
		}
		ev.Chat = s.chat(by, step.Group)
	default:
		return ev, false
	}
	return ev, true
}

// eventID names the step's event; all that is drawn follows from it.
func (s *story) eventID() string {
	if s.seed == "" {
		return "t" + strconv.Itoa(s.seq)
	}
	return "t" + s.seed + "-" + strconv.Itoa(s.seq)
}

// medium is the content of a message that is no text.
func (s *Step) medium(svrID string) event.Message {
	m := event.Message{SvrID: svrID, URL: cmp.Or(s.URL, "https://example.com/"+s.Media)}
	switch event.Kind("message." + s.Media) {
	case event.MessageFile:
		m.FileName = s.Say
	case event.MessageLink:
		m.Link = event.Link{Title: s.Say, URL: m.URL}
	default: // nothing has a text of it
	}
	return m
}

// media are the messages that a test names without a text.
var media = []event.Kind{
	event.MessageImage, event.MessageFile, event.MessageVideo, event.MessageVoice, event.MessageLink, event.MessageSticker, event.MessageMiniProgram,
}

// becomes is the robot with another status, which it keeps.
func (s *story) becomes(step *Step) (event.Event, bool) {
	s.robot.Status = statuses[step.Status]
	s.team.become(s.robot)
	ev, _ := event.OfStatus("", s.robot, s.world.now)
	return ev, true
}

func (s *story) chat(person, group string) event.Chat {
	if group != "" {
		return s.groups.chat(s.robot.ID, group)
	}
	peer := idOf(person)
	return event.Chat{ID: event.ChatID(s.robot.ID, peer), Peer: peer, Name: person}
}

// answer ends a command as the step says: badly if it is listed, else well, and
// with what the platform is to answer. after is how long nothing is heard of it.
func (s *story) answer(c command.Command) (end event.CommandEnd, after time.Duration) {
	end = wellDone(c)
	i := slices.IndexFunc(s.fails, func(f Fail) bool { return f.Type == c.Type })
	switch {
	case i >= 0:
		return s.ends(&s.fails[i], end, c)
	case s.told[c.Type] != nil:
		end.Payload = s.told[c.Type]
	case c.Type == command.TypeCall:
		end.Payload = []byte(`{"status":200}`)
	case c.Type == "robot.tags.sync":
		end.Payload = s.tags
	}
	return end, 0
}

// ends is how a command ends badly, as the road of commands would tell it.
func (s *story) ends(f *Fail, end event.CommandEnd, c command.Command) (event.CommandEnd, time.Duration) {
	how := *f
	if f.Times > 0 {
		if f.Times--; f.Times == 0 {
			f.Type = "" // the rest end well
		}
	}
	switch {
	case how.Never && c.Class == command.Idempotent:
		end.Code, end.Msg = event.CodeTimeout, "no result came in time"
		return end, c.Timeout
	case how.Never:
		end.Code, end.Msg = event.CodeUnknown, "no result came: it may or may not have happened"
		return end, c.Timeout
	case how.Status == "0":
		end.Code, end.Msg = command.CodeNotSent, "the history says that it was not sent"
	case how.Status == "2":
		end.Code, end.Msg = command.CodeUndelivered, "the history says that it was not delivered"
	default:
		end.Code, end.Msg = how.Code, how.Msg
	}
	return end, 0
}

// idOf makes the id of a person or group that a test only names: the same name,
// the same id. A name of digits is an id already.
func idOf(name string) string {
	if len(name) > 4 && strings.Trim(name, "0123456789") == "" {
		return name
	}
	h := fnv.New32a()
	h.Write([]byte(name))
	return strconv.Itoa(7881300000000000 + int(h.Sum32()))
}
