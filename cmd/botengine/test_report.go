package main

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"botengine/internal/diag"
	"botengine/internal/rule"
	"botengine/internal/ruletest"
	"botengine/internal/terminal"
)

func compareStrings(a, b string) int { return strings.Compare(a, b) }

// report runs the tests and shows what came of them.
func (t *tester) report(set *rule.Set, files []ruletest.File) error {
	var cover *ruletest.Coverage
	if t.coverage {
		cover = ruletest.NewCoverage(set)
	}
	done, err := t.runAll(set, files, cover)
	if err != nil {
		return err
	}
	if t.update {
		return t.rewrite(set, files, done)
	}
	if t.junit != "" {
		if err := writeJUnit(t.junit, done, t.lang()); err != nil {
			return t.fileError(err)
		}
	}
	if t.output == "json" {
		err = t.json(done, cover)
	} else {
		err = t.text(done, cover)
	}
	if err != nil {
		return err
	}
	return t.verdict(done, cover)
}

// verdict is the exit code.
func (t *tester) verdict(done []outcome, cover *ruletest.Coverage) error {
	_, failed, asking := tally(done)
	switch {
	case failed > 0:
		return exitError(exitFindings)
	case cover != nil && cover.Percent() < t.coverageMin:
		fmt.Fprintf(t.err, t.say("覆盖率 %.1f%% 低于 --coverage-min %g\n", "%.1f%% is covered, less than --coverage-min %g\n"), cover.Percent(), t.coverageMin)
		return exitError(exitFindings)
	case asking > 0 && t.strict:
		return exitError(exitWarnings)
	}
	return nil
}

// tally counts the tests that passed, that failed, and that expect nothing yet.
func tally(done []outcome) (passed, failed, asking int) {
	for i := range done {
		switch done[i].state() {
		case "failed":
			failed++
		case "passed":
			passed++
		default:
			asking++
		}
	}
	return passed, failed, asking
}

// text shows the results for people.
func (t *tester) text(done []outcome, cover *ruletest.Coverage) error {
	var b strings.Builder
	for i := range done {
		t.failures(&b, &done[i])
		t.askers(&b, &done[i])
	}
	passed, failed, asking := tally(done)
	fmt.Fprintf(&b, t.say("%d 个通过，%d 个失败", "%d passed, %d failed"), passed, failed)
	if asking > 0 {
		fmt.Fprintf(&b, t.say("，%d 个还没写 expect", ", %d expecting nothing yet"), asking)
	}
	b.WriteByte('\n')
	if cover != nil {
		t.coverText(&b, cover)
	}
	_, err := io.WriteString(t.out, b.String())
	return err
}

// failures shows each difference with what it is about.
func (t *tester) failures(b *strings.Builder, o *outcome) {
	for _, f := range o.Failures {
		b.WriteString(f.First(t.lang()) + "\n")
		for _, line := range f.Diff {
			b.WriteString("    " + t.diffLine(line) + "\n")
		}
		for _, w := range f.Why {
			text := w.In(t.lang())
			if !strings.HasPrefix(text, " ") { // else it is a condition as a tree, and belongs to what stands above
				text = t.say("原因 ", "because ") + text
			}
			for line := range strings.Lines(text) {
				b.WriteString("    " + strings.TrimSuffix(line, "\n") + "\n")
			}
		}
	}
}

// diffLine is a line of a diff in its colour.
func (t *tester) diffLine(line string) string {
	line = terminal.Visible(line)
	switch {
	case !t.colored(t.out) || strings.HasPrefix(line, " "):
		return line
	case strings.HasPrefix(line, "-"):
		return "\x1b[31m" + line + "\x1b[0m"
	}
	return "\x1b[32m" + line + "\x1b[0m"
}

// askers shows what to paste into steps that expect nothing yet.
func (t *tester) askers(b *strings.Builder, o *outcome) {
	if len(o.Asking) == 0 {
		return
	}
	fmt.Fprintf(b, t.say("%s:%d: %s: 还没写 expect，什么也没检查；核对后粘贴（或用 --update）：\n",
		"%s:%d: %s: expects nothing yet, so that nothing is checked; look it over and paste (or use --update):\n"), o.File, o.Line, o.Name)
	for _, i := range o.Asking {
		fmt.Fprintf(b, t.say("  第 %d 行：\n", "  line %d:\n"), o.Steps[i].Step.Line)
		b.WriteString(o.Block(i) + "\n")
	}
}

// The JSON of test, version 1.
type (
	testsJSON struct {
		V           int           `json:"v"`
		Passed      int           `json:"passed"`
		Failed      int           `json:"failed"`
		Unexpecting int           `json:"unexpecting"`
		Tests       []testJSON    `json:"tests"`
		Coverage    *coverageJSON `json:"coverage,omitempty"`
	}
	testJSON struct {
		File     string        `json:"file"`
		Line     int           `json:"line"`
		Name     string        `json:"name"`
		State    string        `json:"state"`
		Millis   float64       `json:"ms"`
		Failures []failureJSON `json:"failures,omitempty"`
		Expect   []expectJSON  `json:"expect,omitempty"`
	}
	failureJSON struct {
		Line int      `json:"line"`
		What string   `json:"what"`
		Diff []string `json:"diff,omitempty"`
		Why  []string `json:"why,omitempty"`
	}
	expectJSON struct {
		Line int    `json:"line"`
		YAML string `json:"yaml"`
	}
)

func (t *tester) json(done []outcome, cover *ruletest.Coverage) error {
	out := testsJSON{V: 1, Tests: []testJSON{}}
	out.Passed, out.Failed, out.Unexpecting = tally(done)
	for i := range done {
		out.Tests = append(out.Tests, done[i].json(t.lang()))
	}
	if cover != nil {
		out.Coverage = coverJSON(cover)
	}
	enc := json.NewEncoder(t.out)
	enc.SetIndent("", "  ")
	enc.SetEscapeHTML(false)
	return enc.Encode(out)
}

func (o *outcome) json(lang diag.Lang) testJSON {
	out := testJSON{File: o.File, Line: o.Line, Name: o.Name, State: o.state(), Millis: float64(o.took.Microseconds()) / 1000}
	for _, f := range o.Failures {
		one := failureJSON{Line: f.Line, What: f.What.In(lang), Diff: f.Diff}
		for _, w := range f.Why {
			one.Why = append(one.Why, w.In(lang))
		}
		out.Failures = append(out.Failures, one)
	}
	for _, i := range o.Asking {
		out.Expect = append(out.Expect, expectJSON{Line: o.Steps[i].Step.Line, YAML: o.Block(i)})
	}
	return out
}
