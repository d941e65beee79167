package simulation

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"
)

var (
	planted = flag.Int("planted", 0, "how many of the planted bugs to build and to catch; 0 = none, but each must still fit the code")
	hunted  = flag.Int("hunted", -1, "the bug that is looked for: only seeds are run in which it can hurt; -1 = all")
)

// bug is a mistake that is planted into the real code: what the file says there, once,
// and what it is made to say. Where it can hurt in few seeds only, by what may go wrong
// in them, where says in which.
type bug struct {
	name     string
	file     string
	old, new string
	where    func(p *profile) bool
}

func wrong(name, file, old, planted string) bug {
	return bug{name: name, file: file, old: old, new: planted}
}

// in is the bug, looked for in some seeds only.
func (b bug) in(where func(p *profile) bool) bug {
	b.where = where
	return b
}

// concerned says whether a seed is to be run while a bug is looked for; without one,
// all are.
func concerned(seed uint64) bool {
	if *hunted < 0 || bugs[*hunted].where == nil {
		return true
	}
	return bugs[*hunted].where(&newWorld(seed, nil, "").p)
}

// bugs are mistakes that an engineer might make, and that must be found out by what
// people see.
var bugs = []bug{
	wrong("an event is never known again", "intake/transact.go", `switch seen := tx.Seen(t.keys); {`, `switch seen := tx.Seen(nil); {`),
	wrong("the second key of a message is ignored", "intake/transact.go", `switch seen := tx.Seen(t.keys); {`, `switch seen := tx.Seen(t.keys[:min(1, len(t.keys))]); {`),
	wrong("an event that was taken in is not marked", "intake/transact.go", "\ttx.MarkSeen(t.keys, now)\n\tfailpoint.Hit(failpoint.IngestSeen)", "\tfailpoint.Hit(failpoint.IngestSeen)"),
	wrong("facts are not written", "intake/transact.go", `tx.SetFact(f.Key, f.Value, f.Expires)`, `_ = f.Value`),
	wrong("a waiting run is not written", "intake/transact.go", `tx.PutRun(state.Run{ID: r.ID, Robot: r.Robot, Due: r.Due, Data: r.Data})`, `_ = state.Run{}`),
	wrong("what another robot says confirms", "intake/settle.go", `ours := ok && e.Command.Robot == ev.Robot.Key`, `ours := ok`),
	wrong("a busy answer that comes twice is believed twice", "intake/settle.go", `if isRepeated(ev, &e) {`, `if false {`).in(func(p *profile) bool { return p.busy > 0 && p.echoTwice == 3 && p.noEcho == 3 && !p.backup }),
	wrong("a message that was not delivered stays confirmed", "intake/settle.go", `end.Code == command.CodeUndelivered && e.State == state.Confirmed`, `end.Code == "" && e.State == state.Confirmed`),
	wrong("after a lost state nothing is doubted", "intake/takein.go", `!t.in.o.Doubted(t.ev, &e.Command)`, `true`),
	wrong("the gate is never shut", "intake/gate.go", `g.shut = !g.over`, `g.shut = false`),
	wrong("what the gate held comes back in the wrong order", "intake/gate.go", `return cmp.Compare(a.Time.UnixNano(), b.Time.UnixNano())`, `return cmp.Compare(b.Time.UnixNano(), a.Time.UnixNano())`).in(func(p *profile) bool { return p.orderly() && p.talk <= time.Second }),

	wrong("the intent is not durable", "dispatch/claim.go", `e.State = state.Sending`, `e.State = state.Pending`),
	wrong("a write of unknown fate is sent again", "dispatch/emit.go", `case errors.Is(err, command.ErrNotSent):`, `case true:`),
	wrong("after a restart a doubt is sent again unasked", "dispatch/doubt.go", "\tcase command.Verifiable:\n\t\tw.doubt(ctx, it)", "\tcase command.Verifiable:\n\t\tw.repeat(it)"),
	wrong("what cannot be known is repeated", "dispatch/doubt.go", `w.judge(it, event.CodeUnknown, "no result came: it may or may not have happened")`, `w.repeat(it)`),
	wrong("one absence is believed", "dispatch/doubt.go", `if believed := it.absent.Add(w.o.Times.Settle); now.Before(believed) {`, `if believed := it.absent; now.Before(believed) {`),
	wrong("an absence is believed that was before the send", "dispatch/lane.go", `if it.entry.StartedAt.Before(it.entered) {`, `if false {`).in(func(p *profile) bool { return p.jumps && p.lag >= 20*time.Second && p.kill > 0 && p.kill <= 300 }),
	wrong("a send is held to be as old as its message", "dispatch/lane.go", "return it.entry.StartedAt\n}", "return it.entry.AddedAt\n}").in(func(p *profile) bool { return p.lag > 0 && p.noEcho > 0 }),
	wrong("a message that cannot be delivered is sent again", "dispatch/doubt.go", `w.judge(it, command.CodeUndelivered, "the platform could not deliver it")`, `w.mayGoAgain(it)`).in(func(p *profile) bool { return p.undelivered > 0 && p.lag == 0 && p.noEcho > 0 }),
	wrong("the messages of a chat do not wait for each other", "dispatch/lane.go", `return "c/" + c.Chat`, `return "c/" + c.MessageID`),
	wrong("two actions of a robot are under way", "dispatch/lane.go", `return "a"`, `return "a" + c.MessageID`),
	wrong("a robot is given no time for an action in doubt", "dispatch/emit.go", `if c.Lane != command.LaneAction {`, `if c.Lane != "" {`),
	wrong("a command is sent without end", "dispatch/times.go", `cmp.Or(t.Attempts, 3)`, `cmp.Or(t.Attempts, 30)`).in(func(p *profile) bool { return p.swallowed == 10 && p.talk == 20*time.Second && !p.backup }),
	wrong("a pause is not kept", "dispatch/dispatch.go", "\to = o.withDefaults()\n", "\to = o.withDefaults()\n\to.Halt = nil\n").in(func(p *profile) bool { return p.pause > 0 }),
	wrong("a restart forgets what was under way", "dispatch/dispatch.go", `open = tx.Open("")`, `for _, e := range tx.Open("") {
			if e.State != state.Sending {
				open = append(open, e)
			}
		}`),

	wrong("a message id changes with the clock", "engine/stamp.go", `command.MessageID(ev.Time, c.Key)`, `command.MessageID(r.d.in.Now, c.Key)`),
	wrong("the life of a message is counted on the platform's clock", "engine/stamp.go", `r.d.in.Now.Add(messageLife)`, `ev.Time.Add(messageLife)`),
	wrong("a run goes on with rules it did not begin with", "engine/wake.go", `ok && r.Hash == state.Hash`, `ok`),

	wrong("what a lagging history does not have is held to be absent", "catchup/ask.go", `&& !upToDate {`, `&& !upToDate && false {`).in(func(p *profile) bool { return p.lag >= 20*time.Second && p.noEcho > 0 }),
	wrong("nothing is read after a connection", "catchup/runner.go", `r.Ask(Connected)`, `_ = Connected`),
	wrong("the reading begins too late", "catchup/read.go", `w.from = p.Mark.Add(-overlap)`, `w.from = p.Mark.Add(overlap)`),
	wrong("an older copy of the state is taken for the newest", "catchup/read.go", `return !known || e.State == state.Pending && e.Attempt == 0`, `return !known && e.Attempt > 0`),
	wrong("after a restart nobody looks whether an echo was true", "catchup/read.go", `case m.SendStatus == rest.SendStatusFailed:`, `case false:`).in(func(p *profile) bool { return p.undelivered > 0 && p.kill > 0 }),
}

// TestPlanted plants each mistake, builds the simulation with it, and has it found out.
func TestPlanted(t *testing.T) {
	caught, tried := 0, 0
	for i, b := range bugs {
		text, err := os.ReadFile(filepath.Join("..", b.file))
		if err != nil {
			t.Fatal(err)
		}
		if n := bytes.Count(text, []byte(b.old)); n != 1 {
			t.Errorf("%s: %s says %q %d times", b.name, b.file, b.old, n)
			continue
		}
		if i >= *planted {
			continue
		}
		tried++
		if seed, took, err := b.plant(t, i, text); err != nil {
			t.Errorf("%s: %v", b.name, err)
		} else if w, err := simulate(t, seed, false); err != nil {
			t.Errorf("%s: seed %d fails without it: %v", b.name, w.seed, err)
		} else {
			caught++
			t.Logf("caught at seed %d, after %v: %s", seed, took.Round(100*time.Millisecond), b.name)
		}
	}
	if tried > 0 {
		t.Logf("figure: planted bugs caught %d of %d", caught, tried)
	}
}

var failedSeed = regexp.MustCompile(`seed (\d+): (.*)`)

// A bug may go on unnoticed for so many steps: a minute or two of an idle machine. The
// time is for one that hangs.
const (
	caughtWithin = "4000000"
	hangs        = 20 * time.Minute
)

// plant builds the simulation with the bug, and runs it until it fails.
func (b *bug) plant(t *testing.T, at int, text []byte) (seed uint64, took time.Duration, err error) {
	t.Helper()
	dir := t.TempDir()
	wrong, real, overlay, bin := filepath.Join(dir, "wrong.go"), filepath.Join("..", b.file), filepath.Join(dir, "overlay.json"), filepath.Join(dir, "simulation.test")
	if real, err = filepath.Abs(real); err != nil {
		return 0, 0, err
	}
	replace, err := json.Marshal(map[string]map[string]string{"Replace": {real: wrong}})
	if err != nil {
		return 0, 0, err
	}
	for path, data := range map[string][]byte{wrong: bytes.Replace(text, []byte(b.old), []byte(b.new), 1), overlay: replace} {
		if err := os.WriteFile(path, data, 0o600); err != nil {
			return 0, 0, err
		}
	}
	if out, err := exec.CommandContext(t.Context(), "go", "test", "-c", "-vet=off", "-ldflags=-s -w", "-overlay", overlay, "-o", bin, ".").CombinedOutput(); err != nil { //nolint:gosec // it is our own code
		return 0, 0, fmt.Errorf("it cannot be built: %w\n%s", err, out)
	}
	ctx, cancel := context.WithTimeout(t.Context(), hangs)
	defer cancel()
	began := time.Now()
	out, err := exec.CommandContext(ctx, bin, "-test.run", "^TestSimulation$", "-steps="+caughtWithin, "-hunted="+strconv.Itoa(at)).CombinedOutput() //nolint:gosec // it is our own
	took = time.Since(began)
	found := failedSeed.FindSubmatch(out)
	switch {
	case err == nil || ctx.Err() != nil:
		return 0, took, fmt.Errorf("not caught within %s steps, in %v", caughtWithin, took.Round(time.Second))
	case found == nil:
		return 0, took, fmt.Errorf("it ended in another way: %s", tail(out))
	}
	seed, err = strconv.ParseUint(string(found[1]), 10, 64)
	return seed, took, err
}

func tail(out []byte) string {
	lines := strings.Split(strings.TrimSpace(string(out)), "\n")
	return strings.Join(lines[max(0, len(lines)-30):], "\n")
}
