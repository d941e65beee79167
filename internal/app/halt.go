package app

import (
	"bytes"
	"context"
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

// halt is the kill switch: it implements dispatch.Halt. What `ctl pause` says is known
// here at once, and kept as a fact and in a file, see keep; the file PAUSED is looked
// for by run. Any goroutine may use it.
type halt struct {
	store   state.Store
	file    string
	kept    string // the file that keeps what was paused by ctl
	log     *slog.Logger
	resumed func() // after something may be sent again

	saying  sync.Mutex // one change of what is kept at a time
	looking sync.Mutex // one look for the file at a time

	mu     sync.RWMutex      // guards what follows
	told   map[string]Paused // by robot; "" = all
	byFile *Paused
}

func newHalt(ctx context.Context, store state.Store, statePath string, log *slog.Logger, resumed func()) (*halt, error) {
	file := filepath.Join(filepath.Dir(statePath), PausedFile)
	h := &halt{store: store, file: file, kept: file + "." + filepath.Base(statePath), log: log, resumed: resumed}
	if err := h.recall(ctx, time.Now()); err != nil {
		return nil, err
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
// the disk does; when pause returns nil it does after a kill, too, and where the state
// file is lost. A pause that holds already keeps its beginning.
func (h *halt) pause(ctx context.Context, robot, reason string, now time.Time) error {
	put := func(told map[string]Paused) {
		p := Paused{Robot: robot, Since: now, Reason: shorten(reason)}
		if before, ok := told[robot]; ok {
			p.Since = before.Since
		}
		told[robot] = p
	}
	h.alter(put)
	if err := h.change(ctx, put); err != nil {
		return fmt.Errorf("it holds now, but perhaps not after a restart: %w", err)
	}
	return nil
}

// resume ends a pause of the same robot, or that of all. The file's stays. Where it
// fails, the pause goes on.
func (h *halt) resume(ctx context.Context, robot string) error {
	return h.change(ctx, func(told map[string]Paused) { delete(told, robot) })
}

// change changes what is kept, and then what is known here.
func (h *halt) change(ctx context.Context, to func(map[string]Paused)) error {
	h.saying.Lock()
	defer h.saying.Unlock()
	h.mu.RLock()
	told := altered(h.told, to)
	h.mu.RUnlock()
	if err := h.keep(ctx, told); err != nil {
		return fmt.Errorf("write what is paused: %w", err)
	}
	h.alter(to)
	h.resumed()
	return nil
}

// alter changes what is known here.
func (h *halt) alter(to func(map[string]Paused)) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.told = altered(h.told, to)
}

func altered(told map[string]Paused, to func(map[string]Paused)) map[string]Paused {
	out := make(map[string]Paused, len(told)+1)
	maps.Copy(out, told)
	to(out)
	return out
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
