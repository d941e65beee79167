package app

import (
	"context"
	"encoding/json"
	"time"

	"botengine/internal/config"
	"botengine/internal/engine"
	"botengine/internal/rule"
	"botengine/internal/state"
)

// rolloutDocument is where the rules are kept that changed, until they have proved
// themselves.
const rolloutDocument = "rules/rollout"

// changed is one of them.
type changed struct {
	Version string    `json:"version"` // of the rule as it is now
	Since   time.Time `json:"since"`
	Until   time.Time `json:"until"`
	// Archive names the text with the rule as it was before, of which FormerVersion is
	// the version; "" = there was none.
	Archive       string `json:"archive,omitempty"`
	FormerVersion string `json:"former_version,omitempty"`
}

// rollouts follows which rules changed, from one set to the next. It belongs to the
// one goroutine that replaces the rules.
type rollouts struct {
	guard time.Duration    // for how long rules are watched that do not say it; 0 = not at all
	now   func() time.Time // nil: time.Now
}

// readChanged reads what is kept; what cannot be read is nothing.
func readChanged(tx state.Tx) map[string]changed {
	all := map[string]changed{}
	if data, ok := tx.Document(rolloutDocument); ok && json.Unmarshal(data, &all) != nil {
		return map[string]changed{}
	}
	return all
}

// take compares a set with the one before it and writes down what changed. Without a
// set before, or with an empty one, nothing did: these are the first rules.
func (o *rollouts) take(tx state.Tx, before, next *rule.Set) error {
	known, kept := readChanged(tx), map[string]changed{}
	for _, r := range next.Rules {
		c, ok := o.one(tx, known[r.ID], before, r)
		if ok {
			kept[r.ID] = c
		}
	}
	for id, was := range known {
		if kept[id].Version != was.Version {
			tx.DeleteFact(engine.TrialFact(id))
		}
	}
	if len(kept)+len(known) == 0 {
		return nil
	}
	data, err := json.Marshal(kept)
	if err != nil {
		return err
	}
	tx.PutDocument(rolloutDocument, data)
	return nil
}

// one says whether a rule is to be tried, or goes on being.
func (o *rollouts) one(tx state.Tx, was changed, before *rule.Set, r *rule.Rule) (changed, bool) {
	span := o.span(r)
	if span == 0 {
		return changed{}, false
	}
	open := was.Version != "" && (o.clock().Before(was.Until) || was.Version == r.Version && engine.Withheld(tx, r))
	if was.Version == r.Version {
		was.Until = was.Since.Add(span)
		return was, open
	}
	if before == nil || len(before.Rules) == 0 {
		return changed{}, false
	}
	old, existed := before.Rule(r.ID)
	if existed && old.Version == r.Version || open && was.FormerVersion == r.Version { // the change was taken back
		return changed{}, false
	}
	c := changed{Version: r.Version, Since: o.clock(), Until: o.clock().Add(span)}
	switch {
	case open: // the one in between has not proved itself
		c.Archive, c.FormerVersion = was.Archive, was.FormerVersion
	case existed && acts(old) && r.Rollout != nil:
		if data, err := engine.SourcesArchive(before.SourceOf(old)); err == nil { // else there is none
			tx.PutArchive(old.Hash, data)
			c.Archive, c.FormerVersion = old.Hash, old.Version
		}
	}
	return c, true
}

func (o *rollouts) clock() time.Time {
	if o.now == nil {
		return time.Now()
	}
	return o.now()
}

// span is for how long a change of the rule is tried; 0 = not at all.
func (o *rollouts) span(r *rule.Rule) time.Duration {
	switch {
	case !acts(r) || r.Rollout != nil && r.Rollout.Off:
		return 0
	case r.Rollout != nil:
		return r.Rollout.For
	}
	return o.guard
}

func acts(r *rule.Rule) bool { return r.Enabled && r.Mode == rule.ModeLive }

// withTrials returns the set with the trials that are kept for its rules.
func withTrials(tx state.Tx, set *rule.Set) *rule.Set {
	var trials []*rule.Trial
	known := readChanged(tx)
	for _, r := range set.Rules {
		c, ok := known[r.ID]
		if !ok || c.Version != r.Version || !acts(r) {
			continue
		}
		t := &rule.Trial{Rule: r, Since: c.Since, Until: c.Until, Canary: 1}
		if r.Rollout != nil {
			t.Canary = r.Rollout.Canary
			t.Former = former(tx, r.ID, c.Archive)
		}
		trials = append(trials, t)
	}
	return set.WithTrials(trials)
}

// former is the rule as it was; nil when there was none, or it cannot be had any
// more: then the rule only records where it does not act yet.
func former(tx state.Tx, id, archive string) *rule.Rule {
	data, ok := tx.Archive(archive)
	if archive == "" || !ok {
		return nil
	}
	r, err := engine.ArchivedRule(data, id)
	if err != nil || !acts(r) {
		return nil
	}
	return r
}

// archivesOfChanged adds the texts that former rules are made of.
func archivesOfChanged(tx state.Tx, needed map[string]bool) {
	for _, c := range readChanged(tx) {
		if c.Archive != "" {
			needed[c.Archive] = true
		}
	}
}

// guardOf is what takes the right to act from rules that do badly.
func guardOf(g *config.Guard) *engine.Guard {
	if g.NewRule == 0 {
		return nil
	}
	return &engine.Guard{Share: g.Share, Min: g.Min, Errors: g.Errors}
}

// blastOf is how much rules may do of what cannot be taken back.
func blastOf(l *config.Limits) *engine.Blast {
	return &engine.Blast{Kick: engine.BlastLimit(l.Kick), Broadcast: engine.BlastLimit(l.Broadcast)}
}

// fusesOf are the fuses of rules. A chat may always be answered as often as its pace
// lets through.
func fusesOf(cfg *config.Config) *engine.Fuses {
	f := &engine.Fuses{ChatPerMinute: cfg.Fuses.ChatPerMinute, PingPong: engine.PingPong(cfg.Fuses.PingPong)}
	if f.ChatPerMinute > 0 {
		f.ChatPerMinute = max(f.ChatPerMinute, cfg.Limits.Chat.PerMinute.All)
	}
	return f
}

// reviewEvery is how often rules are looked at that were changed and do not fire.
const reviewEvery = 10 * time.Second

// review keeps the counts of what rules on trial have seen, until ctx ends: what
// they were counted in is in memory alone.
func (a *App) review(ctx context.Context) error {
	for sleep(ctx, reviewEvery) {
		a.reviewOnce(ctx)
	}
	a.reviewOnce(context.WithoutCancel(ctx))
	return nil
}

func (a *App) reviewOnce(ctx context.Context) {
	set := a.rules.Load()
	if !set.OnTrial() || a.o.Shadow {
		return
	}
	var logs []engine.Log
	err := a.store.Update(ctx, func(tx state.Tx) error {
		facts, said := engine.Review(set, tx, a.seen, guardOf(&a.o.Config.Guard), time.Now())
		for _, f := range facts {
			tx.SetFact(f.Key, f.Value, f.Expires)
		}
		logs = said
		return nil
	})
	if err != nil && ctx.Err() == nil {
		a.o.Log.Warn("how changed rules do could not be kept", "error", err)
		return
	}
	for _, l := range logs {
		a.o.Log.Error("rule alert", "rule", l.Rule, "problem", l.Text)
	}
}
