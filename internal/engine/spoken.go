package engine

import (
	"strconv"
	"strings"
	"time"

	"botengine/internal/event"
	"botengine/internal/expression"
	"botengine/internal/rule"
)

// Reading is what an expression would see that is asked about the input's event, by
// the facts of the input. Nothing is decided or written.
func Reading(in Input, hit expression.Hit) *expression.Scope {
	d := &decider{in: in, ledger: newLedger(in.Facts, in.Now), key: eventKey(in.Event)}
	return d.scope(in.Event, hit)
}

// CooldownLeft is how long the rule would still keep silent for the event; 0 = not
// at all.
func CooldownLeft(in Input, r *rule.Rule, hit expression.Hit) time.Duration {
	if r.Cooldown == nil {
		return 0
	}
	_, until, ok := newLedger(in.Facts, in.Now).read(cooldownKey(r, in.Event, hit))
	if !ok || until.IsZero() {
		return 0
	}
	return max(0, until.Sub(in.Now))
}

// WaitsAt says which step of which rule a run waits in that was begun in the event's
// chat, from what is stored of it; ok is false for a run of another chat.
func WaitsAt(set *rule.Set, ev *event.Event, runData []byte) (ruleID, step string, ok bool) {
	state, err := decodeRun(runData)
	if err != nil || state.Event.Robot.Key != ev.Robot.Key || peerOf(&state.Event) != peerOf(ev) {
		return "", "", false
	}
	if r, known := set.Rule(state.Rule); known && state.Step < len(r.Steps) {
		step = r.Steps[state.Step].ID
	}
	return state.Rule, step, true
}

var unescape = strings.NewReplacer("%2F", "/", "%25", "%")

// InWords is a fact that belongs to the event, as an expression of the rule language
// that reads it: user.level, count("member.ads"), in_list("banned", "1688…"). ok is
// false for what the language has no words for, and for what belongs to somebody
// else.
func InWords(ev *event.Event, key string) (words string, ok bool) {
	parts := strings.Split(key, "/")
	for i := range parts {
		parts[i] = unescape.Replace(parts[i])
	}
	if len(parts) < 3 {
		return "", false
	}
	scope, name := parts[1], parts[len(parts)-1]
	switch parts[0] {
	case "f":
		own, there := factKey(ev, scope, name)
		return scope + "." + name, there && own == key
	case "cnt":
		own, there := counterKey(ev, scope, name)
		return "count(" + strconv.Quote(scope+"."+name) + ")", there && own == key
	case "list":
		return "in_list(" + strconv.Quote(scope) + ", " + strconv.Quote(name) + ")", len(parts) == 3
	}
	return "", false
}

// CooldownOf is the rule of a cooldown's key.
func CooldownOf(key string) (ruleID string, ok bool) {
	rest, ok := strings.CutPrefix(key, "cd/")
	ruleID, _, _ = strings.Cut(rest, "/")
	return unescape.Replace(ruleID), ok
}

// TaggedOf says whether the key is that of the event's person's tags.
func TaggedOf(ev *event.Event, key string) bool {
	person := personOf(ev)
	return person != "" && key == taggedKey(ev.Robot.Key, person)
}
