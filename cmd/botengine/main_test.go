package main

import (
	"bytes"
	"context"
	"flag"
	"io"
	"os"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// childEnv makes the test binary be the program itself.
const childEnv = "BOTENGINE_TEST_CHILD"

func TestMain(m *testing.M) {
	if os.Getenv(childEnv) != "" {
		os.Exit(realMain())
	}
	testscript.Main(m, map[string]func(){
		"botengine": func() { os.Exit(realMain()) },
	})
}

// update rewrites what the scripts expect, and the generated page.
var update = flag.Bool("update", false, "write the expected output anew")

func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:           "testdata/script",
		UpdateScripts: *update,
		Setup:         scriptEnv,
	})
}

// scriptEnv is the environment of every script: a script has no other.
func scriptEnv(env *testscript.Env) error {
	env.Setenv("BOTENGINE_LANG", "zh")
	env.Setenv("TZ", "Asia/Shanghai")
	env.Setenv("GORACE", os.Getenv("GORACE"))
	return nil
}

// The example rules pass their own tests and have no findings.
func TestExampleRules(t *testing.T) {
	for _, args := range [][]string{{"check", "--strict", "../../rules"}, {"test", "../../rules"}} {
		if code := run(context.Background(), args, os.Stdin, os.Stdout, os.Stderr); code != exitOK {
			t.Errorf("botengine %v: exit code %d", args, code)
		}
	}
}

func TestGeneratedCommandLinePage(t *testing.T) { freshPage(t, "cli.md", writeReference) }

// freshPage holds a page of docs/ to what the code writes; -update writes it anew.
func freshPage(t *testing.T, name string, write func(io.Writer) error) {
	t.Helper()
	page := "../../docs/" + name
	var want bytes.Buffer
	if err := write(&want); err != nil {
		t.Fatal(err)
	}
	if *update {
		if err := os.WriteFile(page, want.Bytes(), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(page)
	if err != nil || !bytes.Equal(got, want.Bytes()) {
		t.Errorf("docs/%s is not what the code says (%v): run make generate", name, err)
	}
}
