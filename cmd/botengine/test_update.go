package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"botengine/internal/rule"
	"botengine/internal/ruletest"
	"botengine/internal/terminal"
)

// rewrite writes what happened into the tests that were run. All files are rewritten
// in memory, read back and run before the first is written.
func (t *tester) rewrite(set *rule.Set, files []ruletest.File, done []outcome) error {
	fresh := map[string][]byte{}
	for i := range files {
		text, err := t.rewritten(set, &files[i], done)
		if err != nil {
			return err
		}
		if text != nil {
			fresh[files[i].Path] = text
		}
	}
	changed := 0
	for i := range files {
		text, ok := fresh[files[i].Path]
		if !ok {
			continue
		}
		changed++
		old := files[i].Text()
		if err := replaceText(files[i].Path, old, text); err != nil {
			return t.fileError(err)
		}
		t.printDiff(files[i].Path, old, text)
	}
	if changed == 0 {
		fmt.Fprintln(t.out, t.say("没有要改的：全部测试通过", "nothing to change: every test passes"))
		return nil
	}
	fmt.Fprintf(t.out, t.say("改写了 %d 个文件；请看一遍，确认这就是想要的\n", "%d files rewritten; look them over: is this what you want?\n"), changed)
	return nil
}

// rewritten is the new text of a file; nil when nothing changes.
func (t *tester) rewritten(set *rule.Set, f *ruletest.File, done []outcome) ([]byte, error) {
	var results []ruletest.Result
	for i := range done {
		if done[i].file == f && (len(done[i].Failures) > 0 || len(done[i].Asking) > 0) {
			results = append(results, done[i].Result)
		}
	}
	if len(results) == 0 {
		return nil, nil
	}
	text, err := ruletest.Update(f, results)
	if err != nil {
		return nil, fmt.Errorf(t.say("%w；什么也没有改写", "%w; nothing was rewritten"), err)
	}
	g, found := ruletest.Read(rule.Source{Path: f.Path, Text: text})
	if found.HasErrors() {
		return nil, ruletest.Faults(found)
	}
	again, err := t.runAll(set, []ruletest.File{g}, nil)
	if err != nil {
		return nil, err
	}
	if i := slices.IndexFunc(again, func(o outcome) bool { return o.state() != "passed" }); i >= 0 {
		return nil, fmt.Errorf(t.say("%s:%d: %s: 这个 expect 改写不了，请手工改；什么也没有改写", "%s:%d: %s: this expect can't be rewritten, change it by hand; nothing was rewritten"),
			f.Path, again[i].Line, again[i].Name)
	}
	return text, nil
}

// replaceText replaces what a file holds in one step, if it still is what was read.
func replaceText(path string, old, text []byte) error {
	name := filepath.Clean(filepath.FromSlash(path))
	if link, err := filepath.EvalSymlinks(name); err == nil {
		name = link
	}
	now, err := os.ReadFile(name)
	if err != nil {
		return err
	}
	if !bytes.Equal(now, old) {
		return fmt.Errorf("%s was changed in the meantime", path)
	}
	info, err := os.Stat(name)
	if err != nil {
		return err
	}
	if info.Mode().Perm()&0o200 == 0 {
		return &os.PathError{Op: "write", Path: path, Err: os.ErrPermission}
	}
	temp, err := os.CreateTemp(filepath.Dir(name), ".test-update-*")
	if err != nil {
		return err
	}
	_, err = temp.Write(text)
	err = errors.Join(err, temp.Chmod(info.Mode().Perm()), temp.Close())
	if err == nil {
		err = os.Rename(temp.Name(), name)
	}
	if err != nil {
		return errors.Join(err, os.Remove(temp.Name()))
	}
	return nil
}

// printDiff shows the lines of a file that changed, each group with its place.
func (t *tester) printDiff(path string, old, text []byte) {
	line, inside := 1, false
	for _, d := range ruletest.Difference(linesOf(old), linesOf(text)) {
		if d[0] == ' ' {
			line, inside = line+1, false
			continue
		}
		if !inside {
			fmt.Fprintf(t.out, "%s:%d:\n", terminal.Visible(path), line)
		}
		if inside = true; d[0] == '+' {
			line++
		}
		fmt.Fprintln(t.out, t.diffLine(d))
	}
}

func linesOf(text []byte) []string {
	return strings.Split(strings.ReplaceAll(strings.TrimSuffix(string(text), "\n"), "\r\n", "\n"), "\n")
}
