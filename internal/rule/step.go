package rule

import (
	"time"

	"botengine/internal/actions"
	"botengine/internal/expression"
)

// Step is one instruction of a rule's program. The program is a flat list, so that
// the place of a run is one number: what stands under `then`, `do`, `on_error` and
// the like follows somewhere behind its step, which has the number where it
// begins. A rule whose steps have no others inside them has them in their order.
type Step struct {
	ID      string                // as given, or its path
	Path    string                // where it stands: 2, 2.then.1; it names the step in the keys of commands
	Op      Op                    // what kind of instruction it is
	When    *expression.Condition // nil = always
	OnError OnError
	Rescue  int           // with Rescued: where the steps of `on_error` begin
	Retry   *Retry        // nil = none
	Verify  *Verify       // nil = what the platform says of the command is taken for true
	Timeout time.Duration // 0 = the action's own
	Action  actions.Bound // of OpAction
	Line    int

	Next    int   // where the run goes on behind it, or End
	Targets []int // where its blocks begin, in the order that its Op says
	Loops   []int // the repeats it stands in, outermost first

	Cond   *expression.Condition // of OpIf, and what keeps an OpRepeat going
	Choice *Choice               // of OpChoose
	Repeat *Repeat               // of OpRepeat
	Reason string                // of OpStop, for people
	Wait   *WaitFor              // of OpWait
}

// End is the place behind the last step.
const End = -1

// Op is a kind of instruction.
type Op string

// The kinds of instructions. The zero Op is OpAction.
const (
	OpAction Op = ""       // plans an action
	OpIf     Op = "if"     // Targets: then, else
	OpChoose Op = "choose" // Targets: one for each of Choice.Options
	OpRepeat Op = "repeat" // Targets: the steps that are repeated; they lead back here
	OpStop   Op = "stop"   // ends the run
)

// Does is the word that rules write for what the step does.
func (s *Step) Does() string {
	if s.Op == OpAction && s.Action != nil {
		return s.Action.Name()
	}
	return string(s.Op)
}

// Choice is a `choose`: one of its options is drawn, each as often as its weight
// says.
type Choice struct {
	Options []Option
	Sticky  string // "" = drawn anew each time; else one of the Sticky… constants
}

// Option is one of the ways of a Choice.
type Option struct {
	Name   string // as given, or its number from 1
	Weight int
}

// For whom a choice stays the same.
const (
	StickyUser   = "user"   // the person, wherever
	StickyMember = "member" // the person in this chat
	StickyChat   = "chat"   // everybody in this chat
)

// Repeat is a `repeat`; Times bounds every sort of it.
type Repeat struct {
	Times int              // 0 = not counted
	Each  *expression.List // nil = over no list
	As    string           // the name of the turn's number, or of the entry of the list; "" = none
	Max   int              // more turns than this are a failure
}

// What programs may hold.
const (
	MaxSteps = 500 // instructions of a rule
	MaxTurns = 100 // of a repeat
	MaxNest  = 8   // blocks within blocks
)

// OnError says what becomes of a run when one of its steps fails.
type OnError string

// What a failed step may lead to. Stop is the default.
const (
	Stop     OnError = "stop"
	Continue OnError = "continue"
	Rescued  OnError = "steps" // those at Step.Rescue, then what follows the step
)
