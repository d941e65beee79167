package engine

import (
	"bytes"
	"maps"
	"slices"
	"testing"
	"time"

	"botengine/internal/event"
)

// keeper is a memory that keeps the runs of its world as decisions left them.
type keeper struct {
	*memory
	kept map[string]keptWith
}

// keptWith is a kept run, beside the data of the same run.
type keptWith struct {
	*KeptRun
	data []byte
}

// KeptRun implements RunKeeper.
func (k keeper) KeptRun(id string) *KeptRun {
	if with := k.kept[id]; bytes.Equal(with.data, k.runs[id].Data) {
		return with.KeptRun
	}
	return nil // a test put another run there
}

// decide decides the input, and holds that it is decided the same where runs are not
// encoded, and where nothing is remembered of how they were.
func (w *world) decide(in Input) Decision {
	w.t.Helper()
	if w.kept == nil {
		w.kept = map[string]keptWith{}
	}
	d := Decide(in)
	want := asJSON(w.t, d)
	in.Cache = nil
	if got := asJSON(w.t, Decide(in)); got != want {
		w.t.Errorf("with a cache:\n%s\nwithout one:\n%s", want, got)
	}
	in.Facts = keeper{w.past, w.kept}
	light := Decide(in)
	now := map[string]keptWith{}
	for i := range light.Runs {
		r := &light.Runs[i]
		if r.Kept == nil {
			continue
		}
		data, err := r.Kept.state.encode()
		if err != nil {
			w.t.Fatal(err)
		}
		now[r.ID] = keptWith{r.Kept, data}
		r.Data, r.Kept = data, nil
	}
	if got := asJSON(w.t, light); got != want {
		w.t.Errorf("with encoded runs:\n%s\nwith kept ones:\n%s", want, got)
	}
	maps.Copy(w.kept, now)
	return d
}

func TestARunOfBrokenTextIsRememberedAsItIsStored(t *testing.T) {
	w := newWorld(t, `
version: 1
rules:
  - id: echo
    on: message.text
    loop_guard: off
    do:
      - reply: 收到
      - log: "{{text}}"
`)
	ev := w.says("张三", "坏\xff字")
	ev.Received = time.Now() // with the monotonic clock
	first := w.handle(ev)
	told := w.handle(w.result(first.Commands[0], event.CodeOK, "", nil))
	if len(told.Logs) != 1 || told.Logs[0].Text != "坏\ufffd字" {
		t.Errorf("the run went on with what was not stored: %+v", told.Logs)
	}
}

func TestWhatIsRememberedOfARunDoesNotChangeWithIt(t *testing.T) {
	w := newWorld(t, `
version: 1
rules:
  - id: turns
    on: message.text
    loop_guard: off
    do:
      - repeat: 3
        do:
          - reply: 一
      - wait_for: {from: sender, timeout: 1m}
`)
	first := w.handle(w.says("张三", "开始"))
	data := slices.Clone(first.Runs[0].Data)
	in := w.input(w.result(first.Commands[0], event.CodeOK, "", nil), &first.Commands[0])
	want := asJSON(t, w.decide(in))
	for range 3 { // decided again, as after a transaction that failed
		if got := asJSON(t, w.decide(in)); got != want {
			t.Fatalf("one input, two decisions:\n%s\n%s", want, got)
		}
	}
	if kept := w.cache.runs[first.Runs[0].ID]; !bytes.Equal(first.Runs[0].Data, data) || bytes.Equal(kept.data, data) {
		t.Errorf("%s is remembered, %s was stored", kept.data, data)
	}
}
