package yjiyun

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"botengine/internal/command"
)

// A new case is a new file under testdata/commands: NAME.command is the command;
// NAME.json, where there is one, the document's frame, which the encoded one must
// agree with; NAME.want the encoded frame, which -update writes.
func TestCommandsBecomeTheFramesOfTheDocument(t *testing.T) {
	files, err := filepath.Glob("testdata/commands/*.command")
	if err != nil || len(files) == 0 {
		t.Fatalf("no commands: %v", err)
	}
	for _, file := range files {
		name := strings.TrimSuffix(file, ".command")
		t.Run(filepath.Base(name), func(t *testing.T) {
			event, payload, err := Encode(readCommand(t, file), sendAt, sendToken, nil)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := os.Stat(name + ".json"); !errors.Is(err, os.ErrNotExist) {
				sample, fields := readFrame(t, name+".json")
				agree(t, sample, fields, event, payload)
			}
			got := append(appendText([]byte("["), event), ", "...)
			compareFile(t, name+".want", append(append(got, payload...), "]\n"...))
		})
	}
}

func readCommand(tb testing.TB, file string) command.Command {
	tb.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		tb.Fatal(err)
	}
	var c command.Command
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&c); err != nil {
		tb.Fatalf("%s: %v", file, err)
	}
	return c
}

// agree says where a frame differs from the document's: it may add what §3.0 asks
// of every frame, and nothing else.
func agree(t *testing.T, sample string, want []byte, event string, got []byte) {
	t.Helper()
	if sample != event {
		t.Errorf("it is a %s, the document's a %s", event, sample)
	}
	wanted, gotten := compactFields(t, want), compactFields(t, got)
	for field := range gotten {
		if _, ok := wanted[field]; !ok && slices.Contains(reserved, field) {
			delete(gotten, field)
		}
	}
	if diff := cmp.Diff(wanted, gotten); diff != "" {
		t.Errorf("it differs from the document (-document +got):\n%s", diff)
	}
}

// compactFields are a frame's fields by their path, their values as spelt.
func compactFields(t *testing.T, object []byte) map[string]string {
	t.Helper()
	fields := map[string]json.RawMessage{}
	if err := json.Unmarshal(object, &fields); err != nil {
		t.Fatal(err)
	}
	all := map[string]string{}
	for name, value := range fields {
		if name == EventMessage {
			for inner, value := range compactFields(t, value) {
				all[name+"."+inner] = value
			}
			continue
		}
		var compact bytes.Buffer
		if err := json.Compact(&compact, value); err != nil {
			t.Fatal(err)
		}
		all[name] = compact.String()
	}
	return all
}

func compareFile(t *testing.T, file string, got []byte) {
	t.Helper()
	if *update {
		if err := os.WriteFile(file, got, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("it is not what %s holds (-want +got):\n%s", file, diff)
	}
}
