package expression

import (
	"errors"
	"fmt"
	"sync"

	"github.com/expr-lang/expr/file"
	"github.com/expr-lang/expr/vm"

	"botengine/internal/diag"
)

// ErrBudget is wrapped by the error of an expression that was stopped because it
// cost too much.
var ErrBudget = errors.New("expression budget exceeded")

// RunError says why a checked expression had no value for this event. It quotes
// the source only, never what the event held.
type RunError struct {
	Offset int       // runes, in the source the expression was compiled from
	Reason diag.Text // for people
	err    error
}

// Error says the reason in English.
func (e *RunError) Error() string {
	return fmt.Sprintf("evaluate expression at character %d: %s", e.Offset+1, e.Reason.EN)
}

// Unwrap gives ErrBudget when it was that.
func (e *RunError) Unwrap() error { return e.err }

// run is one evaluation: what the program reads and what is left of its budget.
// It is taken from a pool and used by one goroutine at a time.
type run struct {
	env   env
	scope *Scope
	vm    vm.VM
	fuel  int
	size  int // KiB of the longest text, which loops pay for
	clean bool

	foldOf, folded string // the text that was folded last

	found map[string]any      // what was looked up, as the expression sees it
	sets  map[string]*wordSet // the lists of ids among it

	counts map[counterRef]int // what counters said
}

var runs = sync.Pool{New: func() any { return &run{vm: vm.VM{MemoryBudget: vmMemory}} }}

// start prepares an evaluation in s. The caller ends it with stop.
func start(s *Scope, clean bool) *run {
	r := runs.Get().(*run)
	r.scope, r.clean = s, clean
	r.env.Run = r
	r.env.fill(s, clean)
	r.size = r.env.longest()
	return r
}

// stop gives r back; it keeps nothing of the event.
func (r *run) stop() {
	r.env, r.scope, r.foldOf, r.folded, r.found, r.sets, r.counts = env{}, nil, "", "", nil, nil, nil
	runs.Put(r)
}

// do evaluates p. Every program has the whole budget for itself.
func (r *run) do(p *program) (any, error) {
	r.fuel = maxFuel
	out, err := r.vm.Run(p.code, &r.env)
	if err != nil {
		return nil, p.failed(err)
	}
	return out, nil
}

// burn pays n out of the budget.
func (r *run) burn(n int) error {
	if r.fuel -= n; r.fuel < 0 {
		return ErrBudget
	}
	return nil
}

// fold returns the folded view of s; the same text is folded once.
func (r *run) fold(s string) string {
	if s != r.foldOf {
		r.foldOf, r.folded = s, folder.String(s)
	}
	return r.folded
}

// program is a compiled expression and what is known about it.
type program struct {
	code   *vm.Program
	offset int // runes, from the beginning of the source that Offset of errors counts in
	facts  bool
	reads  bool // something that differs from event to event
}

// failed turns the machine's error into ours. Its text may quote values of the
// event, so only what is known to be harmless is taken over.
func (p *program) failed(err error) error {
	out := &RunError{Offset: p.offset, Reason: reasonFor(err)}
	if errors.Is(err, ErrBudget) {
		out.err = ErrBudget
	}
	if at, ok := errors.AsType[*file.Error](err); ok {
		out.Offset += at.From
	}
	return out
}

// reasonFor says in words why the machine stopped.
func reasonFor(err error) diag.Text {
	var own *reasonError
	var at *file.Error
	switch {
	case errors.Is(err, ErrBudget):
		return diag.T("计算量超出上限", "it costs more than an expression may")
	case errors.As(err, &own):
		return own.reason
	case errors.As(err, &at):
		return machineReason(at.Message)
	}
	return diag.T("这里的值不能这样用", "the values cannot be used like this here")
}

// reasonError is an error of one of our own functions.
type reasonError struct{ reason diag.Text }

func (e *reasonError) Error() string { return e.reason.EN }

// because makes a reasonError; zh and en must not hold values of the event.
func because(zh, en string, args ...any) error { return &reasonError{diag.T(zh, en, args...)} }
