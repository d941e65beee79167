package main

import (
	"bytes"
	"errors"
	"os"
	"strings"
	"testing"
	"time"

	"botengine/internal/app"
)

func healthOf(conditions ...app.Condition) *app.Status {
	h := app.Health{OK: true, Conditions: conditions}
	for i := range conditions {
		conditions[i].Since = time.Date(2026, 3, 1, 9, 0, 0, 0, time.Local)
		h.OK = h.OK && (conditions[i].OK || conditions[i].Degraded)
	}
	return &app.Status{Health: h}
}

func TestAnAccountThatIsAwayIsNotHealthy(t *testing.T) {
	var out, talk bytes.Buffer
	c := &cli{out: &out, err: &talk, env: os.LookupEnv, langFlag: "en"}
	err := c.healthy(healthOf(
		app.Condition{Name: "disconnected", About: "main", OK: true, Detail: "connected to the platform"},
		app.Condition{Name: "paused", Degraded: true, Detail: "sending is paused"},
		app.Condition{Name: "disconnected", About: "second", Detail: "not connected to the platform"}))
	var code exitError
	if !errors.As(err, &code) || int(code) != exitUnreachable || out.Len() > 0 {
		t.Errorf("it ends with %v and says %q", err, out.String())
	}
	want := "broken  disconnected (second): not connected to the platform (since 2026-03-01 09:00:00)\n" +
		"degraded  paused: sending is paused (since 2026-03-01 09:00:00)\n"
	if got := talk.String(); got != want {
		t.Errorf("it says %q, want %q", got, want)
	}
}

func TestAnEngineThatIsPausedIsHealthyAndSaysSo(t *testing.T) {
	var out, talk bytes.Buffer
	c := &cli{out: &out, err: &talk, env: os.LookupEnv, langFlag: "zh"}
	err := c.healthy(healthOf(app.Condition{Name: "paused", Degraded: true, DetailZH: "已暂停发送"}))
	if err != nil || talk.Len() > 0 {
		t.Errorf("it ends with %v and complains %q", err, talk.String())
	}
	if got := out.String(); !strings.HasPrefix(got, "正常\n有异常　paused：已暂停发送（2026-03-01 09:00:00 起）\n") {
		t.Errorf("it says %q", got)
	}
}
