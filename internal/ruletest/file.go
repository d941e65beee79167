package ruletest

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"go.yaml.in/yaml/v3"
)

// File is one `*_test.yaml`: what is true of all its tests, and the tests.
type File struct {
	Path  string `yaml:"-"`
	Start string `yaml:"start"` // RFC 3339, or "2006-01-02 15:04" in Asia/Shanghai; the clock's first reading
	Robot Person `yaml:"robot"`
	// Robots are further robots that sit in every group of the tests.
	Robots []Person `yaml:"robots"`
	Tags   []Tag    `yaml:"tags"` // the robot's labels, as robot.tags.sync would list them
	Tests  []Test   `yaml:"tests"`
	// Account is the name of the robot's account.
	Account string `yaml:"account"`
	// Groups are the groups that are known, by name; of any other group a step names
	// nothing is known.
	Groups map[string]Group `yaml:"groups"`
}

// Group is what is known of a group. Who joins in a step is counted.
type Group struct {
	ID     string   `yaml:"id"`    // R:<id>; without one it is made from the name
	Owner  string   `yaml:"owner"` // a person's name
	Size   int      `yaml:"size"`
	Labels []string `yaml:"labels"` // beside those that the rules give it
}

// Person is a name with an id; without an id one is made from the name.
type Person struct {
	Name string `yaml:"name"`
	ID   string `yaml:"id"`
}

// Tag is one label of a tag group, with its id as the platform knows it.
type Tag struct {
	Name string    `yaml:"name"` // 组/标签
	ID   yaml.Node `yaml:"id"`   // taken as written: an id never is a number to us
}

// Test is one story: events in order, each with what it must lead to.
type Test struct {
	Name  string `yaml:"name"`
	Steps []Step `yaml:"steps"`
	Line  int    `yaml:"-"`
}

// Step is one event, or only a stretch of time, and what must come of it.
type Step struct {
	At     string   `yaml:"at"` // "+3h": this long after the step before
	Say    string   `yaml:"say"`
	By     string   `yaml:"by"`     // who: the sender, 张三 if not said
	Group  string   `yaml:"group"`  // where; without it a private chat
	Robot  string   `yaml:"robot"`  // which robot alone hears of it, or at_me means; else all hear what happens in a group
	AtMe   bool     `yaml:"at_me"`  // the message mentions the robot
	Phone  string   `yaml:"phone"`  // a person writes this by hand on the robot's phone
	Friend string   `yaml:"friend"` // a friend request from this person
	Reason string   `yaml:"reason"` // what the request says
	Join   []string `yaml:"join"`   // these people joined the group
	Media  string   `yaml:"media"`  // a message of this kind: image, file, video, voice, link, sticker, miniprogram; say is the file's name or the link's title
	URL    string   `yaml:"url"`    // the address of the medium
	Status string   `yaml:"status"` // the robot becomes online, offline or banned
	Start  bool     `yaml:"start"`  // the engine starts
	Fail   []Fail   `yaml:"fail"`   // commands that end badly in this step
	Answer []Answer `yaml:"answer"` // what commands that ask are told in this step
	Expect *Expect  `yaml:"expect"` // nothing said: nothing checked
	Line   int      `yaml:"-"`
}

// Fail makes the commands of one type end with a code.
type Fail struct {
	Type string `yaml:"type"`
	Code string `yaml:"code"`
	Msg  string `yaml:"msg"`
}

// Answer is what the platform answers to the commands of one type.
type Answer struct {
	Type   string    `yaml:"type"`
	Fields yaml.Node `yaml:"fields"` // ids are taken as written; `!id 张三` and `!group 产品群` are those of names
}

// Expect is what a step must lead to: the rules that fired, in order, and the
// commands, in order; a command's fields may be named in part.
type Expect struct {
	Rules    *[]string         `yaml:"rules"`
	Commands *[]map[string]any `yaml:"commands"`
	Outcomes map[string]string `yaml:"outcomes"` // rule id -> outcome
}

// ReadFile reads one test file strictly: an unknown key is an error that names
// its line.
func ReadFile(path string) (File, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return File{}, err
	}
	f := File{Path: path}
	dec := yaml.NewDecoder(bytes.NewReader(data))
	dec.KnownFields(true)
	if err := dec.Decode(&f); err != nil && !errors.Is(err, io.EOF) {
		return File{}, fmt.Errorf("%s: %w", path, err)
	}
	if len(f.Tests) == 0 {
		return File{}, fmt.Errorf("%s: no tests: add `tests:` with at least one", path)
	}
	return f, f.placeLines(data)
}

// placeLines finds the line of every test and step, for the report.
func (f *File) placeLines(data []byte) error {
	var doc struct {
		Tests []struct {
			Name  yaml.Node   `yaml:"name"`
			Steps []yaml.Node `yaml:"steps"`
		} `yaml:"tests"`
	}
	if err := yaml.Unmarshal(data, &doc); err != nil {
		return fmt.Errorf("%s: %w", f.Path, err)
	}
	for i, t := range doc.Tests {
		f.Tests[i].Line = t.Name.Line
		for j, s := range t.Steps {
			f.Tests[i].Steps[j].Line = s.Line
		}
	}
	return nil
}

var shanghai = time.FixedZone("CST", 8*60*60) // no zone data needed: China keeps no summer time

func (f *File) start() (time.Time, error) {
	if f.Start == "" {
		return time.Date(2026, 3, 2, 10, 0, 0, 0, shanghai), nil // a Monday morning
	}
	if t, err := time.Parse(time.RFC3339, f.Start); err == nil {
		return t, nil
	}
	t, err := time.ParseInLocation("2006-01-02 15:04", f.Start, shanghai)
	if err != nil {
		return time.Time{}, fmt.Errorf("%s: start: %q is no time: write 2026-03-02 10:00", f.Path, f.Start)
	}
	return t, nil
}
