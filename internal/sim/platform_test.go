package sim

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"
)

// jsonPost posts a JSON body with the right token.
func jsonPost(t *testing.T, s *Server, path, body string) map[string]any {
	t.Helper()
	return rest(t, s, token(t, s), path, "application/json; charset=UTF-8", body)
}

// fetch gets an address without any token.
func fetch(t *testing.T, address string) (int, http.Header, []byte) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Close = true
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	raw, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, resp.Header, raw
}

// sheetRows reads a workbook the way a spreadsheet does: by the parts of the package.
func sheetRows(t *testing.T, book []byte) (rows []string) {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(book), int64(len(book)))
	if err != nil {
		t.Fatal(err)
	}
	for _, part := range z.File {
		f, err := part.Open()
		if err != nil {
			t.Fatal(err)
		}
		raw, err := io.ReadAll(f)
		if err != nil {
			t.Fatal(err)
		}
		var sheet struct {
			Rows []struct {
				Cells []struct {
					Value string `xml:"v"`
					Text  string `xml:"is>t"`
				} `xml:"c"`
			} `xml:"sheetData>row"`
		}
		if err := xml.Unmarshal(raw, &sheet); err != nil {
			t.Fatalf("%s: %v", part.Name, err)
		}
		for _, row := range sheet.Rows {
			var cells []string
			for _, c := range row.Cells {
				cells = append(cells, c.Value+c.Text)
			}
			rows = append(rows, strings.Join(cells, "|"))
		}
	}
	return rows
}

func TestGroupListDownload(t *testing.T) {
	now := &clock{tuesday}
	s := Launch(t, Options{Clock: now.Now})
	s.World().AddGroup(Group{Name: "内部 & <核心>", Owner: "周经理", Members: []string{"小助手"}, Created: tuesday})
	if err := s.Leave("VIP 交流群", "小助手"); err != nil {
		t.Fatal(err)
	}
	const (
		core  = "内部 & <核心>|周经理|正常|内部群|2|2026-03-03 10:00:00|2026-03-03 10:00:00"
		first = "产品体验群1|小助手|正常|外部群|4|2026-03-02 09:00:00|2026-03-02 09:00:00"
		vip   = "VIP 交流群|周经理|解散|外部群|2|2026-03-02 09:00:00|2026-03-02 09:00:00"
	)
	cases := []struct {
		name  string
		pairs []string
		want  []string
	}{
		{"newest first", nil, []string{core, first, vip}},
		{"by name", []string{"orderBy", "1"}, []string{vip, first, core}},
		{"by name, backwards", []string{"orderBy", "2"}, []string{core, first, vip}},
		{"oldest first", []string{"orderBy", "3"}, []string{first, vip, core}},
		{"that the robot is in", []string{"status", "1"}, []string{core, first}},
		{"internal ones", []string{"outerGroupChat", "0"}, []string{core}},
		{"external ones", []string{"outerGroupChat", "1"}, []string{first, vip}},
		{"of a size", []string{"memberCount", "3", "upmemberCount", "4"}, []string{first}},
		{"with a name in any case", []string{"name", "vip"}, []string{vip}},
		{"of an owner by name", []string{"creatorName", "周"}, []string{core, vip}},
		{"of an owner by id", []string{"creatorId", botWxid}, []string{first}},
	}
	for _, tc := range cases {
		t.Run(tc.name, func(t *testing.T) {
			body := form(t, s, "/wxworkapi/grouptag/list/download", append(tc.pairs, "robotKeys[]", botKey)...)
			expect(t, "code", body["code"], any("0"))
			status, head, book := fetch(t, body["downloadUrl"].(string))
			expect(t, "status", status, http.StatusOK)
			expect(t, "type", head.Get("Content-Type"), xlsxType)
			want := []string{"序号|群名称|群主|状态|群类型|群人数|创建时间|更新时间"}
			for i, row := range tc.want {
				want = append(want, fmt.Sprintf("%d|%s", i, row))
			}
			expect(t, "sheet", strings.Join(sheetRows(t, book), "\n"), strings.Join(want, "\n"))
		})
	}
	t.Run("by ids", func(t *testing.T) {
		body := form(t, s, "/wxworkapi/grouptag/list/download", "robotKey", botKey, "conversationIds[]", groupID)
		_, _, book := fetch(t, body["downloadUrl"].(string))
		expect(t, "rows", len(sheetRows(t, book)), 2)
	})
	status, _, _ := fetch(t, s.URL()+"/media/nobody/knows.xlsx")
	expect(t, "status of a file that is not there", status, http.StatusNotFound)
}

func TestDownloadsThatAreRefused(t *testing.T) {
	s := Launch(t, Options{})
	for name, pairs := range map[string][]string{
		"without robots":           nil,
		"of an unknown robot":      {"robotKeys[]", "nobody"},
		"in an unknown order":      {"robotKeys[]", botKey, "orderBy", "5"},
		"of an unknown kind":       {"robotKeys[]", botKey, "outerGroupChat", "2"},
		"of a size that is none":   {"robotKeys[]", botKey, "memberCount", "viele"},
		"of an unknown group":      {"robotKey", botKey, "conversationIds[]", "R:1"},
		"of groups without robots": {"conversationIds[]", groupID},
	} {
		body := form(t, s, "/wxworkapi/grouptag/list/download", pairs...)
		if body["code"] != "1" || body["downloadUrl"] != nil {
			t.Errorf("%s: %v", name, body)
		}
	}
	expect(t, "code without a token", rest(t, s, "", "/wxworkapi/grouptag/list/download", "application/json", "{}")["code"], any("1000"))
}

func TestOnlyTheNewestDownloadsAreKept(t *testing.T) {
	f := newFiles()
	first := f.add(file{name: "一.xlsx"})
	for range keptFiles {
		f.add(file{name: "二.xlsx"})
	}
	id := strings.Split(first, "/")[2]
	if _, kept := f.byID[id]; kept || len(f.byID) != keptFiles {
		t.Errorf("%d files, the first among them: %v", len(f.byID), kept)
	}
}

func TestGroupSettingsAreCopied(t *testing.T) {
	s := Launch(t, Options{})
	w := s.World()
	vip, err := w.Group("VIP 交流群")
	if err != nil {
		t.Fatal(err)
	}
	two := w.AddRobot(Robot{NickName: "二号"})
	team := w.AddGroup(Group{Name: "二号的群", Owner: "二号", Members: []string{"李四"}})
	if err := w.SetGroupSettings("小助手", "产品体验群1", Settings{ModuleWelcome: "欢迎👏", ModuleKeyword: "价格=见表"}); err != nil {
		t.Fatal(err)
	}
	if err := w.SetGroupSettings("二号", "二号的群", Settings{ModulePeriod: "稍等", ModuleKeyword: "旧"}); err != nil {
		t.Fatal(err)
	}
	body := fmt.Sprintf(`{"chatroom":["%s;%s",%q],"g":%q,"module":["WELCOME_NEW_MEMBER","PERIOD_AUTO_REPLY"],"r":%q,"robotKey":[%q,%q]}`,
		vip.ID, groupID, team.ID, groupID, botKey, botKey, two.Key)
	expect(t, "code", jsonPost(t, s, "/wxworkapi/group/setting/duplicate", body)["code"], any("0"))
	expect(t, "of a group without any", fmt.Sprint(w.GroupSettings("小助手", "VIP 交流群")), fmt.Sprint(Settings{ModuleWelcome: "欢迎👏"}))
	expect(t, "of a group with others", fmt.Sprint(w.GroupSettings("二号", team.ID)), fmt.Sprint(Settings{ModuleWelcome: "欢迎👏", ModuleKeyword: "旧"}))
	all := s.Ledger()
	expect(t, "effects", len(all), 3)
	expect(t, "kind", all[0].Kind, "group_settings")

	for name, body := range map[string]string{
		"an unknown template group": `{"chatroom":["` + vip.ID + `"],"g":"R:1","module":["WELCOME_NEW_MEMBER"],"r":"` + botKey + `","robotKey":["` + botKey + `"]}`,
		"an unknown template robot": `{"chatroom":["` + vip.ID + `"],"g":"` + groupID + `","module":["WELCOME_NEW_MEMBER"],"r":"x","robotKey":["` + botKey + `"]}`,
		"an unknown module":         `{"chatroom":["` + vip.ID + `"],"g":"` + groupID + `","module":["WELCOME"],"r":"` + botKey + `","robotKey":["` + botKey + `"]}`,
		"no modules":                `{"chatroom":["` + vip.ID + `"],"g":"` + groupID + `","module":[],"r":"` + botKey + `","robotKey":["` + botKey + `"]}`,
		"fewer robots than lists":   `{"chatroom":["` + vip.ID + `","R:1"],"g":"` + groupID + `","module":["WELCOME_NEW_MEMBER"],"r":"` + botKey + `","robotKey":["` + botKey + `"]}`,
		"a group of another robot":  `{"chatroom":["` + team.ID + `"],"g":"` + groupID + `","module":["WELCOME_NEW_MEMBER"],"r":"` + botKey + `","robotKey":["` + botKey + `"]}`,
		"a wrong type":              `{"chatroom":"` + vip.ID + `"}`,
	} {
		expect(t, "code of "+name, jsonPost(t, s, "/wxworkapi/group/setting/duplicate", body)["code"], any("1"))
	}
	expect(t, "effects after refusals", len(s.Ledger()), 3)
	asForm := form(t, s, "/wxworkapi/group/setting/duplicate", "g", groupID)
	expect(t, "code of a form", asForm["code"], any("1"))
}

func TestEndedFriendshipsAreListedAsDeleted(t *testing.T) {
	s := Launch(t, Options{})
	for _, who := range []struct {
		person     string
		byCustomer bool
	}{{"李四", true}, {"张三", false}, {"王五", true}, {"王五", false}} {
		if err := s.Unfriend("小助手", who.person, who.byCustomer); err != nil {
			t.Fatal(err)
		}
	}
	if s.Unfriend("小助手", "陈晨", true) == nil {
		t.Error("a friendship ended that never was")
	}
	all := list(t, form(t, s, "/wxworkapi/external/user/list", "robotKey", botKey, "status", "0"), "data")
	var got []string
	for i := range all {
		c := at(t, all, i)
		got = append(got, fmt.Sprint(c["name"], " ", c["status"], " ", c["state"], " ", c["flag"], " ", c["isDelete"]))
	}
	expect(t, "deleted", strings.Join(got, ", "), "李四 0 2 2049 1, 张三 0 3 2057 1, 王五 0 0 2049 1")
	c := connect(t, s, "")
	c.text(privateChat(lisi), "1", "还在吗？")
	c.action("robot.tags.sync", "2", "")
	c.event("action")
	expect(t, "status of a message to one who deleted the robot", s.World().History("小助手", "李四")[0].SendStatus, SendFailed)
	s.World().Befriend("小助手", "李四")
	lists := list(t, form(t, s, "/wxworkapi/external/user/list", "robotKey", botKey, "status", "1"), "data")
	expect(t, "a customer again", at(t, lists, 0)["name"], any("李四"))
	expect(t, "customers", len(lists), 1)
}

func TestThoseWhoLeftAreListedAsDeleted(t *testing.T) {
	s := Launch(t, Options{})
	if err := s.Leave("产品体验群1", "张三"); err != nil {
		t.Fatal(err)
	}
	names := func(path string, pairs ...string) string {
		var all []string
		for _, row := range list(t, form(t, s, path, append(pairs, "robotKey", botKey)...), "data") {
			all = append(all, fmt.Sprint(row.(map[string]any)["name"], row.(map[string]any)["status"]))
		}
		return strings.Join(all, " ")
	}
	const members, groups = "/wxworkapi/group/member/list", "/wxworkapi/group/list"
	expect(t, "all members", names(members, "conversationId", groupID), "小助手1 周经理1 李四1 张三0")
	expect(t, "those who are", names(members, "conversationId", groupID, "status", "1"), "小助手1 周经理1 李四1")
	if err := s.Join("产品体验群1", "张三"); err != nil {
		t.Fatal(err)
	}
	expect(t, "those who were", names(members, "conversationId", groupID, "status", "0"), "")
	if err := s.Leave("VIP 交流群", "小助手"); err != nil {
		t.Fatal(err)
	}
	expect(t, "groups", names(groups), "产品体验群11 VIP 交流群0")
	expect(t, "groups in any case", names(groups, "name", "vip", "status", "0"), "VIP 交流群0")
	if err := s.RemoveRobot("小助手"); err != nil {
		t.Fatal(err)
	}
	expect(t, "robots", len(list(t, form(t, s, "/wxworkapi/robot/list"), "data")), 0)
}

func TestASyncNeedsARobotThatIsOnline(t *testing.T) {
	s := Launch(t, Options{})
	if err := s.SetRobotStatus("小助手", StatusBanned); err != nil {
		t.Fatal(err)
	}
	expect(t, "code", form(t, s, "/wxworkapi/contact/sync", "robotKey", botKey)["code"], any("1"))
	expect(t, "code of an unknown robot's chats", form(t, s, "/wxworkapi/chat/list", "count", "5", "robotKey", "x")["code"], any("1"))
}

func TestHistoryFaults(t *testing.T) {
	now := &clock{tuesday}
	s := Launch(t, Options{Clock: now.Now})
	c := connect(t, s, "")
	c.text(groupChat(), "20260303100000001", "您好")
	echo := c.skipTo("message")
	kept := func(pairs ...string) []any {
		return list(t, form(t, s, "/wxworkapi/chat/message", append(pairs, "robotKey", botKey, "chatUser", groupID)...), "model")
	}
	s.Faults().SetHistory(HistoryFault{OtherIDs: true})
	m := at(t, kept(), 0)
	if m["messageId"] == echo["messageId"] {
		t.Error("the history has the socket's messageId")
	}
	expect(t, "msgSvrID", m["msgSvrID"], echo["msgSvrID"])
	expect(t, "found by the socket's id", len(kept("msgIds[]", "20260303100000001")), 0)
	expect(t, "found by its own id", len(kept("msgIds[]", m["messageId"].(string))), 1)
	s.Faults().SetHistory(HistoryFault{NoStatus: true})
	if _, has := at(t, kept("msgIds[]", "20260303100000001"), 0)["sendStatus"]; has {
		t.Error("the history tells the sendStatus")
	}
	s.Faults().Clear()
	expect(t, "sendStatus", at(t, kept(), 0)["sendStatus"], any(json.Number("1")))
}

func TestTimeCanBeMovedOn(t *testing.T) {
	now := &clock{tuesday}
	s := Launch(t, Options{Clock: now.Now, TokenLife: time.Hour})
	tok := token(t, s)
	c := connect(t, s, "")
	s.Faults().AddCommand(CommandFault{Command: "text", Delay: time.Hour, When: When{Nth: 1}})
	c.text(groupChat(), "1", "一小时后才有回音")
	waitLedger(t, s, AtLeast(1))
	s.Advance(2 * time.Hour)
	if err := s.Settle(t.Context()); err != nil {
		t.Fatal(err)
	}
	expect(t, "the late echo", c.skipTo("message")["messageId"], any("1"))
	expect(t, "now", s.Now(), tuesday.Add(2*time.Hour))
	expect(t, "an old token", rest(t, s, tok, "/wxworkapi/robot/list", "application/json", "{}")["code"], any("1000"))
}
