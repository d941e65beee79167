package engine

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"

	"botengine/internal/actions"
	"botengine/internal/event"
	"botengine/internal/expression"
	"botengine/internal/rule"
)

// escape keeps a slash inside a part from looking like one between parts.
var escape = strings.NewReplacer("%", "%25", "/", "%2F")

// maxPart is the longest that a part of a key may be, in bytes. What people write
// may be one, and a store does not take a key of any length.
const maxPart = 500

// path joins the parts of a fact's key.
func path(parts ...string) string {
	for i, p := range parts {
		parts[i] = keyPart(p)
	}
	return strings.Join(parts, "/")
}

// keyPart is a part as keys have it: one that is too long is named by its hash,
// which no other part can look like.
func keyPart(p string) string {
	if strings.IndexByte(p, '/') >= 0 || strings.IndexByte(p, '%') >= 0 {
		p = escape.Replace(p)
	}
	if len(p) <= maxPart {
		return p
	}
	sum := sha256.Sum256([]byte(p))
	return "%sha256-" + hex.EncodeToString(sum[:])
}

// peerOf is who the event's chat is with: a person, or a group's R:<id>.
func peerOf(ev *event.Event) string {
	if ev.Chat.Peer != "" {
		return ev.Chat.Peer
	}
	if _, peer, ok := event.SplitChatID(ev.Chat.ID); ok {
		return peer
	}
	return ev.Friend.ID
}

// personOf is the person the event is about; "" when there is not exactly one.
func personOf(ev *event.Event) string {
	if ev.Sender.ID != "" {
		return ev.Sender.ID
	}
	return ev.Friend.ID
}

// peopleOf names who the event is about, new members too.
func peopleOf(ev *event.Event) string {
	if id := personOf(ev); id != "" {
		return id
	}
	ids := make([]string, 0, len(ev.Members))
	for _, p := range ev.Members {
		ids = append(ids, p.ID)
	}
	slices.Sort(ids)
	return strings.Join(ids, ",")
}

// cooldownKey is cd/<rule>/<per values>.
func cooldownKey(r *rule.Rule, ev *event.Event, hit expression.Hit) string {
	return perKey("cd", r.ID, r.Cooldown.Per, ev, hit)
}

// perKey is <prefix>/<rule>/<per values>, each value with its name, so that a rule
// whose `per` was edited does not take one for the other.
func perKey(prefix, ruleID string, pers []string, ev *event.Event, hit expression.Hit) string {
	parts := []string{prefix, ruleID}
	for _, per := range pers {
		switch per {
		case rule.PerRobot:
			parts = append(parts, "robot="+ev.Robot.Key)
		case rule.PerChat:
			parts = append(parts, "chat="+ev.Robot.Key, peerOf(ev))
		case rule.PerMember:
			parts = append(parts, "member="+ev.Robot.Key, peerOf(ev), peopleOf(ev))
		case rule.PerHit:
			parts = append(parts, "hit="+hit.Word)
		}
	}
	return path(parts...)
}

// fuseKey is lg/<rule>/<chat>.
func fuseKey(r *rule.Rule, ev *event.Event) string {
	return path("lg", r.ID, ev.Robot.Key, peerOf(ev))
}

// tagsKey is tags/<robotKey>.
func tagsKey(robot string) string { return path("tags", robot) }

// noTagKey is notag/<robotKey>/<name>: the platform was asked and has no such tag.
func noTagKey(robot, name string) string { return path("notag", robot, plainName(name)) }

// factKey is f/<scope>/<ids>/<name>; ok is false when the event has nobody the
// fact could be about.
func factKey(ev *event.Event, scope, name string) (key string, ok bool) {
	person, peer := personOf(ev), peerOf(ev)
	switch scope {
	case actions.ScopeUser:
		return path("f", scope, ev.Account, person, name), person != ""
	case actions.ScopeChat:
		return path("f", scope, ev.Robot.Key, peer, name), peer != ""
	case actions.ScopeMember:
		return path("f", scope, ev.Robot.Key, peer, person, name), peer != "" && person != ""
	case actions.ScopeRobot:
		return path("f", scope, ev.Robot.Key, name), true
	case actions.ScopeGlobal:
		return path("f", scope, name), true
	}
	return "", false
}
