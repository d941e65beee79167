package state

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"os"
	"runtime/debug"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"go.etcd.io/bbolt"
	berrors "go.etcd.io/bbolt/errors"

	"botengine/internal/failpoint"
	"botengine/internal/measure"
)

// bolt is the store in one bbolt file. One goroutine, started by Open and waited
// for by Close, owns all writing; reading is done by the caller of View.
type bolt struct {
	db   *bbolt.DB
	path string
	o    Options

	requests chan *request      // never closed: closing tells writers and callers to stop
	sweeps   chan chan struct{} // each is closed when its sweep is over
	closing  chan struct{}      // closed by Close
	stopped  chan struct{}      // closed by the writer when it has ended
	once     sync.Once
	closed   error // what closing the file said; read after once

	updates, commits, failed atomic.Uint64
	failing                  atomic.Bool   // the last commit failed
	noRoom                   atomic.Uint64 // commits that failed for want of space
	commitTime               measure.Histogram
	beat                     measure.Beat // of the writer
	largest                  atomic.Int64
	ahead                    *ahead // the writer's own
	seen                     *seen
	journal                  journalState // the writer's own
	lastBatch                int          // the writer's own: how many shared the last commit, unasked
	lingers                  lingers      // the writer's own: whom the commit under way waits for
	damaged                  error        // the writer's own: why nothing may be committed any more
}

// request is one function that waits for its commit.
type request struct {
	fn    func(Tx) error
	taken atomic.Bool // by the writer, or by a caller whose context ended
	done  chan error  // one answer, never closed
}

func startWriter(db *bbolt.DB, path string, o Options, known *seen) *bolt {
	s := &bolt{
		db: db, path: path, o: o, ahead: openAhead(path), seen: known,
		requests: make(chan *request, o.BatchSize),
		sweeps:   make(chan chan struct{}),
		closing:  make(chan struct{}),
		stopped:  make(chan struct{}),
	}
	go s.write()
	return s
}

// Update implements Store.
func (s *bolt) Update(ctx context.Context, fn func(Tx) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	r := &request{fn: fn, done: make(chan error, 1)}
	select {
	case <-s.closing:
		return ErrClosed
	default:
	}
	select {
	case s.requests <- r:
	case <-ctx.Done():
		return ctx.Err()
	case <-s.closing:
		return ErrClosed
	}
	return s.await(ctx, r)
}

// await waits for the answer. A function the writer has not taken yet can be
// taken back; one it has taken is waited for, because its fate must be told.
func (s *bolt) await(ctx context.Context, r *request) error {
	select {
	case err := <-r.done:
		return err
	case <-s.stopped:
		return lastAnswer(r)
	case <-ctx.Done():
		if r.taken.CompareAndSwap(false, true) {
			return ctx.Err()
		}
	}
	select {
	case err := <-r.done:
		return err
	case <-s.stopped:
		return lastAnswer(r)
	}
}

// lastAnswer is the answer of a writer that has stopped.
func lastAnswer(r *request) error {
	select {
	case err := <-r.done:
		return err
	default:
		return ErrClosed
	}
}

// View implements Store.
func (s *bolt) View(ctx context.Context, fn func(Tx) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	err := s.db.View(func(btx *bbolt.Tx) error {
		return run(&boltTx{tx: btx, now: s.o.Now, seen: s.seen, ctx: ctx, until: time.Now().Add(longestRead)}, fn)
	})
	if errors.Is(err, berrors.ErrDatabaseNotOpen) {
		return ErrClosed
	}
	return err
}

// Stats implements Store.
func (s *bolt) Stats() Stats {
	return Stats{
		Updates: s.updates.Load(),
		Commits: s.commits.Load(),
		Largest: int(s.largest.Load()),
		Failed:  s.failed.Load(),
		Failing: s.failing.Load(),
		NoRoom:  s.noRoom.Load(),

		CommitTime: s.commitTime.Snapshot(),
		Busy:       s.beat.Busy(),
	}
}

// Close implements Store.
func (s *bolt) Close() error {
	s.once.Do(func() {
		close(s.closing)
		<-s.stopped
		s.closed = s.release()
	})
	return s.closed
}

// release takes the owner's name away while the lock is still held, so that it
// cannot be the next owner's, and then closes the file.
func (s *bolt) release() error {
	err := os.Remove(pidPath(s.path))
	if errors.Is(err, os.ErrNotExist) {
		err = nil
	}
	if err := errors.Join(err, s.ahead.close(), s.db.Close()); err != nil {
		return fmt.Errorf("close state file %s: %w", s.path, err)
	}
	return nil
}

// write is the writer: one commit after the other, a sweep in between.
func (s *bolt) write() {
	defer close(s.stopped)
	sweep := time.NewTicker(s.o.SweepEvery)
	defer sweep.Stop()
	for {
		s.beat.End()
		select {
		case r := <-s.requests:
			s.beat.Begin()
			s.commit(r)
		case <-sweep.C:
			s.beat.Begin()
			if s.sweep() {
				sweep.Reset(min(sweepSoon, s.o.SweepEvery))
			} else {
				sweep.Reset(s.o.SweepEvery)
			}
		case done := <-s.sweeps:
			s.sweep()
			close(done)
		case <-s.closing:
			s.finish()
			return
		}
	}
}

// finish commits what was handed over before the store was closed.
func (s *bolt) finish() {
	for {
		select {
		case r := <-s.requests:
			s.commit(r)
		default:
			return
		}
	}
}

// commit runs first, and what arrives with it, in one transaction. When the
// transaction as a whole fails for want of space, each function gets one of its
// own, so that a large one does not take the small ones down.
func (s *bolt) commit(first *request) {
	batch, answers, err := s.transact(s.arrivals(first))
	switch {
	case len(batch) == 0:
		// All callers have gone: there was nothing to commit.
	case err == nil:
		s.count(answers)
		answer(batch, answers)
		s.ahead.keep(s.db)
	case len(batch) > 1 && outOfSpace(err):
		for _, r := range batch {
			s.commitAlone(r)
		}
	default:
		s.fail(batch, err)
	}
}

func (s *bolt) commitAlone(r *request) {
	batch, answers, err := s.transact(slices.Values([]*request{r}))
	if err != nil {
		s.fail(batch, err)
		return
	}
	s.count(answers)
	answer(batch, answers)
}

// errNobody rolls a transaction back in which nothing was done.
var errNobody = errors.New("nobody waits for it")

// transact runs the functions, as they come, in one transaction. It returns
// those it ran with the answer of each; err is the failure of the transaction,
// which undoes all of them.
func (s *bolt) transact(requests iter.Seq[*request]) (batch []*request, answers []error, err error) {
	if s.damaged != nil {
		return slices.Collect(requests), nil, s.damaged
	}
	var ran time.Time // when all functions had: what is left is the commit
	err = s.db.Update(func(btx *bbolt.Tx) error {
		s.seen.begin(btx.ID())
		tx := &boltTx{tx: btx, now: s.o.Now, writable: true, seen: s.seen, journal: s.journal.begun(), lingers: &s.lingers}
		for r := range requests {
			batch = append(batch, r)
			answers = append(answers, tx.attempt(r.fn))
		}
		if len(batch) == 0 {
			return errNobody
		}
		err := s.complete(tx)
		ran = time.Now()
		return err
	})
	if err == nil {
		s.commitTime.Observe(time.Since(ran))
	}
	failpoint.Hit(failpoint.StoreCommitted)
	s.seen.end(err == nil)
	s.journal.known = s.journal.known && err == nil
	return batch, answers, err
}

// complete writes what all functions of a transaction wrote together.
func (s *bolt) complete(tx *boltTx) error {
	if tx.broken != nil {
		return tx.broken
	}
	if err := errors.Join(tx.keepMarks(), tx.writeReached()); err != nil {
		return err
	}
	if err := s.keepJournal(tx.tx, &tx.journal); err != nil {
		return err
	}
	return failpoint.Err(failpoint.StoreRan)
}

// fail answers a transaction that could not be committed.
func (s *bolt) fail(batch []*request, err error) {
	s.failed.Add(1)
	s.failing.Store(true)
	s.noteNoRoom(err)
	s.distrust(err)
	if s.damaged != nil {
		err = s.damaged
	}
	for _, r := range batch {
		r.done <- fmt.Errorf("commit to %s: %w", s.path, err)
	}
}

// distrust commits nothing more after a commit that failed for another reason than
// want of space: after a failed write or fsync the kernel may show pages that are not
// on the disk. Going on would build on them.
func (s *bolt) distrust(err error) {
	if !outOfSpace(err) && s.damaged == nil {
		s.damaged = fmt.Errorf("%w: %w", ErrDamaged, err)
	}
}

func (s *bolt) count(answers []error) {
	done := 0
	for _, err := range answers {
		if err == nil {
			done++
		}
	}
	s.commits.Add(1)
	s.failing.Store(false)
	s.updates.Add(uint64(done))
	s.largest.Store(max(s.largest.Load(), int64(len(answers))))
}

func answer(batch []*request, answers []error) {
	for i, r := range batch {
		r.done <- answers[i]
	}
}

// run calls fn with tx; a panic becomes an error, a failure of tx that fn could
// not see comes out too.
func run(tx *boltTx, fn func(Tx) error) (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = &PanicError{Value: v, Stack: debug.Stack()}
		}
	}()
	if err := fn(tx); err != nil {
		return err
	}
	return tx.err
}
