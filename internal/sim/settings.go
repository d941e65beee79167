package sim

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
)

// The modules of a group's settings that can be copied (§2.9).
const (
	ModuleWelcome = "WELCOME_NEW_MEMBER"
	ModuleKeyword = "GROUP_KEYWORD_REPLY"
	ModulePeriod  = "PERIOD_AUTO_REPLY"
)

var modules = []string{ModuleWelcome, ModuleKeyword, ModulePeriod}

// Settings are what the platform itself does in a group for a robot: a text for each module that is on.
type Settings map[string]string

// SetGroupSettings says what the platform itself does for a robot in a group.
func (w *World) SetGroupSettings(robot, group string, settings Settings) (err error) {
	w.with(func(r *realm) {
		b, errRobot := r.robot(robot)
		g, errGroup := r.group(group)
		if err = errRobot; err == nil {
			err = errGroup
		}
		if err == nil {
			r.settings[pair{b.Key, g.ID}] = maps.Clone(settings)
		}
	})
	return err
}

// GroupSettings returns what the platform itself does for a robot in a group.
func (w *World) GroupSettings(robot, group string) (settings Settings) {
	w.with(func(r *realm) {
		if b, err := r.robot(robot); err == nil {
			settings = maps.Clone(r.settings[pair{b.Key, r.peerID(group)}])
		}
	})
	return settings
}

// settingsCopy is the body of §2.9.
type settingsCopy struct {
	Chatrooms []string `json:"chatroom"` // one for each robot: its groups' ids, joined by semicolons
	Template  string   `json:"g"`
	Modules   []string `json:"module"`
	Robot     string   `json:"r"`
	RobotKeys []string `json:"robotKey"`
}

// copySettings answers §2.9. Everything is checked before anything is changed.
func (s *Server) copySettings(raw json.RawMessage) (fields, error) {
	var body settingsCopy
	if err := json.Unmarshal(raw, &body); err != nil {
		return nil, refuse("parameter error")
	}
	var err error
	s.world.with(func(r *realm) {
		var targets []pair
		if targets, err = r.settingsTargets(body); err != nil {
			return
		}
		from := r.settings[pair{body.Robot, body.Template}]
		for _, to := range targets {
			r.copyModules(to, from, body.Modules)
			s.ledger.record(Entry{
				Time: r.clock(), Robot: to.robot, Chat: to.peer, Kind: "group_settings", Text: r.peerName(body.Template),
				MessageID: r.mint.messageID(r.clock()), Fields: map[string]string{"module": strings.Join(body.Modules, ",")},
			})
		}
	})
	return nil, err
}

func (r *realm) settingsTargets(body settingsCopy) ([]pair, error) {
	if !r.isIn(body.Robot, body.Template) {
		return nil, refuse("parameter error: g")
	}
	if len(body.Modules) == 0 || slices.ContainsFunc(body.Modules, func(m string) bool { return !slices.Contains(modules, m) }) {
		return nil, refuse("parameter error: module")
	}
	if len(body.RobotKeys) == 0 || len(body.RobotKeys) != len(body.Chatrooms) {
		return nil, refuse("parameter error: chatroom")
	}
	var targets []pair
	for i, key := range body.RobotKeys {
		for id := range strings.SplitSeq(body.Chatrooms[i], ";") {
			if !r.isIn(key, id) {
				return nil, refuse("group not found: %s", id)
			}
			targets = append(targets, pair{key, id})
		}
	}
	return targets, nil
}

// isIn says whether the robot with that key is in the group with that id.
func (r *realm) isIn(robotKey, id string) bool {
	b, g := r.robotByKey(robotKey), r.groupByID(id)
	return b != nil && g != nil && slices.Contains(g.Members, b.Wxid)
}

// copyModules makes the modules of a group those of the template: what is off there is off here then.
func (r *realm) copyModules(to pair, from Settings, which []string) {
	next := maps.Clone(r.settings[to])
	if next == nil {
		next = Settings{}
	}
	for _, m := range which {
		if text, on := from[m]; on {
			next[m] = text
		} else {
			delete(next, m)
		}
	}
	r.settings[to] = next
}
