package sim

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"
)

const taskPath = "/wxworkapi/multiple/task/save"

// taskJSON is a broadcast in the document's spelling, with some fields replaced or added.
func taskJSON(t *testing.T, contents, targets string, fields map[string]any) string {
	t.Helper()
	body := map[string]any{
		"name": "消息群发 test", "taskType": "1", "commandType": batchSend, "taskRule": "2",
		"suitCount": 1, "perSuitSecond": 45, "perSuitSecondUpper": 60,
		"taskData": map[string]any{
			"contents": json.RawMessage(contents), "acceptTarget": json.RawMessage(targets), "isGroupChat": "1",
		},
	}
	for name, v := range fields {
		if name == "isGroupChat" {
			body["taskData"].(map[string]any)[name] = v
		} else {
			body[name] = v
		}
	}
	raw, err := json.Marshal(body)
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

func targets(peers ...string) string {
	return fmt.Sprintf(`[{"robotKey":%q,"chatUser":["%s"]}]`, botKey, strings.Join(peers, `","`))
}

const oneText = `[{"content":"群发 📣","msgType":1}]`

// save keeps a task and checks that it was taken.
func save(t *testing.T, s *Server, body string) {
	t.Helper()
	if answer := jsonPost(t, s, taskPath, body); answer["code"] != "0" {
		t.Fatalf("the task is refused: %v", answer)
	}
}

// settle lets everything happen that is due.
func settle(t *testing.T, s *Server) {
	t.Helper()
	if err := s.Settle(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// told lists what people saw: the chat's name and the text.
func told(s *Server) string {
	var all []string
	for _, e := range s.Ledger() {
		all = append(all, s.World().Name(e.Chat)+":"+e.Kind+":"+e.Text)
	}
	return strings.Join(all, " ")
}

func TestABroadcastOfEveryContent(t *testing.T) {
	s := Launch(t, Options{})
	mini := Content{ContentType: TypeMiniProgram, Title: "微信读书", Content: "向上生长"}
	if _, err := s.SayContent("产品体验群1", "李四", mini); err != nil {
		t.Fatal(err)
	}
	c := connect(t, s, "")
	contents := `[
		{"content":"群发 📣","msgType":1},
		{"content":"http://media.yjiyun.com/a.jpg,0.jpg","msgType":3},
		{"msgType":16,"appType":1,"title":"社群","link":"https://a.cn/","description":"点我","coverImgFile":"https://a.cn/x.png"},
		{"content":"http://media.yjiyun.com/报价.xls","msgType":"49"},
		{"msgType":78,"title":"微信读书","content":"向上生长","senderName":"李四","logo":"http://a.cn/l.png"}]`
	save(t, s, taskJSON(t, contents, targets(groupID), map[string]any{"isGroupChat": 2}))
	waitLedger(t, s, AtLeast(5))
	expect(t, "what people saw", told(s), "产品体验群1:text:群发 📣 产品体验群1:image:http://media.yjiyun.com/a.jpg,0.jpg "+
		"产品体验群1:link:社群 产品体验群1:file:http://media.yjiyun.com/报价.xls 产品体验群1:mini_program:向上生长")
	first := c.skipTo("message")
	expect(t, "isSelf", first["from"].(map[string]any)["isSelf"], any(json.Number("1")))
	expect(t, "messageId", first["messageId"], any(s.Ledger()[0].MessageID))
	expect(t, "tasks", fmt.Sprint(s.Tasks()[0].Runs, s.Tasks()[0].Messages, s.Tasks()[0].Next.IsZero()), "1 5 true")
}

func TestABroadcastKeepsItsPace(t *testing.T) {
	cases := []struct {
		name    string
		fields  map[string]any
		at      []time.Duration // when somebody sees something
		offline bool
	}{
		{"one target every 30 s", map[string]any{"taskRule": 1}, []time.Duration{0, 30 * time.Second, time.Minute}, false},
		{"a pace of its own", map[string]any{"perSuitSecondUpper": 45}, []time.Duration{0, 45 * time.Second, 90 * time.Second}, false},
		{"two at a time", map[string]any{"suitCount": "2", "perSuitSecondUpper": 45}, []time.Duration{0, 0, 45 * time.Second}, false},
	}
	for _, tc := range cases {
		t.Run(tc.name, func(t *testing.T) {
			now := &clock{tuesday}
			s := Launch(t, Options{Clock: now.Now})
			save(t, s, taskJSON(t, oneText, targets(lisi, zhangsan, wangwu), tc.fields))
			for range 20 {
				settle(t, s)
				s.Advance(5 * time.Second)
			}
			var at []time.Duration
			for _, e := range s.Ledger() {
				at = append(at, e.Time.Sub(tuesday).Truncate(5*time.Second))
			}
			expect(t, "times", fmt.Sprint(at), fmt.Sprint(tc.at))
			expect(t, "people", told(s), "李四:text:群发 📣 张三:text:群发 📣 王五:text:群发 📣")
		})
	}
}

func TestABroadcastWaitsForItsTime(t *testing.T) {
	now := &clock{tuesday}
	s := Launch(t, Options{Clock: now.Now})
	save(t, s, taskJSON(t, oneText, targets(lisi), map[string]any{"startTime": tuesday.Add(time.Hour).UnixMilli()}))
	s.Advance(59 * time.Minute)
	settle(t, s)
	expect(t, "before its time", len(s.Ledger()), 0)
	expect(t, "next", s.Tasks()[0].Next.In(cst), tuesday.Add(time.Hour))
	s.Advance(time.Minute)
	settle(t, s)
	expect(t, "at its time", told(s), "李四:text:群发 📣")
}

// TestPeriodicBroadcasts begins on a Tuesday at ten.
func TestPeriodicBroadcasts(t *testing.T) {
	const day = 24 * time.Hour
	cases := []struct {
		name   string
		fields map[string]any
		runs   []string
	}{
		{"every day", map[string]any{"execStartTime": "09:30"}, []string{"Wed 04 09:30", "Thu 05 09:30", "Fri 06 09:30", "Sat 07 09:30", "Sun 08 09:30", "Mon 09 09:30"}},
		{"today, too", map[string]any{"execStartTime": "10:30", "weekday": []string{"TUE"}}, []string{"Tue 03 10:30"}},
		{"by names", map[string]any{"execStartTime": "09:30", "weekday": []string{"sun", "SAT"}}, []string{"Sat 07 09:30", "Sun 08 09:30"}},
		{"by numbers, 1 is Sunday", map[string]any{"execStartTime": "23:30", "weekday": []int{1, 3}}, []string{"Tue 03 23:30", "Sun 08 23:30"}},
		{"by a list in a text", map[string]any{"execStartTime": "00:00", "weekday": []string{"MON, WED"}}, []string{"Wed 04 00:00", "Mon 09 00:00"}},
	}
	for _, tc := range cases {
		t.Run(tc.name, func(t *testing.T) {
			now := &clock{tuesday}
			s := Launch(t, Options{Clock: now.Now})
			tc.fields["taskType"] = 2
			save(t, s, taskJSON(t, oneText, targets(lisi), tc.fields))
			for range int(6*day/time.Minute) / 30 {
				s.Advance(30 * time.Minute)
				settle(t, s)
			}
			var runs []string
			for _, e := range s.Ledger() {
				runs = append(runs, e.Time.In(cst).Format("Mon 02 15:04"))
			}
			expect(t, "runs", strings.Join(runs, ", "), strings.Join(tc.runs, ", "))
			expect(t, "counted", s.Tasks()[0].Runs, len(tc.runs))
		})
	}
}

func TestWhatABroadcastCannotReachIsInTheHistory(t *testing.T) {
	s := Launch(t, Options{})
	save(t, s, taskJSON(t, `[{"msgType":78,"title":"没收录","content":"没有","senderName":"李四"}]`, targets(lisi), nil))
	save(t, s, taskJSON(t, oneText, targets(chenchen), nil))
	settle(t, s)
	expect(t, "a mini program nobody sent", s.World().History("小助手", "李四")[0].SendStatus, SendFailed)
	expect(t, "a stranger", s.World().History("小助手", chenchen)[0].SendStatus, SendFailed)
	if err := s.SetRobotStatus("小助手", StatusOffline); err != nil {
		t.Fatal(err)
	}
	save(t, s, taskJSON(t, oneText, targets(zhangsan), nil))
	settle(t, s)
	expect(t, "by a robot that is offline", s.World().History("小助手", "张三")[0].SendStatus, SendNotSent)
	expect(t, "effects", len(s.Ledger()), 0)
}

func TestTasksThatAreRefused(t *testing.T) {
	s := Launch(t, Options{})
	with := func(name string, v any) string { return taskJSON(t, oneText, targets(lisi), map[string]any{name: v}) }
	for name, body := range map[string]string{
		"without a name":            with("name", " "),
		"of an unknown type":        with("taskType", 3),
		"of no type":                with("taskType", nil),
		"of another command":        with("commandType", "wxwork.robot.send"),
		"of an unknown rule":        with("taskRule", 3),
		"of no targets at a time":   with("suitCount", 0),
		"with a pace turned round":  with("perSuitSecondUpper", 1),
		"with a pace in words":      with("perSuitSecond", "schnell"),
		"without groups or friends": with("isGroupChat", 3),
		"to friends who are groups": taskJSON(t, oneText, targets(groupID), nil),
		"to groups who are friends": with("isGroupChat", 2),
		"to nobody":                 taskJSON(t, oneText, `[]`, nil),
		"to nobody of a robot":      taskJSON(t, oneText, targets(""), nil),
		"by an unknown robot":       taskJSON(t, oneText, `[{"robotKey":"x","chatUser":["1"]}]`, nil),
		"without contents":          taskJSON(t, `[]`, targets(lisi), nil),
		"with an unknown content":   taskJSON(t, `[{"msgType":7,"content":"http://a.cn/a.png"}]`, targets(lisi), nil),
		"with an image of no place": taskJSON(t, `[{"msgType":3,"content":"a.png"}]`, targets(lisi), nil),
		"with a cover that is odd":  taskJSON(t, `[{"msgType":16,"title":"t","link":"https://a.cn/","coverImgFile":"https://a.cn/x.png?a=1"}]`, targets(lisi), nil),
		"with half a mini program":  taskJSON(t, `[{"msgType":78,"title":"微信读书"}]`, targets(lisi), nil),
		"periodic without a time":   with("taskType", 2),
		"periodic at half past 24":  taskJSON(t, oneText, targets(lisi), map[string]any{"taskType": 2, "execStartTime": "24:30"}),
		"periodic on an eighth day": taskJSON(t, oneText, targets(lisi), map[string]any{"taskType": 2, "execStartTime": "09:00", "weekday": []int{8}}),
		"that is no object":         `[]`,
	} {
		if answer := jsonPost(t, s, taskPath, body); answer["code"] != "1" {
			t.Errorf("a task %s is answered %v", name, answer)
		}
	}
	expect(t, "tasks kept", len(s.Tasks()), 0)
	expect(t, "code of a body that is no JSON", jsonPost(t, s, taskPath, "{")["code"], any("1"))
	expect(t, "code without a token", rest(t, s, "", taskPath, "application/json", "{}")["code"], any("1000"))
}
