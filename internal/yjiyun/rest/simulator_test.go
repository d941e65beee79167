package rest_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"testing"
	"time"

	"botengine/internal/command"
	"botengine/internal/event"
	"botengine/internal/sim"
	"botengine/internal/yjiyun/rest"
)

const (
	simRobot = "cfb3e2c2686d437ab1109cd63b87ea48"
	simGroup = "R:10696051754030138"
	simChat  = "S:1688853470427542_R:10696051754030138"
)

// simulated is a client of the simulated platform, on a real socket.
func simulated(t *testing.T) *rest.Client {
	t.Helper()
	server := sim.New(sim.Options{})
	if err := server.Start("127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- server.Run(ctx) }()
	c := rest.New(rest.Options{BaseURL: server.URL(), AccessKey: sim.DefaultAccessKey, AccessSecret: sim.DefaultAccessSecret, RequestsPerSecond: 1000})
	t.Cleanup(func() {
		c.Close()
		cancel()
		if err := <-ended; err != nil && !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
	})
	return c
}

func TestTheSimulatedPlatformAnswersEveryEndpoint(t *testing.T) {
	c, ctx := simulated(t), t.Context()
	walk := rest.Walk{PageSize: 1}

	if grant, err := c.Auth(ctx); err != nil || grant.Expires.Before(time.Now()) {
		t.Errorf("§2.1: %+v, %v", grant, err)
	}
	if robots, err := c.Robots(ctx); err != nil || len(robots) == 0 || robots[0].Key != simRobot {
		t.Errorf("§2.2: %+v, %v", robots, err)
	}
	if customers, err := all(c.Customers(ctx, rest.CustomersQuery{RobotKey: simRobot, Walk: walk})); err != nil || len(customers) < 3 {
		t.Errorf("§2.3: %+v, %v", customers, err)
	}
	if groups, err := all(c.Groups(ctx, rest.GroupsQuery{RobotKey: simRobot, Walk: walk})); err != nil || len(groups) < 2 {
		t.Errorf("§2.4: %+v, %v", groups, err)
	}
	var file bytes.Buffer
	if sheet, err := c.DownloadGroups(ctx, rest.SheetQuery{RobotKeys: []string{simRobot}}, &file, nil); err != nil || sheet.Bytes != int64(file.Len()) {
		t.Errorf("§2.5: %+v, %v", sheet, err)
	}
	if members, err := all(c.Members(ctx, rest.MembersQuery{RobotKey: simRobot, GroupID: simGroup, Walk: walk})); err != nil || len(members) < 4 {
		t.Errorf("§2.6: %+v, %v", members, err)
	}
	task := sampleTask()
	task.Targets = []rest.Target{{RobotKey: simRobot, Peers: []string{simGroup}}}
	task.Contents = task.Contents[:2]
	if _, err := c.SaveTask(ctx, task); err != nil {
		t.Errorf("§2.7: %v", err)
	}
	for _, id := range []string{"20200427180413632805451075000001", "20200427180413632805451075000002"} {
		end, err := c.Bridge(ctx, command.Command{MessageID: id, Robot: simRobot, Type: command.MessageText, Chat: simChat, Lane: command.LaneChat, Fields: json.RawMessage(`{"content":"您好"}`)})
		if err != nil || end.Code != event.CodeOK {
			t.Errorf("§2.8: %+v, %v", end, err)
		}
	}
	settings := rest.GroupSettings{RobotKey: simRobot, GroupID: simGroup, Modules: []rest.SettingsModule{rest.ModuleWelcome}, Targets: []rest.Target{{RobotKey: simRobot, Peers: []string{"R:10696051755024720"}}}}
	if _, err := c.CopyGroupSettings(ctx, settings); err != nil {
		t.Errorf("§2.9: %v", err)
	}
	if chats, err := all(c.Chats(ctx, rest.ChatsQuery{RobotKey: simRobot, Walk: walk})); err != nil || len(chats) == 0 || chats[0].ID != simChat {
		t.Errorf("§2.10: %+v, %v", chats, err)
	}
	if messages, err := all(c.History(ctx, rest.HistoryQuery{RobotKey: simRobot, ChatUser: simGroup, Walk: walk})); err != nil || len(messages) < 2 {
		t.Errorf("§2.11: %+v, %v", messages, err)
	}
	if err := c.ClearUnread(ctx, simChat); err != nil {
		t.Errorf("§2.12: %v", err)
	}
	if err := c.SyncContacts(ctx, simRobot, rest.SyncGroups); err != nil {
		t.Errorf("§2.13: %v", err)
	}
}

func TestTheSimulatedPlatformAnswersALookup(t *testing.T) {
	c := simulated(t)
	for typ, want := range map[string]string{rest.RequestGroup: "产品体验群1", rest.RequestMembers: "李四"} {
		cmd := request(typ, `{"conversationId":"`+simGroup+`"}`)
		cmd.Robot = simRobot
		end, err := c.Execute(t.Context(), cmd)
		if err != nil || end.Code != event.CodeOK || !bytes.Contains(end.Payload, []byte(want)) {
			t.Errorf("%s: %+v %s, %v", typ, end, end.Payload, err)
		}
	}
	end, err := c.Bridge(t.Context(), command.Command{MessageID: "3", Robot: simRobot, Type: "robot.conv.admins", Lane: command.LaneAction, Fields: json.RawMessage(`{"conversationId":"10696051754030138"}`)})
	if err != nil || end.Code != "1" || end.Msg != "invalid conversion id" || end.Type != "robot.conv.admins" {
		t.Errorf("a refused one over the bridge: %+v, %v", end, err)
	}
}
