package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"slices"

	"botengine/internal/app"
	"botengine/internal/diag"
)

// The lines around each check of `check --watch`. Editors know by them when the
// findings they show are out of date and when they are complete, so they are the
// same in every language.
const (
	watchBegin = "botengine check: begin"
	watchEnd   = "botengine check: end: %d errors, %d warnings\n"
)

// watchable are the formats that one check after the other can be written in.
var watchable = []diag.Format{diag.FormatText, diag.FormatShort, diag.FormatGitHub}

// watch checks at once and after every change until ctx ends. The exit code is
// that of the last check.
func (k *checker) watch(ctx context.Context) error {
	if !slices.Contains(watchable, k.format) {
		return errors.New(k.say("--watch 只能用 --format text、short 或 github", "--watch goes with --format text, short or github"))
	}
	paths, _, err := k.sourcePaths()
	if err != nil {
		return err
	}
	for _, p := range paths {
		if _, err := os.Stat(p); err != nil {
			return k.fileError(err)
		}
	}
	var last error // how the last check ended
	var shown string
	err = app.Watch(ctx, append(slices.Clone(paths), k.config), func() {
		result := k.look()
		if key := result.key(); key != shown {
			shown, last = key, result.exit
			k.show(result)
		}
	})
	if err != nil && !errors.Is(err, context.Canceled) {
		return err
	}
	return last
}

// look is one check, whatever becomes of it: a folder that is gone for a moment
// ends nothing.
func (k *checker) look() watched {
	done, err := k.run()
	out := watched{hash: done.hash}
	var text bytes.Buffer
	if err != nil {
		fmt.Fprintln(&text, k.say("错误：", "error: ")+k.fileError(err).Error())
		out.text, out.exit, out.counts.Errors = text.String(), exitError(exitUsage), 1
		return out
	}
	options := diag.Options{Lang: k.lang(), Format: k.format, Color: k.colored(k.out)}
	out.exit = k.verdict(done.findings)
	out.counts = done.findings.Count()
	_ = diag.Print(&text, done.findings, sources, options) // a buffer takes everything
	out.text = text.String()
	return out
}

// watched is what one check of many came to.
type watched struct {
	hash   string // of the rules
	text   string
	counts diag.Counts
	exit   error
}

// key tells results apart: it stays the same while nothing changes.
func (w watched) key() string { return w.hash + "\n" + w.text }

func (k *checker) show(w watched) {
	fmt.Fprintln(k.out, watchBegin)
	fmt.Fprint(k.out, w.text)
	fmt.Fprintf(k.out, watchEnd, w.counts.Errors, w.counts.Warnings)
}

// verdict is the exit code that findings lead to.
func (k *checker) verdict(findings diag.List) error {
	switch {
	case findings.HasErrors():
		return exitError(exitFindings)
	case k.strict && len(findings) > 0:
		return exitError(exitWarnings)
	}
	return nil
}
