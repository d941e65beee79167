package app

import (
	"context"
	"encoding/json"
	"time"

	"botengine/internal/ctl"
	"botengine/internal/event"
	"botengine/internal/intake"
	"botengine/internal/ruletest"
	"botengine/internal/state"
	"botengine/internal/trace"
)

// ExplainParams say what is to be explained: an event, one that was taken in, or
// with neither how a rule fared lately.
type ExplainParams struct {
	Event *event.Event `json:"event,omitempty"`
	ID    string       `json:"id,omitempty"` // as JournalParams has it
	ruletest.Asking
}

// Explained is an explanation, version 1.
type Explained struct {
	V     int          `json:"v"`
	Live  bool         `json:"live"`            // with the facts of a running engine
	Event *event.Event `json:"event,omitempty"` // that is explained
	// Unknown says that the engine knows no such chat: its facts are those of a new one.
	Unknown   bool         `json:"unknown_chat,omitempty"`
	Duplicate bool         `json:"duplicate"`           // it was taken in before
	First     time.Time    `json:"first_seen,omitzero"` // when, if the journal has it
	Recorded  *JournalItem `json:"recorded,omitempty"`  // what it came to then
	// Explanation is what it would come to now; nil when that cannot be said.
	Explanation *ruletest.Explanation `json:"explanation,omitempty"`
	Trace       []trace.Entry         `json:"trace,omitempty"` // of the rule that was asked for
}

// StandIn is the key of the robot in an event that somebody made up: a running
// engine puts one of its own in its place.
const StandIn = "explain"

// CodeNoRecord says that the journal has no such event.
const CodeNoRecord = "no_record"

// ctlExplain explains with the facts as they are now. Nothing is decided, kept or
// sent: all is done in a transaction that only reads.
func (a *App) ctlExplain(ctx context.Context, raw json.RawMessage) (any, error) {
	params, err := ctl.Params[ExplainParams](raw)
	if err != nil {
		return nil, err
	}
	out := Explained{V: 1, Live: true}
	if params.Rule != "" {
		if _, ok := a.rules.Load().Rule(params.Rule); !ok {
			return nil, &ctl.Error{Code: "no_such_rule", ZH: "正在运行的规则里没有 " + params.Rule, EN: "the rules that run have no " + params.Rule}
		}
		out.Trace = a.trace.OfRule(params.Rule)
	}
	if params.ID != "" {
		if err := a.recorded(ctx, params.ID, &out); err != nil {
			return nil, err
		}
		params.Event = Rehearsed(out.Recorded, time.Now())
	}
	if params.Event == nil {
		return out, nil
	}
	ev := *params.Event
	out.Unknown = !a.place(&ev)
	err = a.intake.Look(ctx, ev, func(l intake.Looked) error {
		out.Event, out.Duplicate = l.Input.Event, l.Seen
		if params.ID == "" && l.Seen {
			out.First = firstSeen(l.Tx, l.Input.Event)
		}
		x := ruletest.ExplainInput(l.Input, params.Asking)
		out.Explanation = &x
		return nil
	})
	return out, err
}

// recorded fetches what the journal has of an event.
func (a *App) recorded(ctx context.Context, id string, out *Explained) error {
	var page JournalPage
	err := a.store.View(ctx, func(tx state.Tx) error {
		page = ReadJournal(tx, JournalParams{ID: id, Newest: true, Limit: 1, Entries: true})
		return nil
	})
	if err != nil {
		return err
	}
	if len(page.Records) == 0 {
		return &ctl.Error{Code: CodeNoRecord, ZH: "没有 " + id + " 的记录", EN: "there is no record of " + id}
	}
	out.Recorded, out.Event = &page.Records[0], &page.Records[0].Event
	out.Duplicate, out.First = true, page.Records[0].At
	return nil
}

// Rehearsed is a recorded event as if it came at that moment; nil when too little of
// it was kept to decide about it again.
func Rehearsed(r *JournalItem, now time.Time) *event.Event {
	if r.Text != state.TextFull && r.Event.Kind.HasMessage() {
		return nil
	}
	ev := r.Event
	ev.Time, ev.Received = now, now
	return &ev
}

// firstSeen is when the journal has an event for the first time; zero: it has not.
func firstSeen(tx state.Tx, ev *event.Event) (at time.Time) {
	for _, key := range ev.Keys() {
		tx.EachRecord(state.JournalQuery{ID: key}, func(r state.Record) bool {
			at = r.At
			return false
		})
		if !at.IsZero() {
			break
		}
	}
	return at
}

// place puts an event that was made up where it says it happens: in the group of
// that name. It reports whether the engine knows where that is.
func (a *App) place(ev *event.Event) bool {
	if ev.Robot.Key != StandIn {
		return true
	}
	for name := range a.accounts {
		for _, r := range a.robots.list(name) {
			ev.Account, ev.Robot = name, r
			if ev.Message.MentionsMe {
				ev.Message.At = []string{r.ID}
			}
			for _, chat := range a.groupsOf(name, r) {
				if ev.Chat.Group && chat.Name == ev.Chat.Name {
					ev.Chat = chat
					return true
				}
			}
		}
	}
	if ev.Robot.ID != "" {
		ev.Chat.ID = event.ChatID(ev.Robot.ID, ev.Chat.Peer)
	}
	return false
}
