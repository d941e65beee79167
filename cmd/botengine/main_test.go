package main

import (
	"bytes"
	"context"
	"flag"
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
		Setup: func(env *testscript.Env) error {
			env.Setenv("BOTENGINE_LANG", "zh")
			return nil
		},
	})
}

// The example rules pass their own tests and have no findings.
func TestExampleRules(t *testing.T) {
	for _, args := range [][]string{{"check", "--strict", "../../rules"}, {"test", "../../rules"}} {
		if code := run(context.Background(), args, os.Stdin, os.Stdout, os.Stderr); code != exitOK {
			t.Errorf("botengine %v: exit code %d", args, code)
		}
	}
}

func TestGeneratedCommandLinePage(t *testing.T) {
	const page = "../../docs/cli.md"
	var want bytes.Buffer
	if err := writeReference(&want); err != nil {
		t.Fatal(err)
	}
	if *update {
		if err := os.WriteFile(page, want.Bytes(), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(page)
	if err != nil || !bytes.Equal(got, want.Bytes()) {
		t.Errorf("docs/cli.md is not what the commands say (%v): run make generate", err)
	}
}
