package app

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"sync/atomic"
	"time"

	"botengine/internal/command"
	"botengine/internal/event"
	"botengine/internal/intake"
	"botengine/internal/state"
)

// lookFor bounds how long line 2 waits at the start for word of whether the state is
// an older copy: the platform may be away.
const lookFor = 10 * time.Second

// lifeDocument is where a life of the engine writes down how it ended.
const lifeDocument = "life"

// life is one run of the process, as the state remembers it.
type life struct {
	Clean bool   `json:"clean"`          // it was stopped, and everything it did is written
	Boot  string `json:"boot,omitempty"` // of the machine: another one means that it went down in between
	// Doubtful says that something may be missing in the state: until a life ends well,
	// however many that are killed, or cannot even begin, come before that.
	Doubtful bool `json:"doubtful,omitempty"`
}

// past is what the engine knows of its earlier lives. Where it may have done more
// than the state remembers, nothing is sent that may have been sent already: it is
// looked up first (class V), or a person decides.
type past struct {
	first    bool        // the state is new
	doubtful atomic.Bool // something may be missing in the state
	began    time.Time
}

// rememberLife reads how the life before ended, and begins a new one.
func (a *App) rememberLife(ctx context.Context) error {
	a.past.began = time.Now()
	boot := bootID()
	return a.store.Update(ctx, func(tx state.Tx) error {
		var before life
		data, known := tx.Document(lifeDocument)
		if known {
			if err := json.Unmarshal(data, &before); err != nil {
				return fmt.Errorf("read how the engine ended before: %w", err)
			}
		}
		a.past.first = !known
		// a new state answers nothing that was there before it: what it owes, it owes first
		doubtful := known && !before.Clean && (before.Doubtful || boot == "" || before.Boot != boot)
		a.past.doubtful.Store(doubtful)
		return putLife(tx, life{Boot: boot, Doubtful: doubtful})
	})
}

// endLife writes that everything is written.
func (a *App) endLife() {
	err := a.store.Update(context.Background(), func(tx state.Tx) error { return putLife(tx, life{Clean: true, Boot: bootID()}) })
	if err != nil {
		a.o.Log.Warn("the state could not be told that this is a clean end", "error", err)
	}
}

func putLife(tx state.Tx, l life) error {
	data, err := json.Marshal(l)
	if err != nil {
		return fmt.Errorf("write how the engine ends: %w", err)
	}
	tx.PutDocument(lifeDocument, data)
	return nil
}

// bootID names the time since the machine was switched on; "" where it has no name.
// What a process wrote before it was killed is not lost as long as that is the same.
func bootID() string {
	id, err := os.ReadFile("/proc/sys/kernel/random/boot_id")
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(id))
}

// awaitLook waits until every account has looked whether the history shows more than
// the state remembers. A new state has nothing to send, and need not wait.
func (a *App) awaitLook(ctx context.Context) {
	if a.past.first {
		return
	}
	timer := time.NewTimer(lookFor)
	defer timer.Stop()
	for _, acc := range a.accounts {
		select {
		case <-acc.looked:
		case <-timer.C:
			return
		case <-ctx.Done():
			return
		}
	}
}

// doubtAll puts everything in doubt that waits for being sent: the state is an older
// copy, and a later life may have sent it.
func (a *App) doubtAll(ctx context.Context) error {
	a.past.doubtful.Store(true)
	err := a.store.Update(ctx, func(tx state.Tx) error {
		for _, e := range tx.Open("") {
			if e.State == state.Pending && a.isOld(&e.Command, time.Second) {
				tx.PutEntry(intake.InDoubt(e))
			}
		}
		return putLife(tx, life{Boot: bootID(), Doubtful: true})
	})
	if err != nil {
		return fmt.Errorf("put in doubt what waits for being sent: %w", err)
	}
	return nil
}

// doubted implements intake.Options.Doubted. What comes live was not there before;
// what it leads to may be owed to something older.
func (a *App) doubted(ev *event.Event, c *command.Command) bool {
	if !a.past.doubtful.Load() {
		return false
	}
	if ev.From == event.FromHistory {
		return a.isOld(c, time.Second)
	}
	return a.isOld(c, -justNow)
}

// justNow is how old a message may seem that comes as it is written: the platform
// tells whole seconds, and takes its time.
const justNow = 5 * time.Second

// isOld reports whether a command's event happened before this life began, or so
// long after. As long as nothing came live, the platform's clock may be ahead of ours
// unnoticed: what seems to be of the future is of the past.
func (a *App) isOld(c *command.Command, after time.Duration) bool {
	at, ok := command.MessageTime(c.MessageID)
	if acc := a.accounts[c.Account]; acc != nil {
		at = acc.clock.Ours(at)
		_, known := acc.clock.Skew()
		if ok && !known && at.After(time.Now()) {
			return true
		}
	}
	return ok && at.Before(a.past.began.Add(after))
}
