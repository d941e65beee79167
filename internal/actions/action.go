package actions

import (
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"botengine/internal/command"
	"botengine/internal/diag"
	"botengine/internal/event"
	"botengine/internal/expression"
)

// Action is one kind of step a rule may have.
type Action interface {
	// Name is the word that rules write.
	Name() string
	// Summary says in one sentence what the action does.
	Summary() diag.Text
	// Note says what a user should know beyond that; it may be empty.
	Note() diag.Text
	// Example is a step as a rule would have it; it passes the action's own check.
	Example() string
	// Params describes the parameters, in the order of the documentation.
	Params() []Param
	// Main names the parameter that the short form `action: value` sets; "" when
	// there is no short form.
	Main() string
	// Needs is what every use of the action needs of the event.
	Needs() []Need
	// Sends says which command the action makes; the zero Platform means none.
	Sends() Platform
	// Bind reads the parameters from n (nil or a null node: none were written) for
	// a rule that listens to kinds. It returns nil when it added an error to b.
	Bind(n *yaml.Node, kinds []event.Kind, b *Binder) Bound
}

// Bound is an action with the parameters one step gives it: checked, immutable,
// safe for use by many goroutines.
type Bound interface {
	Name() string
	// Plan says what the step does for the event in env. It is pure. It returns an
	// *UnknownTagError when the robot's tags have to be asked for first; any other
	// error ends the step as invalid, and its text is meant for people.
	Plan(env Env) (Effect, error)
}

// Effect is what one step comes to: exactly one of a command, a wait, facts, or a
// line of log.
type Effect struct {
	// Command has Type, Chat, Lane, Class and Fields set, and Timeout if it differs
	// from the class's; the engine stamps the rest.
	Command *command.Command
	// More says that there is another target to try when this command is refused:
	// Plan then wants to be called again with the next Env.Attempt.
	More bool
	// Wait is how long the run pauses; WaitMax is the longest it might have been.
	Wait, WaitMax time.Duration
	// Facts are what the step remembers.
	Facts []FactWrite
	// Log is the line that the step writes to the log.
	Log string
}

// FactWrite is one fact to remember about the event's own user, chat and so on.
type FactWrite struct {
	Scope, Name string        // Scope is one of Scopes
	Value       any           // string, bool, int64 or float64; nil forgets the fact
	TTL         time.Duration // 0 = for ever
}

// Env is what planning sees.
type Env struct {
	Scope   *expression.Scope
	Tags    TagBook        // nil: the robot's tags are not known yet
	Random  func() float64 // in [0,1); the same for the same event, rule and step
	Attempt int            // how many targets of this step were refused before
}

// TagBook knows a robot's customer tags.
type TagBook interface {
	// Label finds a tag's id by `group/tag`, by its bare name when only one tag has
	// it, or by the id itself.
	Label(name string) (id string, ok bool)
}

// UnknownTagError says that the tag book has no such tags, or that there is none.
type UnknownTagError struct{ Names []string }

func (e *UnknownTagError) Error() string {
	return "unknown tag " + strings.Join(e.Names, ", ")
}

// Platform says which command an action makes and how it is to be treated.
type Platform struct {
	Type     string // the platform's type, or one of command.Message…
	Lane     command.Lane
	Class    command.Class
	Section  string // where the platform's document describes it
	Inferred bool   // type and fields are concluded, the document lost them
}

// Param describes one parameter.
type Param struct {
	Name     string // "" stands for the keys `<scope>.<name>` of the facts to set
	Kind     Kind
	Doc      diag.Text
	Required bool
}

// Kind is the form of a parameter's value.
type Kind string

// The kinds of parameters.
const (
	KindText     Kind = "text"     // one text, with {{ }}
	KindTexts    Kind = "texts"    // one text or a list
	KindDuration Kind = "duration" // 30s, 10m, 2h, 7d
	KindSpan     Kind = "span"     // a duration or a range 20s..90s
	KindMentions Kind = "mentions" // sender, members, or ids
	KindFacts    Kind = "facts"    // values under `<scope>.<name>`
)

// In says what the kind looks like, in words.
func (k Kind) In(lang diag.Lang) string { return kindTexts[k].In(lang) }

var kindTexts = map[Kind]diag.Text{
	KindText:     {ZH: "文字", EN: "text"},
	KindTexts:    {ZH: "文字或列表", EN: "text or list"},
	KindDuration: {ZH: "时长", EN: "duration"},
	KindSpan:     {ZH: "时长或范围", EN: "duration or range"},
	KindMentions: {ZH: "`sender`、`members`、id 或列表", EN: "`sender`, `members`, an id, or a list"},
	KindFacts:    {ZH: "值", EN: "value"},
}

// ByName finds an action by the word that rules write.
func ByName(name string) (Action, bool) {
	for _, a := range All() {
		if a.Name() == name {
			return a, true
		}
	}
	return nil, false
}

// Names lists the names of all actions, sorted.
func Names() []string {
	var names []string
	for _, a := range All() {
		names = append(names, a.Name())
	}
	return names
}
