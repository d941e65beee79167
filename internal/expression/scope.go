package expression

import (
	"time"

	"botengine/internal/event"
)

// Scope is what an expression sees when it is evaluated. It is only read.
type Scope struct {
	Event *event.Event
	Now   time.Time
	Hit   Hit
	Facts FactReader            // nil: every fact is absent
	Steps map[string]StepResult // by step id; a step that has not run is absent
	Found map[string]Found      // by the name its step gave it; what was not looked up is absent

	Gathered []Gathered // the events that were gathered, the earliest first
	Past     Past       // nil: nothing was counted, tagged or listed
}

// Gathered is one of the events that a rule has gathered. It is plain data: a run
// keeps it as JSON over every restart.
type Gathered struct {
	ID     string       `json:"id,omitempty"`
	Kind   event.Kind   `json:"kind"`
	Time   time.Time    `json:"time"`
	Text   string       `json:"text,omitempty"`
	Sender event.Person `json:"sender,omitzero"` // who spoke, or asked to be a friend
	Chat   event.Chat   `json:"chat,omitzero"`
}

// FactReader reads what the past left behind. Scope is user, chat, member, robot
// or global; whose user or chat it is, the reader knows. A value is a string, a
// bool, an int64 or a float64.
type FactReader interface {
	ReadFact(scope, name string) (value any, ok bool)
}

// Hit is what a rule's match found in the text.
type Hit struct {
	Word       string            // the keyword as the rule has it
	Words      []string          // all keywords that were found
	Groups     map[string]string // the named groups of a regex
	Field      event.TextField   // the text it was found in; "" is the message
	Start, End int               // byte span in the original text
}

// StepResult is how a step of the run ended.
type StepResult struct {
	Code, Msg string
	OK        bool
	Answer    *Answer `json:",omitempty"` // of a step that waited for a message, and was given one
}
