package engine

import (
	"time"

	"botengine/internal/actions"
	"botengine/internal/command"
	"botengine/internal/diag"
	"botengine/internal/event"
	"botengine/internal/rule"
)

// Facts is what the past left behind, as the transaction sees it. The returned
// bytes are only read, and not kept.
type Facts interface {
	// Fact returns a fact and when it lapses; the zero time means never.
	Fact(key string) (value []byte, expires time.Time, ok bool)
	// RunData returns the data of a run that has not ended.
	RunData(id string) ([]byte, bool)
	// Archive returns the text of rules that a run began with.
	Archive(hash string) ([]byte, bool)
}

// Input is all that a decision depends on.
type Input struct {
	Set     *rule.Set
	Event   *event.Event
	Matches []rule.Match     // of Set and Event, in walk order
	Ended   *command.Command // the command whose end the event is; nil = none
	Now     time.Time
	Facts   Facts
	// Takeover is how long a person keeps rules from answering that do not say so
	// themselves; 0 = not at all. ByHand says that the event is a message which a
	// person wrote in the robot's place.
	Takeover time.Duration
	ByHand   bool
	Robots   Robots // nil: there is but one robot
	// Derived is told of every event that rules make of this one; it may not change
	// anything. nil: nobody asks.
	Derived func(*event.Event)
	// Chats knows the chats that the configuration has names for; nil: there are none.
	Chats actions.StaffChats
	// Guard is what takes the right to act from a rule that does badly after a change;
	// nil: only its own `abort_if` does. Seen knows how many events rules on trial
	// could have fired on; nil: none but those they fired on.
	Guard *Guard
	Seen  *Seen
	// Blast says how much rules may do of what cannot be taken back; nil: any amount.
	Blast      *Blast
	Quarantine *Quarantine // rules that are set aside; nil: none is
	Fuses      *Fuses      // nil: rules may answer as often as they say themselves
	// Cache remembers what was parsed before; nil works, and parses every time. It
	// changes how long a decision takes, never what is decided.
	Cache *Cache
	Watch *Watch // nil: nobody wants to know how conditions came to be
}

// Decision is all that one event leads to. Nothing of it has happened: the caller
// commits it whole, or not at all.
type Decision struct {
	Event      string // the event's key
	Generation string // the hash of the set that decided
	Verdicts   []Verdict
	Woken      *Woken  // the run that the event carried on; nil = none
	Others     []Woken // further runs that it carried on
	Facts      []FactWrite
	Runs       []RunWrite
	Archives   []Archive
	Commands   []command.Command
	Logs       []Log
	Panics     []string // the rules that panicked
}

// Verdict says what became of one rule, and why.
type Verdict struct {
	Rule    string
	Outcome rule.Outcome
	Detail  diag.Text    // more than Outcome.Text says; may be empty
	Run     string       // the run that the firing began
	Step    string       // the step the run waits in; "" = it has ended
	Steps   []StepReport // the steps that ended at once
	// Commands are the message ids of the commands issued.
	Commands []string
	// Would are the commands that a rule in shadow mode did not issue.
	Would []command.Command
}

// Woken says how far a waiting run got.
type Woken struct {
	Run, Rule string
	Step      string // the step it waits in now; "" = it has ended
	Steps     []StepReport
	Commands  []string
}

// StepReport is how one step ended.
type StepReport struct {
	ID, Action string
	Code, Msg  string // event.CodeOK, CodeSkipped, the platform's number, …
	Path       string // where it stands in the rule: 2.then.1, with the turn of a repeat 2.do.1@3
}

// The codes with which the engine itself ends a step, besides those of package
// event.
const (
	CodeSkipped    = "skipped"     // its `when` was false
	CodeUnknownTag = "unknown_tag" // there is no such tag
	CodeEndless    = "endless"     // the run did too much without a wait, or a repeat too many turns
)

// FactWrite is one change of a fact.
type FactWrite struct {
	Key     string
	Value   []byte
	Expires time.Time // zero = never
	Delete  bool
}

// RunWrite stores a run, or removes it.
type RunWrite struct {
	ID, Robot string
	Due       time.Time // when a timer event is to wake it; zero: a command's end will
	Data      []byte
	Kept      *KeptRun // instead of Data, where Facts is a RunKeeper
	Done      bool     // the run has ended: remove it
}

// Archive is the text of the rules that a run began with, stored once per hash.
type Archive struct {
	Hash string
	Data []byte
}

// Log is one line for the engine's log.
type Log struct {
	Rule, Step string
	Text       string
	Problem    bool // something went wrong; else a `log` step wrote it
	Alert      bool // a person has to know of the problem
	Plain      bool // the text stands in the rule as it is: nothing of it came with the event
}
