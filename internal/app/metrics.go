package app

import (
	"cmp"
	"context"
	"net"
	"os"
	"runtime"
	"strings"
	"sync"
	"time"

	"botengine/internal/diag"
	"botengine/internal/dispatch"
	"botengine/internal/metrics"
	"botengine/internal/state"
)

// listenMetrics takes the address of /healthz, /readyz and /metrics, where there is
// one; that it cannot is an error: whoever asked for it relies on it.
func (a *App) listenMetrics(ctx context.Context) (net.Listener, error) {
	address := a.o.Config.Metrics.Listen
	if address == "" {
		return nil, nil
	}
	l, err := metrics.Listen(ctx, address)
	if err != nil {
		return nil, err
	}
	a.o.Log.Info("metrics and health are answered", "address", l.Addr().String(), "exposed", a.o.Config.Metrics.Expose)
	return l, nil
}

// answerMetrics answers at the listener until ctx ends.
func (a *App) answerMetrics(ctx context.Context, l net.Listener) error {
	if l == nil {
		<-ctx.Done()
		return ctx.Err()
	}
	registry, err := metrics.NewRegistry(MetricLabels(), a.measure)
	if err != nil {
		return err
	}
	server := metrics.NewServer(metrics.Options{
		Gatherer: registry, Live: a.live, Ready: a.ready, Lang: cmp.Or(a.o.Lang, diag.EN), Hosts: a.o.Config.Metrics.Hosts, Log: a.o.Log,
	})
	if err := server.Run(ctx, l); err != nil {
		a.o.Log.Error("metrics and health are not answered any more", "error", err)
	}
	<-ctx.Done()
	return ctx.Err()
}

// MetricLabels returns what the labels of the engine's metrics may say.
func MetricLabels() []metrics.Label {
	return metrics.Labels((&App{}).newHealth().names(), dispatch.Kinds(), dispatch.Urgencies())
}

// live says whether the process's loops turn.
func (a *App) live() metrics.Page {
	loops := a.loops()
	page := metrics.Page{OK: len(a.watchdog.stuck(loops)) == 0}
	for _, l := range loops {
		page.Lines = append(page.Lines, l.String())
	}
	return page
}

// ready says how all conditions are.
func (a *App) ready(ctx context.Context, lang diag.Lang) metrics.Page {
	h := a.health.check(ctx)
	page := metrics.Page{OK: h.OK}
	for _, c := range h.Conditions {
		mark := "[!!] "
		switch {
		case c.OK:
			mark = "[ok] "
		case c.Degraded:
			mark = "[! ] "
		}
		since := diag.T("（%s 起）", " (since %s)", c.Since.Format(time.RFC3339)).In(lang)
		page.Lines = append(page.Lines, mark+oneLine(c.text(lang))+since)
	}
	return page
}

// oneLine keeps what others wrote, such as a pause's reason, from making lines.
func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }

// measure turns what the components have counted into samples.
func (a *App) measure(ctx context.Context, s *metrics.Sink) {
	h := a.health.check(ctx)
	s.Put(metrics.BuildInfo, 1, cmp.Or(a.o.Version, "unknown"), runtime.Version())
	s.Is(metrics.Ready, h.OK)
	for _, name := range a.health.names() {
		s.Put(metrics.Troubles, 0, name)
	}
	for _, c := range h.Conditions {
		s.Is(metrics.Troubles, !c.OK, c.Name)
	}
	if a.o.Dropped != nil {
		s.Put(metrics.LogLines, float64(a.o.Dropped()))
	}
	for _, acc := range a.accounts {
		a.measureAccount(s, acc)
		measureCatchUp(s, acc)
	}
	a.measureEvents(s)
	a.measureRules(s)
	a.measureQueue(ctx, s)
	a.measureState(s)
}

func (a *App) measureAccount(s *metrics.Sink, acc *account) {
	s.Is(metrics.Connected, acc.connected.Load(), acc.name)
	s.Put(metrics.Sessions, float64(acc.sessions.Load()), acc.name)
	s.Put(metrics.Dials, float64(acc.dials.Load()), acc.name)
	s.Put(metrics.Malformed, float64(acc.malformed.Load()), acc.name)
	token := acc.rest.TokenState()
	if !token.Expires.IsZero() {
		s.Put(metrics.TokenExpires, unixSeconds(token.Expires), acc.name)
	}
	s.Put(metrics.TokenFailures, float64(token.Failures), acc.name)
	s.Is(metrics.TokenRefused, token.Refused, acc.name)
	for _, r := range a.robots.list(acc.name) {
		s.Put(metrics.Robots, 1, acc.name, statusName(r.Status))
		_, away := awayTexts[r.Status]
		s.Is(metrics.RobotOnline, !away, acc.name, r.Key)
	}
}

func unixSeconds(t time.Time) float64 { return float64(t.UnixMilli()) / 1000 }

func measureCatchUp(s *metrics.Sink, acc *account) {
	c := acc.catchUp.Stats()
	s.Put(metrics.CatchUps, float64(c.Runs), acc.name, metrics.CatchUpOK)
	s.Put(metrics.CatchUps, float64(c.Failures), acc.name, metrics.CatchUpFailed)
	s.PutTimes(metrics.CatchUpTime, c.Took, acc.name)
	s.Is(metrics.CatchUpRunning, c.NeedsCatchUp, acc.name)
	s.Put(metrics.OwedChats, float64(c.Owed), acc.name)
	s.Put(metrics.Skew, float64(c.SkewSeconds), acc.name)
	for _, count := range []struct {
		m *metrics.Metric
		n uint64
	}{
		{metrics.Audits, c.Audits}, {metrics.Recovered, c.Recovered}, {metrics.SilentLoss, c.SilentLoss}, {metrics.Truncated, c.Truncated},
		{metrics.Skipped, c.Skipped}, {metrics.LostChats, c.Lost}, {metrics.Gaps, c.Gaps}, {metrics.GapSeconds, c.GapSeconds}, {metrics.Suspends, c.Suspends},
		{metrics.Inferred, c.Inferred}, {metrics.Undelivered, c.Undelivered},
	} {
		s.Put(count.m, float64(count.n), acc.name)
	}
}

func (a *App) measureEvents(s *metrics.Sink) {
	for kind, n := range a.tally.kinds {
		s.Put(metrics.Events, float64(n.Load()), string(kind))
	}
	for outcome, n := range a.tally.verdicts {
		s.Put(metrics.Verdicts, float64(n.Load()), string(outcome))
	}
	for key, n := range a.tally.ended {
		s.Put(metrics.Ended, float64(n.Load()), key.kind, string(key.state))
	}
	for key, n := range a.tally.sends {
		s.Put(metrics.Sends, float64(n.Load()), key.kind, key.result)
	}
	in := a.intake.Stats()
	s.Put(metrics.Duplicates, float64(in.Duplicates))
	s.Put(metrics.Decided, float64(in.Decided))
	s.Put(metrics.Poisoned, float64(in.Poisoned))
	s.Put(metrics.SetAside, float64(in.Quarantined))
	if a.breakers != nil {
		b := a.breakers.Stats()
		s.Put(metrics.Breakers, float64(b.Open))
		s.Put(metrics.Broken, float64(b.Opened))
		s.Put(metrics.Probes, float64(b.Probes))
	}
	s.Put(metrics.Retries, float64(in.Retries))
	s.Put(metrics.LateResults, float64(in.LateResults))
	s.PutTimes(metrics.Intake, a.tally.intake.Snapshot())
	s.PutTimes(metrics.Reply, a.tally.reply.Snapshot())
	s.Put(metrics.Ambiguous, float64(a.dispatch.Stats().Doubts))
}

func (a *App) measureRules(s *metrics.Sink) {
	s.Put(metrics.Rules, float64(len(a.rules.Load().Rules)))
	s.Put(metrics.RulesLoads, float64(a.loads.count.Load()))
	s.Put(metrics.RulesLoadedAt, float64(a.loads.last.Load())/1000)
	s.Put(metrics.RulesRefused, float64(a.reload.refusals.Load()))
	s.Is(metrics.RulesStale, a.reload.refused.get() != "")
}

// openThrift keeps the outbox from being read so often that it costs more than a
// share of the time.
type openThrift struct {
	mu      sync.Mutex // guards what follows; held while the outbox is read
	entries []openEntry
	next    time.Time // not read again before
}

// openEntry is what metrics want to know of an entry that has not ended.
type openEntry struct {
	account, robot, urgency string
	state                   state.EntryState
	added                   time.Time
}

// openEntries returns what has not ended; of a moment ago, where reading it took long.
func (a *App) openEntries(ctx context.Context) []openEntry {
	t := &a.open
	t.mu.Lock()
	defer t.mu.Unlock()
	began := time.Now()
	if began.Before(t.next) {
		return t.entries
	}
	var entries []openEntry
	err := a.store.View(ctx, func(tx state.Tx) error {
		for _, e := range tx.Open("") {
			entries = append(entries, openEntry{e.Command.Account, e.Command.Robot, dispatch.UrgencyOf(&e.Command), e.State, addedAt(&e)})
		}
		return nil
	})
	if err == nil {
		t.entries, t.next = entries, time.Now().Add(countShare*time.Since(began))
	}
	return t.entries
}

func (a *App) measureQueue(ctx context.Context, s *metrics.Sink) {
	for _, each := range []state.EntryState{state.Pending, state.Sending, state.Ambiguous} {
		s.Put(metrics.QueueEntries, 0, string(each))
	}
	for _, acc := range a.accounts {
		for _, r := range a.robots.list(acc.name) {
			for _, urgency := range dispatch.Urgencies() {
				s.Put(metrics.QueueDepth, 0, acc.name, r.Key, urgency)
				s.Put(metrics.QueueAge, 0, acc.name, r.Key, urgency)
			}
		}
	}
	now := time.Now()
	for _, e := range a.openEntries(ctx) {
		s.Put(metrics.QueueEntries, 1, string(e.state))
		s.Put(metrics.QueueDepth, 1, e.account, e.robot, e.urgency)
		s.Put(metrics.QueueAge, max(0, now.Sub(e.added).Seconds()), e.account, e.robot, e.urgency)
	}
	for _, each := range []state.EntryState{state.Unknown, state.Failed, state.Expired} {
		s.Put(metrics.Letters, 0, string(each))
	}
	for ended, n := range a.countLetters(ctx) {
		s.Put(metrics.Letters, float64(n), string(ended))
	}
	s.Put(metrics.Paused, 0, metrics.PausedAll)
	s.Put(metrics.Paused, 0, metrics.PausedRobot)
	for _, p := range a.halt.list() {
		scope := metrics.PausedRobot
		if p.Robot == "" {
			scope = metrics.PausedAll
		}
		s.Put(metrics.Paused, 1, scope)
	}
}

func (a *App) measureState(s *metrics.Sink) {
	path := a.o.Config.State.Path
	if info, err := os.Stat(path); err == nil {
		s.Put(metrics.StateSize, float64(info.Size()))
	}
	if free, ok := roomFor(path); ok {
		s.Put(metrics.StateFree, free)
	}
	st := a.store.Stats()
	s.Put(metrics.Commits, float64(st.Commits))
	s.Put(metrics.Updates, float64(st.Updates))
	s.Put(metrics.CommitFailures, float64(st.Failed))
	s.PutTimes(metrics.CommitTime, st.CommitTime)
}
