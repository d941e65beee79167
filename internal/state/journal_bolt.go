package state

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"time"

	"go.etcd.io/bbolt"
)

// The journal is a bucket of parts, each a bucket that is dropped whole. A part
// holds what came in during one day at most, in the order in which it came; its
// name is the position of its first record in 16 hex digits, and the day.
//
// A part's rows hold many records each: the position of the first -> when the first
// and the last came (eight bytes each), and the records, each behind its length. A
// commit is a few rows however many events share it. The sequence of a part counts
// its bytes and that of the whole journal its records, so that nothing has to be
// counted and nothing written to know them.
var bucketJournal = []byte("journal")

// rowSize is what a row of the journal has at most, unless its one record is larger.
// bbolt writes rows of this size two by two: they fill four pages to the last bytes.
// Of larger ones it would write more again with each commit.
const rowSize = (4*4096-16)/2 - 24

const (
	stampSize = 16 // the two instants in front of a row
	rowCost   = 32 // what a row takes beside its value, about
)

// JournalOptions bound the journal. The zero value is the default.
type JournalOptions struct {
	Keep    time.Duration // how long records are kept, give or take an eighth; default 7 days
	MaxSize int64         // bytes that it may take; default 2 GiB
}

// journaling is what the functions of one commit add to the journal.
type journaling struct {
	buf  []byte
	rows []journalRow
	fate wire // of the record in hand
}

// journalRow is one row of it: buf from start to that of the next row.
type journalRow struct {
	start       int
	records     int
	first, last time.Time
	generation  string // of its last record

	groups [groups]span // those of its last record
}

// span is a piece of buf.
type span struct{ from, to int }

// mark is where a function began.
type journalMark struct {
	size, rows int
	row        journalRow
}

func (j *journaling) mark() journalMark {
	m := journalMark{size: len(j.buf), rows: len(j.rows)}
	if m.rows > 0 {
		m.row = j.rows[m.rows-1]
	}
	return m
}

func (j *journaling) revert(m journalMark) {
	j.buf, j.rows = j.buf[:m.size], j.rows[:m.rows]
	if m.rows > 0 {
		j.rows[m.rows-1] = m.row
	}
}

// add writes a record behind the others.
func (j *journaling) add(ev EncodedEvent, f *Fate) {
	n := len(j.rows)
	if n == 0 || f.At.Before(j.rows[n-1].last) || !j.append(ev, f, &j.rows[n-1]) {
		j.rows = append(j.rows, journalRow{start: len(j.buf), first: f.At})
		j.buf = append(j.buf, make([]byte, stampSize)...)
		n++
		j.append(ev, f, &j.rows[n-1])
	}
	row := &j.rows[n-1]
	row.records, row.last, row.generation = row.records+1, f.At, f.Generation
}

// noGeneration stands for none behind a record that has one.
const noGeneration = "-"

// append writes a record at the end of a row; false: the row has no room for it.
func (j *journaling) append(ev EncodedEvent, f *Fate, row *journalRow) bool {
	generation := f.Generation
	switch generation {
	case row.generation:
		generation = ""
	case "":
		generation = noGeneration
	}
	w := &j.fate
	w.out = w.out[:0]
	w.fate(f, &generation)
	var pieces [groups][]byte
	rest, size := []byte(ev), len(w.out)
	for g := range pieces {
		pieces[g], rest = cutGroup(rest, g)
		if row.records > 0 && j.isLike(row, g, pieces[g]) {
			pieces[g] = likeBefore[g]
		}
		size += len(pieces[g])
	}
	size += len(rest)
	if row.records > 0 && len(j.buf)-row.start+lengthSize+size > rowSize {
		return false
	}
	j.buf = binary.AppendUvarint(j.buf, uint64(size))
	for g, piece := range pieces {
		if len(piece) != likeSize {
			row.groups[g] = span{len(j.buf), len(j.buf) + len(piece)}
		}
		j.buf = append(j.buf, piece...)
	}
	j.buf = append(append(j.buf, rest...), w.out...)
	return true
}

// isLike reports whether the last record of a row has the same group.
func (j *journaling) isLike(row *journalRow, group int, piece []byte) bool {
	before := row.groups[group]
	return len(piece) > 0 && bytes.Equal(piece, j.buf[before.from:before.to])
}

// lengthSize is what the length in front of a record takes, in a row of many.
const lengthSize = 2

// stamped are the rows, ready to be written.
func (j *journaling) stamped(yield func(row *journalRow, value []byte) error) error {
	for i := range j.rows {
		row, end := &j.rows[i], len(j.buf)
		if i+1 < len(j.rows) {
			end = j.rows[i+1].start
		}
		value := j.buf[row.start:end:end]
		copy(value, instant(row.first))
		copy(value[8:], instant(row.last))
		if err := yield(row, value); err != nil {
			return err
		}
	}
	return nil
}

// Record implements Tx.
func (t *boltTx) Record(ev EncodedEvent, f *Fate) {
	if t.mayWrite() {
		t.journal.add(ev, f)
	}
}

// journalState is what the writer knows of the journal, so that it need not ask
// with every commit. It is asked for anew after a commit that failed.
type journalState struct {
	known bool
	parts []journalPart // the oldest first
	total int64

	room journaling // of the last commit, for the next one
}

// journalPart is one part: its last byte count, and when its records came.
type journalPart struct {
	name        []byte
	size        int64
	first, last time.Time
}

// begun is an empty piece of journal, in the memory of the last commit: bbolt holds
// on to what it was given until the end of a commit, and no longer.
func (j *journalState) begun() journaling {
	return journaling{buf: j.room.buf[:0], rows: j.room.rows[:0], fate: j.room.fate}
}

// keepJournal writes what the commit adds, and drops what there is no room for.
func (s *bolt) keepJournal(tx *bbolt.Tx, j *journaling) error {
	if s.journal.room = *j; len(j.rows) == 0 {
		return nil
	}
	if err := s.journal.read(tx); err != nil {
		return err
	}
	err := j.stamped(func(row *journalRow, value []byte) error {
		if err := s.appendRow(tx, row, value); err != nil {
			return fmt.Errorf("write the journal: %w", err)
		}
		return nil
	})
	if err != nil {
		return err
	}
	for s.journal.total > s.o.Journal.MaxSize && len(s.journal.parts) > 1 {
		if err := s.journal.drop(tx); err != nil {
			return err
		}
	}
	return nil
}

func (s *bolt) appendRow(tx *bbolt.Tx, row *journalRow, value []byte) error {
	journal := tx.Bucket(bucketJournal)
	position := journal.Sequence() + 1
	if s.partEnds(row) {
		if err := s.journal.begin(journal, position, row.first); err != nil {
			return err
		}
	}
	part := &s.journal.parts[len(s.journal.parts)-1]
	b := journal.Bucket(part.name)
	b.FillPercent = appended
	if err := b.Put(binary.BigEndian.AppendUint64(nil, position), value); err != nil {
		return err
	}
	size := int64(len(value) + rowCost)
	part.size, part.last = part.size+size, row.last
	s.journal.total += size
	if err := b.SetSequence(uint64(part.size)); err != nil {
		return err
	}
	return journal.SetSequence(position - 1 + uint64(row.records))
}

// partEnds says whether a row begins a part: on another day, when the part has its
// share of the space or of the time, and when the clock was set back, so that the
// records of a part lie in the order of their times.
func (s *bolt) partEnds(row *journalRow) bool {
	if len(s.journal.parts) == 0 {
		return true
	}
	part := &s.journal.parts[len(s.journal.parts)-1]
	return part.size >= min(s.o.Journal.MaxSize/32, largestPart) || row.first.Before(part.last) ||
		dayOf(row.first) != dayOf(part.first) || row.first.Sub(part.first) >= s.o.Journal.Keep/8
}

// largestPart bounds what is dropped in one commit, and so how long it takes.
const largestPart = 32 << 20

// read asks the file what there is.
func (j *journalState) read(tx *bbolt.Tx) error {
	if j.known {
		return nil
	}
	j.parts, j.total = nil, 0
	journal := tx.Bucket(bucketJournal)
	cursor := journal.Cursor()
	for name, _ := cursor.First(); name != nil; name, _ = cursor.Next() {
		part, err := readPart(journal, name)
		if err != nil {
			return err
		}
		j.parts = append(j.parts, part)
		j.total += part.size
	}
	j.known = true
	return nil
}

func readPart(journal *bbolt.Bucket, name []byte) (journalPart, error) {
	b := journal.Bucket(name)
	if b == nil {
		return journalPart{}, fmt.Errorf("%w: part %q", errRecord, name)
	}
	p := journalPart{name: bytes.Clone(name), size: int64(b.Sequence())}
	cursor := b.Cursor()
	_, first := cursor.First()
	_, last := cursor.Last()
	if len(first) < stampSize || len(last) < stampSize {
		return journalPart{}, fmt.Errorf("%w: part %q", errRecord, name)
	}
	p.first, p.last = instantOf(first), instantOf(last[8:])
	return p, nil
}

func (j *journalState) begin(journal *bbolt.Bucket, position uint64, at time.Time) error {
	name := fmt.Appendf(nil, "%016x %s", position, at.UTC().Format(time.DateOnly))
	if _, err := journal.CreateBucket(name); err != nil {
		return err
	}
	j.parts = append(j.parts, journalPart{name: name, first: at, last: at})
	return nil
}

// drop drops the oldest part.
func (j *journalState) drop(tx *bbolt.Tx) error {
	if err := tx.Bucket(bucketJournal).DeleteBucket(j.parts[0].name); err != nil {
		return fmt.Errorf("drop a part of the journal: %w", err)
	}
	j.total -= j.parts[0].size
	j.parts = j.parts[1:]
	return nil
}

// sweepJournal drops the parts that are past their time.
func (s *bolt) sweepJournal(tx *bbolt.Tx, now time.Time) error {
	if err := s.journal.read(tx); err != nil {
		return err
	}
	for len(s.journal.parts) > 0 && s.journal.parts[0].last.Before(now.Add(-s.o.Journal.Keep)) {
		if err := s.journal.drop(tx); err != nil {
			return err
		}
	}
	return nil
}
