package sim

import (
	"context"
	"slices"
	"sync"
	"time"
)

// Entry is one effect of a command: what people would have seen, or what the platform did on a robot's behalf.
type Entry struct {
	Seq       int // from 1, in the order the effects happened
	Time      time.Time
	Robot     string // its key
	Chat      string // the peer's id: a person's or a group's; empty when the effect has none
	Kind      string // text, image, link, file, video, accept, tag, invite, kick, create_group, …
	MessageID string
	Text      string            // the text, or a line that stands for the effect
	Fields    map[string]string // what else there is to know, by kind
}

// ledger keeps the effects and what was wrong with the commands.
type ledger struct {
	mu       sync.Mutex // guards all below
	entries  []Entry    // only ever appended to
	effects  map[effect]int
	received []Received
	overlaps []Overlap
	changed  chan struct{} // closed and replaced by announceLocked at every change
}

// Received is one command as it came, effect or not.
type Received struct {
	Event, Type, Robot, MessageID string
	Body                          string // the JSON as it was on the wire, without the token
}

// Overlap is a command that came while another one of its robot was not finished.
type Overlap struct {
	Robot           string // its key
	Running, Second string // messageIds
	Type            string // of the second
}

// effect is what must happen once: one command in one chat.
type effect struct{ robot, chat, messageID string }

func newLedger() *ledger {
	return &ledger{effects: map[effect]int{}, changed: make(chan struct{})}
}

func (l *ledger) record(e Entry) {
	l.mu.Lock()
	defer l.mu.Unlock()
	e.Seq = len(l.entries) + 1
	l.entries = append(l.entries, e)
	l.effects[effect{e.Robot, e.Chat, e.MessageID}]++
	l.announceLocked()
}

func (l *ledger) receive(c Received) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.received = append(l.received, c)
	l.announceLocked()
}

func (l *ledger) overlap(o Overlap) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.overlaps = append(l.overlaps, o)
	l.announceLocked()
}

func (l *ledger) announceLocked() {
	close(l.changed)
	l.changed = make(chan struct{})
}

// happened says whether a command already had its effect in that chat.
func (l *ledger) happened(robot, chat, messageID string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.effects[effect{robot, chat, messageID}] > 0
}

func (l *ledger) snapshot() ([]Entry, <-chan struct{}) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Clip(l.entries), l.changed // entries never change: a view is enough
}

// Ledger returns every effect so far, in order. The entries' Fields are shared: read, don't write.
func (s *Server) Ledger() []Entry {
	all, _ := s.ledger.snapshot()
	return all
}

// WaitLedger blocks until enough says so about the ledger and returns it as it was then, or what there is and ctx's
// error. enough is called once at the start and again whenever an effect, a command or an overlap was added, so it may ask
// for Commands and Overlaps, too.
func (s *Server) WaitLedger(ctx context.Context, enough func([]Entry) bool) ([]Entry, error) {
	for {
		all, changed := s.ledger.snapshot()
		if enough(all) {
			return all, nil
		}
		select {
		case <-ctx.Done():
			return all, ctx.Err()
		case <-changed:
		}
	}
}

// AtLeast is a condition for WaitLedger: n effects happened.
func AtLeast(n int) func([]Entry) bool {
	return func(all []Entry) bool { return len(all) >= n }
}

// HasKind is a condition for WaitLedger: n effects of that kind happened.
func HasKind(kind string, n int) func([]Entry) bool {
	return func(all []Entry) bool {
		seen := 0
		for _, e := range all {
			if e.Kind == kind {
				seen++
			}
		}
		return seen >= n
	}
}

// Commands returns every command that was understood, in the order they came, whatever became of them.
func (s *Server) Commands() []Received {
	s.ledger.mu.Lock()
	defer s.ledger.mu.Unlock()
	return slices.Clone(s.ledger.received)
}

// Overlaps returns the commands that came before their robot's last one was finished.
func (s *Server) Overlaps() []Overlap {
	s.ledger.mu.Lock()
	defer s.ledger.mu.Unlock()
	return slices.Clone(s.ledger.overlaps)
}

// Duplicates counts, by messageId, the effects beyond the first that one command had in one chat.
func (s *Server) Duplicates() map[string]int {
	s.ledger.mu.Lock()
	defer s.ledger.mu.Unlock()
	extra := map[string]int{}
	for e, n := range s.ledger.effects {
		if n > 1 {
			extra[e.messageID] += n - 1
		}
	}
	return extra
}
