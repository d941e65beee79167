// Package rest is the platform's request road (§2): all thirteen endpoints of one
// account, typed, with its token and its budget of requests.
//
// It owns authentication (one request at a time, renewal before the token ends,
// and no hurry where the platform said no), what may be asked again and what may
// not, and how a listing is followed over its pages. It refuses to know what a
// robot does, when an event is old, and what becomes of a command in doubt: it
// says what the platform answered, or that nobody knows.
//
// What the platform answers beside what its document names is kept (Extra).
package rest
