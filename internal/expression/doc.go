// Package expression owns the language of conditions and templates: what they
// see, what they may call and what they may cost. Every name, field, function and
// type is checked when a source is compiled; what can still go wrong afterwards
// is a RunError, never a crash.
//
// What an expression may cost is bounded by its form (size, nesting, a list of
// allowed functions) and by fuel that everything growing with its input burns.
// Neither depends on a clock, so the same event always has the same outcome.
//
// It refuses to know rules, actions and files: a problem is placed by an offset
// into the source that was handed in.
package expression
