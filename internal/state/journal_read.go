package state

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"fmt"
	"slices"
	"time"

	"go.etcd.io/bbolt"
)

// JournalSize implements Tx.
func (t *boltTx) JournalSize() JournalSize {
	var size JournalSize
	journal := t.bucket(bucketJournal)
	if journal == nil || t.err != nil {
		return size
	}
	first := uint64(0)
	cursor := journal.Cursor()
	for name, _ := cursor.First(); name != nil; name, _ = cursor.Next() {
		part := journal.Bucket(name)
		if key, _ := part.Cursor().First(); first == 0 && len(key) == 8 {
			first = binary.BigEndian.Uint64(key)
		}
		size.Bytes += int64(part.Sequence())
	}
	if first > 0 {
		size.Records = int64(journal.Sequence() - first + 1)
	}
	return size
}

// EachRecord implements Tx.
func (t *boltTx) EachRecord(q JournalQuery, fn func(Record) bool) {
	journal := t.bucket(bucketJournal)
	if journal == nil || t.err != nil {
		return
	}
	var parts [][]byte
	cursor := journal.Cursor()
	for name, _ := cursor.First(); name != nil; name, _ = cursor.Next() {
		parts = append(parts, name)
	}
	r := journalReader{q: q, id: []byte(q.ID), fn: fn, goesOn: t.goesOn}
	if q.Newest {
		slices.Reverse(parts)
	}
	for i, name := range parts {
		more, err := r.part(journal.Bucket(name), r.beyond(parts, i))
		t.fail("read the journal", err)
		if !more || err != nil {
			return
		}
	}
}

// journalReader is one walk over the journal.
type journalReader struct {
	q  JournalQuery
	id []byte
	fn func(Record) bool

	goesOn func() bool // somebody still waits
}

// beyond says whether all of a part lies on the far side of the query's position.
func (r *journalReader) beyond(parts [][]byte, i int) bool {
	switch {
	case r.q.After == 0:
		return false
	case r.q.Newest:
		return startOf(parts[i]) >= r.q.After
	default:
		return i+1 < len(parts) && startOf(parts[i+1]) <= r.q.After+1
	}
}

// startOf reads the position in a part's name.
func startOf(name []byte) (position uint64) {
	for _, c := range name[:min(16, len(name))] {
		digit := bytes.IndexByte([]byte("0123456789abcdef"), c)
		position = position<<4 | uint64(max(digit, 0))
	}
	return position
}

// part goes over the rows of one part, of which none may be of interest.
func (r *journalReader) part(b *bbolt.Bucket, skip bool) (more bool, err error) {
	if b == nil {
		return false, errRecord
	}
	cursor := b.Cursor()
	_, first := cursor.First()
	_, last := cursor.Last()
	if skip || len(first) < stampSize || len(last) < stampSize || !r.overlaps(instantOf(first), instantOf(last[8:])) {
		return true, nil
	}
	start, step := cursor.First, cursor.Next
	if r.q.Newest {
		start, step = cursor.Last, cursor.Prev
	}
	for key, row := start(); key != nil; key, row = step() {
		more, err := r.row(key, row)
		if !more || err != nil || !r.goesOn() {
			return false, err
		}
	}
	return true, nil
}

func (r *journalReader) overlaps(first, last time.Time) bool {
	return (r.q.To.IsZero() || first.Before(r.q.To)) && !last.Before(r.q.From)
}

// row goes over the records of one row. Most of those that have not what is looked
// for are never taken apart: their bytes do not hold it.
func (r *journalReader) row(key, row []byte) (more bool, err error) {
	if len(key) != 8 || len(row) < stampSize {
		return false, errRecord
	}
	if !r.overlaps(instantOf(row), instantOf(row[8:])) || !bytes.Contains(row, r.inEvent()) {
		return true, nil
	}
	records, err := decodeRow(binary.BigEndian.Uint64(key), row)
	if err != nil {
		return false, fmt.Errorf("record %d: %w", binary.BigEndian.Uint64(key), err)
	}
	if r.q.Newest {
		slices.Reverse(records)
	}
	for i := range records {
		if r.wants(&records[i]) && !r.fn(records[i]) {
			return false, nil
		}
	}
	return true, nil
}

// inEvent is what stands in every record that has the id: a dedupe key is made of
// parts, of which the last is in the event itself.
func (r *journalReader) inEvent() []byte {
	id := r.id
	if bytes.HasPrefix(id, []byte("v/")) { // the chat's id stands last
		id = id[:max(0, bytes.LastIndexByte(id, '/'))]
	}
	return id[bytes.LastIndexByte(id, '/')+1:]
}

func (r *journalReader) wants(rec *Record) bool {
	q := &r.q
	switch {
	case rec.At.Before(q.From), !q.To.IsZero() && !rec.At.Before(q.To):
		return false
	case q.After > 0 && q.Newest && rec.Position >= q.After, q.After > 0 && !q.Newest && rec.Position <= q.After:
		return false
	default:
		return q.ID == "" || rec.Has(q.ID)
	}
}

// Has reports whether id is the event's, that of the command it is the end of or of
// one it led to, or a dedupe key of the event.
func (r *Record) Has(id string) bool {
	return id == r.Event.ID || id == r.Event.Message.SvrID || id == r.Event.Result.MessageID ||
		slices.Contains(r.Event.Keys(), id) || slices.Contains(r.Commands, id)
}

// decodeRow reads the records of a row.
func decodeRow(position uint64, row []byte) ([]Record, error) {
	var f fields
	records := make([]Record, 0, recordsIn(row))
	generation := ""
	for rest := string(row[stampSize:]); rest != ""; position++ {
		size, n := uvarint(rest)
		if n <= 0 || size > uint64(len(rest)-n) {
			return nil, errRecord
		}
		if size > 0 { // else it was forgotten
			records = append(records, Record{})
			r := &records[len(records)-1]
			if err := f.decodeRecord(rest[n:n+int(size)], r); err != nil {
				return nil, err
			}
			r.Position = position
			r.Generation = cmp.Or(r.Generation, generation)
			generation = r.Generation
			if generation == noGeneration {
				r.Generation = ""
			}
		}
		rest = rest[n+int(size):]
	}
	return records, nil
}

// recordsIn is how many records a row has, as far as it is sound.
func recordsIn(row []byte) (n int) {
	for rest := row[stampSize:]; len(rest) > 0; n++ {
		size, used := binary.Uvarint(rest)
		if used <= 0 || size > uint64(len(rest)-used) {
			break
		}
		rest = rest[used+int(size):]
	}
	return n
}
