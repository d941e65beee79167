package app

import (
	"context"
	"encoding/json"
	"time"

	"botengine/internal/ctl"
	"botengine/internal/state"
)

// JournalParams say which records of the journal are asked for.
type JournalParams struct {
	From  time.Time `json:"from,omitzero"`
	To    time.Time `json:"to,omitzero"`
	After uint64    `json:"after,omitempty"` // go on behind this position
	// Newest wants the newest first, and After is then what they come before.
	Newest bool   `json:"newest,omitempty"`
	ID     string `json:"id,omitempty"`    // of the event or of a command it led to, or a dedupe key
	Limit  int    `json:"limit,omitempty"` // of records; at most, and if it is 0, 1000
	// Entries wants the outbox rows of the commands, too, as far as they are kept.
	Entries bool `json:"entries,omitempty"`
}

// JournalPage is one answer, version 1.
type JournalPage struct {
	V       int               `json:"v"`
	Records []JournalItem     `json:"records"`
	More    bool              `json:"more"` // there are others, behind the last of these
	Size    state.JournalSize `json:"size"` // of the whole journal
}

// JournalItem is a record, and what became of its commands.
type JournalItem struct {
	state.Record
	Entries []state.Entry `json:"entries,omitempty"`
}

const (
	pageRecords = 1000
	pageTexts   = 4 << 20 // bytes of text, about: one page may be no burden
)

// ReadJournal reads one page of a journal.
func ReadJournal(tx state.Tx, p JournalParams) JournalPage {
	page := JournalPage{V: 1, Records: []JournalItem{}, Size: tx.JournalSize()}
	limit, size := pageRecords, 0
	if p.Limit > 0 && p.Limit < limit {
		limit = p.Limit
	}
	q := state.JournalQuery{From: p.From, To: p.To, After: p.After, Newest: p.Newest, ID: p.ID}
	tx.EachRecord(q, func(r state.Record) bool {
		if len(page.Records) >= limit || size > pageTexts {
			page.More = true
			return false
		}
		item := JournalItem{Record: r}
		size += 500 + len(r.Event.Message.Text)
		for _, id := range r.Commands {
			if e, ok := tx.Entry(id); p.Entries && ok {
				item.Entries = append(item.Entries, e)
				size += len(e.Command.Fields)
			}
		}
		page.Records = append(page.Records, item)
		return true
	})
	return page
}

// ctlJournal answers with a page of the journal: whoever asks while the engine runs
// can't read its state.
func (a *App) ctlJournal(ctx context.Context, raw json.RawMessage) (any, error) {
	params, err := ctl.Params[JournalParams](raw)
	if err != nil {
		return nil, err
	}
	var page JournalPage
	err = a.store.View(ctx, func(tx state.Tx) error {
		page = ReadJournal(tx, params)
		return nil
	})
	return page, err
}

// ctlJournalGet answers with the newest record that has an id, with its commands.
func (a *App) ctlJournalGet(ctx context.Context, raw json.RawMessage) (any, error) {
	params, err := ctl.Params[JournalParams](raw)
	if err != nil {
		return nil, err
	}
	if params.ID == "" {
		return nil, &ctl.Error{Code: ctl.CodeBadParams, ZH: "没有说要哪个 id", EN: "it does not say which id"}
	}
	params.Newest, params.Limit, params.Entries = true, 1, true
	var page JournalPage
	err = a.store.View(ctx, func(tx state.Tx) error {
		page = ReadJournal(tx, params)
		return nil
	})
	return page, err
}
