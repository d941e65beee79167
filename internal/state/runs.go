package state

import (
	"bytes"
	"encoding/binary"
	"errors"
	"time"
)

var errShort = errors.New("row is cut short")

// RunData implements Tx.
func (t *boltTx) RunData(id string) ([]byte, bool) {
	r, ok := t.Run(id)
	return r.Data, ok
}

// PutRun implements Tx. The time is written only where it is another one.
func (t *boltTx) PutRun(r Run) {
	was, known := t.Run(r.ID)
	same := known && was.Due.Equal(r.Due)
	if !same {
		t.forgetDue(r.ID)
	}
	write := t.put
	if !known {
		write = t.insert
	}
	write("keep a run", t.bucket(bucketRuns), []byte(r.ID), encodeRun(r))
	if !same && !r.Due.IsZero() {
		t.put("keep a run's time", t.bucket(bucketRunsDue), dueKey(r.Due, r.ID), nil)
	}
}

// DeleteRun implements Tx.
func (t *boltTx) DeleteRun(id string) {
	t.forgetDue(id)
	t.remove("delete a run", t.bucket(bucketRuns), []byte(id))
}

// NextDue implements Tx.
func (t *boltTx) NextDue() (time.Time, bool) {
	if t.err != nil {
		return time.Time{}, false
	}
	key, _ := t.bucket(bucketRunsDue).Cursor().First()
	if key == nil {
		return time.Time{}, false
	}
	return instantOf(key[:8]), true
}

// DueRuns implements Tx.
func (t *boltTx) DueRuns(now time.Time, limit int) []Run {
	if t.err != nil {
		return nil
	}
	var due []Run
	cursor := t.bucket(bucketRunsDue).Cursor()
	end := instant(now)
	for key, _ := cursor.First(); key != nil && len(due) < limit; key, _ = cursor.Next() {
		if bytes.Compare(key[:8], end) > 0 {
			break
		}
		if r, ok := t.Run(string(key[8:])); ok {
			due = append(due, r)
		}
	}
	return due
}

// Run implements Tx.
func (t *boltTx) Run(id string) (Run, bool) {
	row, ok := t.get(t.bucket(bucketRuns), []byte(id))
	if !ok {
		return Run{}, false
	}
	r, err := decodeRun(id, row)
	t.fail("read run "+id, err)
	return r, err == nil
}

// EachRun implements Tx.
func (t *boltTx) EachRun(fn func(Run) bool) {
	if t.err != nil {
		return
	}
	cursor := t.bucket(bucketRuns).Cursor()
	for key, row := cursor.First(); key != nil; key, row = cursor.Next() {
		r, err := decodeRun(string(key), bytes.Clone(row))
		t.fail("read run "+string(key), err)
		if err != nil || !fn(r) {
			return
		}
	}
}

func (t *boltTx) forgetDue(id string) {
	if r, ok := t.Run(id); ok && !r.Due.IsZero() {
		t.remove("forget a run's time", t.bucket(bucketRunsDue), dueKey(r.Due, id))
	}
}

// encodeRun: the seal, due, length of the robot's key, the key, the data.
func encodeRun(r Run) []byte {
	row := make([]byte, sealSize, sealSize+8+binary.MaxVarintLen32+len(r.Robot)+len(r.Data))
	row = append(row, instant(r.Due)...)
	row = binary.AppendUvarint(row, uint64(len(r.Robot)))
	row = append(row, r.Robot...)
	return seal(sealRun, append(row, r.Data...))
}

func decodeRun(id string, row []byte) (Run, error) {
	row, err := unseal(sealRun, row)
	if err != nil {
		return Run{}, err
	}
	if len(row) < 9 {
		return Run{}, errShort
	}
	rest := row[8:]
	length, n := binary.Uvarint(rest)
	if n <= 0 || length > uint64(len(rest)-n) {
		return Run{}, errShort
	}
	robotEnd := n + int(length)
	return Run{ID: id, Due: instantOf(row[:8]), Robot: string(rest[n:robotEnd]), Data: rest[robotEnd:]}, nil
}
