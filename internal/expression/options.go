package expression

import (
	"botengine/internal/calendar"
	"botengine/internal/diag"
	"botengine/internal/event"
)

// Options says what an expression may name. It is only read, and may be shared
// by any number of compilations at once.
type Options struct {
	Kinds    []event.Kind        // what the rule can be fired by; a name must exist for all of them. Empty: all names
	Vars     map[string]any      // vars.NAME: string, bool, number, list or map of these
	Inputs   map[string]any      // inputs.NAME, of the template that the rule is made from; nil: it is made from none
	Lists    map[string][]string // lists.NAME
	Changing map[string]bool     // the lists that rules may change
	Macros   map[string]string   // NAME: an expression that stands for it
	Steps    []string            // ids of the steps before this one
	Answers  []string            // those of them that wait for a message
	Found    map[string]Shape    // what the steps before this one look up, by its name
	Labels   Labels              // what chat.labels are; nil: only what the event says
	HasHit   bool                // the rule has a match, so that there is a hit
	Workdays *calendar.Workdays  // what workday() goes by; nil: Monday to Friday
	Gather   bool                // the rule gathers events: there are events and members
	Memo     *Memo               // shared by the options that share lists; nil: nothing is shared
}

// Problem is one mistake in a source, to be placed into its file by the caller.
type Problem struct {
	Offset, Length int    // runes, in the source given
	Code           string // BE2xx, as in package diag
	Message, Hint  diag.Text
	Unfinished     bool // the source ends in the middle
}
