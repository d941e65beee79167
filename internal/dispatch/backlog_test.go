package dispatch_test

import (
	"flag"
	"fmt"
	"testing"
	"time"

	"botengine/internal/command"
	"botengine/internal/event"
	"botengine/internal/state"
)

var lateReplies = flag.Int("late", 400, "how many replies wait in TestFault34 until their time is over")

// Fault 34: what could not be sent in its time is not sent later, all at once.
func TestFault34ABacklogWhoseTimeIsOverIsNotSent(t *testing.T) {
	late := *lateReplies
	scene(t, "offline for an hour with replies that are good for ten minutes", func(w *world) {
		t := w.t
		w.script(func(p *platform) { p.offline["r"] = true })
		all := make([]command.Command, late)
		for i := range all {
			all[i] = message("r", fmt.Sprint("R:", i%50), fmt.Sprint("late", i))
			all[i].Expires = time.Now().Add(10 * time.Minute)
		}
		w.start()
		w.enqueue(all...)
		after(time.Hour)
		w.script(func(p *platform) { p.offline["r"] = false })
		fresh := message("r", "R:1", "fresh")
		w.enqueue(fresh)
		after(time.Minute)
		w.wantSends("fresh")
		expired := 0
		for _, c := range all {
			if e := w.entry(c); e.State == state.Expired && e.Code == event.CodeExpired {
				expired++
			}
		}
		t.Logf("figure: %d replies whose time passed while offline: %d sent late, %d expired", late, len(w.sends())-1, expired)
		if expired != late {
			t.Errorf("%d of %d expired", expired, late)
		}
	})
}
