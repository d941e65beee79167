package app

import (
	"context"
	"encoding/json"
	"time"

	"botengine/internal/ctl"
	"botengine/internal/engine"
	"botengine/internal/rule"
	"botengine/internal/state"
)

// RolloutParams say what is to become of a rule on trial.
type RolloutParams struct {
	Do   string `json:"do"` // list, resume or abort
	Rule string `json:"rule,omitempty"`
}

// Rollouts are the rules that changed a short while ago, version 1.
type Rollouts struct {
	V     int                  `json:"v"`
	Rules []engine.TrialStatus `json:"rules"`
}

func (a *App) ctlRollout(ctx context.Context, raw json.RawMessage) (any, error) {
	p, err := ctl.Params[RolloutParams](raw)
	if err != nil {
		return nil, err
	}
	set := a.rules.Load()
	if p.Do != "list" {
		if err := a.overrule(ctx, set, p); err != nil {
			return nil, err
		}
	}
	out := Rollouts{V: 1}
	out.Rules, err = a.trials(ctx, set)
	return out, err
}

// overrule does what a person says of a rule.
func (a *App) overrule(ctx context.Context, set *rule.Set, p RolloutParams) error {
	write := map[string]func(engine.Facts, *rule.Rule, time.Time) engine.FactWrite{"resume": engine.KeepTrial, "abort": engine.WithholdTrial}[p.Do]
	if write == nil {
		return &ctl.Error{Code: "bad_params", ZH: "只能是 list、resume 或 abort", EN: "it is list, resume or abort"}
	}
	if _, known := set.Rule(p.Rule); !known {
		return &ctl.Error{Code: "no_such_rule", ZH: "没有规则 " + p.Rule, EN: "there is no rule " + p.Rule}
	}
	t := set.Trial(p.Rule)
	if t == nil {
		return &ctl.Error{
			Code: "not_on_trial", ZH: "规则 " + p.Rule + " 最近没有改过，不在试用；要停用就写 mode: shadow 或 off",
			EN: "rule " + p.Rule + " did not change a short while ago and is on no trial; to stop it write mode: shadow or off",
		}
	}
	err := a.store.Update(ctx, func(tx state.Tx) error {
		f := write(tx, t.Rule, time.Now())
		tx.SetFact(f.Key, f.Value, f.Expires)
		return nil
	})
	if err == nil {
		a.o.Log.Warn("a person decided on a changed rule", "rule", p.Rule, "decision", p.Do)
	}
	return err
}

// trials says how the rules on trial do; those whose trial is over are left out.
func (a *App) trials(ctx context.Context, set *rule.Set) ([]engine.TrialStatus, error) {
	out := []engine.TrialStatus{}
	err := a.store.View(ctx, func(tx state.Tx) error {
		out = out[:0]
		for _, t := range set.Trials() {
			if s := engine.StatusOf(tx, a.seen, t, time.Now()); s.State != engine.TrialOver {
				out = append(out, s)
			}
		}
		return nil
	})
	return out, err
}
