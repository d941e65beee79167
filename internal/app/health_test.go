package app

import (
	"context"
	"slices"
	"testing"
	"time"

	"botengine/internal/diag"
)

func TestHealthSaysSinceWhenAConditionIsAsItIs(t *testing.T) {
	clock := time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)
	h, full := newHealth(), false
	h.now = func() time.Time { return clock }
	h.add("disk_full", one(func() Condition {
		if full {
			return broken(diag.T("磁盘满了", "the disk is full"))
		}
		return well("", diag.T("有地方", "there is room"))
	}))
	h.add("paused", func(context.Context) []Condition {
		c := degraded("main/bot", diag.T("暂停", "paused"))
		c.Since = clock.Add(-time.Hour)
		return []Condition{c}
	})

	first := h.check(t.Context())
	if !first.OK || !first.Degraded {
		t.Errorf("a pause alone: ok %v, degraded %v", first.OK, first.Degraded)
	}
	clock = clock.Add(time.Minute)
	if got := h.check(t.Context()).Conditions[0]; !got.Since.Equal(clock.Add(-time.Minute)) {
		t.Errorf("what did not change is said to be so since %v", got.Since)
	}
	full = true
	got := h.check(t.Context())
	if got.OK || got.Conditions[0].OK || !got.Conditions[0].Since.Equal(clock) {
		t.Errorf("a full disk: %+v", got.Conditions[0])
	}
	if since := got.Conditions[1].Since; !since.Equal(clock.Add(-time.Hour)) {
		t.Errorf("who looks knows better since when: %v", since)
	}
	wrong := got.Wrong()
	if len(wrong) != 2 || wrong[0].Name != "disk_full" || wrong[1].About != "main/bot" {
		t.Errorf("what is wrong: %+v", wrong)
	}
}

func TestEveryConditionHasItsNameOnceAndBothLanguages(t *testing.T) {
	a := &App{}
	names := a.newHealth().names()
	if sorted := slices.Sorted(slices.Values(names)); len(slices.Compact(sorted)) != len(names) {
		t.Errorf("a name is there twice: %v", names)
	}
	for status, text := range awayTexts {
		if text.ZH == "" || text.EN == "" {
			t.Errorf("status %v has no text", status)
		}
	}
}
