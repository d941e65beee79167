package replay_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"botengine/internal/replay"
)

// BenchmarkReplay is a replay of 100,000 events against matching them in a loop, both
// in turn: the quotient of their speeds is to be 0.7 at least.
func BenchmarkReplay(b *testing.B) {
	var text strings.Builder
	text.WriteString("rules:\n")
	for i := range 1000 {
		fmt.Fprintf(&text, "  - {id: r%d, on: message.text, match: {any: [关键词%d, 问题%d]}, when: len(text) < 200, cooldown: {for: 1m}, do: [{reply: 第%d条回答}]}\n", i, i, i, i)
	}
	set := compile(b, text.String())
	items := make([]replay.Item, 100_000)
	for i := range items {
		words := "大家好，今天的课几点开始？😊 老师说要带书吗"
		if i%10 == 0 {
			words = fmt.Sprintf("请问关键词%d怎么办", i%1000)
		}
		items[i] = said(i+1, time.Duration(i)*time.Second, fmt.Sprint(7000+i%977), fmt.Sprint(i%50), words)
	}
	var matching, replaying time.Duration
	for b.Loop() {
		began := time.Now()
		for i := range items {
			set.Match(&items[i].Event, items[i].At, false)
		}
		half := time.Now()
		r := run(b, replay.Options{Set: set}, items...)
		if r.Events != len(items) || r.Rules.Commands < len(items)/20 {
			b.Fatalf("report = %+v", r)
		}
		matching, replaying = matching+half.Sub(began), replaying+time.Since(half)
	}
	b.ReportMetric(matching.Seconds()/replaying.Seconds(), "replay/matching")
	b.ReportMetric(float64(replaying.Nanoseconds())/float64(b.N)/float64(len(items)), "ns/event")
}
