package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"path/filepath"
	"time"

	"botengine/internal/app"
	"botengine/internal/config"
	"botengine/internal/ctl"
	"botengine/internal/engine"
	"botengine/internal/event"
	"botengine/internal/replay"
	"botengine/internal/state"
)

// lockFor is how long another reader of a state file may hold its lock.
const lockFor = 200 * time.Millisecond

// recordSource is where a replay's events come from: a file of events, the state
// file, or the engine that has it.
type recordSource struct {
	c        *cli
	f        *replayFlags
	from, to time.Time
}

// all are the records, in their order.
func (s *recordSource) all(ctx context.Context) iter.Seq2[*replay.Item, error] {
	return func(yield func(*replay.Item, error) bool) {
		if err := s.each(ctx, func(item *replay.Item) bool { return yield(item, nil) }); err != nil {
			yield(nil, err)
		}
	}
}

// each calls fn with the records until it returns false.
func (s *recordSource) each(ctx context.Context, fn func(*replay.Item) bool) error {
	switch {
	case s.f.events != "":
		return s.eachInFile(fn)
	case s.f.socket != "":
		return s.eachOf(ctx, ctl.NewClient(s.f.socket), fn)
	}
	cfg, _, err := config.Load(s.c.config, s.c.env)
	if missing, ok := errors.AsType[*config.MissingError](err); ok {
		return fmt.Errorf(s.c.say(
			"没有配置文件 %s，不知道状态文件在哪里：用 --config 指定，或用 --socket 指定引擎的 botengine.sock，或用 --events 给出事件",
			"there is no configuration file %s to say where the state file is: name one with --config, or the engine's botengine.sock with --socket, or give events with --events"), missing.Path)
	}
	if err != nil {
		return err
	}
	reader, err := state.OpenReader(cfg.State.Path, state.Options{LockTimeout: lockFor})
	if used, ok := errors.AsType[*state.InUseError](err); ok {
		return s.eachOfOwner(ctx, used, fn)
	}
	if err != nil {
		return err
	}
	return errors.Join(s.eachIn(ctx, reader, fn), reader.Close())
}

// eachOfOwner asks the engine that has the state file.
func (s *recordSource) eachOfOwner(ctx context.Context, used *state.InUseError, fn func(*replay.Item) bool) error {
	err := s.eachOf(ctx, ctl.NewClient(ctl.SocketOf(used.Path)), fn)
	if _, away := errors.AsType[*ctl.UnreachableError](err); away {
		fmt.Fprintf(s.c.err, s.c.say("错误：%s 正由引擎（进程 %d）使用，它的 %s 没有应答：等它启动完，或停掉它再试\n",
			"error: the engine (process %[2]d) uses %[1]s, and its %[3]s does not answer: wait until it is up, or try when it is stopped\n"), used.Path, used.PID, ctl.Name)
		return exitError(exitUnreachable)
	}
	return err
}

// eachIn reads a state file that no engine has.
func (s *recordSource) eachIn(ctx context.Context, reader *state.Reader, fn func(*replay.Item) bool) error {
	return reader.View(ctx, func(tx state.Tx) error {
		tx.EachRecord(state.JournalQuery{From: s.from, To: s.to}, func(r state.Record) bool {
			item := replay.Item{Record: r}
			for _, id := range r.Commands {
				if e, ok := tx.Entry(id); s.f.changed && ok {
					item.Entries = append(item.Entries, e)
				}
			}
			return fn(&item) && ctx.Err() == nil
		})
		return nil
	})
}

// eachOf reads what a running engine has, page by page.
func (s *recordSource) eachOf(ctx context.Context, client *ctl.Client, fn func(*replay.Item) bool) error {
	params := app.JournalParams{From: s.from, To: s.to, Entries: s.f.changed}
	if params.To.IsZero() {
		params.To = time.Now() // more come in while we read
	}
	for {
		var page app.JournalPage
		if err := client.Call(ctx, "journal.list", params, &page); err != nil {
			if ctx.Err() != nil {
				return nil //nolint:nilerr // it was interrupted, and what was read counts
			}
			if no, ok := errors.AsType[*ctl.Error](err); ok {
				return errors.New(s.c.say(no.ZH, no.EN))
			}
			return err
		}
		for i := range page.Records {
			item := replay.Item{Record: page.Records[i].Record, Entries: page.Records[i].Entries}
			if !fn(&item) {
				return nil
			}
			params.After = item.Position
		}
		if !page.More {
			return nil
		}
	}
}

// eachInFile reads a file of events.
func (s *recordSource) eachInFile(fn func(*replay.Item) bool) (err error) {
	in := s.c.in
	if s.f.events != "-" {
		file, err := os.Open(filepath.Clean(s.f.events))
		if err != nil {
			return err
		}
		defer func() { _ = file.Close() }() // it was only read
		in = file
	}
	return s.eachLine(in, fn)
}

func (s *recordSource) eachLine(in io.Reader, fn func(*replay.Item) bool) error {
	lines := bufio.NewScanner(in)
	lines.Buffer(nil, longestLine)
	number, position := 0, uint64(0)
	for ; lines.Scan(); number++ {
		line := bytes.TrimSpace(bytes.TrimPrefix(lines.Bytes(), []byte("\ufeff")))
		if len(line) == 0 {
			continue
		}
		items, err := itemsOf(line)
		if err != nil {
			return fmt.Errorf(s.c.say("%s:%d: 不是事件：%w", "%s:%d: no event: %w"), s.f.events, number+1, err)
		}
		for i := range items {
			r := &items[i].Record
			if position++; r.Position == 0 {
				r.Position = position
			}
			if r.At.Before(s.from) || !s.to.IsZero() && !r.At.Before(s.to) {
				continue
			}
			if !fn(&items[i]) {
				return nil
			}
		}
	}
	if errors.Is(lines.Err(), bufio.ErrTooLong) {
		return fmt.Errorf(s.c.say("%s:%d: 这一行超过 %d 字节", "%s:%d: the line has more than %d bytes"), s.f.events, number+1, longestLine)
	}
	return lines.Err()
}

// exported is a record as a line of a file: the event, and under "journal" the rest.
type exported struct {
	event.Event
	Journal *exportedFate `json:"journal,omitempty"`
}

type exportedFate struct {
	Position uint64            `json:"position"`
	Text     state.JournalText `json:"text"`
	state.Fate
	Entries []state.Entry `json:"entries,omitempty"`
}

// itemsOf reads one line: as --export writes it, or in one of the forms that bench
// takes. An event that does not say when it came did so at its own time.
func itemsOf(line []byte) ([]replay.Item, error) {
	var form exported
	if json.Unmarshal(line, &form) == nil && form.Kind != "" && form.Journal != nil {
		j := form.Journal
		return []replay.Item{{Record: state.Record{Position: j.Position, Event: form.Event, Text: j.Text, Fate: j.Fate}, Entries: j.Entries}}, nil
	}
	events, err := eventsOf(line)
	items := make([]replay.Item, 0, len(events))
	for _, ev := range events {
		if ev.Kind != event.Result {
			byHand := ev.Kind == event.MessagePhone
			items = append(items, replay.Item{Record: state.Record{
				Event: ev, Text: state.TextFull, Fate: state.Fate{At: ev.Time, Origin: state.Live, ByHand: byHand},
			}})
		}
	}
	return items, err
}

// waitingRuns are the runs that wait in a state file.
func waitingRuns(tx state.Tx) []engine.RunWrite {
	var runs []engine.RunWrite
	tx.EachRun(func(r state.Run) bool {
		runs = append(runs, engine.RunWrite{ID: r.ID, Robot: r.Robot, Due: r.Due, Data: r.Data})
		return true
	})
	return runs
}
