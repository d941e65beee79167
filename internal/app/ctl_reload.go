package app

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"

	"botengine/internal/ctl"
	"botengine/internal/diag"
	"botengine/internal/rule"
)

// ReloadParams say how the findings of a reload are to be written for people.
type ReloadParams struct {
	Lang  diag.Lang `json:"lang,omitempty"`
	Color bool      `json:"color,omitempty"`
}

// Reload is what `ctl reload` says, version 1.
type Reload struct {
	V          int             `json:"v"`
	Accepted   bool            `json:"accepted"` // false: they have errors, and the old ones keep running
	Changed    bool            `json:"changed"`  // false: those that run are the same
	Rules      int             `json:"rules"`    // that run now
	Hash       string          `json:"hash"`
	Generation string          `json:"generation"`
	Findings   json.RawMessage `json:"findings"` // as `check --format json` writes them
	Report     string          `json:"report"`   // the same for people; may be empty
}

func (a *App) ctlReload(ctx context.Context, raw json.RawMessage) (any, error) {
	params, err := ctl.Params[ReloadParams](raw)
	if err != nil {
		return nil, err
	}
	was, err := a.reload.now(ctx)
	if err != nil {
		return nil, err
	}
	live := a.rules.Load()
	if was.accepted {
		a.aside.Clear() // also where nothing changed: a person wants them tried again
	}
	out := Reload{
		V: 1, Accepted: was.accepted, Changed: was.changed, Rules: len(live.Rules), Hash: live.Hash, Generation: short(live.Hash),
	}
	var report, findings bytes.Buffer
	if err := diag.Print(&report, was.findings, was.text, diag.Options{Lang: params.Lang, Color: params.Color}); err != nil {
		return nil, err
	}
	if err := diag.Print(&findings, was.findings, was.text, diag.Options{Format: diag.FormatJSON}); err != nil {
		return nil, err
	}
	out.Report, out.Findings = report.String(), findings.Bytes()
	return out, nil
}

// reloading is what a reload came to.
type reloading struct {
	accepted, changed bool
	findings          diag.List
	sources           rule.Sources
}

// text returns a file as it was read.
func (r reloading) text(file string) ([]byte, bool) {
	for _, src := range r.sources {
		if src.Path == file {
			return src.Text, true
		}
	}
	return nil, false
}

// now reads the rules and makes them live, because a person asked for it: what it
// finds it returns, also when it was said before, and that many rules are gone is
// meant. It may be called while watch runs.
func (r *reloader) now(ctx context.Context) (reloading, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	sources, err := r.reader.Read(r.paths)
	for err == nil && !r.same(ctx, sources, secondRead) {
		if ctx.Err() != nil {
			return reloading{}, ctx.Err()
		}
		sources, err = r.reader.Read(r.paths)
	}
	if err != nil {
		return reloading{}, fmt.Errorf("read the rules: %w", err)
	}
	set, findings := r.compiler.Check(sources, r.world(ctx))
	out := reloading{accepted: set != nil, findings: findings, sources: sources}
	if set == nil {
		r.refusals.Add(1)
		r.refused.set(sources.Hash())
		r.log.Warn("rules refused on request: the old ones keep running", "findings", len(findings), "generation", short(r.rules.Load().Hash))
		return out, nil
	}
	r.refused.set("")
	if set.Hash == r.rules.Load().Hash {
		return out, nil
	}
	out.changed = true
	return out, r.swap(ctx, set, findings)
}
