package state

import (
	"context"
	"errors"
	"fmt"
	"time"

	"botengine/internal/command"
	"botengine/internal/measure"
)

// Store keeps state durably. All methods may be called from any goroutine.
type Store interface {
	// Update runs fn and makes all it wrote durable, or nothing of it. When
	// Update returns nil the writes survive a power cut. Functions given at the
	// same time share one commit: they run one after the other, each sees what
	// the ones before it wrote, and one that fails or panics leaves no trace and
	// harms no other (a panic comes back as *PanicError).
	//
	// fn may run twice, so it must do nothing but use tx; it must not call the
	// store, keep tx, or block. An error of ctx means that fn did not happen.
	Update(ctx context.Context, fn func(Tx) error) error
	// View runs fn over what is committed. Writing in it is an error.
	View(ctx context.Context, fn func(Tx) error) error
	// Stats says how much the store has done since it was opened.
	Stats() Stats
	// Close finishes the updates under way and gives the store up. Later calls of
	// Update and View return ErrClosed. It is safe to call twice.
	Close() error
}

// Stats counts what a store has done since it was opened.
type Stats struct {
	Updates uint64 // functions whose writes became durable
	Commits uint64 // commits they shared
	Largest int    // functions in the largest commit
	Failed  uint64 // commits that failed
	Failing bool   // the last commit did
	NoRoom  uint64 // commits that failed for want of space: of these, later ones may work

	CommitTime measure.Snapshot // how long commits took, fsync included
	Busy       time.Duration    // how long the writer has been at what it does now; 0 = nothing
}

// Tx reads and writes within one Update or View. Its methods return no errors:
// the first failure sticks, makes what follows a no-op and is what Update
// returns. Byte slices returned belong to the caller.
type Tx interface {
	// Seen reports whether any of the keys was marked. Those that are given to it and
	// to MarkSeen must not be changed before the function ends.
	Seen(keys []string) bool
	// MarkSeen remembers keys for the retention of the store, counted from at:
	// our clock when the event was taken in.
	MarkSeen(keys []string, at time.Time)

	// Fact returns what is kept under key. An expired fact may still be returned
	// until it is swept: whoever reads compares expires (zero = never) with the
	// time it decides for.
	Fact(key string) (value []byte, expires time.Time, ok bool)
	// SetFact keeps value under key; after expires (zero = never) it may go.
	SetFact(key string, value []byte, expires time.Time)
	// DeleteFact forgets key, if it is known.
	DeleteFact(key string)

	// RaiseMark notes that what happened in a chat of a robot up to at, on the
	// platform's clock, was taken in. A mark is never lowered. Those raised in one
	// commit cost one row for each chat, whatever the number of events.
	RaiseMark(robot, chat string, at time.Time)
	// Mark returns how far a chat of a robot was taken in; ok is false when nothing of
	// it ever was.
	Mark(robot, chat string) (at time.Time, ok bool)
	// EachMark calls fn with every mark, in the order of robots and chats, until it
	// returns false. Marks raised in the same commit may be missing.
	EachMark(fn func(robot, chat string, at time.Time) bool)

	// Run returns a waiting run.
	Run(id string) (Run, bool)
	// RunData returns the data of a waiting run.
	RunData(id string) ([]byte, bool)
	// PutRun keeps a run, in place of the one with the same id.
	PutRun(Run)
	// DeleteRun forgets a run, if it is known.
	DeleteRun(id string)
	// EachRun calls fn with every waiting run, in no certain order, until it returns
	// false.
	EachRun(fn func(Run) bool)
	// NextDue returns the earliest Due of all runs that have one.
	NextDue() (time.Time, bool)
	// DueRuns returns at most limit runs whose Due is not after now, earliest first.
	DueRuns(now time.Time, limit int) []Run

	// Archive returns the rule text kept under its hash.
	Archive(hash string) ([]byte, bool)
	// PutArchive keeps a rule text under its hash, unless it is kept already.
	PutArchive(hash string, data []byte)
	// KeepArchives forgets all rule texts but those of the given hashes, and returns
	// how many it forgot.
	KeepArchives(hashes map[string]bool) int

	// Enqueue adds a command to the outbox as Pending and returns its entry. A
	// command whose MessageID is known already changes nothing: the entry that
	// has it is returned.
	Enqueue(command.Command) Entry
	// Entry returns the entry of a message id, open or ended.
	Entry(messageID string) (Entry, bool)
	// PutEntry replaces an entry that Enqueue made. Ended entries without an
	// EndedAt get the store's time.
	PutEntry(Entry)
	// Open returns the entries of a robot that have not ended ("" = of all
	// robots), in the order in which they were enqueued.
	Open(robot string) []Entry

	// Record adds an event that was taken in, and what it came to, to the journal. The
	// event's bytes may be changed afterwards. The oldest records go when they are past
	// their time, or when there is no room for more.
	Record(EncodedEvent, *Fate)
	// EachRecord calls fn with the records that are looked for, in their order, until
	// it returns false.
	EachRecord(q JournalQuery, fn func(Record) bool)
	// ForgetRecords takes the records that a person made or that happened to it out of
	// the first part of the journal behind a position, and returns where that part
	// begins, to go on behind it, and how many they were; next is 0 when there is none.
	ForgetRecords(person string, after uint64) (next uint64, records int)
	// JournalSize says how much the journal holds; what was forgotten counts.
	JournalSize() JournalSize

	// EachEnded calls fn with every entry that ended at since or later, in the order
	// in which they were enqueued within each day (UTC) of their ends, the earliest day
	// first, until it returns false.
	EachEnded(since time.Time, fn func(Entry) bool)

	// Document returns a named blob, such as the last good rules.
	Document(name string) ([]byte, bool)
	// PutDocument keeps a named blob, in place of the one with the same name.
	PutDocument(name string, data []byte)
}

// Run is a firing of a rule that waits: for Due, or for the end of a command.
type Run struct {
	ID    string
	Robot string
	Due   time.Time // zero = it does not wait for a time
	Data  []byte    // the engine's own
}

// Entry is one row of the outbox: a command and what has become of it.
type Entry struct {
	Seq       uint64          `json:"seq"` // given by Enqueue, increasing, also over restarts
	State     EntryState      `json:"state"`
	Command   command.Command `json:"command"`
	Attempt   int             `json:"attempt,omitempty"` // sends so far, the one under way included
	AddedAt   time.Time       `json:"added_at,omitzero"` // when it was enqueued; zero in the rows of versions before
	NotBefore time.Time       `json:"not_before,omitzero"`
	StartedAt time.Time       `json:"started_at,omitzero"` // of the last claim
	EndedAt   time.Time       `json:"ended_at,omitzero"`
	Code      string          `json:"code,omitempty"` // of its end (event.CommandEnd), or of the last busy answer
	Msg       string          `json:"msg,omitempty"`
	BusyAt    time.Time       `json:"busy_at,omitzero"`  // of the last busy answer, on the platform's clock
	Revived   int             `json:"revived,omitempty"` // how often a person had it sent again after its end
	Handled   *Handled        `json:"handled,omitempty"` // what a person did about its end; nil = nothing
}

// Handled is what a person did about an entry that ended badly.
type Handled struct {
	Did string    `json:"did"` // HandledDiscarded or HandledRetried
	At  time.Time `json:"at"`
	As  string    `json:"as,omitempty"` // the message id of the command that took its place
}

// What a person can have done about an entry that stays ended.
const (
	HandledDiscarded = "discarded" // nothing more is to come of it
	HandledRetried   = "retried"   // another command took its place
)

// Ended reports whether the entry is settled for good.
func (e *Entry) Ended() bool { return e.State.Ended() }

// EntryState is what has become of an outbox entry.
type EntryState string

// The states of an entry. The first three are open, the others ended.
const (
	Pending   EntryState = "pending"   // may be claimed once it is due
	Sending   EntryState = "sending"   // claimed: it may be on the wire
	Ambiguous EntryState = "ambiguous" // nobody knows yet whether it happened

	Confirmed EntryState = "confirmed" // it happened
	Failed    EntryState = "failed"    // it did not happen, and will not
	Expired   EntryState = "expired"   // its time passed before it could be sent
	Unknown   EntryState = "unknown"   // it may have happened: a person decides
)

// Ended reports whether the state is one of those that are for good.
func (s EntryState) Ended() bool {
	switch s {
	case Confirmed, Failed, Expired, Unknown:
		return true
	default:
		return false
	}
}

// ErrClosed is returned by a store that was closed.
var ErrClosed = errors.New("state is closed")

// ErrDamaged is returned by a store whose disk failed while it wrote. Nothing
// more can be committed by this process: restart, and recover from the disk.
var ErrDamaged = errors.New("state file cannot be trusted after a failed write: restart")

// InUseError says that another process has the state file open.
type InUseError struct {
	Path string
	PID  int // 0 = not known
}

// Error names the file and the owner.
func (e *InUseError) Error() string {
	if e.PID == 0 {
		return fmt.Sprintf("state file %s is in use by another process", e.Path)
	}
	return fmt.Sprintf("state file %s is in use by process %d", e.Path, e.PID)
}

// PanicError is a panic of a function given to Update or View: a bug, told to
// the one who gave the function and to nobody else.
type PanicError struct {
	Value any
	Stack []byte
}

// Error says what was panicked with, without the stack.
func (e *PanicError) Error() string { return fmt.Sprintf("panic in a state function: %v", e.Value) }
