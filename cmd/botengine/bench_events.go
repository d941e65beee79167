package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"botengine/internal/event"
	"botengine/internal/yjiyun"
)

// What a file of events may hold.
const (
	longestLine = 1 << 20
	mostEvents  = 500_000
)

// recorded reads events, one a line.
func (c *cli) recorded(file string) ([]event.Event, error) {
	in := c.in
	if file != "-" {
		f, err := os.Open(filepath.Clean(file))
		if err != nil {
			return nil, err
		}
		defer func() { _ = f.Close() }() // it was only read
		in = f
	}
	events, skipped, err := c.readEvents(in, file)
	switch {
	case err != nil:
		return nil, err
	case len(events) == 0:
		return nil, fmt.Errorf(c.say("%s 里面没有规则能听到的事件", "%s holds no event that rules could hear"), file)
	case skipped > 0 && !c.quiet:
		fmt.Fprintf(c.err, c.say("%s：跳过 %d 行，规则听不到\n", "%s: %d lines passed over, rules can't hear them\n"), file, skipped)
	}
	return events, nil
}

// readEvents stops at the first line that is no event, and says which.
func (c *cli) readEvents(in io.Reader, file string) (events []event.Event, skipped int, err error) {
	lines := bufio.NewScanner(in)
	lines.Buffer(nil, longestLine)
	number := 0
	for ; len(events) < mostEvents && lines.Scan(); number++ {
		line := bytes.TrimSpace(bytes.TrimPrefix(lines.Bytes(), []byte("\ufeff")))
		if len(line) == 0 {
			continue
		}
		some, err := eventsOf(line)
		if err != nil {
			return nil, 0, fmt.Errorf(c.say("%s:%d: 不是事件：%w", "%s:%d: no event: %w"), file, number+1, err)
		}
		if len(some) == 0 {
			skipped++
		}
		events = append(events, some...)
	}
	if errors.Is(lines.Err(), bufio.ErrTooLong) {
		return nil, 0, fmt.Errorf(c.say("%s:%d: 这一行超过 %d 字节", "%s:%d: the line has more than %d bytes"), file, number+1, longestLine)
	}
	return events, skipped, lines.Err()
}

// eventsOf reads one event, as the platform sent it or as we have it.
func eventsOf(line []byte) ([]event.Event, error) {
	var form struct {
		Kind event.Kind `json:"kind"`
	}
	if json.Unmarshal(line, &form) == nil && form.Kind != "" {
		return ourEvent(line)
	}
	name, payload := frameOf(line)
	events, err := yjiyun.Decode("main", name, payload, time.Now())
	for i := range events {
		events[i] = withRobot(events[i])
	}
	return events, err
}

// ourEvent reads an event as we have it. What it does not say is left empty; it
// happens now if it does not say when.
func ourEvent(line []byte) ([]event.Event, error) {
	var ev event.Event
	if err := json.Unmarshal(line, &ev); err != nil {
		return nil, err
	}
	if ev.Time.IsZero() {
		ev.Time = time.Now()
	}
	return []event.Event{withRobot(ev)}, nil
}
