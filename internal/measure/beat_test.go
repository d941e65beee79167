package measure

import (
	"testing"
	"testing/synctest"
	"time"
)

func TestABeatSaysForHowLongALoopHasBeenAtIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var b Beat
		if got := b.Busy(); got != 0 {
			t.Errorf("at rest it is busy for %v", got)
		}
		b.Begin()
		before := b.Busy()
		time.Sleep(time.Minute) //nolint:forbidigo // the bubble's own clock
		if got := b.Busy() - before; got != time.Minute {
			t.Errorf("after a minute it is busy for %v", got)
		}
		b.Begin()
		if got := b.Busy(); got >= time.Minute {
			t.Errorf("the next piece began %v ago", got)
		}
		b.End()
		if got := b.Busy(); got != 0 {
			t.Errorf("after its end it is busy for %v", got)
		}
	})
}
