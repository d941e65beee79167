// Package actions owns the catalogue of what a rule can do: every action's name,
// documentation, typed parameters, checks, and the plan that turns a firing into
// one effect: a command, facts, a pause, or a line of log. An action is one file
// and one line in catalog.go.
//
// It refuses to know when a rule fires, how a run goes on from step to step
// (engine) and how a command reaches the platform (dispatch, yjiyun). Planning is
// pure: no clock, no I/O, no randomness but what it is handed.
package actions

// Writes docs/actions.md, the reference of every action.
//go:generate go test -run ^TestActionsPageIsFresh$ -count=1 . -update
