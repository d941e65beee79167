package main

import (
	"bytes"
	"fmt"
	"time"

	"botengine/internal/rule"
)

// compileRows measures how long new rules take until they are in force.
func compileRows(t *table, e effort) error {
	w := newWorkload(e.most(), 1)
	var err error
	note := func(one error) {
		if err == nil {
			err = one
		}
	}
	versions := []rule.Sources{w.sources, oneSaved(w.sources)}
	saves := 0
	var compiler rule.Compiler
	compiler.Compile(w.sources)
	got := interleave(e.slow, time.Millisecond,
		side{name: "compile", do: func(n int) {
			for range n {
				_, err := compiled(w)
				note(err)
			}
		}},
		side{name: "expr", do: func(n int) {
			for range n {
				_, err := newExprLoop(w.rules)
				note(err)
			}
		}},
		side{name: "save", do: func(n int) {
			for range n {
				saves++
				if set, findings := compiler.Compile(versions[saves%2]); set == nil {
					note(fmt.Errorf("compile the saved rules: %d findings", len(findings)))
				}
			}
		}},
	)
	t.within(fmt.Sprintf("compile and index %d rules from YAML", e.most()), got.typical("compile"), time.Second)
	t.atMost(fmt.Sprintf("compile and index %d rules from YAML / bare expr compile", e.most()), got.ratio("compile", "expr"), 2.5)
	t.within(fmt.Sprintf("one file of %d rules among %d saved", perFile, len(w.sources)), got.typical("save"), 100*time.Millisecond)
	return err
}

// oneSaved is the sources with another reply in one of the files.
func oneSaved(sources rule.Sources) rule.Sources {
	out := append(rule.Sources{}, sources...)
	i := len(out) / 2
	out[i].Text = bytes.Replace(out[i].Text, []byte("已经收到"), []byte("马上处理"), 1)
	return out
}
