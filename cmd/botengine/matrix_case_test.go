//go:build failpoints

package main

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"botengine/internal/command"
	"botengine/internal/failpoint"
	"botengine/internal/oracle"
	"botengine/internal/sim"
	"botengine/internal/state"
)

// matrixRules are the rules of the matrix; matrixModel says the same to the oracle.
const matrixRules = `version: 1
rules:
  - {id: refund, on: message.text, loop_guard: off, match: {regex: "^退款(?P<n>[0-9]+)$"}, do: [{reply: "一 {{hit.groups.n}}"}, {reply: "二 {{hit.groups.n}}"}]}
  - {id: remind, on: message.text, loop_guard: off, match: {regex: "^提醒(?P<n>[0-9]+)$"}, do: [{delay: 1s}, {reply: "到了 {{hit.groups.n}}"}]}
  - {id: rename, on: message.text, loop_guard: off, match: {regex: "^改名(?P<n>[0-9]+)$"}, do: [{rename_group: "群 {{hit.groups.n}}"}]}
  - {id: announce, on: message.text, loop_guard: off, match: {regex: "^公告(?P<n>[0-9]+)$"}, do: [{announce: "维护 {{hit.groups.n}}"}]}
  - {id: hourly, on: {schedule: {every: 1m}}, scope: {chats: ["VIP 交流群"]}, do: [{reply: "整点 {{event.time}}"}]}
`

var matrixModel = []oracle.Rule{
	{Word: "退款", Effects: []oracle.Effect{{Kind: "text", Text: "一 *", Line: "一"}, {Kind: "text", Text: "二 *"}}},
	{Word: "提醒", Effects: []oracle.Effect{{Kind: "text", Text: "到了 *"}}},
	{Word: "改名", Effects: []oracle.Effect{{Kind: "rename_group", Text: "群 *", Promise: oracle.AtLeastOnce}}},
	{Word: "公告", Effects: []oracle.Effect{{Kind: "announce", Text: "维护 *", Promise: oracle.AtMostOnce}}},
}

// The chats of the matrix: the robot owns the first, so that it may rename it.
const (
	ownGroup   = "R:10696051754030138"
	otherGroup = "R:10696051755024720"
	customer   = "7881300883888745" // 张三, who writes to the robot, too
)

// matrixCase is one engine with a platform of its own.
type matrixCase struct {
	t      *testing.T
	at     failpoint.Name
	seed   uint64
	random *rand.Rand

	dir     string
	sim     *sim.Server
	cancel  context.CancelFunc
	simDone chan error

	cmd    *exec.Cmd
	gone   chan struct{} // closed when the engine has ended
	words  *lockedBuffer
	inputs []oracle.Input
	next   int // the number of the next input
	edits  int
	first  string // what somebody says next, whatever chance says; empty: it is up to chance
}

// lockedBuffer is what the engines say.
type lockedBuffer struct {
	mu sync.Mutex // guards b
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

func newCase(t *testing.T, at failpoint.Name, random *rand.Rand) *matrixCase {
	s := sim.New(sim.Options{})
	if err := s.Start("127.0.0.1:0"); err != nil {
		t.Error(err)
		return nil
	}
	ctx, cancel := context.WithCancel(context.Background())
	c := &matrixCase{t: t, at: at, random: random, sim: s, cancel: cancel, simDone: make(chan error, 1), words: &lockedBuffer{}, next: 1}
	go func() { c.simDone <- s.Run(ctx) }()
	dir, err := os.MkdirTemp("", "matrix")
	if err != nil {
		t.Error(err)
		return nil
	}
	c.dir = dir
	c.write("botengine.yaml", fmt.Sprintf(`accounts:
  - {name: main, rest_url: %[1]q, socket_url: "%[1]s/imchat", access_key: %[2]s, access_secret: %[3]s}
rules: [rules/]
state: {path: data/state.db}
limits: {robot: {per_minute: 1000}, chat: {per_minute: 1000}, jitter: 0s..0s, warm_up: off, ceiling: {robot: {per_minute: 1000, per_hour: 60000, per_day: 1000000}}}
fuses: {chat_per_minute: off, ping_pong: off}
log: {format: json}
`, s.URL(), sim.DefaultAccessKey, sim.DefaultAccessSecret))
	c.write("rules/matrix.yaml", matrixRules)
	return c
}

func (c *matrixCase) write(name, text string) {
	path := filepath.Join(c.dir, name)
	err := os.MkdirAll(filepath.Dir(path), 0o750)
	if err == nil {
		err = os.WriteFile(path, []byte(text), 0o600)
	}
	if err != nil {
		c.t.Error(err)
	}
}

// spawn begins a life of the engine.
func (c *matrixCase) spawn(failpoints string) {
	_, _ = fmt.Fprintf(c.words, "--- run with %q\n", failpoints)
	c.cmd = exec.Command(os.Args[0], "run") //nolint:gosec // it is ourselves
	c.cmd.Dir = c.dir
	c.cmd.Env = append(os.Environ(), childEnv+"=1", "BOTENGINE_LANG=zh",
		failpoint.HurryVariable+"="+hurry, failpoint.Variable+"="+failpoints)
	c.cmd.Stderr, c.cmd.Stdout = c.words, c.words
	c.gone = make(chan struct{})
	if err := c.cmd.Start(); err != nil {
		c.t.Fatal(err)
	}
	go func(cmd *exec.Cmd, gone chan struct{}) {
		defer close(gone)
		_ = cmd.Wait() // how it ended is in its state
	}(c.cmd, c.gone)
}

// awaitConnection waits until the engine is connected, or dead; it says whether it
// is connected.
func (c *matrixCase) awaitConnection(patience time.Duration) bool {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	go cancelAfter(ctx, cancel, c.gone)
	return c.sim.WaitConnections(ctx, func(n int) bool { return n > 0 }) == nil
}

// cancelAfter cancels when the engine has ended.
func cancelAfter(ctx context.Context, cancel context.CancelFunc, gone <-chan struct{}) {
	select {
	case <-gone:
		cancel()
	case <-ctx.Done():
	}
}

// talk has people say things, a while apart.
func (c *matrixCase) talk(n int) {
	for range n {
		words := []string{"退款", "退款", "提醒", "改名", "公告"}
		word := cmp.Or(c.first, words[c.random.IntN(len(words))])
		c.first = ""
		chat := []string{ownGroup, otherGroup, customer}[c.random.IntN(3)]
		if word == "改名" || word == "公告" {
			chat = ownGroup
		}
		text := fmt.Sprintf("%s%d", word, c.next)
		c.next++
		to := chat
		if chat == customer {
			to = "小助手"
		}
		if _, err := c.sim.Say(to, "张三", text); err != nil {
			c.t.Error(err)
		}
		c.inputs = append(c.inputs, oracle.Input{Chat: chat, Text: text})
		pause := time.NewTimer(time.Duration(c.random.IntN(30)) * time.Millisecond)
		select {
		case <-pause.C:
		case <-c.gone: // they talk on, whoever listens
		}
		pause.Stop()
	}
}

// edit saves the rules anew, with another comment.
func (c *matrixCase) edit() {
	c.edits++
	c.write("rules/matrix.yaml", fmt.Sprintf("%s# %d\n", matrixRules, c.edits))
}

// loseReplies has the platform do such things without saying so, swallow has it do
// nothing and say nothing. Each makes sure that there is one to lose.
func (c *matrixCase) loseReplies(command, word string) {
	c.sim.Faults().AddCommand(sim.CommandFault{Command: command, DropReply: true, When: sim.When{Nth: 1, Times: 3}})
	c.first = word
}

func (c *matrixCase) swallow() {
	c.first = "退款"
	c.sim.Faults().AddCommand(sim.CommandFault{Command: "text", Swallow: true, When: sim.When{Nth: 1, Times: 1}})
}

// awaitEffects waits until all that is wanted was seen, the engine is dead, or the
// patience is over.
func (c *matrixCase) awaitEffects(patience time.Duration) {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	go cancelAfter(ctx, cancel, c.gone)
	want := oracle.Want(matrixModel, c.inputs)
	rare := c.alive() && c.patience() > 4*time.Second && c.patience() == patience
	_, _ = c.sim.WaitLedger(ctx, func(all []sim.Entry) bool { return !rare && oracle.Complete(want, effects(all)) })
}

// awaitRest waits for what may be missing, too: for some of it a person decides, and
// nobody knows which.
func (c *matrixCase) awaitRest(patience time.Duration) {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	want := oracle.Want(matrixModel, c.inputs)
	_, _ = c.sim.WaitLedger(ctx, func(all []sim.Entry) bool { return len(oracle.Compare(want, effects(all)).Missing) == 0 })
}

// effects are what people saw, without what comes by the clock.
func effects(all []sim.Entry) (out []oracle.Effect) {
	for _, e := range all {
		if !strings.HasPrefix(e.Text, "整点 ") {
			out = append(out, oracle.Effect{Chat: e.Chat, Kind: e.Kind, Text: e.Text})
		}
	}
	return out
}

// judge compares what people saw with what was wanted, and the outbox with both.
func (c *matrixCase) judge(sum *matrixSum) {
	r := oracle.Compare(oracle.Want(matrixModel, c.inputs), effects(c.sim.Ledger()))
	sum.inputs.Add(int64(len(c.inputs)))
	sum.lost.Add(int64(len(r.Lost)))
	sum.duplicate.Add(int64(len(r.Duplicates)))
	sum.reordered.Add(int64(len(r.Reordered)))
	sum.phantom.Add(int64(len(r.Phantoms)))
	sum.told.Add(int64(len(r.Missing)))
	if !r.OK() {
		c.fail("%s", r)
	}
	c.wantOccurrencesOnce()
	if overlaps := c.sim.Overlaps(); len(overlaps) > 0 {
		c.fail("two commands of the robot at once: %v", overlaps)
	}
	c.wantTold(r.Missing)
}

// wantOccurrencesOnce looks for an occurrence of the schedule that came twice.
func (c *matrixCase) wantOccurrencesOnce() {
	seen := make(map[string]bool)
	for _, e := range c.sim.Ledger() {
		if strings.HasPrefix(e.Text, "整点 ") && seen[e.Text] {
			c.fail("%s came twice", e.Text)
		}
		seen[e.Text] = true
	}
}

// wantTold makes sure that the outbox owes nothing, and that whatever did not happen
// is there for a person to see.
func (c *matrixCase) wantTold(missing []oracle.Effect) {
	s, err := state.Open(filepath.Join(c.dir, "data", "state.db"), state.Options{})
	if err != nil {
		c.fail("%v", err)
		return
	}
	defer func() { _ = s.Close() }()
	var owed []state.Entry // open, or put aside for a person
	err = s.View(context.Background(), func(tx state.Tx) error {
		owed = tx.Open("")
		tx.EachEnded(time.Time{}, func(e state.Entry) bool {
			if e.State == state.Unknown {
				owed = append(owed, e)
			}
			return true
		})
		return nil
	})
	if err != nil {
		c.fail("%v", err)
	}
	for _, e := range owed {
		if e.Command.Class != command.Unverifiable && e.Command.Rule != "hourly" {
			c.fail("%s %s of %s is %s", e.Command.Type, e.Command.Step, e.Command.Rule, e.State)
		}
	}
	for _, e := range missing {
		if !slices.ContainsFunc(owed, func(o state.Entry) bool { return strings.Contains(string(o.Command.Fields), `"`+e.Text+`"`) }) {
			c.fail("%s did not happen, and is in no list of what is open or unknown", e)
		}
	}
}

// lastWords are the last lines that the engines wrote.
func (c *matrixCase) lastWords() string {
	lines := strings.Split(c.words.String(), "\n")
	return strings.Join(lines[max(0, len(lines)-200):], "\n")
}

// firstName is the name of the first failpoint of a list.
func firstName(failpoints string) string {
	name, _, _ := strings.Cut(failpoints, "=")
	return name
}
