// Package failpoint names the moments between two steps of the road at which the
// program may die, and lets it die there, or fail, in a build made for that: with
// the tag `failpoints`. In every other build a failpoint is nothing.
//
// The list here is the crash matrix: a test takes each name of it, and a moment that
// is not in the list cannot be hit.
package failpoint

// Name is one moment.
type Name string

// The moments, in the order of the road.
const (
	BootOpened    Name = "boot.opened"    // the state is open, nothing was done with it
	BootLoaded    Name = "boot.loaded"    // the rules are live
	BootRobots    Name = "boot.robots"    // an account knows its robots
	BootOutbox    Name = "boot.outbox"    // what the outbox owes was read
	BootConnected Name = "boot.connected" // an account is connected

	RecvRead    Name = "recv.after_read"   // a frame was read
	RecvDecoded Name = "recv.after_decode" // it is an event
	RecvTaken   Name = "recv.after_take"   // it was handed to line 1

	EngineMatched  Name = "engine.after_match"   // what could fire is known
	IngestDedupe   Name = "ingest.before_dedupe" // in the transaction
	IngestSeen     Name = "ingest.after_seen"    // it is marked as seen
	EngineDecided  Name = "engine.after_decide"  // what it leads to is known
	IngestWritten  Name = "ingest.after_write"   // and written
	StoreRan       Name = "store.before_commit"  // all functions of a commit have run
	StoreCommitted Name = "store.after_commit"   // it is durable, and nobody knows
	OutboxCommit   Name = "outbox.after_commit"  // line 1 knows, line 2 does not
	OutboxTold     Name = "outbox.after_told"    // line 2 knows

	SendBooked    Name = "send.after_book"    // a command has its moment
	SendClaim     Name = "send.before_intent" // the intent is about to be written
	SendIntent    Name = "send.after_intent"  // it is durable
	SendEmit      Name = "send.before_emit"   // the next instruction writes
	SendEmitted   Name = "send.after_emit"    // the bytes are with the kernel
	SendGivenBack Name = "send.after_return"  // a claim that sent nothing was given back

	ConfirmRead      Name = "confirm.before_commit" // an end came, and is not durable
	ConfirmCommitted Name = "confirm.after_commit"  // it is

	DoubtMarked   Name = "doubt.after_mark"     // a fate is durably unknown
	DoubtAsk      Name = "doubt.before_ask"     // the history is about to be asked
	DoubtAnswered Name = "doubt.after_answer"   // it has answered
	DoubtAgain    Name = "doubt.after_again"    // the command may leave again
	VerdictTold   Name = "verdict.after_report" // our own verdict was handed to line 1

	CatchupListed Name = "catchup.after_list" // the chats in which something happened are known
	CatchupPage   Name = "catchup.page"       // a page of a chat's history was read
	CatchupTaken  Name = "catchup.after_take" // a part of it was taken in
	CatchupDone   Name = "catchup.after_mark" // the mark was raised

	TimerDue    Name = "timer.before_wake" // a run is due
	ScheduleDue Name = "schedule.before"   // an occurrence is due
	SweepDone   Name = "sweep.after"       // what is old was dropped

	ReloadRead    Name = "reload.after_read"  // changed rules were read
	ReloadKept    Name = "reload.before_swap" // they are kept, and not live
	ReloadSwapped Name = "reload.after_swap"  // they are live

	DrainBegun   Name = "drain.begun"   // the program is to end
	DrainDrained Name = "drain.drained" // nothing is in flight
	DrainClosing Name = "drain.closing" // all lines have ended, the state is open
)

// All are the moments that there are.
var All = []Name{
	BootOpened, BootLoaded, BootRobots, BootOutbox, BootConnected,
	RecvRead, RecvDecoded, RecvTaken,
	EngineMatched, IngestDedupe, IngestSeen, EngineDecided, IngestWritten,
	StoreRan, StoreCommitted, OutboxCommit, OutboxTold,
	SendBooked, SendClaim, SendIntent, SendEmit, SendEmitted, SendGivenBack,
	ConfirmRead, ConfirmCommitted,
	DoubtMarked, DoubtAsk, DoubtAnswered, DoubtAgain, VerdictTold,
	CatchupListed, CatchupPage, CatchupTaken, CatchupDone,
	TimerDue, ScheduleDue, SweepDone,
	ReloadRead, ReloadKept, ReloadSwapped,
	DrainBegun, DrainDrained, DrainClosing,
}
