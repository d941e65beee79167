package catchup

import (
	"sync/atomic"

	"botengine/internal/measure"
)

// Stats counts what catching up has done for one account since the process began.
type Stats struct {
	Runs      uint64 // readings of the history that came to their end
	Failures  uint64 // readings that did not, each followed by another
	Audits    uint64 // of Runs, those that nothing but the clock asked for
	Chats     uint64 // chats whose history was read
	Read      uint64 // messages that were read
	Recovered uint64 // of these, the ones that were news
	// SilentLoss counts, of the recovered, those that the platform never pushed though
	// the connection was up.
	SilentLoss uint64
	Unreadable uint64 // records of the history that no event could be made of
	Skipped    uint64 // chats that failed again and again, so that the mark passed them: they are owed
	Owed       uint64 // chats that are owed at this moment: they are asked for again, later and later
	Lost       uint64 // chats that were owed and of which something is lost: look_back is over, or there were too many
	Truncated  uint64 // chats that had more to say than is read at once: the oldest is missing

	Gaps         uint64 // times without a connection; friend requests made in one are lost for good
	GapSeconds   uint64 // how long these were in all
	Suspends     uint64 // times the process stood still, noticed afterwards
	MemberLists  uint64 // lists of members that were compared
	Inferred     uint64 // members who joined unheard
	Swept        uint64 // messages looked up after their echo
	Undelivered  uint64 // of these, the ones the platform could not deliver after all
	Unswept      uint64 // of these, the ones the history could not be asked about
	SkewSeconds  int64  // by how much the platform's clock is ahead of ours
	NeedsCatchUp bool   // a reading is owed at this moment

	Took measure.Snapshot // how long readings took that came to their end
}

type counters struct {
	runs, failures, audits, chats, read, recovered, silent, unreadable, skipped, truncated, owed, lost atomic.Uint64
	gaps, gapSeconds, suspends, lists, inferred, swept, undelivered, unswept                           atomic.Uint64
	took                                                                                               measure.Histogram
}

// Stats returns the counts. It may be called from any goroutine.
func (r *Runner) Stats() Stats {
	c := &r.count
	skew := r.clock.Beyond()
	r.mu.Lock()
	owed := r.owed != 0 || r.reads
	r.mu.Unlock()
	return Stats{
		Runs: c.runs.Load(), Failures: c.failures.Load(), Audits: c.audits.Load(), Chats: c.chats.Load(), Read: c.read.Load(),
		Recovered: c.recovered.Load(), SilentLoss: c.silent.Load(), Unreadable: c.unreadable.Load(), Skipped: c.skipped.Load(),
		Truncated: c.truncated.Load(), Owed: c.owed.Load(), Lost: c.lost.Load(), Gaps: c.gaps.Load(), GapSeconds: c.gapSeconds.Load(), Suspends: c.suspends.Load(),
		MemberLists: c.lists.Load(), Inferred: c.inferred.Load(), Swept: c.swept.Load(), Undelivered: c.undelivered.Load(),
		Unswept: c.unswept.Load(), SkewSeconds: int64(skew.Seconds()), NeedsCatchUp: owed, Took: c.took.Snapshot(),
	}
}
