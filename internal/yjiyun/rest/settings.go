package rest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"botengine/internal/yjiyun"
)

// SettingsModule is a part of a group's settings.
type SettingsModule string

// The parts that can be copied (§2.9).
const (
	ModuleWelcome      SettingsModule = "WELCOME_NEW_MEMBER"  // the welcome of new members
	ModuleKeywordReply SettingsModule = "GROUP_KEYWORD_REPLY" // the replies to keywords
	ModuleDefaultReply SettingsModule = "PERIOD_AUTO_REPLY"   // the reply to everything else
)

var modules = []SettingsModule{ModuleWelcome, ModuleKeywordReply, ModuleDefaultReply}

// GroupSettings says which settings of a group are copied to others (§2.9).
type GroupSettings struct {
	RobotKey string // the robot of the group that is copied
	GroupID  string // the group that is copied: R:<id>
	Modules  []SettingsModule
	Targets  []Target // robots and their groups that get the settings
}

// Check says what keeps settings from being copied, or nil.
func (g *GroupSettings) Check() error {
	switch {
	case g.RobotKey == "":
		return errors.New("r: the robot of the group to be copied is missing")
	case !isGroup(g.GroupID):
		return fmt.Errorf("g: %q is no group (R:<id>)", g.GroupID)
	case len(g.Modules) == 0:
		return fmt.Errorf("module: name at least one of %s", moduleNames())
	case len(g.Targets) == 0:
		return errors.New("robotKey: there is no robot whose groups get the settings")
	}
	for _, module := range g.Modules {
		if !slices.Contains(modules, module) {
			return fmt.Errorf("module: %q is none of %s", module, moduleNames())
		}
	}
	for i, target := range g.Targets {
		switch {
		case target.RobotKey == "":
			return fmt.Errorf("robotKey %d is empty", i+1)
		case len(target.Peers) == 0:
			return fmt.Errorf("chatroom %d names no group", i+1)
		}
		for _, peer := range target.Peers {
			if !isGroup(peer) {
				return fmt.Errorf("chatroom %d: %q is no group (R:<id>)", i+1, peer)
			}
		}
	}
	return nil
}

func moduleNames() string {
	names := make([]string, len(modules))
	for i, module := range modules {
		names[i] = string(module)
	}
	return strings.Join(names, ", ")
}

func isGroup(id string) bool {
	digits, ok := strings.CutPrefix(id, "R:")
	return ok && digits != "" && !strings.ContainsAny(digits, "; \t\n")
}

// wireSettings is the body of §2.9: chatroom holds one string for each of
// robotKey, its group ids joined by semicolons.
type wireSettings struct {
	Chatroom []yjiyun.Text    `json:"chatroom"`
	G        yjiyun.ID        `json:"g"`
	Module   []SettingsModule `json:"module"`
	R        yjiyun.ID        `json:"r"`
	RobotKey []yjiyun.ID      `json:"robotKey"`
}

func wireSettingsOf(g *GroupSettings) wireSettings {
	w := wireSettings{G: yjiyun.ID(g.GroupID), Module: g.Modules, R: yjiyun.ID(g.RobotKey)}
	for _, target := range g.Targets {
		w.Chatroom = append(w.Chatroom, yjiyun.Text(strings.Join(target.Peers, ";")))
		w.RobotKey = append(w.RobotKey, yjiyun.ID(target.RobotKey))
	}
	return w
}

// settings is the wire's body as ours, for checking it.
func (w *wireSettings) settings() (GroupSettings, error) {
	g := GroupSettings{RobotKey: string(w.R), GroupID: string(w.G), Modules: w.Module}
	if len(w.Chatroom) != len(w.RobotKey) {
		return g, fmt.Errorf("chatroom has %d entries and robotKey %d: one for each", len(w.Chatroom), len(w.RobotKey))
	}
	for i, groups := range w.Chatroom {
		target := Target{RobotKey: string(w.RobotKey[i])}
		for group := range strings.SplitSeq(string(groups), ";") {
			if group = strings.TrimSpace(group); group != "" {
				target.Peers = append(target.Peers, group)
			}
		}
		g.Targets = append(g.Targets, target)
	}
	return g, nil
}

const pathSettings = "/wxworkapi/group/setting/duplicate"

// CopyGroupSettings copies settings of one group to others (§2.9; what else the
// platform answers is not known). It is asked for once.
func (c *Client) CopyGroupSettings(ctx context.Context, g GroupSettings) (Answer, error) {
	if err := g.Check(); err != nil {
		return Answer{}, invalid("copy group settings", err)
	}
	text, err := json.Marshal(wireSettingsOf(&g))
	if err != nil {
		return Answer{}, invalid("copy group settings", err)
	}
	var answer Answer
	return answer, c.change(ctx, pathSettings, object(text), &answer)
}
