package ruletest

import (
	"cmp"
	"fmt"
	"hash/fnv"
	"slices"
	"strconv"
	"strings"
	"time"

	"botengine/internal/actions"
	"botengine/internal/command"
	"botengine/internal/diag"
	"botengine/internal/engine"
	"botengine/internal/event"
	"botengine/internal/rule"
)

// Failure is one thing a test found otherwise than expected.
type Failure struct {
	File string
	Line int
	Test string
	What diag.Text
}

// In is the failure in one clickable line.
func (f Failure) In(lang diag.Lang) string {
	return fmt.Sprintf("%s:%d: %s: %s", f.File, f.Line, f.Test, f.What.In(lang))
}

// String is the failure in English.
func (f Failure) String() string { return f.In(diag.EN) }

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
	robot event.Robot // whose event the step is
	team  *team       // all robots, the first one too
	tags  []byte      // what robot.tags.sync answers
	fails []Fail
	told  map[string][]byte // by the command's type
	seq   int

	account string
	groups  groups
}

func newStory(set *rule.Set, f *File, start time.Time) *story {
	s := &story{robot: event.Robot{Key: "test-robot", ID: "1688850000000001", Name: "小助手", Status: event.StatusOnline}}
	if f.Robot.Name != "" {
		s.robot.Name = f.Robot.Name
	}
	if f.Robot.ID != "" {
		s.robot.ID = f.Robot.ID
	}
	s.team = newTeam(s.robot, f.Robots)
	s.tags, s.account, s.groups = labels(f.Tags), f.Account, newGroups(f.Groups)
	s.world = newWorld(set, start)
	s.world.team = s.team
	s.world.answer = s.answer
	return s
}

func (s *story) run(t Test) ([]Failure, error) {
	var failures []Failure
	s.world.robots = s.scheduled(t.Steps)
	for _, step := range t.Steps {
		decisions, err := s.take(step)
		if err != nil {
			return nil, err
		}
		for _, what := range compare(step.Expect, s.world.sent(decisions)) {
			failures = append(failures, Failure{Line: step.Line, What: what})
		}
	}
	return failures, nil
}

// take moves the clock, then hands in the step's event, if it has one.
func (s *story) take(step Step) ([]engine.Decision, error) {
	var decisions []engine.Decision
	if err := s.listen(step); err != nil {
		return nil, err
	}
	if step.At != "" {
		d, err := actions.ParseDuration(strings.TrimPrefix(step.At, "+"))
		if err != nil || d < 0 {
			return nil, fmt.Errorf("line %d: at: %q is no span of time: write +30s, +10m, +3h or +1d", step.Line, step.At)
		}
		s.fails = step.Fail
		decisions = s.world.pass(s.world.now.Add(d))
	}
	s.fails = step.Fail
	hearing, err := s.team.hearing(step)
	if err != nil {
		return nil, err
	}
	s.groups.join(step.Group, len(step.Join))
	for _, robot := range hearing {
		s.robot = *robot
		ev, ok, err := s.event(step)
		if !ok || err != nil {
			return decisions, err
		}
		decisions = append(decisions, s.world.take(ev, true)...)
	}
	return decisions, nil
}

// listen takes over what the platform answers from this step on.
func (s *story) listen(step Step) error {
	s.told = make(map[string][]byte, len(step.Answer))
	for _, a := range step.Answer {
		text, err := asJSON(&a.Fields)
		if err != nil {
			return fmt.Errorf("line %d: answer %s: %w", step.Line, a.Type, err)
		}
		s.told[a.Type] = text
	}
	return nil
}

// event makes the step's event; ok is false for a step that only lets time pass.
func (s *story) event(step Step) (ev event.Event, ok bool, err error) {
	s.seq++
	if step.Status != "" {
		return s.becomes(step)
	}
	ev = event.Event{ID: "t" + strconv.Itoa(s.seq), Account: s.account, Robot: s.robot, Time: s.world.now, Received: s.world.now}
	by := step.By
	if by == "" {
		by = "张三"
	}
	switch {
	case step.Start:
		ev = event.OfStart("", s.robot, s.world.now)
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
		if !slices.Contains(media, ev.Kind) {
			return ev, false, fmt.Errorf("line %d: media: %q is none of image, file, video, voice, link, sticker, miniprogram", step.Line, step.Media)
		}
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
		return ev, false, nil
	}
	return ev, true, nil
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

// statuses are the words that a test has for a robot's status.
var statuses = map[string]event.Status{"online": event.StatusOnline, "offline": event.StatusOffline, "banned": event.StatusBanned}

// becomes is the robot with another status, which it keeps.
func (s *story) becomes(step Step) (event.Event, bool, error) {
	status, ok := statuses[step.Status]
	if !ok {
		return event.Event{}, false, fmt.Errorf("line %d: status: %q is none of online, offline, banned", step.Line, step.Status)
	}
	s.robot.Status = status
	s.team.become(s.robot)
	ev, _ := event.OfStatus("", s.robot, s.world.now)
	return ev, true, nil
}

func (s *story) chat(person, group string) event.Chat {
	if group != "" {
		return s.groups.chat(s.robot.ID, group)
	}
	peer := idOf(person)
	return event.Chat{ID: event.ChatID(s.robot.ID, peer), Peer: peer, Name: person}
}

// answer ends a command as the step says: badly if it is listed, else well, and
// with what the platform is to answer.
func (s *story) answer(c command.Command) event.CommandEnd {
	end := wellDone(c)
	i := slices.IndexFunc(s.fails, func(f Fail) bool { return f.Type == c.Type })
	switch {
	case i >= 0:
		end.Code, end.Msg = s.fails[i].Code, s.fails[i].Msg
	case s.told[c.Type] != nil:
		end.Payload = s.told[c.Type]
	case c.Type == command.TypeCall:
		end.Payload = []byte(`{"status":200}`)
	case c.Type == "robot.tags.sync":
		end.Payload = s.tags
	}
	return end
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
