package sim

import (
	"slices"
	"sync"
	"time"
)

// When says which of the matching things a fault hits: from the Nth on (0 and 1: from the first), Times of them. Times 0
// means one if Nth is given, else all. With Every, only each so-manieth of those is hit: Every 100 loses one in a hundred.
type When struct{ Nth, Times, Every int }

// CommandFault is what goes wrong with commands. The first armed one that matches and is due is used.
type CommandFault struct {
	Robot   string // its key; empty: any
	Command string // an action's type, or a message's kind (text, image, …), or "message" or "action"; empty: any
	When

	Code, Msg           string        // refuse: no effect; a message ends with sendStatus 2
	NotSent             bool          // a message ends with sendStatus 0, an action's result is code "1"
	Swallow             bool          // no effect, no answer, no trace in the history
	AcceptOnly          bool          // echo and result as if all was well, and nobody ever sees it; sendStatus 0, with Code 2
	DropReply           bool          // the effect happens, echo and result stay away
	Delay               time.Duration // echo and result come later than the effect
	Duplicate           int           // echo and result come so many times more
	CutBefore, CutAfter bool          // all connections break at receipt (no effect), or after the effect (no answer)
}

// EventFault is what goes wrong with what the server pushes.
type EventFault struct {
	Robot string // its key; empty: any
	Event string // message, chat, action; empty: any
	Type  string // of an action; empty: any
	When

	Drop      bool
	Duplicate int
	Delay     time.Duration
	Behind    int // it comes after so many events that were pushed later; Server.Release ends the wait
	Shuffle   int // such events are held until there are so many, then come in any order; Server.Release ends the wait
	CutAt     int // the connections break when so many bytes of its frame are written, the frame's header included
}

// HTTPFault is what goes wrong with requests, the websocket's handshake ("/socket.io/") among them.
type HTTPFault struct {
	Path string // empty: any
	When

	Status     int    // an HTTP status other than 200, or
	Code, Msg  string // an envelope with this code
	RetryAfter string // header of either
	Delay      time.Duration
}

// HistoryFault is what goes wrong with the chat history (§2.11).
type HistoryFault struct {
	Lag      time.Duration // what is younger is hidden, in the chat list, too
	OtherIDs bool          // every message has another messageId there than it had on the socket; the msgSvrID is the same
	NoStatus bool          // sendStatus is left out
}

// Faults is the list of what shall go wrong. Its methods are safe for concurrent use; each Add returns the way to take
// that fault away again.
type Faults struct {
	mu       sync.Mutex // guards all below
	commands []*armed[CommandFault]
	events   []*armed[EventFault]
	requests []*armed[HTTPFault]
	history  HistoryFault
	slow     time.Duration
	still    bool
}

// armed is a fault and how many things it has matched.
type armed[F any] struct {
	fault F
	when  When
	seen  int
}

// AddCommand arms a fault of commands.
func (f *Faults) AddCommand(c CommandFault) (remove func()) {
	return arm(f, &f.commands, c, c.When)
}

// AddEvent arms a fault of pushed events.
func (f *Faults) AddEvent(e EventFault) (remove func()) {
	return arm(f, &f.events, e, e.When)
}

// AddHTTP arms a fault of requests.
func (f *Faults) AddHTTP(h HTTPFault) (remove func()) {
	return arm(f, &f.requests, h, h.When)
}

// SetHistory says what is wrong with the chat history from now on; the zero value makes it right again.
func (f *Faults) SetHistory(h HistoryFault) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.history = h
}

// SetHistoryLag hides what is younger than lag from the chat history and the chat list.
func (f *Faults) SetHistoryLag(lag time.Duration) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.history.Lag = lag
}

// SetSlowReads makes the server wait so long before it reads each frame of a client.
func (f *Faults) SetSlowReads(pause time.Duration) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.slow = pause
}

// SetStalled makes the sockets half-open: they stay, and frames are lost in both directions, heartbeats among them.
func (f *Faults) SetStalled(still bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.still = still
}

// Clear takes every fault away. Events that wait for others stay where they are, see Server.Release.
func (f *Faults) Clear() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.commands, f.events, f.requests = nil, nil, nil
	f.history, f.slow, f.still = HistoryFault{}, 0, false
}

func arm[F any](f *Faults, list *[]*armed[F], fault F, when When) func() {
	a := &armed[F]{fault: fault, when: when}
	f.mu.Lock()
	defer f.mu.Unlock()
	*list = append(*list, a)
	return func() {
		f.mu.Lock()
		defer f.mu.Unlock()
		*list = slices.DeleteFunc(*list, func(b *armed[F]) bool { return b == a })
	}
}

// pick returns the first fault that matches and is due; every one that matches counts it.
func pick[F any](f *Faults, list *[]*armed[F], match func(F) bool) (hit F) {
	f.mu.Lock()
	defer f.mu.Unlock()
	found := false
	for _, a := range *list {
		if match(a.fault) && a.due() && !found {
			hit, found = a.fault, true
		}
	}
	return hit
}

func (a *armed[F]) due() bool {
	a.seen++
	first, times := max(a.when.Nth, 1), a.when.Times
	if times == 0 && a.when.Nth > 0 {
		times = 1
	}
	if a.seen < first || (times > 0 && a.seen >= first+times) {
		return false
	}
	return a.when.Every < 2 || (a.seen-first+1)%a.when.Every == 0
}

func (f *Faults) command(c *command) CommandFault {
	return pick(f, &f.commands, func(x CommandFault) bool {
		return is(x.Robot, c.robotKey) && (is(x.Command, c.typ) || x.Command == c.event)
	})
}

func (f *Faults) event(p push) EventFault {
	return pick(f, &f.events, func(x EventFault) bool {
		return is(x.Robot, p.robot) && is(x.Event, p.event) && is(x.Type, p.typ)
	})
}

func (f *Faults) request(path string) HTTPFault {
	return pick(f, &f.requests, func(x HTTPFault) bool { return is(x.Path, path) })
}

func (f *Faults) ofHistory() HistoryFault {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.history
}

// link says how the sockets are: how long a frame waits to be read, and whether none passes at all.
func (f *Faults) link() (slow time.Duration, still bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.slow, f.still
}

func is(want, got string) bool { return want == "" || want == got }
