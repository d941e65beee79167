package intake

import (
	"time"

	"botengine/internal/engine"
	"botengine/internal/event"
	"botengine/internal/rule"
	"botengine/internal/state"
)

// verdictsKept bounds the verdicts in one record of the journal.
const verdictsKept = 64

// encode makes the event ready for the journal, before the transaction: the writer,
// whom all wait for, only copies it.
func (t *taking) encode() {
	if keep := t.in.o.Journal; keep != state.JournalOff && t.ev.Kind != event.Timer {
		t.record = state.EncodeEvent(make([]byte, 0, 512), t.ev, keep)
	}
}

// journal adds the event to the journal, with what it came to.
func (t *taking) journal(tx state.Tx, now time.Time, s *settlement) {
	if t.record == nil || t.outcome.again {
		return
	}
	f := state.Fate{At: now, Origin: state.Origin(t.ev.From.Word()), ByHand: t.byHand, Ours: s.ours, Poisoned: t.poisoned}
	d := &t.outcome.decision
	f.Generation = d.Generation
	f.Verdicts = recorded(d.Verdicts)
	for i := range d.Commands {
		f.Commands = append(f.Commands, d.Commands[i].MessageID)
	}
	tx.Record(t.record, &f)
}

// recorded are the verdicts that say more than that a rule listens to other things.
func recorded(verdicts []engine.Verdict) []state.RecordedVerdict {
	var out []state.RecordedVerdict
	for i := range verdicts {
		switch v := &verdicts[i]; v.Outcome {
		case rule.Off, rule.OtherTrigger, rule.NoKeyword, rule.OutOfScope:
		default:
			if len(out) < verdictsKept {
				out = append(out, state.RecordedVerdict{Rule: v.Rule, Outcome: string(v.Outcome)})
			}
		}
	}
	return out
}
