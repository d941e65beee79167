package app

import (
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"botengine/internal/rule"
)

var (
	tornSize = flag.Int("torn", 500, "how many bytes the file has that TestTornWriteEveryByte cuts at every byte, at least")
	mapSwaps = flag.Int("mapswaps", 40, "how often TestConfigMapSwap swaps the folder behind the rules")
)

// fakeLive is a reloader on the clock of a bubble: it is told when to look.
type fakeLive struct {
	*rulesDir
	t    *testing.T
	file string
}

// newFakeLive starts a reloader on one file.
func newFakeLive(t *testing.T, text string) *fakeLive {
	t.Helper()
	l := &fakeLive{t: t, file: filepath.Join(t.TempDir(), "faq.yaml")}
	write(t, l.file, text)
	l.rulesDir = newReloader(t, filepath.Dir(l.file), openStore(t))
	l.r.log, l.r.onSwap = slog.New(slog.DiscardHandler), nil
	if err := l.r.start(t.Context(), true); err != nil {
		t.Fatal(err)
	}
	return l
}

// stamped is a file of at least so many bytes, whose rules all say which edition they
// are of; the last has several steps, so that it is whole before its end.
func stamped(size int, edition string) string {
	var b strings.Builder
	b.WriteString("version: 1\nrules:\n")
	for i := 0; b.Len() < size; i++ {
		fmt.Fprintf(&b, "  - id: rule-%d\n    on: message.text\n    match: {any: [退款%d, 「发票」]}\n    do:\n      - reply: 第%s版 您好！😊\n      - reply: 请回复订单号 %d\n    priority: 1%d\n", i, i, edition, i, i%9)
	}
	return b.String()
}

// wantWhole makes sure that what is live is one of the whole texts.
func (l *fakeLive) wantWhole(what string, texts ...string) {
	l.t.Helper()
	live := string(l.rules.Load().Sources[0].Text)
	if !slices.Contains(texts, live) {
		l.t.Fatalf("%s: live is none of the whole files, but\n%s", what, live)
	}
}

// TestTornWriteEveryByte has a file cut at every byte of it while the engine looks at
// it again and again: no part of it may become live.
func TestTornWriteEveryByte(t *testing.T) {
	stall := []struct {
		name string
		min  time.Duration
		max  time.Duration
	}{
		{"written without a pause", 0, time.Millisecond},
		{"written slowly", secondRead / 3, secondRead - time.Millisecond},
		{"written with a long pause", secondRead, shrunkRead - secondRead},
	}
	size := *tornSize
	cuts, swaps := 0, 0
	for _, how := range stall {
		t.Run(how.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				random := rand.New(rand.NewPCG(1, uint64(how.max))) //nolint:gosec // the same pauses each time
				editions := [2]string{stamped(size, "一"), stamped(size, "二")}
				l := newFakeLive(t, editions[0])
				for cut := range len(editions[0]) + 1 {
					was, is := editions[cut%2], editions[(cut+1)%2]
					l.tornWrite(is, cut, how.min+time.Duration(random.Int64N(int64(how.max-how.min))), was)
					l.wantWhole(fmt.Sprintf("after the write cut at byte %d", cut), is)
					cuts, swaps = cuts+1, swaps+1
				}
			})
		})
	}
	t.Logf("figure: a rule file cut at %d bytes, with pauses up to %v: %d writes, 0 parts live, %d whole files live", cuts, shrunkRead-secondRead, cuts, swaps)
}

// tornWrite writes a file with a pause at a byte of it; the engine looks all the while.
func (l *fakeLive) tornWrite(text string, cut int, pause time.Duration, was string) {
	l.t.Helper()
	write(l.t, l.file, text[:cut])
	written := make(chan struct{})
	go func() {
		defer close(written)
		<-time.After(pause)
		l.appendText(text[cut:])
	}()
	for over := false; !over; {
		l.r.look(l.t.Context())
		select {
		case <-written:
			over = true
		case <-time.After(settle):
		}
		if !over {
			l.wantWhole(fmt.Sprintf("while the write stands at byte %d for %v", cut, pause), was, text)
		}
	}
	<-time.After(shrunkRead) // and nothing of a look that was under way
	l.r.look(l.t.Context())
}

func (l *fakeLive) appendText(text string) {
	f, err := os.OpenFile(l.file, os.O_WRONLY|os.O_APPEND, 0)
	if err == nil {
		_, err = f.WriteString(text)
		err = errors.Join(err, f.Close())
	}
	if err != nil {
		l.t.Error(err)
	}
}

func TestARestartInTheMiddleOfAWriteTakesNoPartOfIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		was, is := stamped(400, "一"), stamped(400, "二")
		l := newFakeLive(t, was)
		for cut := 0; cut < len(is); cut += 7 {
			write(t, l.file, is[:cut])
			go func() {
				<-time.After(2 * secondRead)
				l.appendText(is[cut:])
			}()
			again := newReloader(t, filepath.Dir(l.file), l.r.store)
			again.r.onSwap = nil
			if err := again.r.start(t.Context(), true); err != nil {
				t.Fatal(err)
			}
			l.rulesDir = again
			l.wantWhole(fmt.Sprintf("after a start while the write stands at byte %d", cut), was, is)
			<-time.After(time.Second)
			write(t, l.file, was)
			l.r.look(t.Context())
			<-time.After(shrunkRead)
			l.r.look(t.Context())
		}
	})
}

func TestASetThatIsSmallerIsTakenAtTheSecondLook(t *testing.T) {
	for name, text := range map[string]string{
		"more than a fifth of the rules are gone": "version: 1\nrules:\n" + oneOf("b") + oneOf("c") + oneOf("d"),
		"the last rule is gone":                   "version: 1\nrules:\n" + oneOf("a") + oneOf("b") + oneOf("c") + oneOf("d"),
		"all rules are gone":                      "version: 1\nrules: []\n",
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				l := newFakeLive(t, "version: 1\nrules:\n"+oneOf("a")+oneOf("b")+oneOf("c")+oneOf("d")+oneOf("e"))
				write(t, l.file, text)
				begun := time.Now()
				l.r.look(t.Context())
				l.wantWhole("after the look", text)
				if took := time.Since(begun); took < shrunkRead || took > 2*shrunkRead {
					t.Errorf("it was taken after %v", took)
				}
			})
		})
	}
}

func TestAnOrdinaryEditIsTakenAtOnce(t *testing.T) {
	for name, change := range map[string]func(string) string{
		"a word is changed":                 func(s string) string { return strings.Replace(s, "好的 c", "好 c", 1) },
		"a rule in the middle is gone":      func(s string) string { return strings.Replace(s, oneOf("c"), "", 1) },
		"a rule is added at the end":        func(s string) string { return s + oneOf("f") },
		"the last rule is changed":          func(s string) string { return strings.Replace(s, "好的 e", "好 e", 1) },
		"a line is taken out in the middle": func(s string) string { return strings.Replace(s, "    # b\n", "", 1) },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				text := "version: 1\nrules:\n" + oneOf("a") + oneOf("b") + oneOf("c") + oneOf("d") + oneOf("e")
				l := newFakeLive(t, text)
				write(t, l.file, change(text))
				begun := time.Now()
				l.r.look(t.Context())
				l.wantWhole("after the look", change(text))
				if took := time.Since(begun); took >= time.Second {
					t.Errorf("it was taken after %v only", took)
				}
			})
		})
	}
}

func oneOf(id string) string {
	return fmt.Sprintf("  - id: %[1]s\n    # %[1]s\n    on: message.text\n    match: {any: [退款%[1]s]}\n    do:\n      - reply: 好的 %[1]s\n", id)
}

// TestConfigMapSwap swaps the folder behind `..data` again and again while the rules
// are read: no set may have files of two revisions, and the last one must be live.
func TestConfigMapSwap(t *testing.T) {
	dir := t.TempDir()
	names := []string{"a.yaml", "b.yaml", "c.yaml"}
	revision := func(n int) {
		folder := fmt.Sprintf("..2026_%d", n)
		for _, name := range names {
			write(t, filepath.Join(dir, folder, name), ruleText(fmt.Sprintf("%s-%d", strings.TrimSuffix(name, ".yaml"), n), fmt.Sprintf("第%d版", n)))
		}
		link := filepath.Join(dir, "..data_tmp")
		if err := os.Symlink(folder, link); err != nil {
			t.Fatal(err)
		}
		rename(t, link, filepath.Join(dir, "..data"))
		if err := os.RemoveAll(filepath.Join(dir, fmt.Sprintf("..2026_%d", n-1))); err != nil {
			t.Fatal(err)
		}
	}
	revision(0)
	for _, name := range names {
		if err := os.Symlink(filepath.Join("..data", name), filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	d := live(t, dir)
	last := *mapSwaps
	random := rand.New(rand.NewPCG(1, 2)) //nolint:gosec // the same pauses each time
	pause := time.NewTimer(0)
	defer pause.Stop()
	sets := 0
	for n := 1; n <= last; n++ {
		revision(n)
		pause.Reset(time.Duration(random.IntN(30)) * time.Millisecond)
		<-pause.C
		if n%20 == 0 || n == last { // now and then it is left in peace, and must become live
			sets += d.waitRevision(t, names, n)
		}
	}
	t.Logf("figure: %d swaps of `..data` with 3 files each: %d sets became live, 0 of them of two revisions, the last of each burst among them", last, sets)
}

// waitRevision waits for a revision, and looks at all sets that come before it.
func (d *rulesDir) waitRevision(t *testing.T, names []string, n int) (sets int) {
	t.Helper()
	deadline := time.After(soon)
	for {
		select {
		case set := <-d.swaps:
			sets++
			if of := revisionOf(t, set, len(names)); of == fmt.Sprint(n) {
				return sets
			}
		case <-deadline:
			t.Fatalf("revision %d never became live; the log:\n%s", n, d.log.String())
		}
	}
}

// revisionOf is the one revision that all rules of a set are of.
func revisionOf(t *testing.T, set *rule.Set, files int) string {
	t.Helper()
	if len(set.Rules) != files {
		t.Fatalf("a set of %d rules became live", len(set.Rules))
	}
	_, first, _ := strings.Cut(set.Rules[0].ID, "-")
	for _, r := range set.Rules {
		if _, of, _ := strings.Cut(r.ID, "-"); of != first {
			t.Fatalf("rules of the revisions %s and %s are live together", first, of)
		}
	}
	return first
}
