package main

import (
	"bytes"
	"net"
	"strings"
	"testing"
)

// Starting it twice is the commonest mistake: what to do is said.
func TestSimulatedPlatformOnATakenPort(t *testing.T) {
	taken, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	for lang, want := range map[string]string{"zh": "已经有程序在监听", "en": "something listens on"} {
		var out, talk bytes.Buffer
		args := []string{"--lang", lang, "sim", "--listen", taken.Addr().String()}
		if code := run(t.Context(), args, strings.NewReader(""), &out, &talk); code != exitUsage {
			t.Errorf("%s: exit code %d, want %d", lang, code, exitUsage)
		}
		if !strings.Contains(talk.String(), want) || !strings.Contains(talk.String(), "--listen 127.0.0.1:0") {
			t.Errorf("%s: said %q", lang, talk.String())
		}
	}
}
