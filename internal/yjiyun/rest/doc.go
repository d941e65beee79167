// Package rest is the platform's request road (§2): it holds the token of one
// account and asks what the event road does not tell: which robots there are,
// and what the history says of a message.
//
// It owns authentication: one request at a time, renewal before the token ends,
// and no hurry where the platform said no. It refuses to know what a robot does,
// when an event is old, and what becomes of a command in doubt: it says what the
// platform answered.
package rest
