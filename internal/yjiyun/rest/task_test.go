package rest_test

import (
	"strings"
	"testing"
	"time"

	"botengine/internal/yjiyun/rest"
)

func TestATaskThatCannotWorkIsSaid(t *testing.T) {
	cases := map[string]struct {
		change func(*rest.Task)
		want   string
	}{
		"no name":                     {func(t *rest.Task) { t.Name = " " }, "name: it needs one"},
		"a time that is none":         {func(t *rest.Task) { t.At = "24:00" }, `"24:00" is not a time of the day`},
		"a time in another spelling":  {func(t *rest.Task) { t.At = "9:30" }, `"9:30" is not a time of the day`},
		"two starts":                  {func(t *rest.Task) { t.At, t.Start = "09:30", time.UnixMilli(1) }, "startTime: a periodic task"},
		"days of one that comes once": {func(t *rest.Task) { t.Weekdays = []time.Weekday{time.Monday} }, "weekday: only a periodic"},
		"an eighth day":               {func(t *rest.Task) { t.At, t.Weekdays = "09:30", []time.Weekday{7} }, "weekday: 7 is not"},
		"half a second":               {func(t *rest.Task) { t.Pace.Min = time.Second / 2 }, "whole seconds"},
		"bounds the wrong way round":  {func(t *rest.Task) { t.Pace.Max = time.Second }, "perSuitSecondUpper: 1s is less"},
		"a batch of minus one":        {func(t *rest.Task) { t.Pace.Batch = -1 }, "suitCount: -1"},
		"nothing to send":             {func(t *rest.Task) { t.Contents = nil }, "contents: there is nothing"},
		"a type that is none":         {func(t *rest.Task) { t.Contents[0].Type = 7 }, "contents 1: msgType 7 is none of"},
		"an empty text":               {func(t *rest.Task) { t.Contents[0].Content = "" }, "contents 1: content is empty"},
		"a link to nowhere":           {func(t *rest.Task) { t.Contents[1] = rest.Content{Type: rest.ContentLink, Title: "标题"} }, "contents 2: link is empty"},
		"music that is a text":        {func(t *rest.Task) { t.Contents[0].AppType = rest.AppMusic }, "contents 1: appType 2"},
		"a mini program of nobody":    {func(t *rest.Task) { t.Contents[2].SenderName = "" }, "contents 3: senderName is empty"},
		"nobody to send to":           {func(t *rest.Task) { t.Targets = nil }, "acceptTarget: there is nobody"},
		"no robot":                    {func(t *rest.Task) { t.Targets[0].RobotKey = "" }, "acceptTarget 1: it names no robotKey"},
		"no chats":                    {func(t *rest.Task) { t.Targets[0].Peers = nil }, "acceptTarget 1: chatUser names nobody"},
		"a friend among groups":       {func(t *rest.Task) { t.Targets[0].Peers = []string{"7881300922264508"} }, "isGroupChat"},
		"a group among friends":       {func(t *rest.Task) { t.Groups = false }, "isGroupChat"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			task := sampleTask()
			if err := task.Check(); err != nil {
				t.Fatal(err)
			}
			c.change(&task)
			if err := task.Check(); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want %s", err, c.want)
			}
		})
	}
}

func TestATaskIsSpeltAsThePlatformTakesIt(t *testing.T) {
	cases := map[string]struct {
		change func(*rest.Task)
		want   []string
	}{
		"at once, at the platform's pace": {func(t *rest.Task) { t.Pace = nil }, []string{`"taskType":"1"`, `"taskRule":"1"`, `"suitCount":12`}},
		"at a time":                       {func(t *rest.Task) { t.Start = time.UnixMilli(1585024550000) }, []string{`"startTime":1585024550000`}},
		"on some days": {func(t *rest.Task) { t.At, t.Weekdays = "09:30", []time.Weekday{time.Sunday, time.Saturday} },
			[]string{`"taskType":"2"`, `"execStartTime":"09:30"`, `"weekday":["1","7"]`}},
		"an own pace, in part": {func(t *rest.Task) { t.Pace = &rest.Pace{Min: 90 * time.Second} }, []string{`"taskRule":"2"`, `"perSuitSecond":90`, `"perSuitSecondUpper":105`}},
		"a link card": {func(t *rest.Task) {
			t.Contents[0] = rest.Content{Type: rest.ContentLink, Link: "https://a.b", Title: "标题"}
		}, []string{`"appType":1`}},
		"to friends": {func(t *rest.Task) { t.Groups, t.Targets[0].Peers = false, []string{"7881300922264508"} }, []string{`"isGroupChat":"1"`, `"chatUser":["7881300922264508"]`}},
		"a message to forward": {func(t *rest.Task) {
			t.Contents[1] = rest.Content{Type: rest.ContentFile, SvrID: "18446744073709551615"}
		}, []string{`"msgSvrID":18446744073709551615`}},
		"an id that is no number": {func(t *rest.Task) { t.Contents[1] = rest.Content{Type: rest.ContentFile, SvrID: "007"} }, []string{`"msgSvrID":"007"`}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			task := sampleTask()
			c.change(&task)
			p := &sample{}
			if _, err := p.client().SaveTask(t.Context(), task); err != nil {
				t.Fatal(err)
			}
			for _, want := range c.want {
				if !strings.Contains(string(p.body), want) {
					t.Errorf("%s has no %s", p.body, want)
				}
			}
		})
	}
}

func TestWhatElseThePlatformAnswersIsKept(t *testing.T) {
	got, err := answering(`{"code":"0","msg":"ok","taskId":14073751575621261}`).client().SaveTask(t.Context(), sampleTask())
	if err != nil || got.Msg != "ok" || string(got.Extra["taskId"]) != "14073751575621261" || len(got.Extra) != 1 {
		t.Errorf("got %+v, %v", got, err)
	}
}
