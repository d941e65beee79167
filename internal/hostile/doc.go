// Package hostile owns a corpus of inputs that were made to hurt: expressions, rule
// files, configurations, frames, answers of the platform and events that want to eat
// memory or time, to end the process, or to be taken for something else. Each is
// handed to the code that a running engine would hand it to. Only tests use it.
package hostile

import "slices"

// Verdict is what became of a hostile input. Anything else (a panic, a process that
// is out of memory, a call that never returns) is the death of the child.
type Verdict string

// The verdicts.
const (
	Refused Verdict = "refused" // with a finding or an error
	Handled Verdict = "handled" // as what it is: data
)

// Case is one hostile input.
type Case struct {
	Group, Name string
	Want        Verdict // "" = either will do
	// OfOperator says that only who runs the engine can write it: a file.
	OfOperator bool
	// Make prepares the attack, and says how many bytes the input has: what it costs to
	// make it does not count.
	Make func() (size int, attack func() Verdict)
}

// All are the cases, always in the same order.
func All() []Case {
	var all []Case
	for _, group := range [][]Case{expressions(), templates(), ruleFiles(), otherFiles(), configurations(), frames(), payloads(), decisions(), answers(), wires()} {
		all = append(all, group...)
	}
	return all
}

// Some are most of the cases: of those that hand the same texts to one reader after
// the other, a part.
func Some() []Case {
	var some []Case
	for i, c := range All() {
		again := slices.Contains([]string{"test file", "configuration", "answer to sign in", "answer to members", "answer to chats"}, c.Group)
		if !again || i%8 == 0 {
			some = append(some, c)
		}
	}
	return some
}

// verdict is what an error or findings mean.
func verdict(refused bool) Verdict {
	if refused {
		return Refused
	}
	return Handled
}
