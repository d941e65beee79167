package app

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"botengine/internal/sim"
)

// The platform goes wrong when two tag commands of one robot overlap (§3.11).
func TestTenThousandTagCommandsNeverOverlapAndKeepTheirOrder(t *testing.T) {
	const robots, each = 20, 500
	world := sim.NewWorld(7)
	person := world.AddPerson(sim.Person{ID: "7881300883888745", Name: "张三"})
	labels := []sim.Label{{ID: "14073751575621261", Name: "甲"}, {ID: "14073751575621262", Name: "乙"}, {ID: "14073751575621263", Name: "丙"}}
	world.AddTags(sim.TagGroup{ID: "14073751306622333", Name: "组", Labels: labels})
	for i := range robots {
		r := world.AddRobot(sim.Robot{Key: fmt.Sprintf("robot-%02d", i), Wxid: fmt.Sprintf("16888534704%05d", i), NickName: fmt.Sprintf("机器人%02d", i)})
		world.Befriend(r.Key, person.ID)
	}
	b := start(t, serve(t, sim.Options{World: world}), rulesIn(t, `version: 1
defaults: {loop_guard: off}
rules:
  - {id: tag, on: message.text, do: [{tag: {add: ["{{text}}"]}}]}
`))
	want := map[string][]string{}
	random := rand.New(rand.NewPCG(1, 2))
	for i := range robots * each {
		robot, label := fmt.Sprintf("robot-%02d", i%robots), labels[random.IntN(len(labels))].ID
		must(b.sim.Say(robot, person.ID, label))
		want[robot] = append(want[robot], label)
	}
	for n := 500; n <= robots*each; n += 500 { // as long as it goes on, it may take its time
		b.ledger(t, fmt.Sprintf("%d tags", n), sim.HasKind("tag", n))
	}

	if n := b.sim.Overlaps(); len(n) > 0 {
		t.Errorf("%d commands overlapped, the first: %+v", len(n), n[0])
	}
	got := map[string][]string{}
	for _, c := range b.sim.Commands() {
		var body struct{ Tags []string }
		if err := json.Unmarshal([]byte(c.Body), &body); err != nil || len(body.Tags) != 1 {
			t.Fatalf("the server got %s", c.Body)
		}
		got[c.Robot] = append(got[c.Robot], body.Tags[0])
	}
	for robot := range want {
		if !slices.Equal(got[robot], want[robot]) {
			t.Errorf("%s: %d commands, not the %d in the order they were said", robot, len(got[robot]), len(want[robot]))
		}
	}
}
