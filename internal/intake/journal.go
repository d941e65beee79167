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
// whom all wait for, only copies it. The record stands behind what is in the room,
// which is returned with it.
func (t *taking) encode(room []byte) []byte {
	keep := t.in.o.Journal
	if keep == state.JournalOff || t.ev.Kind == event.Timer {
		return room
	}
	from := len(room)
	room = state.EncodeEvent(room, t.ev, keep)
	t.record = room[from:len(room):len(room)]
	t.fate.Origin = state.Origin(t.ev.From.Word())
	return room
}

// journal adds the event to the journal, with what it came to.
func (t *taking) journal(tx state.Tx, now time.Time, s *settlement) {
	if t.record == nil || t.outcome.again {
		return
	}
	d, f := &t.outcome.decision, &t.fate
	*f = state.Fate{
		At: now, Origin: f.Origin, Generation: d.Generation, ByHand: t.byHand, Ours: s.ours, Poisoned: t.poisoned,
		Verdicts: recorded(d.Verdicts),
	}
	for i := range d.Commands {
		f.Commands = append(f.Commands, d.Commands[i].MessageID)
	}
	tx.Record(t.record, f)
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
