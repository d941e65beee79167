package rule

import (
	"runtime"
	"time"

	"botengine/internal/event"
)

// Looked says what the index did for one event.
type Looked struct {
	Found      int // words and whole texts that are in the text
	Candidates int // rules that were looked at because of the event
}

// Watch is Match without every, for measurements: it tells each how long every
// rule took that the index offered, and whether the rule may fire. The times have
// the cost of two looks at the clock in them.
func (s *Set) Watch(ev *event.Event, now time.Time, each func(r *Rule, took time.Duration, passed bool)) Looked {
	w := walk{ev: ev, now: now, scratch: scratches.Get().(*scratch)}
	defer w.done()
	s.index.candidates(&w, none)
	looked := Looked{Found: w.found}
	for i, ok := w.scratch.rules.Pop(); ok; i, ok = w.scratch.rules.Pop() {
		looked.Candidates++
		began := time.Now()
		m, passed := w.candidate(s.Rules[i])
		each(s.Rules[i], time.Since(began), passed && m.Outcome == "")
	}
	return looked
}

// FoundBy says by what the index finds a rule.
type FoundBy string

// By what a rule is found.
const (
	FoundByWord     FoundBy = "word"      // it is somewhere in the text
	FoundByText     FoundBy = "text"      // the whole text
	FoundByChat     FoundBy = "chat"      //
	FoundBySender   FoundBy = "sender"    //
	FoundByRobot    FoundBy = "robot"     //
	FoundByChatType FoundBy = "chat_type" // group or private
	FoundByNothing  FoundBy = "nothing"   // it can never fire
	FoundAlways     FoundBy = "always"    // it is looked at for every event it listens to
)

// Index says how the rules of a set are found.
type Index struct {
	Rules  map[FoundBy]int // of the rules that are on
	Words  int             // different words that are looked for
	Always []*Rule         // found by nothing, in walk order
	Bytes  int64           // of memory that the index holds
}

// Index measures how the rules are found. It builds the index once more, with the
// garbage collected before and behind, and is not for the road.
func (s *Set) Index() Index {
	before := heap()
	b := indexed(s.Rules)
	out := Index{Rules: map[FoundBy]int{}}
	for i, p := range b.plans {
		if !s.Rules[i].on() {
			continue
		}
		by := p.foundBy()
		if out.Rules[by]++; by == FoundAlways {
			out.Always = append(out.Always, s.Rules[i])
		}
	}
	for i := range b.x.texts {
		out.Words += b.x.texts[i].count
	}
	x := b.x // the rest of b is garbage from here on: what building took is not the index's
	out.Bytes = max(0, heap()-before)
	runtime.KeepAlive(x)
	runtime.KeepAlive(s)
	return out
}

// heap is how many bytes are in use once the garbage is gone.
func heap() int64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.GC() // the first one only ages what pools hold
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

// foundBy is the sort of thing by which a rule is found.
func (p plan) foundBy() FoundBy {
	switch {
	case p.by == nil:
		return FoundAlways
	case len(p.by.things) == 0:
		return FoundByNothing
	}
	switch t := p.by.things[0]; t.sort {
	case aLiteral:
		return FoundByWord
	case aText:
		return FoundByText
	default:
		return [dimensions]FoundBy{dimChat: FoundByChat, dimSender: FoundBySender, dimRobot: FoundByRobot, dimChatType: FoundByChatType, dimScope: FoundByChatType}[t.whose]
	}
}
