package app

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"botengine/internal/diag"
	"botengine/internal/rule"
	"botengine/internal/state"
)

const soon = 90 * time.Second // a machine under load is no failure; every wait ends as soon as it can

// logBuffer collects a log that many goroutines write.
type logBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *logBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *logBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// rulesDir is a live reloader over a folder.
type rulesDir struct {
	dir   string
	rules atomic.Pointer[rule.Set]
	swaps chan *rule.Set
	log   logBuffer
	r     *reloader
}

func ruleText(id, answer string) string {
	return fmt.Sprintf("version: 1\nrules:\n  - id: %s\n    on: message.text\n    match: {any: [退款]}\n    do:\n      - reply: %q\n", id, answer)
}

func newReloader(t *testing.T, dir string, store state.Store) *rulesDir {
	t.Helper()
	d := &rulesDir{dir: dir, swaps: make(chan *rule.Set, 100)}
	d.r = &reloader{
		paths: []string{dir}, store: store, rules: &d.rules, lang: diag.ZH,
		log: slog.New(slog.NewTextHandler(io.MultiWriter(&d.log), nil)), onSwap: func(s *rule.Set) { d.swaps <- s },
	}
	return d
}

func openStore(t *testing.T) state.Store {
	t.Helper()
	store, err := state.Open(filepath.Join(t.TempDir(), "state.db"), state.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { store.Close() })
	return store
}

// live starts the reloader on a folder with one rule and follows it.
func live(t *testing.T, dir string) *rulesDir {
	t.Helper()
	d := newReloader(t, dir, openStore(t))
	if err := d.r.start(t.Context(), true); err != nil {
		t.Fatal(err)
	}
	<-d.swaps
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		if err := d.r.watch(ctx); !errors.Is(err, context.Canceled) {
			t.Errorf("watch: %v", err)
		}
	}()
	t.Cleanup(func() { cancel(); <-done })
	return d
}

func (d *rulesDir) wait(t *testing.T, id string) {
	t.Helper()
	deadline := time.After(soon)
	for {
		select {
		case set := <-d.swaps:
			if _, ok := set.Rule(id); ok {
				return
			}
		case <-deadline:
			t.Fatalf("rule %s never became live; the log:\n%s", id, d.log.String())
		}
	}
}

func (d *rulesDir) waitLog(t *testing.T, text string) {
	t.Helper()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	deadline := time.After(soon)
	for !strings.Contains(d.log.String(), text) {
		select {
		case <-tick.C:
		case <-deadline:
			t.Fatalf("the log never said %q:\n%s", text, d.log.String())
		}
	}
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func rename(t *testing.T, from, to string) {
	t.Helper()
	if err := os.Rename(from, to); err != nil {
		t.Fatal(err)
	}
}

func TestASavedFileGoesLive(t *testing.T) {
	for name, save := range map[string]func(t *testing.T, file, text string){
		"written in place, as VS Code does": write,
		"moved away and written anew, as vim does": func(t *testing.T, file, text string) {
			t.Helper()
			write(t, filepath.Join(filepath.Dir(file), "4913"), "")
			rename(t, file, file+"~")
			write(t, file, text)
			if err := errors.Join(os.Remove(file+"~"), os.Remove(filepath.Join(filepath.Dir(file), "4913"))); err != nil {
				t.Fatal(err)
			}
		},
		"a new file renamed over it, as sed -i does": func(t *testing.T, file, text string) {
			t.Helper()
			temp := filepath.Join(filepath.Dir(file), "sedAbCdEf")
			write(t, temp, text)
			rename(t, temp, file)
		},
		"beside a lock and a file saved of itself, as emacs does": func(t *testing.T, file, text string) {
			t.Helper()
			dir, name := filepath.Split(file)
			lock, auto := filepath.Join(dir, ".#"+name), filepath.Join(dir, "#"+name+"#")
			if err := os.Symlink("user@host.1:2", lock); err != nil { // it leads nowhere
				t.Fatal(err)
			}
			write(t, auto, text[:len(text)/2])
			rename(t, file, file+"~")
			write(t, file, text)
			if err := errors.Join(os.Remove(auto), os.Remove(lock)); err != nil {
				t.Fatal(err)
			}
		},
		"in a folder that is new": func(t *testing.T, file, text string) {
			t.Helper()
			write(t, filepath.Join(filepath.Dir(file), "新的文件夹", "更多.yaml"), text)
		},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			file := filepath.Join(dir, "退款.yaml")
			write(t, file, ruleText("old", "旧的"))
			d := live(t, dir)
			save(t, file, ruleText("new", "新的"))
			d.wait(t, "new")
			save(t, file, ruleText("newer", "更新的")) // and again: the watch is still there
			d.wait(t, "newer")
		})
	}
}

func TestAConfigMapSwapGoesLive(t *testing.T) {
	dir := t.TempDir()
	revision := func(name, id string) {
		write(t, filepath.Join(dir, name, "faq.yaml"), ruleText(id, "答"))
		link := filepath.Join(dir, "..data_tmp")
		if err := os.Symlink(name, link); err != nil {
			t.Fatal(err)
		}
		rename(t, link, filepath.Join(dir, "..data"))
	}
	revision("..2026_01", "first")
	if err := os.Symlink(filepath.Join("..data", "faq.yaml"), filepath.Join(dir, "faq.yaml")); err != nil {
		t.Fatal(err)
	}
	d := live(t, dir)
	for _, id := range []string{"second", "third", "fourth"} {
		revision("..2026_"+id, id)
		d.wait(t, id)
		if n := len(d.rules.Load().Rules); n != 1 {
			t.Fatalf("%d rules are live, want the one of the newest revision", n)
		}
	}
}

func TestABrokenFileKeepsTheOldRules(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "退款.yaml")
	write(t, file, ruleText("refund", "旧的"))
	d := live(t, dir)
	write(t, file, strings.Replace(ruleText("refund", "新的"), "match:", "macth:", 1))
	d.waitLog(t, "the old ones keep running")
	if !strings.Contains(d.log.String(), "退款.yaml:5:5") {
		t.Errorf("the log does not name the place:\n%s", d.log.String())
	}
	if _, ok := d.rules.Load().Rule("refund"); !ok {
		t.Error("the old rule is gone")
	}
	write(t, file, ruleText("mended", "好了"))
	d.wait(t, "mended")
}

func TestABadEditMadeAgainIsReportedAgain(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "退款.yaml")
	good := ruleText("refund", "旧的")
	bad := strings.Replace(good, "match:", "macth:", 1)
	write(t, file, good)
	d := newReloader(t, dir, openStore(t))
	if err := d.r.start(t.Context(), true); err != nil {
		t.Fatal(err)
	}
	for i, text := range []string{bad, bad, good, bad, ruleText("refund", "新的"), bad} {
		write(t, file, text)
		d.r.look(t.Context())
		if got, want := strings.Count(d.log.String(), "the old ones keep running"), []int{1, 1, 1, 2, 2, 3}[i]; got != want {
			t.Fatalf("after edit %d: reported %d times, want %d", i+1, got, want)
		}
	}
}

func TestAStartForgetsTheRuleTextsThatNoRunNeeds(t *testing.T) {
	store := openStore(t)
	err := store.Update(t.Context(), func(tx state.Tx) error {
		tx.PutArchive("needed", []byte("1"))
		tx.PutArchive("left over", []byte("2"))
		tx.PutRun(state.Run{ID: "a", Data: []byte(`{"v":1,"rule":"refund","hash":"needed"}`)})
		tx.PutRun(state.Run{ID: "b", Data: []byte("not a run")})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := (&App{store: store}).forgetTexts(t.Context()); err != nil {
		t.Fatal(err)
	}
	err = store.View(t.Context(), func(tx state.Tx) error {
		_, needed := tx.Archive("needed")
		_, left := tx.Archive("left over")
		if !needed || left {
			t.Errorf("the needed text is there: %t, the other one: %t", needed, left)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestARestartWithBrokenRulesUsesTheLastGoodOnes(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "退款.yaml")
	store := openStore(t)
	write(t, file, ruleText("refund", "好的"))
	if err := newReloader(t, dir, store).r.start(t.Context(), true); err != nil {
		t.Fatal(err)
	}
	write(t, file, "version: 1\nrules: [{id: refund, on：message}]\n")
	again := newReloader(t, dir, store)
	if err := again.r.start(t.Context(), true); err != nil {
		t.Fatal(err)
	}
	if _, ok := again.rules.Load().Rule("refund"); !ok {
		t.Error("the last good rules are not live")
	}
	var bad *FindingsError
	if err := newReloader(t, dir, store).r.start(t.Context(), false); !errors.As(err, &bad) {
		t.Errorf("start without fallback: %v, want the findings", err)
	}
}

func TestBrokenRulesWithoutEarlierOnesAreAnError(t *testing.T) {
	dir := t.TempDir()
	write(t, filepath.Join(dir, "a.yaml"), "rules: 3\n")
	var bad *FindingsError
	if err := newReloader(t, dir, openStore(t)).r.start(t.Context(), true); !errors.As(err, &bad) {
		t.Errorf("start: %v, want the findings", err)
	}
}

func TestAnEmptyFolderRunsAndSaysThatNothingWillBeAnswered(t *testing.T) {
	d := newReloader(t, t.TempDir(), openStore(t))
	if err := d.r.start(t.Context(), true); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(d.log.String(), "nothing will be answered") {
		t.Errorf("the log does not say so:\n%s", d.log.String())
	}
}

// A prefix of a YAML file often is a valid file with fewer rules.
func TestAHalfWrittenFileNeverGoesLive(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "faq.yaml")
	whole := ruleText("a", "一") + strings.TrimPrefix(ruleText("b", "二"), "version: 1\nrules:\n") + strings.TrimPrefix(ruleText("c", "三"), "version: 1\nrules:\n")
	write(t, file, whole)
	d := live(t, dir)
	f, err := os.OpenFile(file, os.O_WRONLY|os.O_TRUNC, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	next := strings.ReplaceAll(whole, "退款", "退货")
	tick := time.NewTicker(2 * time.Millisecond) // slower than the watcher's patience, all in all
	defer tick.Stop()
	for _, b := range []byte(next) {
		<-tick.C
		if _, err := f.Write([]byte{b}); err != nil {
			t.Fatal(err)
		}
		if n := len(d.rules.Load().Rules); n != 3 {
			t.Fatalf("a half-written file went live with %d rules", n)
		}
	}
	d.wait(t, "c")
	if n := len(d.rules.Load().Rules); n != 3 {
		t.Errorf("%d rules are live, want 3", n)
	}
}
