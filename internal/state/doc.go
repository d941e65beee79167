// Package state owns everything a robot engine must still know after a crash:
// which events were seen, facts, waiting runs, archived rule texts, documents
// and the outbox with its entries. It owns the Store contract, the suite every
// store is held to (package statetest) and the bbolt store.
//
// It refuses to know what a fact means, when an entry may leave or what its end
// says about a rule: it keeps, orders and forgets.
package state
