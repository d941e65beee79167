package app

import (
	"context"
	"encoding/json"
	"slices"
	"strings"

	"botengine/internal/ctl"
	"botengine/internal/rule"
	"botengine/internal/trace"
)

// EventsParams say which decisions `ctl events` is to tell of.
type EventsParams struct {
	Rule    string       `json:"rule,omitempty"`
	Outcome rule.Outcome `json:"outcome,omitempty"`
	Chat    string       `json:"chat,omitempty"` // its id, or a part of its name
	Last    int          `json:"last,omitempty"` // so many that were made before, at most trace.Recent
	Once    bool         `json:"once,omitempty"` // only those
}

// wants says whether an entry is one of those.
func (p *EventsParams) wants(e *trace.Entry) bool {
	return (p.Rule == "" || e.Rule == p.Rule) && (p.Outcome == "" || e.Outcome == p.Outcome) &&
		(p.Chat == "" || e.Chat == p.Chat || strings.Contains(e.Name, p.Chat))
}

// ctlEvents tells of decisions as they are made: trace.Entry after trace.Entry.
func (a *App) ctlEvents(ctx context.Context, raw json.RawMessage, send func(any) error) error {
	params, err := ctl.Params[EventsParams](raw)
	if err != nil {
		return err
	}
	recent, after := a.trace.Last(trace.Recent)
	recent = slices.DeleteFunc(recent, func(e trace.Entry) bool { return !params.wants(&e) })
	for _, e := range recent[max(0, len(recent)-max(0, params.Last)):] {
		if err := send(e); err != nil {
			return err
		}
	}
	if params.Once {
		return nil
	}
	return a.trace.Follow(ctx, after, func(e trace.Entry) error {
		if !params.wants(&e) {
			return nil
		}
		return send(e)
	})
}

// TraceParams name a rule.
type TraceParams struct {
	Rule string `json:"rule"`
}

// ctlTrace answers what is kept of a rule: its newest entries of each outcome.
func (a *App) ctlTrace(_ context.Context, raw json.RawMessage) (any, error) {
	params, err := ctl.Params[TraceParams](raw)
	if err != nil {
		return nil, err
	}
	return a.trace.OfRule(params.Rule), nil
}
