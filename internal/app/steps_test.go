package app

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"botengine/internal/actions"
	"botengine/internal/sim"
)

// everyStep is each step that sends something, as a rule would have it in the
// demo world.
var everyStep = map[string]string{
	"add_friend":          `"13800000004"`,
	"announce":            `{text: 今晚维护}`,
	"broadcast":           `{name: 通知, to: ["R:10696051755024720"], messages: [{text: 今晚维护}]}`,
	"command":             `{type: robot.info.modify, fields: {alias: 小助手乙, gender: 2}}`,
	"copy_group_settings": `{from: "R:10696051754030138", to: ["R:10696051755024720"], modules: [welcome]}`,
	"create_group":        `{members: ["{{sender.id}}", 7881300922264508], name: 新群}`,
	"forward":             `["R:10696051755024720"]`,
	"invite":              `{group: "R:10696051754030138", who: "7881300922264508"}`,
	"kick":                `{user: "7881299823017745"}`,
	"lookup":              `{admins: true, as: boss}`,
	"mark_read":           `{}`,
	"notify":              `{to: "R:10696051755024720", text: 有人找}`,
	"remark":              `{remark: 老客户, description: 三月来过}`,
	"rename_group":        `{name: 产品体验群（已满）}`,
	"reply":               `{text: 您好, at: sender}`,
	"reply_file":          `https://example.com/a.pdf`,
	"reply_image":         `https://example.com/a.png`,
	"reply_link":          `{title: 必读, url: "https://example.com/guide"}`,
	"reply_video":         `https://example.com/a.mp4`,
	"robot_profile":       `{alias: 售后小助手}`,
	"send":                `{to: "R:10696051755024720", text: 收到}`,
	"set_admins":          `{add: [1688853470825570]}`,
	"sync_contacts":       `groups`,
	"tag":                 `{add: [售后/退款]}`,
}

// Every step that sends reaches the platform through the whole engine, and the
// platform's answer comes back as the step's result.
func TestEveryStepReachesThePlatformAndItsResultComesBack(t *testing.T) {
	var rules strings.Builder
	rules.WriteString("version: 1\ndefaults: {loop_guard: off}\nrules:\n")
	for _, name := range slices.Sorted(maps.Keys(everyStep)) {
		on := "on: message.text\n    match: {exact: [" + name + "]}\n    scope: {chat_type: group}"
		if name == "forward" {
			on = "on: message.link"
		}
		fmt.Fprintf(&rules, "  - id: %[1]s\n    %[2]s\n    do:\n      - %[1]s: %[3]s\n        id: it\n        on_error: continue\n      - log: \"%[1]s {{steps.it.code}} {{steps.it.msg}}\"\n", name, on, everyStep[name])
	}
	for _, a := range actions.All() {
		if _, ok := everyStep[a.Name()]; !ok && len(a.Sends()) > 0 && !slices.Contains([]string{"accept_friend", "call"}, a.Name()) { // they have tests of their own
			t.Errorf("no step %s in this test", a.Name())
		}
	}
	b := start(t, serve(t, sim.Options{}), rulesIn(t, rules.String()))
	for _, name := range slices.Sorted(maps.Keys(everyStep)) {
		if name == "forward" {
			must(b.sim.SayLink("产品体验群1", "张三", "好文", "https://example.com/x"))
		} else {
			must(b.sim.Say("R:10696051754030138", "张三", name))
		}
		if got := b.logOf(t, name); !strings.HasPrefix(got, name+" 0 ") {
			t.Errorf("the step ended as %q", got)
		}
	}
}

// logOf waits for the line that the rule of that name logs.
func (b *bench) logOf(t *testing.T, rule string) string {
	t.Helper()
	deadline := time.After(soon)
	for {
		select {
		case r := <-b.reports:
			for _, l := range r.Decision.Logs {
				if l.Rule == rule && !l.Problem {
					return l.Text
				}
			}
		case <-deadline:
			t.Fatalf("the rule %s never ended", rule)
		}
	}
}
