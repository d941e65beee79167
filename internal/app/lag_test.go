package app

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"iter"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"botengine/internal/catchup"
	"botengine/internal/command"
	"botengine/internal/dispatch"
	"botengine/internal/intake"
	"botengine/internal/ratelimit"
	"botengine/internal/rule"
	"botengine/internal/state"
	"botengine/internal/yjiyun/rest"
)

var lagStep = flag.Duration("lagstep", 150*time.Second, "how far apart the lags are that TestAmbiguousLagSweep tries, from 0 to 300 s")

const lagMost = 300 * time.Second

// lagging is a platform whose history shows nothing that is younger than its lag, and
// whose echoes get lost. It knows what people saw.
type lagging struct {
	lag     time.Duration
	swallow bool // nothing that is sent happens
	clock   catchup.Clock

	mu       sync.Mutex // guards what follows
	seen     map[string][]time.Time
	talkedAt []time.Time // in another chat of the robot
}

// Send implements dispatch.Sender.
func (p *lagging) Send(_ context.Context, c command.Command) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.swallow {
		p.seen[c.MessageID] = append(p.seen[c.MessageID], time.Now())
	}
	return nil
}

// Ready implements dispatch.Sender.
func (*lagging) Ready(string, string) bool { return true }

// shows says whether the history has what happened then.
func (p *lagging) shows(at time.Time) bool { return !at.After(time.Now().Add(-p.lag)) }

// Messages implements catchup.History.
func (p *lagging) Messages(_ context.Context, q rest.MessagesQuery) (found []rest.HistoryMessage, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for id, times := range p.seen {
		for _, at := range times {
			if slices.Contains(q.IDs, id) && p.shows(at) {
				found = append(found, rest.HistoryMessage{MessageID: id, Time: at, SendStatus: rest.SendStatusSent})
			}
		}
	}
	return found, nil
}

// Chats implements catchup.History: the chat that was active last, as far as the history shows.
func (p *lagging) Chats(context.Context, rest.ChatsQuery) iter.Seq2[rest.Chat, error] {
	p.mu.Lock()
	defer p.mu.Unlock()
	var last time.Time
	all := slices.Clone(p.talkedAt)
	for _, times := range p.seen {
		all = append(all, times...)
	}
	for _, at := range all {
		if p.shows(at) {
			last = later(last, at)
		}
	}
	return func(yield func(rest.Chat, error) bool) {
		if !last.IsZero() {
			yield(rest.Chat{LastActive: last}, nil)
		}
	}
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// Ask implements dispatch.Asker as an account does.
func (p *lagging) Ask(ctx context.Context, c command.Command, sent time.Time) (dispatch.Answer, error) {
	return catchup.Lookup{History: p, Clock: &p.clock, Now: time.Now}.Ask(ctx, c, sent)
}

// lagCase is one message whose echo never comes.
type lagCase struct {
	lag                    time.Duration
	swallow, killed, quiet bool
}

// lagEnd is what became of it.
type lagEnd struct {
	seen  int
	state state.EntryState
}

// TestAmbiguousLagSweep loses the echo of a message, or the program right behind it,
// while the history lags: no message may be seen twice however far it lags, and
// whatever people did not see is told to a person.
func TestAmbiguousLagSweep(t *testing.T) {
	var duplicates, unknown, resent, found, lost, cases int
	for lag := time.Duration(0); lag <= lagMost; lag += *lagStep {
		for n := range 8 {
			c := lagCase{lag: lag, swallow: n&1 > 0, killed: n&2 > 0, quiet: n&4 > 0}
			var end lagEnd
			synctest.Test(t, func(t *testing.T) { end = c.run(t) })
			cases++
			switch {
			case end.seen > 1:
				duplicates++
				t.Errorf("%+v: seen %d times", c, end.seen)
			case end.state == state.Unknown:
				unknown++
			case end.state == state.Confirmed && end.seen == 1 && c.swallow:
				resent++
			case end.state == state.Confirmed && end.seen == 1:
				found++
			default:
				lost++
				t.Errorf("%+v: seen %d times, and it is %s", c, end.seen, end.state)
			}
		}
	}
	t.Logf("figure: history lag 0 to %v in steps of %v, %d ambiguous sends (half of them killed): %d duplicate, %d lost unnoticed, %d found to have happened, %d sent again after proof, %d unknown and told to a person",
		lagMost, *lagStep, cases, duplicates, lost, found, resent, unknown)
}

// run sends one message and waits until its fate is decided.
func (c lagCase) run(t *testing.T) lagEnd {
	t.Helper()
	p := &lagging{lag: c.lag, swallow: c.swallow, seen: map[string][]time.Time{}}
	p.clock.Observe(time.Now(), time.Now())
	store, err := state.Open(filepath.Join(t.TempDir(), "state.db"), state.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = store.Close() }()
	reply := command.Command{
		Account: "main", Robot: "cfb3", Chat: "S:1_R:1", Type: command.MessageText, Lane: command.LaneChat, Class: command.Verifiable,
		Key: "a", MessageID: command.MessageID(time.Now(), "a"), Fields: []byte(`{"content":"您好"}`), Expires: time.Now().Add(time.Hour),
	}
	if err := store.Update(t.Context(), func(tx state.Tx) error { tx.Enqueue(reply); return nil }); err != nil {
		t.Fatal(err)
	}
	stop := c.begin(t, store, p)
	<-time.After(3 * time.Second) // it is sent
	if c.killed {
		stop()
		stop = c.begin(t, store, p)
	}
	if c.swallow { // only the first time: what is sent again arrives
		p.mu.Lock()
		p.swallow = false
		p.mu.Unlock()
	}
	for range 180 { // somebody talks in another chat
		<-time.After(20 * time.Second)
		if !c.quiet {
			p.mu.Lock()
			p.talkedAt = append(p.talkedAt, time.Now())
			p.mu.Unlock()
		}
	}
	<-time.After(10 * time.Minute)
	stop()
	end := lagEnd{seen: len(p.seen[reply.MessageID])}
	err = store.View(t.Context(), func(tx state.Tx) error {
		e, _ := tx.Entry(reply.MessageID)
		end.state = e.State
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return end
}

// begin runs both lines of an engine until stop is called.
func (lagCase) begin(t *testing.T, store state.Store, p *lagging) (stop func()) {
	t.Helper()
	d := &rulesDir{}
	d.rules.Store(must(compiled("version: 1\nrules: []\n")))
	var out *dispatch.Dispatcher
	in := intake.New(intake.Options{Store: store, Rules: &d.rules, Committed: func(all []state.Entry) { out.Committed(all) }})
	out = dispatch.New(dispatch.Options{Store: store, Sender: p, Asker: p, Report: in.Submit, Limiter: ratelimit.New(ratelimit.Limits{})})
	ctx, cancel := context.WithCancel(context.Background())
	var lines sync.WaitGroup
	for _, run := range []func(context.Context) error{in.Run, out.Run} {
		lines.Go(func() {
			if err := run(ctx); err != nil {
				t.Error(err)
			}
		})
	}
	return func() { cancel(); lines.Wait() }
}

func compiled(text string) (*rule.Set, error) {
	set, findings := rule.Compile(rule.Sources{{Path: "a.yaml", Text: []byte(text)}})
	if set == nil {
		return nil, fmt.Errorf("the rules do not compile: %v", findings)
	}
	return set, nil
}

// Where the platform's clock is ahead, all that it shows seems newer than a send. Before
// anything came live that tells, that proves nothing.
func TestNothingSeemsNewerWhileThePlatformsClockIsUnknown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := &lagging{talkedAt: []time.Time{time.Now()}}
		c := command.Command{MessageID: "20261123130133000613042584962894", Robot: "robot1", Chat: "S:16888500000001_R:1"}
		sent := time.Now().Add(-time.Minute)
		var unknown, known catchup.Clock
		known.Observe(time.Now(), time.Now())
		ask := func(clock *catchup.Clock) (dispatch.Answer, error) {
			return catchup.Lookup{History: p, Clock: clock, Now: time.Now}.Ask(t.Context(), c, sent)
		}
		if got, err := ask(&known); got != dispatch.Absent || err != nil {
			t.Errorf("with a clock that is known: %v, %v", got, err)
		}
		if _, err := ask(&unknown); !errors.Is(err, catchup.ErrLag) {
			t.Errorf("with a clock that is not: %v, want %v", err, catchup.ErrLag)
		}
		<-time.After(catchup.HistoryLag)
		if got, err := ask(&unknown); got != dispatch.Absent || err != nil {
			t.Errorf("when no history lags so far: %v, %v", got, err)
		}
	})
}
