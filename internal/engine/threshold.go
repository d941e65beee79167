package engine

import (
	"encoding/hex"
	"encoding/json"
	"hash/fnv"
	"slices"

	"botengine/internal/diag"
	"botengine/internal/event"
	"botengine/internal/fold"
	"botengine/internal/rule"
)

// tally is what a threshold has counted: the window, and beside each time the
// value that was told apart, as a hash. Nothing that people wrote is kept.
type tally struct {
	window
	Values []string `json:"v,omitempty"` // as many as Times; none when events are counted
}

// thresholdKey is thr/<rule>/<per values>.
func (d *decider) thresholdKey(m rule.Match) string {
	return perKey("thr", m.Rule.ID, m.Rule.Threshold.Per, d.in.Event, m.Hit)
}

// belowThreshold counts the event, and says whether there were too few so far. The
// times are those of the events, not ours: messages that are fetched together
// after a disconnection did not come together.
func (d *decider) belowThreshold(m rule.Match) (rule.Outcome, diag.Text) {
	t := m.Rule.Threshold
	if t == nil {
		return "", diag.Text{}
	}
	key := d.thresholdKey(m)
	n := d.readTally(key, t)
	at := min(d.in.Event.Time.UnixMilli(), n.At)
	for _, value := range d.distinct(m) {
		n.count(at, value)
	}
	late := len(n.Times) > 0 && at <= n.Times[len(n.Times)-1]-t.Within.Milliseconds()
	n.trim(t)
	d.writeTally(key, n, t)
	switch {
	case late:
		return rule.BelowThreshold, diag.T("这条事件比已计的早 %s 以上，不计", "the event is more than %s older than what was counted", brief(t.Within))
	case len(n.Times) < t.Count:
		return rule.BelowThreshold, diag.T("%[3]s 内第 %[1]d 次，要 %[2]d 次", "number %[1]d within %[3]s, it takes %[2]d", len(n.Times), t.Count, brief(t.Within))
	}
	return "", diag.Text{}
}

// startOver makes the threshold count anew: the rule has fired.
func (d *decider) startOver(m rule.Match) {
	if m.Rule.Threshold != nil {
		d.ledger.write(FactWrite{Key: d.thresholdKey(m), Delete: true})
	}
}

// distinct are the values of the event that the threshold tells apart; "" when it
// counts events.
func (d *decider) distinct(m rule.Match) []string {
	ev := d.in.Event
	switch m.Rule.Threshold.Distinct {
	case rule.PerMember:
		return d.hashes(peopleIn(ev)...)
	case rule.PerChat:
		return d.hashes(ev.Robot.Key + "/" + peerOf(ev))
	case rule.PerRobot:
		return d.hashes(ev.Robot.Key)
	case rule.PerHit:
		return d.hashes(m.Hit.Word)
	case rule.DistinctText:
		return d.hashes(folder.String(ev.Message.Text))
	}
	return []string{""}
}

// folder makes the view in which two texts are the same one.
var folder = fold.New(fold.Default())

func (d *decider) hashes(values ...string) []string {
	out := make([]string, len(values))
	for i, v := range values {
		h := fnv.New64a()
		_, _ = h.Write([]byte(v)) // a hash never fails
		out[i] = hex.EncodeToString(h.Sum(nil))
	}
	return out
}

// peopleIn are the ids of all whom the event is about.
func peopleIn(ev *event.Event) []string {
	if id := personOf(ev); id != "" {
		return []string{id}
	}
	ids := make([]string, 0, len(ev.Members))
	for _, p := range ev.Members {
		ids = append(ids, p.ID)
	}
	return ids
}

// readTally reads what was counted; where the rule tells apart by now what it did
// not before, it begins anew.
func (d *decider) readTally(key string, t *rule.Threshold) tally {
	now := d.in.Now.UnixMilli()
	n := tally{window: window{At: now}}
	raw, _, ok := d.ledger.read(key)
	if !ok || json.Unmarshal(raw, &n) != nil || t.Distinct != "" && len(n.Values) != len(n.Times) {
		return tally{window: window{At: now}}
	}
	if t.Distinct == "" {
		n.Values = nil
	}
	n.moveBack(now)
	return n
}

// count counts a value at a time. A value that was there already is the later of
// the two.
func (n *tally) count(at int64, value string) {
	if value == "" {
		n.add(at)
		return
	}
	if i := slices.Index(n.Values, value); i >= 0 {
		at = max(at, n.Times[i])
		n.Times, n.Values = slices.Delete(n.Times, i, i+1), slices.Delete(n.Values, i, i+1)
	}
	i, _ := slices.BinarySearch(n.Times, at+1)
	n.Times, n.Values = slices.Insert(n.Times, i, at), slices.Insert(n.Values, i, value)
}

// trim keeps what lies within the threshold's time before the latest, and no more
// than it counts to.
func (n *tally) trim(t *rule.Threshold) {
	if len(n.Times) == 0 {
		return
	}
	before := len(n.Times)
	n.forget(n.Times[before-1] - t.Within.Milliseconds())
	n.Times = n.Times[max(0, len(n.Times)-t.Count):]
	if n.Values != nil {
		n.Values = n.Values[before-len(n.Times):]
	}
}

func (d *decider) writeTally(key string, n tally, t *rule.Threshold) {
	raw, err := json.Marshal(n)
	if err != nil || len(n.Times) == 0 { // numbers and texts: it cannot fail
		return
	}
	d.ledger.write(FactWrite{Key: key, Value: raw, Expires: d.in.Now.Add(t.Within)})
}
