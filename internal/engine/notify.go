package engine

import (
	"encoding/json"
	"fmt"
	"time"

	"botengine/internal/actions"
	"botengine/internal/event"
	"botengine/internal/rule"
)

// CodeCoalesced ends a step whose message was only counted, because the step had
// spoken often enough.
const CodeCoalesced = "coalesced"

// spokenLife is how long messages that were not sent are remembered for the next
// one to tell.
const spokenLife = 30 * 24 * time.Hour

// spoken is how often a step has spoken, as a fact.
type spoken struct {
	At     json.RawMessage `json:"at"`               // the times within its window
	Unsent int             `json:"unsent,omitempty"` // since the last one that was sent
}

// spare says whether the step may send its message: not oftener than it is meant
// to. If not, the step has ended: that is no failure.
func (r *runner) spare(s *rule.Step, effect *actions.Effect) (send bool) {
	send, err := true, error(nil)
	if r.run.Try == 0 {
		send, err = r.countSpoken(s, effect)
	}
	if send && err == nil && r.run.Unsent > 0 {
		effect.Command, err = effect.Sparing.Unsent(r.run.Unsent)
	}
	switch {
	case err != nil:
		r.end(event.CodeInvalid, err.Error())
		return false
	case !send:
		r.record(s, CodeCoalesced, "")
		r.run.goTo(s.Next)
	}
	return send
}

// countSpoken notes that the step speaks, or would have spoken: once, however often
// it is tried. The message that is sent says how many were not.
func (r *runner) countSpoken(s *rule.Step, effect *actions.Effect) (send bool, err error) {
	limit, now := effect.Sparing, r.d.in.Now
	key := path("nt", r.rule.ID, s.ID)
	var past spoken
	if raw, _, ok := r.d.ledger.read(key); ok {
		_ = json.Unmarshal(raw, &past) // what cannot be read counts for nothing
	}
	var times []time.Time
	for _, t := range decodeTimes(past.At) {
		if !t.After(now) && now.Sub(t) < limit.Within {
			times = append(times, t)
		}
	}
	if send = len(times) < limit.Count; !send {
		past.Unsent++
	} else {
		times = append(times, now)
		r.run.Unsent, past.Unsent = past.Unsent, 0
	}
	past.At = encodeTimes(times)
	raw, err := json.Marshal(past)
	if err != nil {
		return false, fmt.Errorf("count what was not sent: %w", err)
	}
	r.d.ledger.write(FactWrite{Key: key, Value: raw, Expires: now.Add(max(spokenLife, limit.Within))})
	return send, nil
}
