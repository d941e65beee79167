package app

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"botengine/internal/command"
	"botengine/internal/event"
	"botengine/internal/intake"
	"botengine/internal/rule"
	"botengine/internal/state"
)

var reloads = flag.Int("reloads", 60, "how often TestReloadUnderLoad replaces the rules while events come")

const (
	loadChats = 64 // chats in which somebody talks all the time, each as soon as the last message is taken in
	loadFires = 5  // of so many messages one concerns the rules
)

// reloadLoad is line 1 with a reloader beside it, and what came of the events.
type reloadLoad struct {
	t  *testing.T
	d  *rulesDir
	in *intake.Intake

	next    atomic.Int64
	waiting sync.Map // of events by their ids: chan struct{}, closed when it is taken in
	over    atomic.Bool

	mu      sync.Mutex                   // guards what follows
	taken   map[string]int               // how often events were, by id
	effects map[string]map[string]string // the generation of each effect of a message
	took    [2][]time.Duration           // of taking in, without reloads and with them
	phase   int                          // 1 while there are reloads
	owed    []command.Command            // whose ends the platform is to tell
}

// generation is the rules of one generation: all their effects say which.
func generation(n int) rule.Sources {
	say := func(step string) string { return fmt.Sprintf("{reply: \"%s 第%d代 {{hit.groups.n}}\"}", step, n) }
	one := func(id, steps string) []byte {
		return fmt.Appendf(nil, "version: 1\nrules:\n  - {id: %s, on: message.text, loop_guard: off, match: {regex: \"退款(?P<n>[0-9]+)\"}, do: [%s]}\n", id, steps)
	}
	return rule.Sources{
		{Path: "a.yaml", Text: one("first", say("一"))},
		{Path: "b.yaml", Text: one("second", say("二")+", "+say("三"))},
		{Path: "c.yaml", Text: one("late", say("四")+", {delay: 1s}, "+say("五"))},
	}
}

// steps are the effects of one message, in the words of generation.
var reloadSteps = []string{"一", "二", "三", "四", "五"}

// TestReloadUnderLoad replaces the rules again and again while events come: each event
// is taken in once and sees one generation, and what waits goes on with its own.
func TestReloadUnderLoad(t *testing.T) {
	l := newReloadLoad(t)
	stop := l.begin()
	talk := sync.WaitGroup{}
	for chat := range loadChats {
		talk.Go(func() { l.talk(chat) })
	}
	l.awaitEvents(int64(10 * loadChats))
	l.turn(1)
	begun := time.Now()
	before := l.next.Load()
	for n := 1; n <= *reloads; n++ {
		l.swap(n)
	}
	took := time.Since(begun)
	during := l.next.Load() - before
	l.over.Store(true)
	talk.Wait()
	l.awaitLate()
	stop()
	l.judge(took, during)
}

func newReloadLoad(t *testing.T) *reloadLoad {
	t.Helper()
	l := &reloadLoad{t: t, taken: map[string]int{}, effects: map[string]map[string]string{}}
	l.d = newReloader(t, t.TempDir(), openStore(t))
	l.d.r.onSwap, l.d.r.log = nil, slog.New(slog.DiscardHandler)
	l.swap(0)
	l.in = intake.New(intake.Options{Store: l.d.r.store, Rules: &l.d.rules, OnCommitted: l.committed, Committed: l.made})
	return l
}

// begin runs line 1 until stop is called.
func (l *reloadLoad) begin() (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- l.in.Run(ctx) }()
	var platform sync.WaitGroup
	platform.Go(func() { l.tellEnds(ctx) })
	return func() {
		cancel()
		platform.Wait()
		if err := <-done; err != nil {
			l.t.Errorf("line 1 ended with %v", err)
		}
	}
}

// tellEnds is the platform, to which all commands succeed: a run goes on with its next
// step when the one before has ended.
func (l *reloadLoad) tellEnds(ctx context.Context) {
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		l.mu.Lock()
		owed := l.owed
		l.owed = nil
		l.mu.Unlock()
		for _, c := range owed {
			ev := event.Event{
				Kind: event.Result, Account: c.Account, Robot: event.Robot{Key: c.Robot}, Time: time.Now(), Received: time.Now(),
				Result: event.CommandEnd{Type: c.Type, MessageID: c.MessageID, Code: event.CodeOK},
			}
			if err := l.in.Submit(ctx, ev); err != nil && ctx.Err() == nil {
				l.t.Error(err)
			}
		}
	}
}

// swap makes another generation live, as a reload does once the files are read.
func (l *reloadLoad) swap(n int) {
	l.d.r.mu.Lock()
	defer l.d.r.mu.Unlock()
	set, findings := l.d.r.compiler.Check(generation(n), rule.World{})
	if set == nil {
		l.t.Fatalf("generation %d: %v", n, findings)
	}
	if err := l.d.r.swap(l.t.Context(), set, nil); err != nil {
		l.t.Fatal(err)
	}
}

// talk has somebody say one thing after the other in a chat.
func (l *reloadLoad) talk(chat int) {
	peer := fmt.Sprintf("R:%d", 10_696_052_955_000_000+chat)
	for !l.over.Load() {
		n := l.next.Add(1)
		text := fmt.Sprintf("你好呀 %d", n)
		if n%loadFires == 0 {
			text = fmt.Sprintf("退款%d", n)
		}
		id, done := fmt.Sprint(20_260_302_000_000+n), make(chan struct{})
		l.waiting.Store(id, done)
		begun := time.Now()
		err := l.in.Submit(context.Background(), event.Event{
			Kind: event.MessageText, ID: id, Account: "main", Time: begun, Received: begun, Robot: event.Robot{Key: "cfb3", ID: "1688853470427542"},
			Chat:    event.Chat{ID: "S:1688853470427542_" + peer, Peer: peer, Group: true},
			Sender:  event.Person{ID: "7881299823017745", Name: "李四", IsMember: true},
			Message: event.Message{ContentType: 1, Text: text},
		})
		if err != nil {
			l.t.Error(err)
			return
		}
		<-done
		l.mu.Lock()
		l.took[l.phase] = append(l.took[l.phase], time.Since(begun))
		l.mu.Unlock()
	}
}

func (l *reloadLoad) committed(r intake.Report) {
	if r.Event.Kind != event.MessageText {
		return
	}
	l.mu.Lock()
	l.taken[r.Event.ID]++
	l.mu.Unlock()
	if done, ok := l.waiting.LoadAndDelete(r.Event.ID); ok {
		close(done.(chan struct{}))
	}
}

// made notes the effects of commands that were made: which step of which generation.
func (l *reloadLoad) made(entries []state.Entry) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for i := range entries {
		if entries[i].Ended() {
			continue
		}
		l.owed = append(l.owed, entries[i].Command)
		var fields struct{ Content string }
		if err := json.Unmarshal(entries[i].Command.Fields, &fields); err != nil {
			l.t.Error(err)
		}
		words := strings.Fields(fields.Content)
		if len(words) != 3 {
			l.t.Errorf("an effect says %q", fields.Content)
			continue
		}
		step, of, message := words[0], words[1], words[2]
		if l.effects[message] == nil {
			l.effects[message] = map[string]string{}
		}
		if was, twice := l.effects[message][step]; twice {
			l.t.Errorf("message %s has its effect %s twice, of %s and %s", message, step, was, of)
		}
		l.effects[message][step] = of
	}
}

func (l *reloadLoad) turn(phase int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.phase = phase
}

// awaitEvents waits until so many events have been taken in.
func (l *reloadLoad) awaitEvents(n int64) {
	l.await(func() bool { return l.next.Load() >= n })
}

// awaitLate waits for the effects that come after a delay.
func (l *reloadLoad) awaitLate() {
	want := l.next.Load() / loadFires * int64(len(reloadSteps))
	l.await(func() bool {
		l.mu.Lock()
		defer l.mu.Unlock()
		var n int64
		for _, steps := range l.effects {
			n += int64(len(steps))
		}
		return n >= want
	})
}

func (l *reloadLoad) await(enough func() bool) {
	l.t.Helper()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for deadline := time.After(soon); !enough(); {
		select {
		case <-tick.C:
		case <-deadline:
			l.t.Error("it did not come about in time")
			return
		}
	}
}

// judge looks for events that were dropped, and for effects of two generations.
func (l *reloadLoad) judge(took time.Duration, during int64) {
	l.t.Helper()
	l.mu.Lock()
	defer l.mu.Unlock()
	dropped, twice, mixed, missing, of := 0, 0, 0, 0, map[string]bool{}
	for n := int64(1); n <= l.next.Load(); n++ {
		switch times := l.taken[fmt.Sprint(20_260_302_000_000+n)]; {
		case times == 0:
			dropped++
		case times > 1:
			twice++
		}
		if n%loadFires > 0 {
			continue
		}
		steps := l.effects[fmt.Sprint(n)]
		missing += len(reloadSteps) - len(steps)
		for _, step := range reloadSteps {
			of[steps[step]] = true
			if steps[step] != steps[reloadSteps[0]] {
				mixed++
			}
		}
	}
	quiet, busy := percentile(l.took[0], 0.99), percentile(l.took[1], 0.99)
	l.t.Logf("figure: %d reloads under load (%.0f events/s, %.0f reloads/s): of %d events %d dropped, %d taken in twice; %d effects of %d generations: %d missing, %d of mixed generations; p99 of taking in %v, without reloads %v",
		*reloads, float64(during)/took.Seconds(), float64(*reloads)/took.Seconds(), l.next.Load(), dropped, twice,
		len(l.effects)*len(reloadSteps), len(of), missing, mixed, busy.Round(100*time.Microsecond), quiet.Round(100*time.Microsecond))
	if dropped+twice+mixed+missing > 0 {
		l.t.Error("reloads under load must not be noticed")
	}
	if len(of) < min(10, *reloads/10) {
		l.t.Errorf("the effects are of %d generations only: nothing was shown", len(of))
	}
}

func percentile(of []time.Duration, p float64) time.Duration {
	if len(of) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(of))
	return sorted[int(float64(len(sorted)-1)*p)]
}
