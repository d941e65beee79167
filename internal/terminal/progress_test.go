package terminal_test

import (
	"bytes"
	"testing"
	"testing/synctest"
	"time"

	"botengine/internal/terminal"
)

func TestProgressIsSilentAtFirstAndLeavesNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var b bytes.Buffer
		p := terminal.NewProgress(&b)
		p.Say("1")
		p.End()
		if b.Len() > 0 {
			t.Fatalf("a short walk said %q", b.String())
		}
		<-time.After(time.Second)
		p.Say("客户 20\x1b[2J")
		p.Say("too soon")
		p.End()
		if got := b.String(); got != "\r客户 20<U+001B>[2J\x1b[K\r\x1b[K" {
			t.Errorf("got %q", got)
		}
		var silent *terminal.Progress
		silent.Say("nothing")
		silent.End()
	})
}
