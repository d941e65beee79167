package engine

import (
	"slices"
	"time"

	"botengine/internal/command"
	"botengine/internal/event"
)

// ledger is what the decision has written so far, laid over the facts of the past:
// who reads through it sees both.
type ledger struct {
	facts    Facts
	now      time.Time
	writes   []FactWrite
	last     map[string]int // by key: the write that counts
	runs     []RunWrite
	archives []Archive
	commands []command.Command
	logs     []Log
	derived  []event.Event // that rules made and no rule was asked about yet
	made     int           // of them so far
}

func newLedger(facts Facts, now time.Time) *ledger {
	return &ledger{facts: facts, now: now}
}

// read returns a fact that has not lapsed, and when it does.
func (l *ledger) read(key string) (value []byte, expires time.Time, ok bool) {
	if i, written := l.last[key]; written {
		w := l.writes[i]
		return w.Value, w.Expires, !w.Delete
	}
	if l.facts == nil {
		return nil, time.Time{}, false
	}
	value, expires, ok = l.facts.Fact(key)
	if ok && !expires.IsZero() && !l.now.Before(expires) {
		return nil, time.Time{}, false
	}
	return value, expires, ok
}

func (l *ledger) write(w FactWrite) {
	if l.last == nil {
		l.last = make(map[string]int)
	}
	l.last[w.Key] = len(l.writes)
	l.writes = append(l.writes, w)
}

// problem notes that something went wrong in a rule.
func (l *ledger) problem(rule, step, text string) {
	l.logs = append(l.logs, Log{Rule: rule, Step: step, Text: text, Problem: true})
}

// archived reports whether the text of the rules is stored already.
func (l *ledger) archived(hash string) bool {
	if slices.ContainsFunc(l.archives, func(a Archive) bool { return a.Hash == hash }) {
		return true
	}
	if l.facts == nil {
		return false
	}
	_, ok := l.facts.Archive(hash)
	return ok
}

// mark is a point that the ledger can be rolled back to.
type mark struct{ writes, runs, archives, commands, logs, derived int }

func (l *ledger) mark() mark {
	return mark{len(l.writes), len(l.runs), len(l.archives), len(l.commands), len(l.logs), len(l.derived)}
}

func (l *ledger) rollback(m mark) {
	l.runs, l.archives, l.logs = l.runs[:m.runs], l.archives[:m.archives], l.logs[:m.logs]
	l.commands, l.derived = l.commands[:m.commands], l.derived[:m.derived]
	l.writes = l.writes[:m.writes]
	clear(l.last)
	for i, w := range l.writes {
		l.last[w.Key] = i
	}
}

// commandsSince copies the commands issued after the mark.
func (l *ledger) commandsSince(m mark) []command.Command {
	return slices.Clone(l.commands[m.commands:])
}

// decision returns what was written, with one write per fact.
func (l *ledger) decision() Decision {
	out := Decision{Runs: l.runs, Archives: l.archives, Commands: l.commands, Logs: l.logs}
	for i, w := range l.writes {
		if l.last[w.Key] == i {
			out.Facts = append(out.Facts, w)
		}
	}
	return out
}
