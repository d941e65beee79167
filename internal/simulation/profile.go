package simulation

import (
	"math/rand/v2"
	"time"
)

// profile is what may go wrong in a seed, and how often: each number is one time in
// so many, 0 is never. Seeds differ in it, so that rare faults meet each other in some
// of them and each is alone in others.
type profile struct {
	robots, chats int
	talk          time.Duration // between two messages, about

	twice      int           // a message is delivered again
	shuffled   time.Duration // by how much messages may overtake each other
	silent     int           // a message is not delivered though we are connected
	disconnect int           // per message said
	lag        time.Duration // of the history
	historyIDs bool          // the history gives other people's messages other ids
	refuses    int           // a question to the history fails
	seconds    bool          // the platform's times are whole seconds

	noEcho, lateEcho, echoTwice, foreignEcho int // of a message that was sent
	swallowed                                int // a command is accepted, and nothing comes of it
	notSent, undelivered                     int // sendStatus 0 and 2
	busy, refused                            int // the code of an action's result
	writeFails                               int // a write fails, whether it left or not

	kill     int           // per operation on the store or the wire
	powerCut bool          // a death may take the machine down
	full     int           // per commit: the disk is full for a while
	backup   bool          // an old copy of the state may be put back
	reload   int           // per message said
	pause    int           // per message said
	offline  int           // per message said: a robot is away for a while
	skew     time.Duration // the platform's clock is ahead of ours
	jumps    bool          // our clock is put on at a start
	file     bool          // the store is the real one
}

// draw makes the profile of a seed.
func draw(r *rand.Rand) profile {
	one := func(of ...int) int { return of[r.IntN(len(of))] }
	p := profile{
		robots: one(1, 1, 2, 3), chats: one(1, 2, 4, 6), talk: time.Duration(one(200, 1000, 5000, 20000)) * time.Millisecond,
		twice: one(0, 2, 5, 20), disconnect: one(0, 0, 20, 60), refuses: one(0, 0, 2, 4, 30, 100), seconds: r.IntN(2) == 0,
		lag:    time.Duration(one(0, 1, 2, 20, 60)) * time.Second,
		noEcho: one(0, 0, 3, 10), lateEcho: one(0, 5, 10), echoTwice: one(0, 3, 10), foreignEcho: one(0, 2),
		swallowed: one(0, 0, 10, 30), notSent: one(0, 0, 20), undelivered: one(0, 0, 20), busy: one(0, 0, 5), refused: one(0, 0, 20),
		writeFails: one(0, 0, 10, 30), kill: one(0, 0, 100, 300, 1000), full: one(0, 0, 0, 100, 300),
		reload: one(0, 0, 10), pause: one(0, 0, 0, 30), offline: one(0, 0, 0, 30),
		powerCut: r.IntN(4) == 0, backup: r.IntN(8) == 0, jumps: r.IntN(6) == 0, historyIDs: r.IntN(4) == 0,
		skew: time.Duration(one(0, 0, 0, -3600, -40, 5, 40, 3600)) * time.Second,
	}
	if r.IntN(2) == 0 {
		p.shuffled = time.Duration(one(500, 2000, 5000)) * time.Millisecond
		p.silent = one(0, 0, 10, 30)
	}
	if p.file = r.IntN(500) == 0; p.file {
		p.backup = false
	}
	if p.backup {
		// An old copy may say something else than the operator was told; and that it is old
		// cannot be known while the platform does not answer: line 2 waits 10 s for that.
		// Where the history gives messages other ids, those of our answers follow from them.
		p.pause, p.refuses, p.historyIDs = 0, 0, false
	}
	return p
}

// orderly says whether messages surely come in the order in which they were said.
func (p *profile) orderly() bool {
	return p.shuffled == 0 && p.silent == 0 && p.lag == 0 && p.refuses == 0
}
