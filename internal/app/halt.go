package app

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"botengine/internal/state"
)

// PausedFile is the name of a file beside the state file: while it is there,
// nothing is sent, whether anybody can reach the control socket or not. Its first
// line says why.
const PausedFile = "PAUSED"

const (
	haltFact  = "halt"                 // the fact that keeps what was paused by ctl
	haltLook  = 250 * time.Millisecond // between two looks for the file
	haltSay   = time.Minute            // between two lines of the log while something is paused
	maxReason = 200                    // characters of a reason that are kept
)

// Paused is one pause that holds: of all robots, or of one.
type Paused struct {
	Robot  string    `json:"robot,omitempty"` // "" = all
	File   string    `json:"file,omitempty"`  // the file that says so; "" = it was `ctl pause`
	Since  time.Time `json:"since"`
	Reason string    `json:"reason,omitempty"`
}

// halt is the kill switch: it implements dispatch.Halt. What `ctl pause` says is a
// durable fact, and known here as soon as it is one; the file is looked for by run.
// Any goroutine may use it.
type halt struct {
	store   state.Store
	file    string
	log     *slog.Logger
	resumed func() // after something may be sent again

	saying  sync.Mutex // one change of the fact at a time
	looking sync.Mutex // one look for the file at a time

	mu     sync.RWMutex      // guards what follows
	told   map[string]Paused // by robot; "" = all
	byFile *Paused
}

func newHalt(ctx context.Context, store state.Store, statePath string, log *slog.Logger, resumed func()) (*halt, error) {
	h := &halt{store: store, file: filepath.Join(filepath.Dir(statePath), PausedFile), log: log, resumed: resumed}
	err := store.View(ctx, func(tx state.Tx) error {
		h.told = toldPauses(tx)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read what is paused: %w", err)
	}
	h.look()
	if h.byFile == nil {
		h.say()
	}
	return h, nil
}

// Halted implements dispatch.Halt.
func (h *halt) Halted(robot string) bool {
	h.mu.RLock()
	defer h.mu.RUnlock()
	return h.byFile != nil || holds(h.told, robot)
}

// HaltedIn implements dispatch.Halt.
func (h *halt) HaltedIn(tx state.Tx, robot string) bool {
	return h.Halted(robot) || holds(toldPauses(tx), robot)
}

func holds(told map[string]Paused, robot string) bool {
	_, all := told[""]
	_, one := told[robot]
	return all || one
}

// toldPauses reads the fact. One that cannot be read pauses everything: somebody
// wanted something to be silent.
func toldPauses(tx state.Tx) map[string]Paused {
	raw, _, ok := tx.Fact(haltFact)
	if !ok {
		return nil
	}
	var told map[string]Paused
	if err := json.Unmarshal(raw, &told); err != nil {
		return map[string]Paused{"": {Reason: "the record of what is paused cannot be read"}}
	}
	return told
}

// list is what is paused now: the file's, all robots', then each robot's.
func (h *halt) list() []Paused {
	h.mu.RLock()
	defer h.mu.RUnlock()
	out := []Paused{}
	if h.byFile != nil {
		out = append(out, *h.byFile)
	}
	for _, robot := range slices.Sorted(maps.Keys(h.told)) {
		out = append(out, h.told[robot])
	}
	return out
}

// pause halts a robot, or all ("" = all), until resume. It holds at once, whatever
// the disk does; when pause returns nil it does after a kill, too. A pause that holds
// already keeps its beginning.
func (h *halt) pause(ctx context.Context, robot, reason string, now time.Time) error {
	put := func(told map[string]Paused) {
		p := Paused{Robot: robot, Since: now, Reason: shorten(reason)}
		if before, ok := told[robot]; ok {
			p.Since = before.Since
		}
		told[robot] = p
	}
	h.mu.Lock()
	told := maps.Clone(h.told)
	if told == nil {
		told = map[string]Paused{}
	}
	put(told)
	h.told = told
	h.mu.Unlock()
	if err := h.change(ctx, put); err != nil {
		return fmt.Errorf("it holds until the engine ends, and no longer: %w", err)
	}
	return nil
}

// resume ends a pause of the same robot, or that of all. The file's stays.
func (h *halt) resume(ctx context.Context, robot string) error {
	return h.change(ctx, func(told map[string]Paused) { delete(told, robot) })
}

func (h *halt) change(ctx context.Context, to func(map[string]Paused)) error {
	h.saying.Lock()
	defer h.saying.Unlock()
	var told map[string]Paused
	err := h.store.Update(ctx, func(tx state.Tx) error {
		told = toldPauses(tx)
		if told == nil {
			told = map[string]Paused{}
		}
		to(told)
		if len(told) == 0 {
			tx.DeleteFact(haltFact)
			return nil
		}
		raw, err := json.Marshal(told)
		if err != nil {
			return err
		}
		tx.SetFact(haltFact, raw, time.Time{})
		return nil
	})
	if err != nil {
		return fmt.Errorf("write what is paused: %w", err)
	}
	h.mu.Lock()
	h.told = told
	h.mu.Unlock()
	h.resumed()
	return nil
}

// run looks for the file, and reminds of what is paused, until ctx ends.
func (h *halt) run(ctx context.Context) error {
	look, remind := time.NewTicker(haltLook), time.NewTicker(haltSay)
	defer look.Stop()
	defer remind.Stop()
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-remind.C:
			h.say()
		case <-look.C:
			h.look()
		}
	}
}

// look sees whether the file is there, and tells whom a change concerns.
func (h *halt) look() {
	h.looking.Lock()
	defer h.looking.Unlock()
	is := readPausedFile(h.file)
	h.mu.Lock()
	was := h.byFile
	h.byFile = is
	h.mu.Unlock()
	if was != nil && is == nil {
		h.log.Warn("the file that paused everything is gone", "file", h.file)
		h.resumed()
	}
	if was == nil && is != nil {
		h.say()
	}
}

// readPausedFile returns the pause that the file means, nil if it is not there. A
// file that cannot be looked at pauses: somebody may have put it there.
func readPausedFile(path string) *Paused {
	info, err := os.Lstat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	p := &Paused{File: path}
	if err != nil {
		p.Reason = "the file cannot be looked at"
		return p
	}
	p.Since = info.ModTime()
	if info.Mode().IsRegular() {
		p.Reason = firstLine(path)
	}
	return p
}

func firstLine(path string) string {
	f, err := os.Open(path)
	if err != nil {
		return ""
	}
	defer func() { _ = f.Close() }() // only read
	text, err := io.ReadAll(io.LimitReader(f, 4*maxReason))
	if err != nil {
		return ""
	}
	line, _, _ := bytes.Cut(text, []byte("\n"))
	return shorten(string(line))
}

// shorten makes one line of a reason, of bounded length.
func shorten(reason string) string {
	reason = strings.Join(strings.Fields(strings.ToValidUTF8(reason, "")), " ")
	if utf8.RuneCountInString(reason) > maxReason {
		return string([]rune(reason)[:maxReason]) + "…"
	}
	return reason
}

// say tells the log of each pause that holds.
func (h *halt) say() {
	for _, p := range h.list() {
		robot := p.Robot
		if robot == "" {
			robot = "all"
		}
		h.log.Warn("paused: nothing is sent", "robot", robot, "since", p.Since, "reason", p.Reason, "file", p.File)
	}
}
