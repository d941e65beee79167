package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"flag"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime/debug"
	"strings"
	"testing"
)

var anew = flag.Bool("anew", false, "build the second time without anything that the first build left")

// Whoever builds the same source elsewhere gets the same program, byte by byte, and can
// tell whether the one that was handed out is it.
func TestTwoBuildsInDifferentFoldersAreTheSame(t *testing.T) {
	here, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	there := filepath.Join(t.TempDir(), "another", "place")
	copySource(t, here, there)
	one, other := buildOf(t, here, ""), buildOf(t, there, "")
	if *anew {
		other = buildOf(t, there, t.TempDir())
	}
	if one != other {
		t.Error("the two programs differ")
	}
}

// buildOf is the hash of the program that a folder's source becomes.
func buildOf(t *testing.T, dir, cache string) [sha256.Size]byte {
	t.Helper()
	program := filepath.Join(t.TempDir(), "botengine")
	cmd := exec.CommandContext(t.Context(), "go", "build", "-trimpath", "-buildvcs=false", "-ldflags=-buildid=", "-o", program, "./cmd/botengine")
	cmd.Dir, cmd.Env = dir, append(os.Environ(), "CGO_ENABLED=0", "GOWORK=off")
	if cache != "" {
		cmd.Env = append(cmd.Env, "GOCACHE="+cache, "GOFLAGS=-modcacherw")
	}
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("build in %s: %v\n%s", dir, err, out)
	}
	text, err := os.ReadFile(program)
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(text, []byte(dir)) {
		t.Errorf("the program names the folder in which it was built")
	}
	return sha256.Sum256(text)
}

// copySource copies what the program is built of.
func copySource(t *testing.T, from, to string) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "go", "list", "-deps", "-json=Dir,GoFiles,EmbedFiles,Module", "./cmd/botengine")
	cmd.Dir = from
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	files := []string{filepath.Join(from, "go.mod"), filepath.Join(from, "go.sum")}
	for dec := json.NewDecoder(bytes.NewReader(out)); dec.More(); {
		var p struct {
			Dir                 string
			GoFiles, EmbedFiles []string
			Module              *struct{ Main bool }
		}
		if err := dec.Decode(&p); err != nil {
			t.Fatal(err)
		}
		if p.Module == nil || !p.Module.Main {
			continue
		}
		for _, name := range append(p.GoFiles, p.EmbedFiles...) {
			files = append(files, filepath.Join(p.Dir, name))
		}
	}
	for _, name := range files {
		copyOne(t, name, to+strings.TrimPrefix(name, from))
	}
}

func copyOne(t *testing.T, from, to string) {
	t.Helper()
	text, err := os.ReadFile(from)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(filepath.Dir(to), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(to, text, 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestTheProgramListsItsParts(t *testing.T) {
	info := &debug.BuildInfo{
		GoVersion: "go1.26.8", Main: debug.Module{Path: "botengine", Version: "v1.2.3+dirty"},
		Deps: []*debug.Module{
			{Path: "go.etcd.io/bbolt", Version: "v1.5.0", Sum: "h1:abc="},
			{Path: "example.com/old", Version: "v1.0.0", Replace: &debug.Module{Path: "example.com/new", Version: "v2.0.0"}},
		},
	}
	var once, again bytes.Buffer
	for _, w := range []io.Writer{&once, &again} {
		if err := writeParts(w, info); err != nil {
			t.Fatal(err)
		}
	}
	var bill billOfMaterials
	if err := json.Unmarshal(once.Bytes(), &bill); err != nil {
		t.Fatal(err)
	}
	var purls []string
	for _, c := range bill.Components {
		purls = append(purls, c.PURL)
	}
	want := "pkg:golang/example.com/new@v2.0.0 pkg:golang/go.etcd.io/bbolt@v1.5.0 pkg:golang/std@1.26.8"
	if strings.Join(purls, " ") != want || bill.Metadata.Component.Name != "botengine" || bill.Format != "CycloneDX" || once.String() != again.String() {
		t.Errorf("the parts are %s", once.String())
	}
	if got := bill.Components[1].Properties; len(got) != 1 || got[0].Value != "h1:abc=" {
		t.Errorf("the sum is %v", got)
	}
}
