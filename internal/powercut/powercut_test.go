package powercut_test

import (
	"context"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"botengine/internal/powercut"
)

var images = flag.Int("images", 400, "how many power cuts to simulate")

func TestMain(m *testing.M) {
	if path := os.Getenv(workPath); path != "" {
		work(path)
		return
	}
	flag.Parse()
	os.Exit(m.Run())
}

func TestNothingDurableIsLostInAPowerCut(t *testing.T) {
	ops := record(t)
	failures, n := cutAll(t, ops, 0, *images)
	for _, failure := range failures {
		t.Error(failure)
	}
	t.Logf("figure: %d simulated power cuts over %d operations, %d failures", n, len(ops), len(failures))
}

func TestADiskThatLiesAboutItsSyncsIsFoundOut(t *testing.T) {
	failures, n := cutAll(t, record(t), 0.5, 200)
	if len(failures) == 0 {
		t.Fatalf("a disk that forgets half of its syncs passed %d power cuts", n)
	}
	t.Logf("figure: sabotaged disk found out after %d power cuts: %s", n, failures[0])
}

// record lets a child of our own write to a store, and returns what it did.
func record(t *testing.T) []powercut.Op {
	t.Helper()
	if _, err := exec.LookPath("strace"); err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal("strace is not installed: it is needed here")
		}
		t.Skip("strace is not installed: apt-get install strace")
	}
	dir := t.TempDir()
	trace, path := filepath.Join(dir, "trace"), filepath.Join(dir, "botengine.db")
	executable, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), "strace", append(powercut.StraceArgs(trace), executable)...) //nolint:gosec // it is ourselves
	cmd.Env = append(os.Environ(), workPath+"="+path, "GORACE=")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("the child under strace: %v\n%.2000s", err, out)
	}
	file, err := os.Open(trace) //nolint:gosec // a name of ours
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = file.Close() }()
	ops, err := powercut.Read(file, path)
	if err != nil {
		t.Fatal(err)
	}
	wantWork(t, ops)
	return ops
}

// wantWork makes sure that the trace shows what the child did.
func wantWork(t *testing.T, ops []powercut.Op) {
	t.Helper()
	count := make(map[powercut.Kind]int)
	for _, op := range ops {
		count[op.Kind]++
	}
	if count[powercut.Say] < transactions || count[powercut.Sync] < transactions/workers || count[powercut.Write] < count[powercut.Sync] {
		t.Fatalf("the trace shows %d acknowledgements, %d syncs and %d writes", count[powercut.Say], count[powercut.Sync], count[powercut.Write])
	}
}

// moment is a state of the disk, and what was acknowledged by then.
type moment struct {
	image []byte
	acked map[int]bool
	where string
}

// cutAll cuts the power n times, at moments spread over all operations, until it
// finds something wrong with what was left.
func cutAll(t *testing.T, ops []powercut.Op, lies float64, n int) (failures []string, done int) {
	t.Helper()
	moments := make(chan moment)
	var found atomic.Bool
	var looked atomic.Int64
	var mu sync.Mutex
	var wg sync.WaitGroup
	for range 2 {
		dir := memoryDir(t)
		wg.Go(func() {
			for m := range moments {
				if found.Load() {
					continue // a damaged file is no place to go on from
				}
				if err := verify(filepath.Join(dir, "cut.db"), m); err != nil {
					found.Store(true)
					mu.Lock()
					failures = append(failures, fmt.Sprintf("%s: %v", m.where, err))
					mu.Unlock()
				}
				looked.Add(1)
			}
		})
	}
	cut(ops, lies, n, moments)
	close(moments)
	wg.Wait()
	return failures, int(looked.Load())
}

// cut walks over the operations and sends at least n moments: some at each point,
// evenly.
func cut(ops []powercut.Op, lies float64, n int, moments chan<- moment) {
	random := rand.New(rand.NewPCG(1, 2)) //nolint:gosec // the same cuts in each run
	disk := powercut.Disk{Lies: lies}
	acked := make(map[int]bool)
	done := 0
	for i, op := range ops {
		disk.Do(op, random)
		if op.Kind == powercut.Say {
			acknowledge(acked, string(op.Data))
		}
		for len(acked) > 0 && done*len(ops) < n*(i+1) {
			moments <- moment{disk.Cut(random), copyOf(acked), fmt.Sprintf("cut %d, after operation %d", done, i)}
			done++
		}
	}
}

func acknowledge(acked map[int]bool, said string) {
	for line := range strings.Lines(said) {
		var n int
		if _, err := fmt.Sscanf(line, "ACK %d", &n); err == nil {
			acked[n] = true
		}
	}
}

// copyOf copies the latest acknowledgements: older ones are swept by and by.
func copyOf(acked map[int]bool) map[int]bool {
	out := make(map[int]bool, remembered)
	for n := len(acked) + workers; n > 0 && len(out) < remembered; n-- {
		if acked[n] {
			out[n] = true
		}
	}
	return out
}

// memoryDir is a folder that costs no disk, where there is one.
func memoryDir(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("/dev/shm", "powercut")
	if err != nil {
		return t.TempDir()
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	return dir
}

// verify opens what the power cut left, as the engine would, and checks it.
func verify(path string, m moment) error {
	if err := os.WriteFile(path, m.image, 0o600); err != nil {
		return err
	}
	if err := wantSoundFile(path); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	return wantState(ctx, path, m.acked)
}
