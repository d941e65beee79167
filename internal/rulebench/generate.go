package rulebench

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"botengine/internal/event"
	"botengine/internal/rule"
)

const (
	// Generated is how many events Generate makes, unless there are more rules.
	Generated = 2000
	// oneIn is how many events there are for each that has a rule's words.
	oneIn  = 10
	spoken = 16 // characters of a piece of everyday talk at most
)

// everyday is what the texts between the rules' words are made of.
var everyday = []rune("的一是了我不在人们有来他这上着个地到大里说就去子得也和那要下看天时过出小么起你都好还多没为又可家学只以主会样年想生同老中十从自面前头道它后然走很像见两用国动进成回什边作对开些现山民候经发工向事命给长水几义三声于高手知理眼点心战二问但身方实吃做叫当住听打呢真全才四已所最光情路分总条白话东席次亲被花口放儿常气五第使写军吧文运再果怎定许快明行因别飞外树物活部门无往船望新带队先力完却站代员机更九您每风级跟笑啊")

// Generate makes n events, the same for the same set and time: one in ten has what
// one of the rules looks for, each rule in its turn; the others are everyday words
// where that rule is at work. There are none when no rule is on.
func Generate(set *rule.Set, n int, now time.Time) []event.Event {
	on := slices.DeleteFunc(slices.Clone(set.Rules), func(r *rule.Rule) bool { return !r.Enabled || r.Mode == rule.ModeOff })
	if len(on) == 0 {
		return nil
	}
	rnd := rand.New(rand.NewPCG(uint64(len(on)), 7)) //nolint:gosec // a workload, no secret
	events := make([]event.Event, n)
	for i := range events {
		ev := on[i/oneIn%len(on)].Example(rnd)
		if i%oneIn != 0 {
			ev.Kind, ev.Message.Text = event.MessageText, ""
		}
		if ev.Kind == event.MessageText {
			ev.Message.ContentType, ev.Message.Text = 1, amid(rnd, ev.Message.Text)
		}
		ev.ID, ev.Time, ev.Received = fmt.Sprintf("bench-%d", i), now, now
		events[i] = ev
	}
	return events
}

// amid puts everyday words around a text, or leaves it alone: rules may want it to
// be all there is.
func amid(rnd *rand.Rand, text string) string {
	if text != "" && rnd.IntN(2) == 0 {
		return text
	}
	return words(rnd) + "，" + text + words(rnd)
}

// words is a piece of everyday talk.
func words(rnd *rand.Rand) string {
	out := make([]rune, 4+rnd.IntN(spoken-4))
	for i := range out {
		out[i] = everyday[rnd.IntN(len(everyday))]
	}
	return string(out)
}
