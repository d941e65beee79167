package intake_test

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"botengine/internal/intake"
	"botengine/internal/rule"
	"botengine/internal/state"
)

const oneIsPoison = `version: 1
rules:
  - {id: before, on: message.text, match: {any: [退款]}, loop_guard: off, do: [{log: 前}]}
  - {id: bad, on: message.text, match: {any: [退款]}, do: [{log: 坏}]}
  - {id: after, on: message.text, match: {any: [退款]}, loop_guard: off, do: [{log: 后}]}
`

// poisoned is a store in which one rule's own fact cannot be read without a panic: as
// where what the rule is asked by divides by nothing.
type poisoned struct{ state.Store }

type poisonedTx struct{ state.Tx }

func (p poisonedTx) Fact(key string) ([]byte, time.Time, bool) {
	if strings.HasPrefix(key, "lg/bad/") {
		panic("退款 is in the panic's text")
	}
	return p.Tx.Fact(key)
}

func (p poisoned) Update(ctx context.Context, fn func(state.Tx) error) error {
	return p.Store.Update(ctx, func(tx state.Tx) error { return fn(poisonedTx{tx}) })
}

func TestFault14ARuleThatPanicsIsSetAsideAndTheOthersGoOn(t *testing.T) {
	var log bytes.Buffer
	now := time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC)
	w := newWorld(t, oneIsPoison, func(o *intake.Options) {
		o.Store, o.Now = poisoned{o.Store}, func() time.Time { return now }
		o.Log = slog.New(slog.NewTextHandler(&log, nil))
	})
	n := 0
	say := func() (bad rule.Outcome) {
		n++
		ev := says(fmt.Sprint(n), "怎么退款")
		ev.Time, ev.Received = now, now
		for _, v := range w.handle(ev).Decision.Verdicts {
			if v.Rule == "bad" {
				bad = v.Outcome
			} else if v.Outcome != rule.Fired {
				t.Errorf("message %d: rule %s: %s", n, v.Rule, v.Outcome)
			}
		}
		return bad
	}
	for range 4 {
		if got := say(); got != rule.ConditionError {
			t.Errorf("message %d: %s", n, got)
		}
	}
	now = now.Add(2 * time.Minute) // four in one minute are not enough
	for range 5 {
		if got := say(); got != rule.ConditionError {
			t.Errorf("message %d: %s", n, got)
		}
	}
	for range 3 {
		now = now.Add(time.Hour)
		if got := say(); got != rule.Quarantined {
			t.Errorf("message %d, after five panics: %s", n, got)
		}
	}
	if s := w.in.Stats(); s.Quarantined != 1 || s.Poisoned != 0 {
		t.Errorf("the counts are %+v", s)
	}
	if text := log.String(); strings.Count(text, "rule set aside") != 1 || !strings.Contains(text, "rule=bad") || strings.Contains(text, "退款") {
		t.Errorf("the log is %s", text)
	}
	w.rules.Store(compile(t, oneIsPoison)) // a reload
	if got := say(); got != rule.ConditionError {
		t.Errorf("after a reload: %s", got)
	}
}
