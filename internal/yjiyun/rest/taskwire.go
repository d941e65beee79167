package rest

import (
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"botengine/internal/yjiyun"
)

// commandType is the one kind of task there is (§2.7).
const commandType = "wxwork.robot.batch.send"

// wireTask is a task as the platform takes it: spelt as in the sample of §2.7,
// which quotes some of its numbers.
type wireTask struct {
	Name           yjiyun.Text   `json:"name"`
	TaskType       quoted        `json:"taskType"` // 1 once, 2 periodic
	StartTime      yjiyun.Millis `json:"startTime,omitempty"`
	ExecStartTime  yjiyun.Text   `json:"execStartTime,omitempty"`
	Weekday        []weekday     `json:"weekday,omitempty"`
	CommandType    yjiyun.Text   `json:"commandType"`
	TaskRule       quoted        `json:"taskRule"` // 1 the platform's pace, 2 our own
	TaskData       wireTaskData  `json:"taskData"`
	SuitCount      yjiyun.Number `json:"suitCount"`
	PerSuitSecond  yjiyun.Number `json:"perSuitSecond"`
	PerSuitSeconds yjiyun.Number `json:"perSuitSecondUpper"`
}

type wireTaskData struct {
	Contents     []wireContent `json:"contents"`
	AcceptTarget []wireTarget  `json:"acceptTarget"`
	IsGroupChat  quoted        `json:"isGroupChat"` // 1 friends, 2 groups
}

type wireTarget struct {
	RobotKey yjiyun.ID  `json:"robotKey"`
	ChatUser yjiyun.IDs `json:"chatUser"`
}

type wireContent struct {
	MsgType       yjiyun.Number `json:"msgType"`
	Content       yjiyun.Text   `json:"content,omitempty"`
	AppType       yjiyun.Number `json:"appType,omitempty"`
	Link          yjiyun.Text   `json:"link,omitempty"`
	Title         yjiyun.Text   `json:"title,omitempty"`
	Description   yjiyun.Text   `json:"description,omitempty"`
	CoverImgFile  yjiyun.Text   `json:"coverImgFile,omitempty"`
	SenderName    yjiyun.Text   `json:"senderName,omitempty"`
	SenderHeadImg yjiyun.Text   `json:"senderHeadImg,omitempty"`
	Logo          yjiyun.Text   `json:"logo,omitempty"`
	MsgSvrID      longID        `json:"msgSvrID,omitempty"`
}

// quoted is a small number that is written as a string.
type quoted int

// MarshalJSON writes it in quotes.
func (q quoted) MarshalJSON() ([]byte, error) {
	return strconv.AppendQuote(nil, strconv.Itoa(int(q))), nil
}

// UnmarshalJSON reads what yjiyun.Number reads.
func (q *quoted) UnmarshalJSON(raw []byte) error {
	var n yjiyun.Number
	err := n.UnmarshalJSON(raw)
	*q = quoted(n.Int())
	return err
}

// longID is an id that is written as a number, digit for digit.
type longID string

// MarshalJSON writes the digits, or a string if it is something else.
func (id longID) MarshalJSON() ([]byte, error) {
	if id != "" && strings.Trim(string(id), "0123456789") == "" && (id[0] != '0' || len(id) == 1) {
		return []byte(id), nil
	}
	return json.Marshal(string(id))
}

// UnmarshalJSON reads what yjiyun.ID reads.
func (id *longID) UnmarshalJSON(raw []byte) error {
	var read yjiyun.ID
	err := read.UnmarshalJSON(raw)
	*id = longID(read)
	return err
}

// weekday is a day of the week, 1 to 7 from Sunday, or its English name.
type weekday time.Weekday

// MarshalJSON writes the number as a string.
func (d weekday) MarshalJSON() ([]byte, error) { return quoted(int(d) + 1).MarshalJSON() }

// UnmarshalJSON reads a number, in quotes or not, or a name of three letters.
func (d *weekday) UnmarshalJSON(raw []byte) error {
	var text yjiyun.Text
	if err := text.UnmarshalJSON(raw); err != nil {
		return err
	}
	for day := time.Sunday; day <= time.Saturday; day++ {
		if string(text) == strconv.Itoa(int(day)+1) || strings.EqualFold(string(text), day.String()[:3]) {
			*d = weekday(day)
			return nil
		}
	}
	return weekdayError(text)
}

// weekdayError is a day that is none.
type weekdayError string

func (e weekdayError) Error() string {
	return fmt.Sprintf("weekday %q is none of 1 (Sunday) to 7 or SUN to SAT", string(e))
}

func wireTaskOf(t *Task) wireTask {
	pace, rule := Pace{}, quoted(1)
	if t.Pace != nil {
		pace, rule = *t.Pace, 2
	}
	if pace.Batch == 0 {
		pace.Batch = 12
	}
	lowest, highest := pace.bounds()
	w := wireTask{
		Name:           yjiyun.Text(t.Name),
		TaskType:       1,
		ExecStartTime:  yjiyun.Text(t.At),
		CommandType:    commandType,
		TaskRule:       rule,
		SuitCount:      yjiyun.Number(pace.Batch),
		PerSuitSecond:  yjiyun.Number(lowest / time.Second),
		PerSuitSeconds: yjiyun.Number(highest / time.Second),
		TaskData:       wireTaskData{IsGroupChat: 1, Contents: []wireContent{}, AcceptTarget: []wireTarget{}},
	}
	if t.At != "" {
		w.TaskType = 2
	}
	if !t.Start.IsZero() {
		w.StartTime = yjiyun.Millis(t.Start.UnixMilli())
	}
	if t.Groups {
		w.TaskData.IsGroupChat = 2
	}
	for _, day := range t.Weekdays {
		w.Weekday = append(w.Weekday, weekday(day))
	}
	for i := range t.Contents {
		w.TaskData.Contents = append(w.TaskData.Contents, wireContentOf(&t.Contents[i]))
	}
	for _, target := range t.Targets {
		w.TaskData.AcceptTarget = append(w.TaskData.AcceptTarget, wireTarget{yjiyun.ID(target.RobotKey), target.Peers})
	}
	return w
}

func wireContentOf(c *Content) wireContent {
	w := wireContent{
		MsgType:       yjiyun.Number(c.Type),
		Content:       yjiyun.Text(c.Content),
		AppType:       yjiyun.Number(c.AppType),
		Link:          yjiyun.Text(c.Link),
		Title:         yjiyun.Text(c.Title),
		Description:   yjiyun.Text(c.Description),
		CoverImgFile:  yjiyun.Text(c.Cover),
		SenderName:    yjiyun.Text(c.SenderName),
		SenderHeadImg: yjiyun.Text(c.SenderAvatar),
		Logo:          yjiyun.Text(c.Logo),
		MsgSvrID:      longID(c.SvrID),
	}
	if c.Type == ContentLink && c.AppType == 0 {
		w.AppType = AppLink
	}
	return w
}

// task is the wire's task as ours, for checking it. What cannot be said in ours
// is an error.
func (w *wireTask) task() (Task, error) {
	t := Task{Name: string(w.Name), At: string(w.ExecStartTime), Start: w.StartTime.Time(time.Time{})}
	switch {
	case w.TaskType < 0 || w.TaskType > 2:
		return t, fmt.Errorf("taskType %d is neither 1 (once) nor 2 (periodic)", int(w.TaskType))
	case w.TaskType == 2 && t.At == "":
		return t, errors.New("execStartTime: a periodic task needs a time of the day (hh:mm)")
	case w.TaskType != 2 && t.At != "":
		return t, errors.New("execStartTime: only a periodic task (taskType 2) has one")
	case w.TaskRule < 0 || w.TaskRule > 2:
		return t, fmt.Errorf("taskRule %d is neither 1 (the platform's pace) nor 2 (an own one)", int(w.TaskRule))
	case w.CommandType != "" && w.CommandType != commandType:
		return t, fmt.Errorf("commandType %q is not %q", w.CommandType, commandType)
	case w.TaskData.IsGroupChat != 1 && w.TaskData.IsGroupChat != 2:
		return t, fmt.Errorf("isGroupChat %d is neither 1 (friends) nor 2 (groups)", int(w.TaskData.IsGroupChat))
	}
	if w.TaskRule == 2 {
		t.Pace = &Pace{
			Batch: w.SuitCount.Int(),
			Min:   time.Duration(w.PerSuitSecond.Int()) * time.Second,
			Max:   time.Duration(w.PerSuitSeconds.Int()) * time.Second,
		}
	}
	t.Groups = w.TaskData.IsGroupChat == 2
	for _, day := range w.Weekday {
		t.Weekdays = append(t.Weekdays, time.Weekday(day))
	}
	for i := range w.TaskData.Contents {
		t.Contents = append(t.Contents, w.TaskData.Contents[i].content())
	}
	for _, target := range w.TaskData.AcceptTarget {
		t.Targets = append(t.Targets, Target{string(target.RobotKey), target.ChatUser})
	}
	return t, nil
}

func (w *wireContent) content() Content {
	return Content{
		Type:         ContentType(w.MsgType.Int()),
		Content:      string(w.Content),
		AppType:      w.AppType.Int(),
		Link:         string(w.Link),
		Title:        string(w.Title),
		Description:  string(w.Description),
		Cover:        string(w.CoverImgFile),
		SenderName:   string(w.SenderName),
		SenderAvatar: string(w.SenderHeadImg),
		Logo:         string(w.Logo),
		SvrID:        string(w.MsgSvrID),
	}
}
