package state

import (
	"bytes"
	"time"

	"go.etcd.io/bbolt"

	"botengine/internal/failpoint"
)

// sweepLimit bounds what one sweep deletes row by row, so that no commit of it
// is held up for long; what is left is for the next one, which then comes sooner:
// nothing may come in faster than it is forgotten.
const (
	sweepLimit = 1000
	sweepSoon  = 100 * time.Millisecond
)

// Sweep forgets what is past its time now, without waiting for the next round.
func (s *bolt) Sweep() {
	done := make(chan struct{})
	select {
	case s.sweeps <- done:
		<-done
	case <-s.stopped:
	}
}

// sweep forgets what is past its time, and says whether there is more of it. It
// fails only when the disk does, which the next update will tell its caller.
func (s *bolt) sweep() (more bool) {
	if s.damaged != nil {
		return false
	}
	now := s.o.Now()
	oldest := dayOf(now.Add(-s.o.KeepSeen))
	err := s.db.Update(func(tx *bbolt.Tx) error {
		if err := dropDays(tx, bucketMarks, oldest); err != nil {
			return err
		}
		if err := s.sweepJournal(tx, now); err != nil {
			return err
		}
		ended, err := sweepEnded(tx, dayOf(now.Add(-s.o.KeepEnded)))
		if err != nil {
			return err
		}
		facts, err := sweepFacts(tx, now)
		more = ended || facts
		return err
	})
	if err != nil {
		s.journal.known = false
		s.failed.Add(1)
		s.failing.Store(true)
		s.noteNoRoom(err)
		s.distrust(err)
	} else {
		s.seen.drop(oldest)
	}
	failpoint.Hit(failpoint.SweepDone)
	return more && err == nil
}

// dropDays drops the buckets of all days before the given one.
func dropDays(tx *bbolt.Tx, parent []byte, before string) error {
	b := tx.Bucket(parent)
	for {
		day, _ := b.Cursor().First()
		if day == nil || string(day) >= before {
			return nil
		}
		if err := b.DeleteBucket(bytes.Clone(day)); err != nil {
			return err
		}
	}
}

// sweepEnded forgets ended entries of days before the given one, with their ids.
func sweepEnded(tx *bbolt.Tx, before string) (more bool, err error) {
	ended := tx.Bucket(bucketEnded)
	day, _ := ended.Cursor().First()
	if day == nil || string(day) >= before {
		return false, nil
	}
	day = bytes.Clone(day)
	b := ended.Bucket(day)
	for range sweepLimit {
		key, row := b.Cursor().First()
		if key == nil {
			return true, ended.DeleteBucket(day)
		}
		if err := forgetEnded(tx, b, key, row); err != nil {
			return false, err
		}
	}
	return true, nil
}

func forgetEnded(tx *bbolt.Tx, b *bbolt.Bucket, key, row []byte) error {
	if e, err := decodeEntry(bytes.Clone(row)); err == nil {
		if err := tx.Bucket(bucketIDs).Delete([]byte(e.Command.MessageID)); err != nil {
			return err
		}
	}
	return b.Delete(bytes.Clone(key))
}

// sweepFacts deletes facts that have expired.
func sweepFacts(tx *bbolt.Tx, now time.Time) (more bool, err error) {
	due, facts := tx.Bucket(bucketFactsDue), tx.Bucket(bucketFacts)
	end := instant(now)
	for range sweepLimit {
		key, _ := due.Cursor().First()
		if key == nil || bytes.Compare(key[:8], end) > 0 {
			return false, nil
		}
		key = bytes.Clone(key)
		if err := facts.Delete(key[8:]); err != nil {
			return false, err
		}
		if err := due.Delete(key); err != nil {
			return false, err
		}
	}
	return true, nil
}
