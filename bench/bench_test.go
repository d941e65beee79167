package main

import (
	"strings"
	"testing"
)

// The figures themselves pass or fail nobody's build; that all of them are there,
// and that the sides agree about which rules fire, must hold.
func TestEveryFigureIsPrintedWithItsGoal(t *testing.T) {
	var out strings.Builder
	if err := report(t.Context(), &out, quick, ""); err != nil {
		t.Fatal(err)
	}
	for _, figure := range []string{
		"decode / decode with encoding/json ", "match 100 / decode with encoding/json ", "match 100 / decode ", "match 100 / match 10 ",
		"allocations of a match ", "loop of 10 expr programs / match ", "loop of 100 expr programs / match ", "strings.Contains loop over 100 / match ",
		"road without a store / bare read and encoding/json ", "compile and index 100 rules from YAML ", "one file of 10 rules among 10 saved ",
		"throughput of the durable road / without a store, 64 chats, one core ", "frame to emitted reply, durable, p50 ", "frame to emitted reply, durable, p99 ",
		"live index of 100 rules, MiB ", "match 100, one word / mixed rules ", "match 100, hot words / mixed rules ", "match 100, common prefix / mixed rules ",
		"match 100, one character / mixed rules ", "match 100, a text of 16 KiB that concerns no rule, per byte / mixed rules ",
		"match 100, a text of 16 KiB with several rules' words, per byte / mixed rules ", "at half of the greatest throughput, p99 ",
		"speed of replaying 1024 events / of matching them in a loop ",
	} {
		if !strings.Contains(out.String(), figure) {
			t.Errorf("%s is not among the figures:\n%s", figure, out.String())
		}
	}
}

func TestTheSameSeedGivesTheSameWorkload(t *testing.T) {
	one, two, other := newWorkload(50, 1), newWorkload(50, 1), newWorkload(50, 2)
	if one.sources.Hash() != two.sources.Hash() || string(one.frames[7]) != string(two.frames[7]) {
		t.Error("one seed gave two workloads")
	}
	if one.sources.Hash() == other.sources.Hash() {
		t.Error("two seeds gave one workload")
	}
}

func TestAStampedFrameIsAnotherMessage(t *testing.T) {
	frame := newWorkload(10, 1).frames[0]
	stamp(frame, 1234567)
	ev, err := parse(frame)
	if err != nil || ev.ID != "00000000000001234567" || ev.Message.SvrID != "00000000001234567" {
		t.Errorf("got %q and %q (%v)", ev.ID, ev.Message.SvrID, err)
	}
}

func TestRatiosAreMediansOfTheRounds(t *testing.T) {
	got := times{"a": {10, 30, 900}, "b": {10, 10, 300}}
	if r := got.ratio("a", "b"); r != 3 {
		t.Errorf("got %v, want 3", r)
	}
	if p := percentile([]int{5, 1, 4, 2, 3}, 99); p != 5 {
		t.Errorf("p99 is %d", p)
	}
}
