package replay_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"botengine/internal/engine"
	"botengine/internal/replay"
	"botengine/internal/rule"
)

// aWeek are 100,000 messages, of which one in so many is answered, and the rules.
func aWeek(b *testing.B, oneIn int) (*rule.Set, []replay.Item) {
	b.Helper()
	var text strings.Builder
	text.WriteString("rules:\n")
	for i := range 1000 {
		fmt.Fprintf(&text, "  - {id: r%d, on: message.text, match: {any: [关键词%d, 问题%d]}, when: len(text) < 200, cooldown: {for: 1m}, do: [{reply: 第%d条回答}]}\n", i, i, i, i)
	}
	items := make([]replay.Item, 100_000)
	for i := range items {
		words := "大家好，今天的课几点开始？😊 老师说要带书吗"
		if i%oneIn == 0 {
			words = fmt.Sprintf("请问关键词%d怎么办", i%1000)
		}
		items[i] = said(i+1, time.Duration(i)*time.Second, fmt.Sprint(7000+i%977), fmt.Sprint(i%50), words)
	}
	return compile(b, text.String()), items
}

// BenchmarkReplay is a replay of 100,000 events, of which none, one in a hundred or one
// in ten is answered, against matching them in a loop, and against matching and deciding them
// without any past: all in turn. The quotients of their speeds are what counts.
func BenchmarkReplay(b *testing.B) {
	for _, oneIn := range []int{1_000_000, 100, 10} {
		b.Run(fmt.Sprintf("one_in_%d_is_answered", oneIn), func(b *testing.B) {
			set, items := aWeek(b, oneIn)
			var matching, deciding, replaying time.Duration
			for b.Loop() {
				matching += taken(func() {
					for i := range items {
						set.Match(&items[i].Event, items[i].At, false)
					}
				})
				deciding += taken(func() { decideAll(set, items) })
				replaying += taken(func() {
					r := run(b, replay.Options{Set: set}, items...)
					if r.Events != len(items) || r.Rules.Commands < len(items)/oneIn/2 {
						b.Fatalf("report = %+v", r)
					}
				})
			}
			b.ReportMetric(matching.Seconds()/replaying.Seconds(), "of_matching")
			b.ReportMetric(deciding.Seconds()/replaying.Seconds(), "of_deciding")
			b.ReportMetric(float64(replaying.Nanoseconds())/float64(b.N)/float64(len(items)), "ns/event")
		})
	}
}

func taken(do func()) time.Duration {
	began := time.Now()
	do()
	return time.Since(began)
}

func decideAll(set *rule.Set, items []replay.Item) {
	cache := engine.NewCache()
	for i := range items {
		ev := &items[i].Event
		if matches := set.Match(ev, items[i].At, false); len(matches) > 0 {
			engine.Decide(engine.Input{Set: set, Event: ev, Matches: matches, Now: items[i].At, Facts: nothing{}, Cache: cache})
		}
	}
}

// nothing is a past in which nothing happened.
type nothing struct{}

func (nothing) Fact(string) ([]byte, time.Time, bool) { return nil, time.Time{}, false }
func (nothing) RunData(string) ([]byte, bool)         { return nil, false }
func (nothing) Archive(string) ([]byte, bool)         { return []byte("x"), true } // it is written once, as in a replay
