package state

import (
	"time"

	"botengine/internal/event"
)

// JournalText says how much of what people wrote the journal keeps.
type JournalText string

// How much of what people wrote the journal keeps. The rest of an event (its kind,
// ids, names, times) is kept all the same.
const (
	JournalOff  JournalText = ""     // there is no journal
	TextFull    JournalText = "full" // as it was written
	TextHash    JournalText = "hash" // its hash and length: enough to find the same text again
	TextNothing JournalText = "none"
)

// Origin says how an event reached us.
type Origin string

// How an event reached us.
const (
	Live     Origin = "live"     // over the socket, or of our own making
	History  Origin = "history"  // from the platform's history, after a gap
	Inferred Origin = "inferred" // concluded from what the platform says of the present
)

// Record is one event in the journal, and what it came to.
type Record struct {
	Position uint64      `json:"position"` // grows from record to record, also over restarts
	Event    event.Event `json:"event"`
	Text     JournalText `json:"text"` // how much of the event's text there is
	Fate
}

// Fate is what an event came to when it was taken in.
type Fate struct {
	At         time.Time `json:"at"`                   // our clock, in the event's transaction
	Origin     Origin    `json:"from"`                 // how the event reached us
	Generation string    `json:"generation,omitempty"` // the hash of the rules that decided
	// ByHand says that a person wrote the message in the robot's place; Ours, that it
	// is about a command of ours, such as its echo.
	ByHand   bool `json:"by_hand,omitempty"`
	Ours     bool `json:"ours,omitempty"`
	Poisoned bool `json:"poisoned,omitempty"` // its handling panicked: nothing was decided
	// Verdicts are what became of the rules that came near to firing, in walk order.
	Verdicts []RecordedVerdict `json:"verdicts,omitempty"`
	// Commands are the message ids of the commands that it led to at once.
	Commands []string `json:"commands,omitempty"`
}

// RecordedVerdict is what became of one rule.
type RecordedVerdict struct {
	Rule    string `json:"rule"`
	Outcome string `json:"outcome"`
}

// JournalQuery says which records are looked for. The zero value finds all of
// them, the oldest first.
type JournalQuery struct {
	From, To time.Time // records taken in at From or later, and before To; zero = without end
	After    uint64    // only positions beyond; newest first: only those before it, unless 0
	Newest   bool      // the newest first
	// ID is that of the event or of a command it led to, or a dedupe key of the event.
	ID string
}

// JournalSize is how much the journal holds.
type JournalSize struct {
	Bytes   int64 `json:"bytes"`
	Records int64 `json:"records"`
}
