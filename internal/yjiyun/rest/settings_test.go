package rest_test

import (
	"strings"
	"testing"

	"botengine/internal/yjiyun/rest"
)

func TestSettingsThatCannotBeCopiedAreSaid(t *testing.T) {
	cases := map[string]struct {
		change func(*rest.GroupSettings)
		want   string
	}{
		"nobody's group":        {func(g *rest.GroupSettings) { g.RobotKey = "" }, "r: the robot"},
		"a person":              {func(g *rest.GroupSettings) { g.GroupID = "7881300922264508" }, `g: "7881300922264508" is no group`},
		"nothing of it":         {func(g *rest.GroupSettings) { g.Modules = nil }, "module: name at least one of WELCOME_NEW_MEMBER, GROUP_KEYWORD_REPLY, PERIOD_AUTO_REPLY"},
		"something else":        {func(g *rest.GroupSettings) { g.Modules[0] = "WELCOME" }, `module: "WELCOME" is none of`},
		"to nobody":             {func(g *rest.GroupSettings) { g.Targets = nil }, "robotKey: there is no robot"},
		"to an unnamed robot":   {func(g *rest.GroupSettings) { g.Targets[0].RobotKey = "" }, "robotKey 1 is empty"},
		"to no group":           {func(g *rest.GroupSettings) { g.Targets[0].Peers = nil }, "chatroom 1 names no group"},
		"to a person":           {func(g *rest.GroupSettings) { g.Targets[0].Peers[1] = "1" }, `chatroom 1: "1" is no group`},
		"to two groups in one":  {func(g *rest.GroupSettings) { g.Targets[0].Peers[1] = "R:1;R:2" }, `chatroom 1: "R:1;R:2" is no group`},
		"to a group without id": {func(g *rest.GroupSettings) { g.Targets[0].Peers[1] = "R:" }, `chatroom 1: "R:" is no group`},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			g := rest.GroupSettings{
				RobotKey: "k", GroupID: "R:1736038911", Modules: []rest.SettingsModule{rest.ModuleKeywordReply},
				Targets: []rest.Target{{RobotKey: "k2", Peers: []string{"R:10696052725018269", "R:1736053432"}}},
			}
			if err := g.Check(); err != nil {
				t.Fatal(err)
			}
			c.change(&g)
			if err := g.Check(); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want %s", err, c.want)
			}
		})
	}
}
