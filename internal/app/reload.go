package app

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"botengine/internal/actions"
	"botengine/internal/diag"
	"botengine/internal/failpoint"
	"botengine/internal/rule"
	"botengine/internal/state"
)

const (
	secondRead = 300 * time.Millisecond // a file is whole when two reads this far apart agree
	shrunkRead = 5 * time.Second        // and when it looks cut off, or many rules are gone, we look again after this
)

// lastGoodDocument is where the newest rule set without errors is kept.
const lastGoodDocument = "rules/last-good"

// FindingsError says that the rules have errors; the findings say which.
type FindingsError struct {
	Findings diag.List
	Sources  rule.Sources
}

// Error names the first finding and says how many there are.
func (e *FindingsError) Error() string {
	if len(e.Findings) == 0 {
		return "the rules have findings"
	}
	first := e.Findings[0]
	return fmt.Sprintf("the rules have %d findings, the first at %s: %s", len(e.Findings), place(first), first.Message.EN)
}

// reloader owns the live rule set: it alone replaces it. Everything that can
// fail happens before the pointer is touched; a set with errors changes nothing.
type reloader struct {
	paths  []string
	store  state.Store
	rules  *atomic.Pointer[rule.Set]
	shadow bool // run --dry-run: every rule decides and records, none sends
	lang   diag.Lang
	log    *slog.Logger
	onSwap func(*rule.Set)

	rollouts rollouts // which rules changed a short while ago

	onFindings func(diag.List, rule.Sources) // nil: findings go to the log

	has func(actions.Reference) bool // what steps use of the configuration; nil: it is not asked

	seen func(state.Tx) *rule.Seen // what the platform has; nil: it is not asked

	mu       sync.Mutex // guards all below; held while rules are read and swapped
	reader   rule.Reader
	compiler rule.Compiler // remembers the files, so that a save costs what was saved
	knew     known         // of what was seen on the platform when rules were held against it
	refusals atomic.Uint64 // how often rules were refused
	refused  word          // hash of the sources refused last, so that each bad save is reported once
	warned   string        // the error said last, so that the poll does not repeat it
}

// word is a text that one goroutine changes while others read it.
type word struct{ p atomic.Pointer[string] }

func (w *word) set(s string) { w.p.Store(&s) }

func (w *word) get() string {
	if s := w.p.Load(); s != nil {
		return *s
	}
	return ""
}

// start loads the first set: the rules as they stand or, when they have errors,
// the last good ones.
func (r *reloader) start(ctx context.Context, fallback bool) error {
	c, err := r.first(ctx)
	if err != nil {
		return fmt.Errorf("read the rules: %w", err)
	}
	set, findings, sources := c.set, c.findings, c.sources
	if set != nil {
		return r.swap(ctx, set, findings)
	}
	bad := &FindingsError{Findings: findings, Sources: sources}
	if !fallback {
		return bad
	}
	set, err = r.lastGood(ctx)
	if err != nil {
		return errors.Join(bad, err)
	}
	r.refusals.Add(1)
	r.refused.set(sources.Hash())
	r.say(findings, sources)
	r.log.Warn("the rules have errors: running with the last good ones", "rules", len(set.Rules), "generation", short(set.Hash))
	return r.publish(ctx, set)
}

// checked are rules as they were read once; set is nil where they have errors.
type checked struct {
	sources  rule.Sources
	set      *rule.Set
	findings diag.List
}

func (r *reloader) readAndCheck(ctx context.Context) (c checked, err error) {
	if c.sources, err = r.reader.Read(r.paths); err == nil {
		c.set, c.findings = r.compiler.Check(c.sources, r.world(ctx))
	}
	return c, err
}

// watch follows the folders until ctx ends.
func (r *reloader) watch(ctx context.Context) error {
	w, err := newWatcher(r.paths, pollEvery)
	if err != nil {
		return fmt.Errorf("watch the rules: %w", err)
	}
	return w.run(ctx, func() { r.look(ctx) })
}

// look reads the rules again and swaps them in when they changed, are whole and
// have no errors.
func (r *reloader) look(ctx context.Context) {
	r.mu.Lock()
	defer r.mu.Unlock()
	sources, ok := r.whole(ctx)
	if !ok {
		return
	}
	if sources.Hash() == r.rules.Load().Hash {
		r.refused.set("") // the bad edit was taken back: made again, it is news
		r.sayUnseen(ctx, sources)
		return
	}
	if sources.Hash() == r.refused.get() {
		return
	}
	set, findings := r.compiler.Check(sources, r.world(ctx))
	if set == nil {
		r.refusals.Add(1)
		r.refused.set(sources.Hash())
		r.say(findings, sources)
		r.log.Log(ctx, r.refusal(), "the changed rules have errors: the old ones keep running", "findings", len(findings), "generation", short(r.rules.Load().Hash))
		return
	}
	if torn(r.rules.Load(), set) && !r.same(ctx, sources, shrunkRead) {
		return // still being written; its last write brings us back here
	}
	if err := r.swap(ctx, set, findings); err != nil {
		r.log.Error("the changed rules could not be taken", "error", err)
		return
	}
	r.refused.set("")
}

// world is what the rules are held against beside themselves. What was seen on the
// platform only adds warnings, so trouble in reading it is none of the rules'.
func (r *reloader) world(ctx context.Context) rule.World {
	w := rule.World{Configured: r.has}
	if r.seen != nil {
		_ = r.store.View(ctx, func(tx state.Tx) error {
			w.Seen = r.seen(tx)
			r.knew = r.knew.and(w.Seen)
			return nil
		})
	}
	return w
}

// whole reads the sources twice: a prefix of a YAML file often is a valid file
// with fewer rules, so a file that is being written must not be taken.
func (r *reloader) whole(ctx context.Context) (rule.Sources, bool) {
	sources, err := r.reader.Read(r.paths)
	if err != nil {
		r.warnOnce(err)
		return nil, false
	}
	if sources.Hash() == r.rules.Load().Hash || sources.Hash() == r.refused.get() {
		return sources, true
	}
	failpoint.Hit(failpoint.ReloadRead)
	for !r.same(ctx, sources, secondRead) {
		if ctx.Err() != nil {
			return nil, false
		}
		if sources, err = r.reader.Read(r.paths); err != nil {
			r.warnOnce(err)
			return nil, false
		}
	}
	return sources, true
}

// same reports whether the sources still read the same after a while.
func (r *reloader) same(ctx context.Context, sources rule.Sources, after time.Duration) bool {
	select {
	case <-ctx.Done():
		return false
	case <-time.After(after):
	}
	again, err := r.reader.Read(r.paths)
	return err == nil && again.Hash() == sources.Hash()
}

// swap keeps the set as the last good one, then makes it live.
func (r *reloader) swap(ctx context.Context, set *rule.Set, findings diag.List) error {
	data, err := json.Marshal(set.Sources)
	if err != nil {
		return fmt.Errorf("keep the rules: %w", err)
	}
	before := r.before(ctx, set)
	err = r.store.Update(ctx, func(tx state.Tx) error {
		tx.PutDocument(lastGoodDocument, data)
		if r.shadow {
			return nil // nothing is tried where nothing acts
		}
		return r.rollouts.take(tx, before, set)
	})
	if err != nil {
		return fmt.Errorf("keep the rules: %w", err)
	}
	failpoint.Hit(failpoint.ReloadKept)
	r.say(findings, set.Sources)
	r.log.Info("rules loaded", "rules", len(set.Rules), "generation", short(set.Hash))
	if len(set.Rules) == 0 {
		r.log.Warn("there are no rules: nothing will be answered", "paths", strings.Join(r.paths, ", "))
	}
	return r.publish(ctx, set)
}

// before is the set that the next one takes the place of: the live one or, when the
// engine has just started, that of the run before; nil when there is none.
func (r *reloader) before(ctx context.Context, next *rule.Set) *rule.Set {
	if live := r.rules.Load(); live != nil {
		return live
	}
	kept, err := r.lastSources(ctx)
	if err != nil || kept.Hash() == next.Hash {
		return next // nothing changed, or nobody can say what
	}
	if set, _ := rule.Compile(kept); set != nil {
		return set
	}
	return next
}

func (r *reloader) publish(ctx context.Context, set *rule.Set) error {
	if r.shadow {
		for _, one := range set.Rules { // one of a file that did not change is shared with the live set, and is in shadow already
			one.Rehearse()
		}
	}
	if !r.shadow {
		err := r.store.View(ctx, func(tx state.Tx) error {
			set = withTrials(tx, set)
			return nil
		})
		if err != nil {
			return fmt.Errorf("read which rules changed: %w", err)
		}
	}
	r.rules.Store(set)
	failpoint.Hit(failpoint.ReloadSwapped)
	r.warned = ""
	if r.onSwap != nil {
		r.onSwap(set)
	}
	return nil
}

// lastGood compiles the newest set that had no errors.
func (r *reloader) lastGood(ctx context.Context) (*rule.Set, error) {
	sources, err := r.lastSources(ctx)
	if err != nil {
		return nil, err
	}
	set, findings := rule.Compile(sources)
	if set == nil {
		return nil, fmt.Errorf("last good rules: %w", &FindingsError{Findings: findings, Sources: sources})
	}
	return set, nil
}

// lastSources are those of the newest set that had no errors.
func (r *reloader) lastSources(ctx context.Context) (sources rule.Sources, err error) {
	err = r.store.View(ctx, func(tx state.Tx) error {
		data, ok := tx.Document(lastGoodDocument)
		if !ok {
			return errors.New("no earlier rules are kept")
		}
		return json.Unmarshal(data, &sources)
	})
	if err != nil {
		return nil, fmt.Errorf("last good rules: %w", err)
	}
	return sources, nil
}

// refusal is how loudly the log tells of refused rules: whoever was shown the
// findings knows already.
func (r *reloader) refusal() slog.Level {
	if r.onFindings != nil {
		return slog.LevelInfo
	}
	return slog.LevelError
}

// say tells of the findings: whoever wants them for people, else the log, at their
// places.
func (r *reloader) say(findings diag.List, sources rule.Sources) {
	if r.onFindings != nil && len(findings) > 0 {
		r.onFindings(findings, sources)
		return
	}
	for _, f := range findings {
		level := slog.LevelWarn
		if f.Severity == diag.Error {
			level = slog.LevelError
		}
		attrs := []any{"at", place(f), "code", f.Code, "message", f.Message.In(r.lang), "hint", f.Hint.In(r.lang)}
		for _, other := range f.Related {
			attrs = append(attrs, "related", place(diag.Finding{File: other.File, Range: other.Range}))
		}
		r.log.Log(context.Background(), level, "finding", attrs...)
	}
}

func (r *reloader) warnOnce(err error) {
	if err.Error() != r.warned {
		r.warned = err.Error()
		r.log.Warn("the rules cannot be read: the old ones keep running", "error", err)
	}
}

func place(f diag.Finding) string {
	if f.Range.IsZero() {
		return f.File
	}
	return fmt.Sprintf("%s:%d:%d", f.File, f.Range.Start.Line, f.Range.Start.Column)
}

func short(hash string) string { return hash[:min(len(hash), 12)] }
