package powercut_test

import (
	"bytes"
	"math/rand/v2"
	"strings"
	"testing"

	"botengine/internal/powercut"

	"github.com/google/go-cmp/cmp"
)

// traced is what strace prints of two threads, one of which writes while the other
// speaks; names, strings and errors as they come.
const traced = `41 pwrite64(5<\x2f\x64\x62>, "\x61\x62"..., 2, 4096 <unfinished ...>
42 write(1<\x70\x69\x70\x65>, "\x41\x43\x4b", 3) = 3
41 <... pwrite64 resumed>) = 2
41 fdatasync(5<\x2f\x64\x62>) = 0
41 pwrite64(6<\x2f\x65>, "\x61", 1, 0) = 1
41 ftruncate(5<\x2f\x64\x62>, 8192) = 0
41 fdatasync(5<\x2f\x64\x62>) = -1 EIO (Input/output error)
41 +++ exited with 0 +++
`

func TestReadTakesWhatWasDoneToTheFileInTheOrderOfItsEnd(t *testing.T) {
	got, err := powercut.Read(strings.NewReader(strings.ReplaceAll(traced, `"...`, `"`)), "/db")
	if err != nil {
		t.Fatal(err)
	}
	want := []powercut.Op{
		{Kind: powercut.Say, Data: []byte("ACK")},
		{Kind: powercut.Write, Offset: 4096, Data: []byte("ab")},
		{Kind: powercut.Sync},
		{Kind: powercut.Truncate, Offset: 8192},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("read (-want +got):\n%s", diff)
	}
}

func TestReadRefusesAWriteThatIsNotShownWhole(t *testing.T) {
	if _, err := powercut.Read(strings.NewReader(`41 pwrite64(5<\x2f\x64\x62>, "\x61", 2, 0) = 2`), "/db"); err == nil {
		t.Error("a write of two bytes of which one is shown was taken")
	}
}

func TestWhatWasSyncedIsThereAfterACut(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 1)) //nolint:gosec // the same each time
	var disk powercut.Disk
	disk.Do(powercut.Op{Kind: powercut.Write, Data: bytes.Repeat([]byte("a"), 1024)}, random)
	disk.Do(powercut.Op{Kind: powercut.Sync}, random)
	disk.Do(powercut.Op{Kind: powercut.Write, Data: bytes.Repeat([]byte("b"), 1024)}, random)
	images := make(map[string]bool)
	for range 200 {
		image := disk.Cut(random)
		if len(image) != 1024 {
			t.Fatalf("the file is %d bytes long after a cut", len(image))
		}
		images[string(image[0])+string(image[511])+string(image[512])+string(image[1023])] = true
	}
	for _, want := range []string{"aaaa", "bbbb", "aabb", "bbaa"} {
		if !images[want] {
			t.Errorf("no cut left %s", want)
		}
		delete(images, want)
	}
	for other := range images {
		t.Errorf("a cut within a sector: %s", other)
	}
}

func FuzzRead(f *testing.F) {
	f.Add(traced)
	f.Add(`41 <... pwrite64 resumed>) = 2`)
	f.Fuzz(func(t *testing.T, trace string) {
		ops, err := powercut.Read(strings.NewReader(trace), "/db")
		if err == nil && len(ops) > strings.Count(trace, "\n")+1 {
			t.Errorf("%d operations out of %d lines", len(ops), strings.Count(trace, "\n")+1)
		}
	})
}
