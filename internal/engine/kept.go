package engine

import (
	"bytes"
	"maps"
	"slices"
	"unicode/utf8"
)

// RunKeeper is what Facts may be, too: a past that keeps runs as decisions left them,
// in memory. Decide does not encode runs for it, but for those of which it would not
// be certain that they come back as they were.
type RunKeeper interface {
	// KeptRun returns the Kept of the RunWrite that stored a run which has not ended;
	// nil for a run that there is no more, or of which only Data was stored.
	KeptRun(id string) *KeptRun
}

// KeptRun is a run as a decision left it. It never changes.
type KeptRun struct{ state *run }

// cachedRun is a run as it was decoded from the data.
type cachedRun struct {
	data  []byte
	state *run
}

// plain says whether the run comes back from being encoded as it is. What steps
// looked up is left out, because that may hold anything, and so is what is rare.
func (r *run) plain() bool {
	return len(r.Found) == 0 && r.Gather == nil && r.Look == nil && r.Early == nil && len(r.Event.Result.Payload) == 0
}

// readable says whether what people wrote is text: encoding would change it else.
// All that came through JSON is.
func (r *run) readable() bool {
	ev := &r.Event
	return utf8.ValidString(ev.Message.Text) && utf8.ValidString(ev.Sender.Name) && utf8.ValidString(ev.Chat.Name)
}

// copied is the run with nothing in it that changes with the other one.
func (r *run) copied() *run {
	out := *r
	out.Turns, out.Steps = maps.Clone(r.Turns), maps.Clone(r.Steps)
	out.Ears, out.Event.Members = slices.Clip(r.Ears), slices.Clip(r.Event.Members)
	return &out
}

// settled is the run without what encoding it would lose: the reading of the
// monotonic clock, and the difference between none of something and nothing of it.
func (r *run) settled() *run {
	ev := &r.Event
	ev.Time, ev.Received, ev.Since = ev.Time.Round(0), ev.Received.Round(0), ev.Since.Round(0)
	if len(r.Turns) == 0 {
		r.Turns = nil
	}
	if len(r.Steps) == 0 {
		r.Steps = nil
	}
	return r
}

// encodeOrKeep is how the run is to be stored; kept is nil when it has to be by its
// data. The run must not change after it.
func (d *decider) encodeOrKeep(id string, r *run) (data []byte, kept *KeptRun, err error) {
	if _, keeps := d.in.Facts.(RunKeeper); keeps && r.plain() && r.readable() {
		return nil, &KeptRun{r.settled()}, nil
	}
	if data, err = r.encode(); err == nil && r.plain() {
		d.in.Cache.noteRun(id, data, r)
	}
	return data, nil, err
}

// readRun is a run that has not ended, as this decision left it. It is the caller's
// to change.
func (d *decider) readRun(id string) (r *run, there bool, err error) {
	for _, w := range slices.Backward(d.ledger.runs) {
		switch {
		case w.ID != id:
		case w.Done:
			return nil, false, nil
		case w.Kept != nil:
			return w.Kept.state.copied(), true, nil
		default:
			r, err = d.in.Cache.run(id, w.Data)
			return r, true, err
		}
	}
	return d.pastRun(id)
}

// pastRun is a run that had not ended before this decision.
func (d *decider) pastRun(id string) (r *run, there bool, err error) {
	if d.in.Facts == nil {
		return nil, false, nil
	}
	if keeper, keeps := d.in.Facts.(RunKeeper); keeps {
		if kept := keeper.KeptRun(id); kept != nil {
			return kept.state.copied(), true, nil
		}
	}
	data, there := d.in.Facts.RunData(id)
	if !there {
		return nil, false, nil
	}
	r, err = d.in.Cache.run(id, data)
	return r, true, err
}

// replaced is what encoding/json writes for text that is none: what is decoded again
// is not the same then.
var replaced = []byte(`\ufffd`)

// noteRun remembers what data will decode to, so that carrying the run on need not.
func (c *Cache) noteRun(id string, data []byte, r *run) {
	if c == nil || bytes.Contains(data, replaced) {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.runs) >= maxRuns {
		clear(c.runs)
	}
	c.runs[id] = cachedRun{data, r.settled()}
}

// run decodes the data of a run.
func (c *Cache) run(id string, data []byte) (*run, error) {
	if c != nil {
		c.mu.Lock()
		known := c.runs[id]
		c.mu.Unlock()
		if known.state != nil && bytes.Equal(known.data, data) {
			return known.state.copied(), nil
		}
	}
	return decodeRun(data)
}
