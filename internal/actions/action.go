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
	// Sends says which command the action makes, or which of several; none when it
	// is done inside the engine.
	Sends() []Platform
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
	// Looks says what becomes of the answer to the step's command; nil when nobody
	// reads it.
	Looks() *Look
}

// Look is what a step looks up: its command's answer, under a name by which later
// steps know it.
type Look struct {
	As    string
	Shape expression.Shape
	// Read makes of the answer's object what expressions see; asked are the fields
	// of the command. The error is meant for people and quotes neither.
	Read func(asked, answer []byte) (expression.Found, error)
}

// Effect is what one step comes to: exactly one of a command, a wait, facts, or a
// line of log.
type Effect struct {
	// Command has Type, Chat, Lane, Class and Fields set, Timeout if it differs from
	// the class's, and Robot if it is not the event's; the engine stamps the rest.
	Command *command.Command
	// More says that there is another target to try when this command is refused:
	// Plan then wants to be called again with the next Env.Attempt.
	More bool
	// Next says that there is another target after this one, whatever becomes of it:
	// Plan then wants to be called again with the next Env.Attempt.
	Next bool
	// Wait is how long the run pauses; WaitMax is the longest it might have been.
	Wait, WaitMax time.Duration
	// Facts are what the step remembers.
	Facts []FactWrite
	// Sparing says how often Command may be sent.
	Sparing *Sparing
	// Pause keeps rules silent, or lets them speak again.
	Pause *Pause
	// Count is what the step counts, List the list it changes.
	Count *CountWrite
	List  *ListWrite
	// Emit is the event that the step makes; nil = none.
	Emit *Emit
	// Log is the line that the step writes to the log; LogPlain says that it stands in
	// the rule as it is: nothing of it came with the event.
	Log      string
	LogPlain bool
}

// FactWrite is one fact to remember about the event's own user, chat and so on.
type FactWrite struct {
	Scope, Name string        // Scope is one of the Scope… constants
	Value       any           // string, bool, int64 or float64; nil forgets the fact
	TTL         time.Duration // 0 = for ever
}

// Env is what planning sees.
type Env struct {
	Scope   *expression.Scope
	Tags    TagBook        // nil: the robot's tags are not known yet
	Random  func() float64 // in [0,1); the same for the same event, rule and step
	Chats   StaffChats     // nil: the configuration names none
	Attempt int            // how many targets of this step were tried before
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
	Type     string // the platform's type, one of command.Message…, or an endpoint's rest.…
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
	Choices  []string // the words it may be, for a choice
	Inner    []Param  // the parameters of its own, for an object
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

	KindConstant  Kind = "constant"  // one text that no event can change
	KindConstants Kind = "constants" // one of them or a list
	KindYesNo     Kind = "yes_no"    // true, false
	KindChoice    Kind = "choice"    // one of Param.Choices
	KindChoices   Kind = "choices"   // one of them or a list
	KindCount     Kind = "count"     // a whole number from 1 on
	KindMoment    Kind = "moment"    // a day and a time of day
	KindClock     Kind = "clock"     // a time of day
	KindObject    Kind = "object"    // the parameters in Param.Inner
	KindObjects   Kind = "objects"   // one of them or a list
	KindFields    Kind = "fields"    // any keys and values
	KindTarget    Kind = "target"    // true for the event's own, or an id
	KindHeaders   Kind = "headers"   // constant texts by name
	KindGroups    Kind = "groups"    // ids of groups, or of each robot's groups
	KindName      Kind = "name"      // a name that later steps know something by
	KindCounter   Kind = "counter"   // a counter's <scope>.<name>
	KindList      Kind = "list"      // a list's name
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

	KindConstant:  {ZH: "固定文字", EN: "constant text"},
	KindConstants: {ZH: "固定文字或列表", EN: "constant text or list"},
	KindYesNo:     {ZH: "`true` 或 `false`", EN: "`true` or `false`"},
	KindChoice:    {ZH: "选一个", EN: "one of"},
	KindChoices:   {ZH: "选一个或几个", EN: "one or several of"},
	KindCount:     {ZH: "整数", EN: "whole number"},
	KindMoment:    {ZH: "时间", EN: "date and time"},
	KindClock:     {ZH: "钟点", EN: "time of day"},
	KindObject:    {ZH: "一组键和值", EN: "keys and values"},
	KindObjects:   {ZH: "一组键和值，或列表", EN: "keys and values, or a list"},
	KindFields:    {ZH: "任意键和值", EN: "any keys and values"},
	KindTarget:    {ZH: "`true` 或群 id", EN: "`true` or a group's id"},
	KindName:      {ZH: "新名称", EN: "a new name"},
	KindCounter:   {ZH: "范围.名称", EN: "scope.name"},
	KindList:      {ZH: "名单的名字", EN: "a list's name"},
	KindHeaders:   {ZH: "一组固定文字", EN: "constant texts by name"},
	KindGroups:    {ZH: "群 id 的列表，或每个机器人的列表", EN: "groups' ids, or such a list for each robot"},
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
