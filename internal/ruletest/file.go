package ruletest

import (
	"bytes"
	"cmp"
	"os"
	"path/filepath"
	"time"

	"go.yaml.in/yaml/v3"

	"botengine/internal/diag"
	"botengine/internal/rule"
)

// File is a file with tests: a `*_test.yaml`, or a rule file with tests beside its
// rules.
type File struct {
	Path  string
	Head  // what is true of all its tests
	Tests []Test

	src  rule.Source
	root *yaml.Node
	doc  *rule.Document
}

// Head is the world that tests begin in. In a file it holds for all its tests; what a
// test has of its own takes the place of the file's.
type Head struct {
	Start string // RFC 3339, or "2006-01-02 15:04" in Asia/Shanghai; the clock's first reading
	// Seed decides everything that is drawn: the way of a `choose`, the length of a
	// delay. Without one it is the same in every run, too.
	Seed string
	// Account is the name of the robot's account.
	Account string
	Robot   Person
	// Robots are further robots that sit in every group of the tests.
	Robots []Person
	Tags   []Tag // the robot's labels, as robot.tags.sync would list them
	// Groups are the groups that are known, by name; of any other group a step names
	// nothing is known.
	Groups map[string]Group
	// Changed are the rules that changed when the test begins: they are on trial, as
	// their rollout says.
	Changed []changedRule

	start time.Time // zero: not said
}

// Group is what is known of a group. Who joins in a step is counted.
type Group struct {
	ID     string // R:<id>; without one it is made from the name
	Owner  string // a person's name
	Size   int
	Labels []string // beside those that the rules give it
}

// Person is a name with an id; without an id one is made from the name.
type Person struct{ Name, ID string }

// Tag is one label of a tag group, with its id as the platform knows it.
type Tag struct {
	Name string // 组/标签
	ID   string // digits as written; without one it is made up
}

// Test is one story: events in order, each with what it must lead to.
type Test struct {
	Name string
	Head
	Steps []Step
	Line  int
}

// Step is one event, or only a stretch of time, and what must come of it.
type Step struct {
	At     string   // "+3h": this long after the step before
	Say    string   // a message
	By     string   // who: the sender, 张三 if not said
	Group  string   // where; without it a private chat
	Robot  string   // which robot alone hears of it, or at_me means; else all hear what happens in a group
	AtMe   bool     // the message mentions the robot
	Phone  string   // a person writes this by hand on the robot's phone
	Friend string   // a friend request from this person
	Reason string   // what the request says
	Join   []string // these people joined the group
	Media  string   // a message of this kind: image, file, video, voice, link, sticker, miniprogram; say is the file's name or the link's title
	URL    string   // the address of the medium
	Status string   // the robot becomes online, offline or banned
	Start  bool     // the engine starts
	// Updated: the platform says that the chat changed.
	Updated bool
	Fail    []Fail   // commands that end badly in this step
	Answer  []Answer // what commands that ask are told in this step
	Expect  *Expect  // nil: nothing checked
	Line    int

	after time.Duration
	node  *yaml.Node
	key   *yaml.Node // of an `expect` without a value: it is to be filled in
}

// Fail makes the commands of one type end badly: with a code, or with no answer at
// all.
type Fail struct {
	Type string
	Code string
	Msg  string
	// Status is what the history says of a message that was sent: 0 = not sent, 2 =
	// not delivered (§2.11). "" = it is not asked.
	Status string
	// Never: no result ever comes; once the time of the command is over, the engine
	// gives it up.
	Never bool
	Times int // only so many of them in the step; 0 = all
}

// Answer is what the platform answers to the commands of one type.
type Answer struct {
	Type   string
	fields []byte // JSON; ids as written, `!id 张三` and `!group 产品群` are those of names
}

// Expect is what a step must lead to: the rules that fired, in order, the commands,
// in order, and what is known afterwards. What it does not name is not checked, and
// a command's fields may be named in part.
type Expect struct {
	Rules    *[]string
	Commands *[]map[string]any
	Outcomes map[string]string // rule id -> outcome
	Facts    []Fact

	node  *yaml.Node
	parts map[string]*yaml.Node // of its keys, the values
}

// Fact is what an expression must give after the step.
type Fact struct {
	Words string // the expression
	Want  any    // its value, as canonical takes it

	key, node *yaml.Node
}

// nothing says whether it checks nothing at all.
func (e *Expect) nothing() bool {
	return e == nil || e.Rules == nil && e.Commands == nil && len(e.Outcomes) == 0 && len(e.Facts) == 0
}

// ReadFile reads one file of tests strictly. Its error holds every finding.
func ReadFile(path string) (File, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return File{}, err
	}
	f, found := Read(rule.Source{Path: filepath.ToSlash(path), Text: data})
	if found.HasErrors() {
		return File{}, Faults(found)
	}
	return f, nil
}

// Faults are findings as an error.
type Faults diag.List

// Error is one line for each finding, in English.
func (f Faults) Error() string {
	var b bytes.Buffer
	if err := diag.Print(&b, diag.List(f), nil, diag.Options{Lang: diag.EN, Format: diag.FormatText}); err != nil {
		return err.Error()
	}
	return b.String()
}

var shanghai = time.FixedZone("CST", 8*60*60) // no zone data needed: China keeps no summer time

// morning is when tests begin that do not say so: a Monday at ten.
var morning = time.Date(2026, 3, 2, 10, 0, 0, 0, shanghai)

// parseStart reads a time as `start` has it.
func parseStart(s string) (time.Time, bool) {
	if t, err := time.Parse(time.RFC3339, s); err == nil {
		return t, true
	}
	t, err := time.ParseInLocation("2006-01-02 15:04", s, shanghai)
	return t, err == nil
}

// over is the test's own world, over that of the file.
func (h Head) over(file Head) Head {
	h.start = cmp.Or(h.start, file.start, morning)
	h.Seed, h.Account = cmp.Or(h.Seed, file.Seed), cmp.Or(h.Account, file.Account)
	h.Robot = Person{Name: cmp.Or(h.Robot.Name, file.Robot.Name), ID: cmp.Or(h.Robot.ID, file.Robot.ID)}
	if h.Robots == nil {
		h.Robots = file.Robots
	}
	if h.Tags == nil {
		h.Tags = file.Tags
	}
	if h.Groups == nil {
		h.Groups = file.Groups
	}
	if h.Changed == nil {
		h.Changed = file.Changed
	}
	return h
}
