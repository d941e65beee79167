package sim

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"time"
)

// How §2.7 names things.
const (
	batchSend     = "wxwork.robot.batch.send"
	taskOnce      = 1
	taskPeriodic  = 2
	ruleDefault   = 1 // one target every 30 s
	ruleOwn       = 2
	toFriends     = 1
	toGroups      = 2
	defaultPacing = 30 * time.Second
	lookAgain     = time.Second // how often a task looks at a clock that may jump
)

// Task is a broadcast as the platform keeps it.
type Task struct {
	ID       int // from 1
	Name     string
	Periodic bool
	Next     time.Time // when it runs next; zero: never again
	Runs     int       // how often it ran
	Messages int       // that were sent, or failed to be
}

// task is a broadcast with all that is needed to run it. It is guarded by the world's lock.
type task struct {
	Task
	contents []Content
	targets  []acceptTarget
	batch    int // targets at a time
	pause    Range
	at       time.Duration // periodic: since midnight
	weekdays [7]bool
}

type acceptTarget struct {
	RobotKey string   `json:"robotKey"`
	ChatUser []string `json:"chatUser"`
}

// loose is a number that the document's samples write now as one and now as a string; -1 when it is not there.
type loose int64

// UnmarshalJSON reads either spelling.
func (n *loose) UnmarshalJSON(raw []byte) error {
	text := strings.Trim(string(raw), `"`)
	v, err := strconv.ParseInt(text, 10, 64)
	if err != nil || v < 0 {
		return refuse("parameter error: %q is no number", text)
	}
	*n = loose(v)
	return nil
}

// taskBody is the body of §2.7.
type taskBody struct {
	Name               string            `json:"name"`
	TaskType           loose             `json:"taskType"`
	StartTime          loose             `json:"startTime"`
	ExecStartTime      string            `json:"execStartTime"`
	Weekday            []json.RawMessage `json:"weekday"`
	CommandType        string            `json:"commandType"`
	TaskRule           loose             `json:"taskRule"`
	SuitCount          loose             `json:"suitCount"`
	PerSuitSecond      loose             `json:"perSuitSecond"`
	PerSuitSecondUpper loose             `json:"perSuitSecondUpper"`
	TaskData           struct {
		Contents     []taskContent  `json:"contents"`
		AcceptTarget []acceptTarget `json:"acceptTarget"`
		IsGroupChat  loose          `json:"isGroupChat"`
	} `json:"taskData"`
}

// saveTask answers §2.7: the task is checked and kept, and runs when its time comes.
func (s *Server) saveTask(raw json.RawMessage) (fields, error) {
	body := taskBody{
		TaskType: -1, StartTime: -1, TaskRule: ruleDefault, SuitCount: 1, PerSuitSecond: -1, PerSuitSecondUpper: -1,
	}
	if err := json.Unmarshal(raw, &body); err != nil {
		return nil, refuse("parameter error")
	}
	var err error
	s.world.with(func(r *realm) {
		var t *task
		if t, err = body.task(r); err != nil {
			return
		}
		t.ID = len(s.tasks) + 1
		s.tasks = append(s.tasks, t)
		s.awaitTask(r, t)
	})
	return nil, err
}

// Tasks returns the broadcasts that were saved, in that order.
func (s *Server) Tasks() (all []Task) {
	s.world.with(func(*realm) {
		for _, t := range s.tasks {
			all = append(all, t.Task)
		}
	})
	return all
}

// task checks the body and makes a task of it.
func (b *taskBody) task(r *realm) (*task, error) {
	if strings.TrimSpace(b.Name) == "" {
		return nil, refuse("parameter error: name")
	}
	if b.CommandType != batchSend {
		return nil, refuse("parameter error: commandType")
	}
	t := &task{Task: Task{Name: b.Name}, targets: b.TaskData.AcceptTarget}
	for _, check := range []func(*realm, *task) error{b.readContents, b.readTargets, b.readPace, b.readTime} {
		if err := check(r, t); err != nil {
			return nil, err
		}
	}
	return t, nil
}

func (b *taskBody) readTargets(r *realm, t *task) error {
	kind := b.TaskData.IsGroupChat
	if kind != toFriends && kind != toGroups {
		return refuse("parameter error: isGroupChat")
	}
	if len(t.targets) == 0 {
		return refuse("parameter error: acceptTarget")
	}
	for _, to := range t.targets {
		if r.robotByKey(to.RobotKey) == nil {
			return errNoRobot
		}
		wrong := func(id string) bool { return id == "" || isGroupID(id) != (kind == toGroups) }
		if len(to.ChatUser) == 0 || slices.ContainsFunc(to.ChatUser, wrong) {
			return refuse("parameter error: chatUser")
		}
	}
	return nil
}

// readPace says how many targets there are at a time, and how long the robot rests then.
func (b *taskBody) readPace(_ *realm, t *task) error {
	switch b.TaskRule {
	case ruleDefault:
		t.batch, t.pause = 1, Range{defaultPacing, defaultPacing}
		return nil
	case ruleOwn:
		least, most := time.Duration(b.PerSuitSecond)*time.Second, time.Duration(b.PerSuitSecondUpper)*time.Second
		if least < 0 || most < least {
			return refuse("parameter error: perSuitSecond")
		}
		if b.SuitCount < 1 {
			return refuse("parameter error: suitCount")
		}
		t.batch, t.pause = int(b.SuitCount), Range{least, most}
		return nil
	}
	return refuse("parameter error: taskRule")
}

func (b *taskBody) readTime(r *realm, t *task) error {
	switch b.TaskType {
	case taskOnce:
		t.Next = r.clock()
		if b.StartTime >= 0 {
			t.Next = time.UnixMilli(int64(b.StartTime))
		}
		return nil
	case taskPeriodic:
		at, err := time.Parse("15:04", b.ExecStartTime)
		if err != nil {
			return refuse("parameter error: execStartTime")
		}
		t.Periodic, t.at = true, time.Duration(at.Hour())*time.Hour+time.Duration(at.Minute())*time.Minute
		if t.weekdays, err = weekdays(b.Weekday); err != nil {
			return err
		}
		t.Next = t.after(r.clock())
		return nil
	}
	return refuse("parameter error: taskType")
}

var dayNames = [7]string{"SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"}

// weekdays reads days as numbers (1 is Sunday) or names; without any, every day is one.
func weekdays(raws []json.RawMessage) (days [7]bool, err error) {
	if len(raws) == 0 {
		return [7]bool{true, true, true, true, true, true, true}, nil
	}
	for _, raw := range raws {
		for name := range strings.SplitSeq(strings.Trim(string(raw), `"`), ",") {
			name = strings.ToUpper(strings.TrimSpace(name))
			day := slices.Index(dayNames[:], name)
			if n, err := strconv.Atoi(name); err == nil {
				day = n - 1
			}
			if day < 0 || day > 6 {
				return days, refuse("parameter error: weekday")
			}
			days[day] = true
		}
	}
	return days, nil
}

// after is the task's first time after now, by Chinese time.
func (t *task) after(now time.Time) time.Time {
	now = now.In(cst)
	midnight := time.Date(now.Year(), now.Month(), now.Day(), 0, 0, 0, 0, cst)
	for day := range 8 {
		due := midnight.AddDate(0, 0, day).Add(t.at)
		if due.After(now) && t.weekdays[due.Weekday()] {
			return due
		}
	}
	return time.Time{} // not reached: a task has a weekday
}
