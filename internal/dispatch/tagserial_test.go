package dispatch_test

import (
	"flag"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"botengine/internal/command"
	"botengine/internal/event"
	"botengine/internal/state"
)

var serialTags = flag.Int("tags", 400, "how many tags TestTagSerial gives over 20 robots, with restarts in between")

// TestTagSerial gives tags over twenty robots while results are late or get lost and
// the program is started again and again: a robot never has two commands at once.
func TestTagSerial(t *testing.T) {
	const robots, restarts = 20, 6
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		random := fortuneOf(1, 5)
		w.platform.answer = func(_ command.Command, attempt int) (string, time.Duration) {
			if attempt == 1 && random.IntN(40) == 0 {
				return "", 0 // its result never comes: it is given again
			}
			return event.CodeOK, time.Duration(200+random.IntN(3000)) * time.Millisecond
		}
		all := make([]command.Command, *serialTags)
		for i := range all {
			all[i] = tag(fmt.Sprint("r", random.IntN(robots)), fmt.Sprint(i))
			all[i].Expires = time.Now().Add(100 * time.Hour)
		}
		w.start()
		part := len(all) / restarts
		for i := 0; i < len(all); i += part {
			w.enqueue(all[i:min(i+part, len(all))]...)
			after(time.Duration(10+random.IntN(20)) * time.Second)
			w.restart()
		}
		after(24 * time.Hour)
		given, open := 0, 0
		for _, c := range all {
			if e := w.entry(c); e.State == state.Confirmed {
				given++
			} else {
				open++
			}
		}
		t.Logf("figure: %d tag calls for %d commands over %d robots, %d restarts: %d overlapping calls of one robot, %d confirmed, %d not",
			len(w.sends()), len(all), robots, (len(all)+part-1)/part, len(w.platform.overlap), given, open)
		if len(w.platform.overlap) > 0 {
			t.Errorf("commands overlapped on %v", w.platform.overlap)
		}
		if open > 0 {
			t.Errorf("%d tags were not given", open)
		}
	})
}
