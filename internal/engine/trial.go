package engine

import (
	"encoding/json"
	"strconv"
	"strings"
	"time"

	"botengine/internal/diag"
	"botengine/internal/expression"
	"botengine/internal/rule"
)

// Guard is what takes the right to act from a rule that does badly after a change,
// where the rule does not say itself what that is. Each part is off when it is 0.
type Guard struct {
	Share  float64 // of the messages in its scope: a rule that fires on more than this is broken
	Min    int     // but not before so many of them were seen
	Errors float64 // of its firings: so many may fail
}

const (
	fewErrors = 5  // with fewer than these no share of errors means anything
	fewSeen   = 20 // with fewer than these `share` says nothing, and is 0
)

// What became of a trial.
const (
	trialWithheld = "withheld" // the rule lost its right to act
	trialKept     = "kept"     // a person gave it back: nobody watches any more
)

// record is what is known of a rule since its text changed, as a fact.
type record struct {
	Version string    `json:"v"`
	State   string    `json:"state,omitempty"` // "" = it is watched
	At      time.Time `json:"at,omitzero"`     // when State became so
	ZH      string    `json:"zh,omitempty"`    // why
	EN      string    `json:"en,omitempty"`
	Fired   int       `json:"fired,omitempty"`
	Errors  int       `json:"errors,omitempty"`
	Seen    int       `json:"seen,omitempty"` // when it was written; see Seen
	Mark    int       `json:"mark,omitempty"` // what Seen had counted then
	Boot    string    `json:"boot,omitempty"` // the process that had

	alert bool // State became so in this decision
}

// TrialFact is the key of what is known of a rule since its text changed.
func TrialFact(ruleID string) string { return path("ro", ruleID) }

// trial returns the trial that the rule is on as it is now; nil when it is on none.
func (d *decider) trial(r *rule.Rule) *rule.Trial {
	t := d.in.Set.Trial(r.ID)
	if t == nil || t.Rule.Version != r.Version || r == t.Former {
		return nil
	}
	return t
}

// readRecord reads what is known of a trial. What is known of an earlier text of
// the rule does not count.
func (d *decider) readRecord(t *rule.Trial) *record {
	return recordOf(d.ledger.read, t.Rule)
}

func recordOf(read func(string) ([]byte, time.Time, bool), r *rule.Rule) *record {
	rec := &record{}
	raw, _, ok := read(TrialFact(r.ID))
	if !ok || json.Unmarshal(raw, rec) != nil || rec.Version != r.Version {
		return &record{Version: r.Version}
	}
	return rec
}

// gaveWay says whether the rule is a former one that does not act here: the rule
// that took its place does.
func (d *decider) gaveWay(r *rule.Rule) bool {
	t := d.in.Set.Trial(r.ID)
	if t == nil || r != t.Former {
		return false
	}
	rec := d.readRecord(t)
	return rec.State != trialWithheld && (rec.State == trialKept || !d.in.Now.Before(t.Until) || t.Acts(d.trialChat()))
}

// trialChat names the chat of the event: the same for all robots in a group.
func (d *decider) trialChat() string {
	peer := peerOf(d.in.Event)
	if peer == "" {
		return d.in.Event.Robot.Key
	}
	return strings.Join(sharedChat(d.in.Event.Robot.Key, peer), "/")
}

// try judges a rule that may be on trial, and counts what came of it. Where the
// former rule acts in its place, nothing of the judgement stays but that.
func (d *decider) try(m rule.Match, stop *rule.Rule) Verdict {
	t := d.trial(m.Rule)
	if t == nil {
		return d.judge(m, stop)
	}
	mark := d.ledger.mark()
	d.record = nil
	v := d.judge(m, stop)
	if v.Outcome == rule.ConditionError {
		d.noteError(m.Rule)
	}
	rec := d.record
	d.record = nil
	if t.Former != nil && d.replaced(t) {
		d.ledger.rollback(mark)
	}
	if rec != nil {
		d.writeRecord(t.Rule, rec)
	}
	return v
}

// replaced says whether the former rule acts in this chat.
func (d *decider) replaced(t *rule.Trial) bool { return !d.gaveWay(t.Former) }

// unproven counts a firing of a rule on trial, and says why it may not act; "" =
// it may.
func (d *decider) unproven(r *rule.Rule) (rule.Outcome, diag.Text) {
	t := d.trial(r)
	if t == nil {
		return "", diag.Text{}
	}
	rec := d.readRecord(t)
	over := !d.in.Now.Before(t.Until)
	if rec.State == "" && !over {
		rec.Fired++
		rec.Seen, rec.Mark, rec.Boot = d.seen(rec, r, 1)
		d.sound(t, rec)
		d.record = rec
	}
	switch {
	case rec.State == trialWithheld:
		return rule.Withheld, rec.why()
	case rec.State == trialKept || over || t.Acts(d.trialChat()):
		return "", diag.Text{}
	}
	return rule.Canary, diag.Text{
		ZH: "试用的会话占 " + Percent(t.Canary) + "，" + brief(left(t.Until, d.in.Now)) + " 后到处生效" + formerZH[t.Former != nil],
		EN: "tried in " + Percent(t.Canary) + " of the chats, everywhere in " + brief(left(t.Until, d.in.Now)) + formerEN[t.Former != nil],
	}
}

// What happens in the chats in which a rule is not tried.
var (
	formerZH = map[bool]string{true: "；这里由改之前的规则处理", false: "；这里只记录"}
	formerEN = map[bool]string{true: "; here the rule acts as it was", false: "; here it only records"}
)

// Percent writes a share as people do, with four digits behind the point at most.
func Percent(share float64) string {
	return strings.TrimRight(strings.TrimRight(strconv.FormatFloat(share*100, 'f', 4, 64), "0"), ".") + "%"
}

func (r *record) why() diag.Text { return diag.Text{ZH: r.ZH, EN: r.EN} }

// seen is how many events the rule could have fired on so far, with the one in
// hand where more says so, and what to write down to count on from there. Events are
// counted after their commit: those before in this one are in the record alone.
func (d *decider) seen(rec *record, r *rule.Rule, more int) (seen, mark int, boot string) {
	counted, boot := d.in.Seen.of(r)
	known := 0
	if rec.Boot == boot {
		known = rec.Mark
	}
	mark = max(counted, known)
	return rec.Seen + mark - known + more, mark + more, boot
}

// noteError counts a step of a rule on trial that failed, or a condition that broke.
func (d *decider) noteError(r *rule.Rule) {
	t := d.trial(r)
	if t == nil || !d.in.Now.Before(t.Until) {
		return
	}
	rec := d.record
	if rec == nil {
		rec = d.readRecord(t)
	}
	if rec.State != "" {
		return
	}
	rec.Errors++
	d.sound(t, rec)
	if d.record == nil {
		d.writeRecord(r, rec)
	}
}

// sound takes the right to act from a rule that does badly.
func (d *decider) sound(t *rule.Trial, rec *record) {
	if why, bad := d.in.Guard.alarm(t.Rule, rec); bad {
		rec.withhold(why, d.in.Now)
	}
}

func (r *record) withhold(why diag.Text, now time.Time) {
	r.State, r.At, r.ZH, r.EN, r.alert = trialWithheld, now, why.ZH, why.EN, true
}

// figures are what `abort_if` sees.
func (r *record) figures() expression.Figures {
	f := expression.Figures{Fired: r.Fired, Seen: max(r.Seen, r.Fired), Errors: r.Errors}
	if f.Seen >= fewSeen {
		f.Share = float64(f.Fired) / float64(f.Seen)
	}
	return f
}

// alarm says whether the rule does so badly that it must not act, and why.
func (g *Guard) alarm(r *rule.Rule, rec *record) (why diag.Text, bad bool) {
	f := rec.figures()
	told := diag.T("触发 %d 次，所听事件 %d 个，失败 %d 次", "fired %d times, of %d events, %d failures", f.Fired, f.Seen, f.Errors)
	if ro := r.Rollout; ro != nil && ro.Abort != nil {
		bad, _ = ro.Abort.Holds(f) // what cannot be computed is no alarm
		return diag.Text{ZH: "`abort_if: " + ro.Abort.Source() + "` 成立：" + told.ZH, EN: "`abort_if: " + ro.Abort.Source() + "` is true: " + told.EN}, bad
	}
	switch {
	case g == nil:
		return diag.Text{}, false
	case g.Share > 0 && f.Seen >= max(g.Min, 1) && r.Picky() && float64(f.Fired) > g.Share*float64(f.Seen):
		return diag.Text{ZH: "改后对超过 " + Percent(g.Share) + " 的消息都触发：" + told.ZH, EN: "fires on more than " + Percent(g.Share) + " of the messages since it changed: " + told.EN}, true
	case g.Errors > 0 && f.Errors >= fewErrors && float64(f.Errors) > g.Errors*float64(f.Fired):
		return diag.Text{ZH: "改后失败超过 " + Percent(g.Errors) + "：" + told.ZH, EN: "more than " + Percent(g.Errors) + " failed since it changed: " + told.EN}, true
	}
	return diag.Text{}, false
}

// writeRecord writes down what is known, and says loudly when the rule lost its
// right to act.
func (d *decider) writeRecord(r *rule.Rule, rec *record) {
	raw, err := json.Marshal(rec)
	if err != nil { // texts and numbers: it cannot fail
		return
	}
	d.ledger.write(FactWrite{Key: TrialFact(r.ID), Value: raw})
	if rec.alert {
		d.ledger.logs = append(d.ledger.logs, Log{Rule: r.ID, Problem: true, Alert: true, Text: "the changed rule does not act any more: " + rec.EN})
	}
}
