package engine

import (
	"time"

	"botengine/internal/diag"
	"botengine/internal/rule"
)

// TrialStatus is how a rule on trial does.
type TrialStatus struct {
	Rule   string    `json:"rule"`
	State  string    `json:"state"` // one of the Trial… constants
	Since  time.Time `json:"since"`
	Until  time.Time `json:"until"`
	Canary float64   `json:"canary"` // the share of chats in which it acts while it is tried
	Former bool      `json:"former"` // where it does not, it acts as it was before the change
	Seen   int       `json:"seen"`   // events that it listens to, since it changed
	Fired  int       `json:"fired"`
	Errors int       `json:"errors"`
	At     time.Time `json:"at,omitzero"` // when it was withheld, or kept
	Why    string    `json:"why,omitempty"`
	WhyZH  string    `json:"why_zh,omitempty"`
}

// The states of a trial.
const (
	TrialCanary   = "canary"      // it acts in a share of the chats
	TrialWatched  = "watched"     // it acts everywhere, and is watched
	TrialWithheld = trialWithheld // it does not act: it did badly, or a person said so
	TrialKept     = trialKept     // a person said that it is to act
	TrialOver     = "over"        // it acts everywhere
)

// StatusOf says how a rule on trial does. facts and seen are what decisions have.
func StatusOf(facts Facts, seen *Seen, t *rule.Trial, now time.Time) TrialStatus {
	d := &decider{in: Input{Seen: seen, Now: now}, ledger: newLedger(facts, now)}
	rec := d.readRecord(t)
	s := TrialStatus{
		Rule: t.Rule.ID, State: rec.State, Since: t.Since, Until: t.Until, Canary: t.Canary, Former: t.Former != nil,
		Fired: rec.Fired, Errors: rec.Errors, At: rec.At, Why: rec.EN, WhyZH: rec.ZH,
	}
	s.Seen, _, _ = d.seen(rec, t.Rule, 0)
	s.Seen = max(s.Seen, s.Fired)
	switch {
	case s.State != "":
	case !now.Before(t.Until):
		s.State = TrialOver
	case t.Canary < 1:
		s.State = TrialCanary
	default:
		s.State = TrialWatched
	}
	return s
}

// Withheld says whether a rule has lost its right to act since its text changed.
func Withheld(facts Facts, r *rule.Rule) bool {
	return recordOf(newLedger(facts, time.Time{}).read, r).State == trialWithheld
}

// KeepTrial is the fact by which a person gives a rule its right to act, for good.
func KeepTrial(facts Facts, r *rule.Rule, now time.Time) FactWrite {
	return overrule(facts, r, now, trialKept, diag.T("有人让它恢复生效", "a person gave it back its right to act"))
}

// WithholdTrial is the fact by which a person takes it away.
func WithholdTrial(facts Facts, r *rule.Rule, now time.Time) FactWrite {
	return overrule(facts, r, now, trialWithheld, diag.T("有人中止了试用", "a person ended the trial"))
}

func overrule(facts Facts, r *rule.Rule, now time.Time, state string, why diag.Text) FactWrite {
	d := &decider{in: Input{Now: now}, ledger: newLedger(facts, now)}
	rec := recordOf(d.ledger.read, r)
	rec.State, rec.At, rec.ZH, rec.EN = state, now, why.ZH, why.EN
	d.writeRecord(r, rec)
	return d.ledger.writes[0]
}

// Review writes down how many events the rules with a rollout have seen, and takes
// the right to act from those of which that says enough. Decisions do the same when
// something fires; this is for what does not.
func Review(set *rule.Set, facts Facts, seen *Seen, guard *Guard, now time.Time) ([]FactWrite, []Log) {
	d := &decider{in: Input{Set: set, Guard: guard, Seen: seen, Now: now}, ledger: newLedger(facts, now)}
	for _, t := range set.Trials() {
		rec := d.readRecord(t)
		if t.Rule.Rollout == nil || rec.State != "" || !now.Before(t.Until) {
			continue
		}
		was := rec.Seen
		rec.Seen, rec.Mark, rec.Boot = d.seen(rec, t.Rule, 0)
		if rec.Seen == was {
			continue
		}
		d.sound(t, rec)
		d.writeRecord(t.Rule, rec)
	}
	out := d.ledger.decision()
	return out.Facts, out.Logs
}

// SourcesArchive is the text of rules as archives keep it.
func SourcesArchive(sources rule.Sources) ([]byte, error) { return encodeArchive(sources) }

// ArchivedRule is the rule of an archive as it was; an error says why it cannot be
// used any more.
func ArchivedRule(data []byte, id string) (*rule.Rule, error) {
	set, err := compileArchive(data)
	if err != nil {
		return nil, err
	}
	if r, ok := set.Rule(id); ok {
		return r, nil
	}
	return nil, errNoSuchRule
}
