package app

import (
	"fmt"
	"slices"
	"testing"

	"botengine/internal/sim"
)

// stepRules use steps beyond the main job; the robots, the groups and the people
// are those of stepWorld.
const stepRules = `version: 1
vars: {staff: "R:10696052725010999"}
defaults: {loop_guard: off}
rules:
  - id: proof
    on: message.image
    when: true
    do:
      - forward: ["{{vars.staff}}", 7881300883888745]
      - log: 转好了
  - id: ads
    on: message.text
    scope: {chat_type: group}
    match: {any: [加微信]}
    do:
      - lookup: {admins: true, as: boss}
      - lookup: {group: true, as: here}
      - lookup: {members: true, as: people}
      - lookup: {contacts: ["{{sender.id}}"], as: who}
      - lookup: {tags: true, as: labels}
      - kick: "{{sender.id}}"
        when: sender.id not in boss and sender.id != here.owner_id
        id: kick
      - announce: "{{who[0].name}} 走了，还有 {{len(people) - 1}} 人，{{len(labels)}} 个标签"
        when: steps.kick.ok
      - rename_group: "{{here.name}}（净）"
        when: steps.kick.ok
      - mark_read
      - sync_contacts: groups
      - broadcast: {name: 通知, to: ["{{vars.staff}}"], messages: {text: 清理了一次}, pace: 45s..60s}
  - id: gone
    on: robot.offline
    do:
      - send: {robot: robot-b, to: "S:1688853470400002_R:10696052725010999", text: "{{robot.name}} {{robot.status}}"}
`

// stepWorld has two robots in two groups.
func stepWorld() *sim.World {
	w := sim.NewWorld(3)
	for i, name := range []string{"a", "b"} {
		w.AddRobot(sim.Robot{Key: "robot-" + name, Wxid: fmt.Sprintf("168885347040000%d", i+1), NickName: "机器人" + name})
	}
	w.AddPerson(sim.Person{ID: "7881300883888745", Name: "李四"})
	for _, name := range []string{"张三", "王五"} {
		w.AddPerson(sim.Person{Name: name})
	}
	w.Befriend("robot-a", "7881300883888745")
	w.AddTagGroup("售后", "退款", "换货")
	w.AddGroup(sim.Group{ID: "R:10696052725010172", Name: "产品群", Owner: "robot-a", Members: []string{"张三", "王五", "李四", "robot-a"}, Admins: []string{"王五"}})
	w.AddGroup(sim.Group{ID: "R:10696052725010999", Name: "客服群", Owner: "robot-b", Members: []string{"robot-a", "robot-b"}})
	return w
}

func TestStepsForTheWholePlatformDoWhatTheySay(t *testing.T) {
	t.Parallel()
	b := start(t, serve(t, sim.Options{World: stepWorld()}), rulesIn(t, stepRules))

	must(b.sim.SayImage("产品群", "张三", "https://example.com/凭证.png"))
	var to []string
	for _, e := range b.ledger(t, "two forwards", sim.HasKind("image", 2)) {
		if e.Kind == "image" && e.Robot == "robot-a" {
			to = append(to, e.Chat)
		}
	}
	if want := []string{"R:10696052725010999", "7881300883888745"}; !slices.Equal(to, want) {
		t.Errorf("forwarded to %v, want %v", to, want)
	}

	must(b.sim.Say("产品群", "王五", "加微信"))
	must(b.sim.Say("产品群", "张三", "加微信"))
	b.ledger(t, "the new name", sim.HasKind("rename_group", 1))
	until(t, "two broadcasts", func() bool { return len(b.sim.Tasks()) == 2 })
	var done []string
	for _, e := range b.sim.Ledger() {
		if e.Kind != "image" && e.Kind != "text" {
			done = append(done, e.Kind+" "+e.Text)
		}
	}
	if want := []string{"kick 张三", "announce 张三 走了，还有 3 人，2 个标签", "rename_group 产品群（净）"}; !slices.Equal(done, want) {
		t.Errorf("done %q, want %q", done, want) // 王五 is an admin and stays
	}

	if err := b.sim.SetRobotStatus("robot-a", sim.StatusOffline); err != nil {
		t.Fatal(err)
	}
	b.ledger(t, "the other robot's word", hasText("机器人a offline"))
	if d := b.sim.Duplicates(); len(d) > 0 {
		t.Errorf("sent twice: %v", d)
	}
}
