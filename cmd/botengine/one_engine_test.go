package main

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"botengine/internal/app"
	"botengine/internal/config"
	"botengine/internal/diag"
	"botengine/internal/rule"
)

// corpus are the bad rules of the project: files, and folders that belong together.
func corpus(t *testing.T) []string {
	t.Helper()
	var out []string
	for _, dir := range []string{"../../testdata/findings", "../../testdata/between/seeded"} {
		entries, err := os.ReadDir(dir)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range entries {
			if strings.HasSuffix(e.Name(), ".yaml") || e.IsDir() && e.Name() != "good" && e.Name() != "lists" {
				out = append(out, filepath.Join(dir, e.Name()))
			}
		}
	}
	if len(out) < 160 {
		t.Fatalf("only %d bad files", len(out))
	}
	return out
}

// loaded is what an engine that is started with the rules, or reloads them, tells
// its users.
func loaded(t *testing.T, path string) string {
	t.Helper()
	cfg := config.Default()
	account := config.DefaultAccount()
	account.Name, account.AccessKey, account.AccessSecret = "main", config.NewSecret("k"), config.NewSecret("s")
	cfg.Accounts, cfg.Rules = []config.Account{account}, []string{path}
	cfg.State.Path = filepath.Join(t.TempDir(), "state.db")
	var found diag.List
	engine, err := app.New(t.Context(), app.Options{
		Config: cfg, Log: slog.New(slog.DiscardHandler), OnFindings: func(l diag.List, _ rule.Sources) { found = l },
	})
	if bad, ok := errors.AsType[*app.FindingsError](err); ok {
		found = bad.Findings
	} else if err != nil {
		t.Fatal(err)
	}
	if engine != nil {
		ended, cancel := context.WithCancel(t.Context())
		cancel()
		if err := engine.Run(ended); err != nil && !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
	}
	var b bytes.Buffer
	if err := diag.Print(&b, found, sources, diag.Options{Lang: diag.ZH}); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// Whoever loads rules says the very same of them, to the letter: check, a start or a
// reload of the engine (of run, demo and sim), test and explain.
func TestEverybodySaysTheSameOfBadRules(t *testing.T) {
	for _, path := range corpus(t) {
		t.Run(filepath.Base(path), func(t *testing.T) {
			said := func(args ...string) string {
				var out, problems bytes.Buffer
				run(t.Context(), append([]string{"--lang", "zh", "--config", "none.yaml"}, args...), strings.NewReader(""), &out, &problems)
				if args[0] == "check" {
					return out.String()
				}
				return problems.String()
			}
			want := said("check", path)
			if !strings.Contains(want, "[BE") {
				t.Fatalf("check finds nothing:\n%s", want)
			}
			if got := loaded(t, path); got != want {
				t.Errorf("the engine says\n%s\ncheck says\n%s", got, want)
			}
			if got := said("test", path); !strings.HasPrefix(got, want) {
				t.Errorf("test says\n%s\ncheck says\n%s", got, want)
			}
			if got := said("explain", "--text", "退款", path); strings.Contains(want, "error[") && got != want {
				t.Errorf("explain says\n%s\ncheck says\n%s", got, want)
			}
		})
	}
}
