package rest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"time"
)

// AdvisedContents is how many contents of a broadcast the platform advises at
// most (§2.7). More are not refused; whoever shows a task may warn.
const AdvisedContents = 8

// Task is a broadcast: the same contents to many chats, once or periodically
// (§2.7). The platform paces it; nobody tells when it is done.
type Task struct {
	Name string // for people

	Start    time.Time      // of one that happens once; zero = now
	At       string         // "hh:mm", in the platform's time zone: it is periodic
	Weekdays []time.Weekday // of a periodic one; none = every day

	Pace     *Pace // nil = the platform's: a chat every 30 s
	Contents []Content
	Groups   bool // the chats are groups, not friends
	Targets  []Target
}

// Pace is how fast a broadcast goes: Batch chats, then a pause between Min and
// Max.
type Pace struct {
	Batch    int           // 0 = the platform's 12
	Min, Max time.Duration // whole seconds; 0 = 45 s and, for Max, 15 s more than Min
}

// Target is a robot and the chats it sends to.
type Target struct {
	RobotKey string
	Peers    []string // userIds, or R:<id> when the task's chats are groups
}

// ContentType is the kind of one content of a broadcast. The numbers are not
// those of a message (§3.2).
type ContentType int

// The contents a broadcast can have.
const (
	ContentText        ContentType = 1
	ContentImage       ContentType = 3
	ContentLink        ContentType = 16
	ContentFile        ContentType = 49
	ContentMiniProgram ContentType = 78
)

// The kinds of a link card (Content.AppType).
const (
	AppLink  = 1
	AppMusic = 2
)

// Content is one message of a broadcast. Which fields count follows from its
// type; the JSON names are the wire's.
type Content struct {
	Type         ContentType
	Content      string // the text; the address of a picture or a file; a mini program's content
	AppType      int    // of a link card; 0 = AppLink
	Link         string
	Title        string
	Description  string
	Cover        string // the address of a link card's picture
	SenderName   string // who sent the mini program; it is found again by title, content and sender
	SenderAvatar string
	Logo         string
	SvrID        string // of a message to forward
}

var clock = regexp.MustCompile(`^([01][0-9]|2[0-3]):[0-5][0-9]$`)

// Check says everything that keeps a task from being asked for, or nil.
func (t *Task) Check() error {
	var wrong []error
	add := func(bad bool, format string, args ...any) {
		if bad {
			wrong = append(wrong, fmt.Errorf(format, args...))
		}
	}
	add(strings.TrimSpace(t.Name) == "", "name: it needs one")
	add(t.At != "" && !clock.MatchString(t.At), "execStartTime: %q is not a time of the day (hh:mm)", t.At)
	add(t.At != "" && !t.Start.IsZero(), "startTime: a periodic task has execStartTime instead")
	add(t.At == "" && len(t.Weekdays) > 0, "weekday: only a periodic task has weekdays: give execStartTime too")
	for _, day := range t.Weekdays {
		add(day < time.Sunday || day > time.Saturday, "weekday: %d is not a day of the week", int(day))
	}
	if t.Pace != nil {
		wrong = append(wrong, t.Pace.check())
	}
	add(len(t.Contents) == 0, "contents: there is nothing to send")
	for i := range t.Contents {
		err := t.Contents[i].check()
		add(err != nil, "contents %d: %w", i+1, err)
	}
	return errors.Join(errors.Join(wrong...), t.checkTargets())
}

func (p *Pace) check() error {
	lowest, highest := p.bounds()
	switch {
	case p.Batch < 0:
		return fmt.Errorf("suitCount: %d is less than one", p.Batch)
	case lowest < time.Second || lowest%time.Second != 0 || highest%time.Second != 0:
		return errors.New("perSuitSecond: pauses are whole seconds, at least one")
	case highest < lowest:
		return fmt.Errorf("perSuitSecondUpper: %s is less than perSuitSecond, %s", highest, lowest)
	default:
		return nil
	}
}

// bounds are the pauses with what was left out filled in.
func (p *Pace) bounds() (lowest, highest time.Duration) {
	lowest, highest = p.Min, p.Max
	if lowest == 0 {
		lowest = 45 * time.Second
	}
	if highest == 0 {
		highest = lowest + 15*time.Second
	}
	return lowest, highest
}

func (t *Task) checkTargets() error {
	if len(t.Targets) == 0 {
		return errors.New("acceptTarget: there is nobody to send to")
	}
	for i, target := range t.Targets {
		switch {
		case target.RobotKey == "":
			return fmt.Errorf("acceptTarget %d: it names no robotKey", i+1)
		case len(target.Peers) == 0:
			return fmt.Errorf("acceptTarget %d: chatUser names nobody", i+1)
		}
		for _, peer := range target.Peers {
			if peer == "" || strings.HasPrefix(peer, "R:") != t.Groups {
				return fmt.Errorf("acceptTarget %d: chatUser %q is not of the kind that isGroupChat says (groups begin with R:)", i+1, peer)
			}
		}
	}
	return nil
}

func (c *Content) check() error {
	need := map[ContentType][]struct{ name, value string }{
		ContentText:        {{"content", c.Content}},
		ContentImage:       {{"content", c.Content}},
		ContentFile:        {{"content", c.Content}},
		ContentLink:        {{"link", c.Link}, {"title", c.Title}},
		ContentMiniProgram: {{"title", c.Title}, {"content", c.Content}, {"senderName", c.SenderName}},
	}
	fields, ok := need[c.Type]
	if !ok {
		return fmt.Errorf("msgType %d is none of 1 text, 3 image, 16 link card, 49 file, 78 mini program", int(c.Type))
	}
	if c.SvrID != "" && c.Type != ContentText {
		return nil // a message that is there already, to be forwarded
	}
	for _, field := range fields {
		if strings.TrimSpace(field.value) == "" {
			return fmt.Errorf("%s is empty, which msgType %d needs", field.name, int(c.Type))
		}
	}
	if c.AppType != 0 && (c.Type != ContentLink || c.AppType != AppLink && c.AppType != AppMusic) {
		return fmt.Errorf("appType %d: a link card has 1 (link) or 2 (music), nothing else has one", c.AppType)
	}
	return nil
}

// Answer is what the platform said to a request that did something.
type Answer struct {
	Msg   string
	Extra Extra // what it said beside code and msg
}

// UnmarshalJSON reads an envelope that was a success.
func (a *Answer) UnmarshalJSON(raw []byte) error {
	var e envelope
	if err := json.Unmarshal(raw, &e); err != nil {
		return err
	}
	a.Msg = string(e.Msg)
	if err := json.Unmarshal(raw, &a.Extra); err != nil {
		return err
	}
	delete(a.Extra, "code")
	delete(a.Extra, "msg")
	return nil
}

const pathTask = "/wxworkapi/multiple/task/save"

// SaveTask asks for a broadcast (§2.7). It is asked for once: after an error that
// does not wrap command.ErrNotSent the broadcast may be under way.
func (c *Client) SaveTask(ctx context.Context, t Task) (Answer, error) {
	if err := t.Check(); err != nil {
		return Answer{}, invalid("save a broadcast task", err)
	}
	text, err := json.Marshal(wireTaskOf(&t))
	if err != nil {
		return Answer{}, invalid("save a broadcast task", err)
	}
	var answer Answer
	return answer, c.change(ctx, pathTask, object(text), &answer)
}
