package engine

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"botengine/internal/event"
)

// flatRules are the rules that the runs under testdata/run-v1 began with, before
// programs had blocks.
const flatRules = `
version: 1
rules:
  - id: cool
    on: message.text
    match: {any: [退款, 退货]}
    do:
      - reply: "{{text}}"
      - tag: {add: [售后/退款]}
        on_error: continue
      - delay: 1s..20s
      - reply: "{{steps['1'].code}}{{steps['2'].code}}"
`

// storedBefore puts a run of the version before into the world.
func (w *world) storedBefore(name string, due time.Time) RunWrite {
	w.t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata/run-v1", name))
	if err != nil {
		w.t.Fatal(err)
	}
	text := strings.Replace(string(data), "81951d18a9df7e43ea9be70d0d556dc3", w.set.Rules[0].Hash, 1)
	r := RunWrite{ID: "772f28fdfd1bd049d037459f33ef400b41848480", Robot: robot.Key, Due: due, Data: []byte(text)}
	w.past.runs[r.ID] = r
	return r
}

func TestARunOfTheVersionBeforeGoesOnAfterItsDelay(t *testing.T) {
	w := newWorld(t, flatRules)
	due := start.Add(5439 * time.Millisecond).UTC()
	r := w.storedBefore("waits-for-time.json", due)
	w.now = due
	d := w.handle(w.timer(r))
	if len(d.Commands) != 1 || string(d.Commands[0].Fields) != `{"contentType":1,"content":"00"}` {
		t.Fatalf("got %s", w.describe(d))
	}
	w.handle(w.result(w.open[0], event.CodeOK, "ok", nil))
	if len(w.past.runs) > 0 {
		t.Errorf("the run is still there: %v", w.past.runs)
	}
}

func TestARunOfTheVersionBeforeGoesOnAfterItsCommand(t *testing.T) {
	w := newWorld(t, flatRules)
	w.storedBefore("waits-for-reply.json", time.Time{})
	c := w.handle(w.says("张三", "退款")).Commands[0] // the same run, made anew: its command has the same id
	w.storedBefore("waits-for-reply.json", time.Time{})
	d := w.handle(w.result(c, event.CodeOK, "ok", nil))
	if d.Woken == nil || d.Woken.Step != "2" || len(d.Commands) != 1 || d.Commands[0].Type != "robot.tags.sync" {
		t.Fatalf("got %s", w.describe(d))
	}
}
