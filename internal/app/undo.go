package app

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"time"

	"botengine/internal/command"
	"botengine/internal/ctl"
	"botengine/internal/engine"
	"botengine/internal/state"
)

// UndoParams say which commands are to be undone.
type UndoParams struct {
	Rule  string    `json:"rule"`
	Since time.Time `json:"since"`
	Apply bool      `json:"apply,omitempty"` // issue the commands; else they are only listed
}

// Undo is what a rule did, the newest first, and what undoes it, version 1.
type Undo struct {
	V       int       `json:"v"`
	Rule    string    `json:"rule"`
	Since   time.Time `json:"since"`
	Applied bool      `json:"applied"`
	Items   []Undone  `json:"items"`
}

// Undone is one command of the rule.
type Undone struct {
	MessageID string    `json:"message_id"`
	At        time.Time `json:"at"`
	Robot     string    `json:"robot"`
	Type      string    `json:"type"`
	Step      string    `json:"step"`
	WhatZH    string    `json:"what_zh"`
	What      string    `json:"what"`
	State     string    `json:"state"`             // one of the Undo… constants
	Inverse   string    `json:"inverse,omitempty"` // the message id of the command that undoes it
	WhyZH     string    `json:"why_zh,omitempty"`
	Why       string    `json:"why,omitempty"`
}

// What can become of a command that is to be undone.
const (
	UndoCan     = "can"     // it will be, on request
	UndoIssued  = "issued"  // the command that undoes it is on its way
	UndoDone    = "done"    // it is undone
	UndoCannot  = "cannot"  // it cannot be
	UndoUnknown = "unknown" // nobody knows whether it happened, or was undone: a person has to look
	UndoWaits   = "waits"   // it was not sent yet
)

// undoneTogether is how many commands are undone in one transaction: nobody's event
// waits for all that a rule did in a week.
const undoneTogether = 100

// undo lists what a rule did and, where it is to be applied, enqueues what undoes it
// and tells of that. A command is undone once, however often it is asked for.
func undo(ctx context.Context, store state.Store, p UndoParams, now time.Time, told func([]state.Entry)) (Undo, error) {
	out := Undo{V: 1, Rule: p.Rule, Since: p.Since, Applied: p.Apply, Items: []Undone{}}
	var did []state.Entry
	err := store.View(ctx, func(tx state.Tx) error {
		did = didOf(tx, p)
		for _, e := range tx.Open("") {
			if e.Command.Rule == p.Rule && !engine.OnlyAsks(&e.Command) {
				out.Items = append(out.Items, waiting(tx, &e, now))
			}
		}
		return nil
	})
	change := store.View
	if p.Apply {
		change = store.Update
	}
	for some := range slices.Chunk(did, undoneTogether) {
		if err != nil {
			return Undo{}, err
		}
		var items []Undone
		var issued []state.Entry
		err = change(ctx, func(tx state.Tx) error {
			items, issued = undoSome(tx, some, p.Apply, now)
			return nil
		})
		if err == nil && len(issued) > 0 {
			told(issued)
		}
		out.Items = append(out.Items, items...)
	}
	return out, err
}

// didOf is what the rule did, the newest first.
func didOf(tx state.Tx, p UndoParams) (did []state.Entry) {
	tx.EachEnded(p.Since, func(e state.Entry) bool {
		happened := e.State == state.Confirmed || e.State == state.Unknown
		if happened && e.Command.Rule == p.Rule && !engine.OnlyAsks(&e.Command) {
			did = append(did, e)
		}
		return true
	})
	slices.SortStableFunc(did, func(a, b state.Entry) int { return cmp.Compare(b.Seq, a.Seq) })
	return did
}

// undoSome undoes commands, as they are now.
func undoSome(tx state.Tx, did []state.Entry, apply bool, now time.Time) (items []Undone, issued []state.Entry) {
	for _, e := range did {
		if fresh, ok := tx.Entry(e.Command.MessageID); ok {
			e = fresh
		}
		if e.State != state.Confirmed && e.State != state.Unknown {
			continue // it turned out that it did not happen
		}
		item, entry := undoOne(tx, &e, apply, now)
		items = append(items, item)
		if entry != nil {
			issued = append(issued, *entry)
		}
	}
	return items, issued
}

func itemOf(e *state.Entry, inv engine.Inverse) Undone {
	return Undone{
		MessageID: e.Command.MessageID, At: e.EndedAt, Robot: e.Command.Robot, Type: e.Command.Type, Step: e.Command.Step,
		What: inv.What.EN, WhatZH: inv.What.ZH, Why: inv.Why.EN, WhyZH: inv.Why.ZH,
	}
}

func waiting(tx state.Tx, e *state.Entry, now time.Time) Undone {
	item := itemOf(e, engine.Invert(tx, &e.Command, now))
	item.State, item.At = UndoWaits, e.StartedAt
	item.Why, item.WhyZH = "it has not ended yet: ask again later", "还没有结束，稍后再试"
	return item
}

// undoOne says how one command is undone, and enqueues what does it if that is to
// be.
func undoOne(tx state.Tx, e *state.Entry, apply bool, now time.Time) (Undone, *state.Entry) {
	inv := engine.Invert(tx, &e.Command, now)
	item := itemOf(e, inv)
	switch {
	case e.State == state.Unknown:
		item.State, item.Why, item.WhyZH = UndoUnknown, "nobody knows whether it happened", "不知道做成没有"
		return item, nil
	case inv.Command == nil:
		item.State = UndoCannot
		return item, nil
	}
	c, known := nextInverse(tx, inv, e)
	item.Inverse = c.MessageID
	switch {
	case known == nil && !apply:
		item.State = UndoCan
	case known == nil:
		c.Expires = now.Add(engine.UndoLasts)
		entry := tx.Enqueue(c)
		item.State = UndoIssued
		return item, &entry
	case known.State == state.Confirmed:
		item.State = UndoDone
	case known.State == state.Unknown:
		item.State = UndoUnknown
	default:
		item.State = UndoIssued
	}
	return item, nil
}

// nextInverse is the command that undoes another, and the entry that has it already.
// After one that surely did nothing there is another.
func nextInverse(tx state.Tx, inv engine.Inverse, e *state.Entry) (command.Command, *state.Entry) {
	for try := 0; ; try++ {
		c := inv.InverseOf(&e.Command, e.EndedAt, try)
		known, ok := tx.Entry(c.MessageID)
		switch {
		case !ok:
			return c, nil
		case known.State != state.Failed && known.State != state.Expired:
			return c, &known
		}
	}
}

// UndoStopped does the same in the state of an engine that does not run: what it
// enqueues is sent when that starts. It returns *state.InUseError when it runs.
func UndoStopped(ctx context.Context, path string, p UndoParams) (out Undo, err error) {
	if _, err := os.Stat(path); err != nil {
		return Undo{}, err
	}
	store, err := state.Open(path, state.Options{})
	if err != nil {
		return Undo{}, err
	}
	defer func() { err = cmp.Or(err, store.Close()) }()
	if out, err = undo(ctx, store, p, time.Now(), func([]state.Entry) {}); err != nil {
		return Undo{}, fmt.Errorf("undo: %w", err)
	}
	return out, nil
}

func (a *App) ctlUndo(ctx context.Context, raw json.RawMessage) (any, error) {
	p, err := ctl.Params[UndoParams](raw)
	if err != nil {
		return nil, err
	}
	if p.Rule == "" {
		return nil, &ctl.Error{Code: "no_rule", ZH: "没有写是哪条规则", EN: "no rule is named"}
	}
	if p.Apply && a.o.Shadow {
		return nil, &ctl.Error{Code: "dry_run", ZH: "引擎以 --dry-run 运行，什么也不发", EN: "the engine runs with --dry-run and sends nothing"}
	}
	issued := 0
	out, err := undo(ctx, a.store, p, time.Now(), func(entries []state.Entry) {
		issued += len(entries)
		a.dispatch.Committed(entries)
	})
	if issued > 0 {
		a.o.Log.Warn("a person undoes what a rule did", "rule", p.Rule, "since", p.Since, "commands", issued)
	}
	if err != nil {
		return nil, err
	}
	return out, nil
}
