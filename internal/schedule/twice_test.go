package schedule_test

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"botengine/internal/event"
)

// TestNothingFiresTwiceWhateverHappens plays restarts, reloads and jumps of the
// clock, and holds that no instant of a chat ever fires a second time.
func TestNothingFiresTwiceWhateverHappens(t *testing.T) {
	rules := []string{
		"\n  - {id: dense, on: {schedule: {every: 1m, missed: once}}, scope: {chat_type: group}, do: [{reply: 好}]}",
		"\n  - {id: dense, on: [{schedule: {every: 1m}}, {schedule: {cron: \"*/2 * * * *\", missed: once}}], scope: {chat_type: group}, do: [{reply: 好}]}",
		"\n  - {id: dense, on: {schedule: {cron: \"*/3 * * * *\"}}, scope: {chat_type: group}, do: [{reply: 好}]}",
	}
	dir := t.TempDir()
	games := 0
	rapid.Check(t, func(rt *rapid.T) {
		games++
		moves := rapid.SliceOfN(rapid.IntRange(0, 9), 1, 15).Draw(rt, "moves")
		synctest.Test(t, func(t *testing.T) {
			w := newWorld(t, filepath.Join(dir, "."), "08:00:00", rules[0])
			w.path = fmt.Sprintf("%s.%d", w.path, games)
			w.start()
			for i, move := range moves {
				switch move {
				case 0:
					w.stop()
					w.start()
				case 1:
					w.stop()
					after(time.Duration(i) * 97 * time.Second)
					w.start()
				case 2, 3, 4:
					w.load(rules[move-2])
				case 5:
					w.jump(-time.Duration(i+1) * 71 * time.Second)
				case 6:
					w.jump(time.Duration(i+1) * 53 * time.Second)
				default:
					after(time.Duration(move) * 21 * time.Second)
				}
			}
			w.stop()
			slices.Sort(w.fired)
			if n := len(w.fired); n != len(slices.Compact(w.fired)) {
				rt.Errorf("%v: fired twice: %q", moves, w.fired)
			}
		})
	})
}

func TestAnInstantThatHappenedInOneChatHappensInAll(t *testing.T) {
	everywhere := strings.Replace(morning, "chats: [产品群]", "chat_type: group", 1)
	for name, c := range map[string]struct {
		away  time.Duration
		rules string
		want  []string
	}{
		"at once":            {time.Second, everywhere, []string{"20 09:00 morning 产品群"}},
		"later than missed":  {20 * time.Minute, everywhere, []string{"20 09:00 morning 产品群"}},
		"hours later":        {3 * time.Hour, everywhere, nil},
		"edited meanwhile":   {20 * time.Minute, strings.Replace(everywhere, "0 9", "30 9", 1), nil},
		"switched off":       {20 * time.Minute, strings.Replace(everywhere, "id: morning", "id: morning, enabled: false", 1) + other, nil},
		"another text to it": {20 * time.Minute, strings.Replace(everywhere, "早上好", "大家早", 1), []string{"20 09:00 morning 产品群"}},
	} {
		t.Run(name, func(t *testing.T) {
			story(t, "08:59:00", everywhere, func(w *world) {
				first := "" // guarded by w.mu as well
				w.mu.Lock()
				w.dies = func(ev *event.Event) bool {
					if first == "" {
						first = ev.Chat.Name
					}
					return ev.Chat.Name != first
				}
				w.mu.Unlock()
				after(2 * time.Minute)
				w.stop()
				w.saw("20 09:00 morning " + first)
				w.dies = nil
				w.load(c.rules)
				after(c.away - 61*time.Second)
				w.start()
				after(time.Second)
				want := slices.Clone(c.want)
				for i := range want {
					want[i] = strings.Replace(want[i], "产品群", map[string]string{"产品群": "内部群", "内部群": "产品群"}[first], 1)
				}
				w.saw(want...)
				w.stop()
				w.start()
				after(time.Second)
				w.saw()
			})
		})
	}
}
