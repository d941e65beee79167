package rule

import (
	"time"

	"go.yaml.in/yaml/v3"

	"botengine/internal/diag"
	"botengine/internal/event"
	"botengine/internal/expression"
)

// Rule is one compiled rule. It never changes after Compile, so any number of
// goroutines may use it.
type Rule struct {
	ID     string
	Name   string
	Owner  string
	Labels map[string]string
	// Hash names the text the rule was compiled from: its file and the list
	// files that file names. A run belongs to it.
	Hash string
	// Version names what the rule does: its own text, with what that names of its file
	// and of libraries. An edit elsewhere in the file leaves it as it is.
	Version string
	File    string
	Line    int

	Enabled   bool
	Mode      Mode
	On        []Trigger
	Priority  int
	Stop      bool
	MaxAge    time.Duration
	Cooldown  *Cooldown // nil = none
	LoopGuard *Fuse     // nil = off
	Gates
	Takeover  *time.Duration // how long a person keeps it from answering; nil = as configured, 0 = off
	Responder Responder
	When      *expression.Condition // nil = none
	Run       *RunMode              // nil = every firing has a run of its own
	Rollout   *Rollout              // how a change of it is taken into use; nil = not said
	Steps     []Step                // its program: it begins at 0, see Step
	// Outside is where the steps for events outside of its hours begin in Steps, or
	// End: it does nothing then.
	Outside int

	answers, pauses, kicks bool     // what its steps do: see Answers, Pauses, Kicks
	staff                  []string // the list of that name in its file

	checks  []check // all conditions, When among them
	scope   *scope  // nil = everywhere
	active  *active
	match   *matcher // nil = whatever the text is
	include include
	found   []finder // see foundBy
	sources Sources
	place   int // in its file; the last criterion of the walk order
	idAt    diag.Range
	// rehearsed says that the rule is in shadow only because the engine is.
	rehearsed bool
	ids       map[string]*yaml.Node // of its steps, while it is compiled
}

// Rehearse puts a live rule into shadow for an engine that only rehearses. What is
// found wrong with the rule stays the same.
func (r *Rule) Rehearse() {
	if r.Mode == ModeLive {
		r.Mode, r.rehearsed = ModeShadow, true
	}
}

// Mode says whether a rule acts.
type Mode string

// The modes of a rule.
const (
	ModeLive   Mode = "live"
	ModeShadow Mode = "shadow" // decides and records, sends nothing
	ModeOff    Mode = "off"
)

// Trigger is one name under `on` and the kinds of event it stands for.
type Trigger struct {
	Name    string
	Kinds   []event.Kind
	Emit    string // only events that rules gave this name
	Mention bool   // only messages that mention the robot
	// Schedule is when a `schedule` happens; nil for every other trigger.
	Schedule *Schedule
}

// Cooldown is how long a rule stays silent after it fired, for each combination
// of what Per names.
type Cooldown struct {
	For time.Duration
	Per []string // any of PerRule … PerHit, in this order, without doubles
}

// What a cooldown may be kept per.
const (
	PerRule   = "rule"
	PerRobot  = "robot"
	PerChat   = "chat"
	PerMember = "member"
	PerHit    = "hit"
)

// Fuse is the loop guard of a rule: more than Count firings in one chat within
// Within open it.
type Fuse struct {
	Count  int
	Within time.Duration
}

// Match is what Set.Match found out about one rule.
type Match struct {
	Rule    *Rule
	Outcome Outcome   // "" = may fire
	Detail  diag.Text // why; of what may fire only where every was asked for: see Passed
	Hit     expression.Hit
	Asked   bool // the `where` of its scope was asked, and speaks against it
	Pending bool // its `when` needs facts: whoever has them evaluates it
	Outside bool // it is outside the rule's hours, and the rule has steps for that
}
