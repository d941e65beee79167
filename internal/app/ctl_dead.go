package app

import (
	"cmp"
	"context"
	"encoding/json"
	"slices"
	"strconv"
	"time"

	"botengine/internal/command"
	"botengine/internal/ctl"
	"botengine/internal/event"
	"botengine/internal/state"
)

// The ways to send a dead letter again.
const (
	// RetrySame sends it under its own id. Where the history can be asked it is
	// asked first, and nothing is sent that happened already.
	RetrySame = "same"
	// RetryNew sends another command with the same content. If the first one
	// happened, it happens twice.
	RetryNew = "new"
)

// retryLasts is how long a command may still wait that is sent again after its time.
const retryLasts = time.Hour

// DeadParams say which dead letters are wanted.
type DeadParams struct {
	All   bool `json:"all,omitempty"`   // also those that expired, were held back on purpose or are handled
	Limit int  `json:"limit,omitempty"` // the most that are listed, the newest; 0 = 200
}

// DeadLetters are commands that did not end well, the newest first, version 1.
type DeadLetters struct {
	V     int          `json:"v"`
	Total int          `json:"total"`
	Items []DeadLetter `json:"items"`
}

// DeadLetter is one of them: what it was, how it ended and why.
type DeadLetter struct {
	MessageID string         `json:"message_id"`
	State     string         `json:"state"` // unknown, failed or expired
	At        time.Time      `json:"at"`    // of its end
	AddedAt   time.Time      `json:"added_at,omitzero"`
	StartedAt time.Time      `json:"started_at,omitzero"` // of its last send; zero = none
	Attempt   int            `json:"attempt"`
	Account   string         `json:"account"`
	Robot     string         `json:"robot"`
	RobotName string         `json:"robot_name,omitempty"`
	Chat      string         `json:"chat,omitempty"`
	Type      string         `json:"type"`
	Class     string         `json:"class"`
	Rule      string         `json:"rule,omitempty"`
	Step      string         `json:"step,omitempty"`
	Code      string         `json:"code"`
	Msg       string         `json:"msg,omitempty"`
	Revived   int            `json:"revived,omitempty"` // how often a person had it sent again
	Handled   *state.Handled `json:"handled,omitempty"`

	Fields json.RawMessage `json:"fields,omitempty"` // the command's own; only where one letter is asked for
}

// DeadOneParams name a dead letter.
type DeadOneParams struct {
	ID   string `json:"id"`
	Mode string `json:"mode,omitempty"` // for a retry: RetrySame or RetryNew
}

// DeadDone is what became of a dead letter, version 1.
type DeadDone struct {
	V         int    `json:"v"`
	MessageID string `json:"message_id"`
	Did       string `json:"did"`          // retried or discarded
	As        string `json:"as,omitempty"` // the id under which it is sent
	Asked     bool   `json:"asked"`        // the history is asked before it is sent
}

func (a *App) ctlDead(ctx context.Context, raw json.RawMessage) (any, error) {
	p, err := ctl.Params[DeadParams](raw)
	if err != nil {
		return nil, err
	}
	var out DeadLetters
	err = a.store.View(ctx, func(tx state.Tx) error {
		out = DeadLetters{V: 1, Items: []DeadLetter{}}
		tx.EachEnded(time.Time{}, func(e state.Entry) bool {
			if isDead(&e, p.All) {
				out.Items = append(out.Items, a.letterOf(&e))
			}
			return true
		})
		return nil
	})
	if err != nil {
		return nil, err
	}
	slices.SortStableFunc(out.Items, func(x, y DeadLetter) int { return y.At.Compare(x.At) })
	out.Total = len(out.Items)
	out.Items = out.Items[:min(out.Total, cmp.Or(max(p.Limit, 0), 200))]
	return out, nil
}

// isDead reports whether an entry is one that a person should look at; all widens
// that to whatever did not happen.
func isDead(e *state.Entry, all bool) bool {
	switch e.State {
	case state.Unknown, state.Failed:
		return all || e.Handled == nil && !event.IsHeldBack(e.Code)
	case state.Expired:
		return all || e.Revived > 0 && e.Handled == nil
	default:
		return false
	}
}

func (a *App) letterOf(e *state.Entry) DeadLetter {
	c := &e.Command
	d := DeadLetter{
		MessageID: c.MessageID, State: string(e.State), At: e.EndedAt, AddedAt: e.AddedAt, StartedAt: e.StartedAt, Attempt: e.Attempt,
		Account: c.Account, Robot: c.Robot, Chat: c.Chat, Type: c.Type, Class: string(c.Class), Rule: c.Rule, Step: c.Step,
		Code: e.Code, Msg: e.Msg, Revived: e.Revived, Handled: e.Handled,
	}
	if r, ok := a.robots.Robot(c.Account, c.Robot); ok {
		d.RobotName = r.Name
	}
	return d
}

// deadEntry is the dead letter of an id, or says why there is none.
func deadEntry(tx state.Tx, id string) (state.Entry, error) {
	e, ok := tx.Entry(id)
	switch {
	case !ok:
		return e, &ctl.Error{
			Code: "no_such_letter", ZH: "没有命令 " + id + "：看看 botengine ctl dead 列出的", EN: "there is no command " + id + ": see what botengine ctl dead lists",
		}
	case !isDead(&e, true):
		return e, &ctl.Error{
			Code: "not_dead", ZH: "命令 " + id + " 不是死信：它的状态是 " + string(e.State), EN: "command " + id + " is no dead letter: its state is " + string(e.State),
		}
	}
	return e, nil
}

func (a *App) ctlDeadShow(ctx context.Context, raw json.RawMessage) (any, error) {
	p, err := ctl.Params[DeadOneParams](raw)
	if err != nil {
		return nil, err
	}
	var d DeadLetter
	err = a.store.View(ctx, func(tx state.Tx) error {
		e, err := deadEntry(tx, p.ID)
		d = a.letterOf(&e)
		d.Fields = e.Command.Fields
		return err
	})
	return d, err
}

func (a *App) ctlDeadDiscard(ctx context.Context, raw json.RawMessage) (any, error) {
	p, err := ctl.Params[DeadOneParams](raw)
	if err != nil {
		return nil, err
	}
	err = a.store.Update(ctx, func(tx state.Tx) error {
		e, err := deadEntry(tx, p.ID)
		if err != nil || e.Handled != nil {
			return err
		}
		e.Handled = &state.Handled{Did: state.HandledDiscarded, At: time.Now().Round(0)}
		tx.PutEntry(e)
		return nil
	})
	if err != nil {
		return nil, err
	}
	a.letters.changed.Store(true)
	a.o.Log.Warn("a person discarded a dead letter", "message_id", p.ID)
	return DeadDone{V: 1, MessageID: p.ID, Did: state.HandledDiscarded}, nil
}

func (a *App) ctlDeadRetry(ctx context.Context, raw json.RawMessage) (any, error) {
	p, err := ctl.Params[DeadOneParams](raw)
	if err != nil {
		return nil, err
	}
	if a.o.Shadow {
		return nil, &ctl.Error{Code: "dry_run", ZH: "引擎以 --dry-run 运行，什么也不发", EN: "the engine runs with --dry-run and sends nothing"}
	}
	again := map[string]func(state.Tx, state.Entry, time.Time) state.Entry{RetrySame: revive, RetryNew: replace}[p.Mode]
	if again == nil {
		return nil, &ctl.Error{Code: ctl.CodeBadParams, ZH: "mode 只能是 same 或 new", EN: "mode is same or new"}
	}
	var due state.Entry
	err = a.store.Update(ctx, func(tx state.Tx) error {
		e, err := deadEntry(tx, p.ID)
		if err == nil && e.Handled != nil {
			err = &ctl.Error{Code: "handled", ZH: "命令 " + p.ID + " 已经处理过了", EN: "command " + p.ID + " is handled already"}
		}
		if err == nil {
			due = again(tx, e, time.Now())
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	a.letters.changed.Store(true)
	a.dispatch.Committed([]state.Entry{due})
	id := due.Command.MessageID
	a.o.Log.Warn("a person had a dead letter sent again", "message_id", p.ID, "mode", p.Mode, "as", id)
	return DeadDone{V: 1, MessageID: p.ID, Did: state.HandledRetried, As: id, Asked: due.State == state.Ambiguous}, nil
}

// revive opens an entry again: as one in doubt if it may have happened and the
// history can tell, else as one that waits for being sent.
func revive(tx state.Tx, e state.Entry, now time.Time) state.Entry {
	ask := e.State == state.Unknown && e.Command.Class == command.Verifiable
	e.State, e.Code, e.Msg, e.EndedAt = state.Pending, "", "", time.Time{}
	if ask {
		e.State = state.Ambiguous
	}
	e.Revived++
	e.Attempt, e.NotBefore, e.Command.NotBefore = 0, now, time.Time{}
	e.Command.Expires = notOver(e.Command.Expires, now)
	if ask && e.Command.Expires.IsZero() {
		e.Command.Expires = now.Add(retryLasts) // until then the history is asked, should it be away
	}
	tx.PutEntry(e)
	return e
}

// replace enqueues another command with the content of an entry. No run waits for
// it: the one that waited has been told how the first ended.
func replace(tx state.Tx, e state.Entry, now time.Time) state.Entry {
	c := e.Command
	c.Key = command.Key(e.Command.Key, "dead letter", strconv.Itoa(e.Revived), "")
	c.MessageID = command.MessageID(now, c.Key)
	c.Run, c.NotBefore, c.Expires = "", time.Time{}, notOver(c.Expires, now)
	e.Handled = &state.Handled{Did: state.HandledRetried, At: now.Round(0), As: c.MessageID}
	tx.PutEntry(e)
	other := tx.Enqueue(c)
	other.Revived = e.Revived + 1
	tx.PutEntry(other)
	return other
}

// notOver is a time at which a command that is sent again expires.
func notOver(expires, now time.Time) time.Time {
	if expires.IsZero() || expires.After(now) {
		return expires
	}
	return now.Add(retryLasts)
}
