package state

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"go.etcd.io/bbolt"

	"botengine/internal/command"
)

var (
	errNoMessageID = errors.New("the command has no message id")
	errNoEntry     = errors.New("the outbox has no such entry")
)

// Enqueue implements Tx.
func (t *boltTx) Enqueue(c command.Command) Entry {
	if c.MessageID == "" {
		t.fail("enqueue "+c.Type, errNoMessageID)
	}
	if known, ok := t.Entry(c.MessageID); ok || !t.mayWrite() {
		return known
	}
	seq, err := t.bucket(bucketOpen).NextSequence()
	t.fail("number a command", err)
	e := Entry{Seq: seq, State: Pending, Command: c, AddedAt: t.now().Round(0).UTC(), NotBefore: c.NotBefore}
	row, err := encodeEntry(e)
	t.fail("encode entry "+c.MessageID, err)
	at := placeOf(&e)
	b, key := t.place(at)
	t.insert("store an entry", b, key, row) // its number is new
	t.insert("index an entry", t.bucket(bucketIDs), []byte(c.MessageID), at)
	return e
}

// Entry implements Tx.
func (t *boltTx) Entry(messageID string) (Entry, bool) {
	at, ok := t.get(t.bucket(bucketIDs), []byte(messageID))
	if !ok {
		return Entry{}, false
	}
	b, key := t.place(at)
	row, ok := t.get(b, key)
	if !ok {
		return Entry{}, false
	}
	return t.decode(row)
}

// PutEntry implements Tx.
func (t *boltTx) PutEntry(e Entry) {
	id := e.Command.MessageID
	from, ok := t.get(t.bucket(bucketIDs), []byte(id))
	if !ok || binary.BigEndian.Uint64(from[1:]) != e.Seq || !t.has(from) {
		t.fail("put entry "+id, errNoEntry)
	}
	if !t.mayWrite() {
		return
	}
	if e.Ended() && e.EndedAt.IsZero() {
		e.EndedAt = t.now()
	}
	t.store(e)
	if !bytes.Equal(from, placeOf(&e)) {
		b, key := t.place(from)
		t.remove("move an entry", b, key)
		t.index(e) // else it says where the entry is already: a page less to write
	}
}

// Open implements Tx.
func (t *boltTx) Open(robot string) []Entry {
	if t.err != nil {
		return nil
	}
	var prefix []byte
	if robot != "" {
		prefix = append([]byte(robot), 0)
	}
	var entries []Entry
	cursor := t.bucket(bucketOpen).Cursor()
	for key, row := cursor.Seek(prefix); key != nil && bytes.HasPrefix(key, prefix); key, row = cursor.Next() {
		e, ok := t.decode(bytes.Clone(row))
		if !ok {
			return nil
		}
		entries = append(entries, e)
	}
	slices.SortFunc(entries, func(a, b Entry) int { return cmp.Compare(a.Seq, b.Seq) })
	return entries
}

// EachEnded implements Tx.
func (t *boltTx) EachEnded(since time.Time, fn func(Entry) bool) {
	if t.err != nil {
		return
	}
	days := t.bucket(bucketEnded).Cursor()
	for day, _ := days.Seek([]byte(dayOf(since))); day != nil; day, _ = days.Next() {
		rows := t.bucket(bucketEnded).Bucket(day).Cursor()
		for key, row := rows.First(); key != nil; key, row = rows.Next() {
			e, ok := t.decode(bytes.Clone(row))
			if !ok || !t.goesOn() {
				return
			}
			if !e.EndedAt.Before(since) && !fn(e) {
				return
			}
		}
	}
}

// store writes an entry where its state says.
func (t *boltTx) store(e Entry) {
	if !t.mayWrite() {
		return
	}
	row, err := encodeEntry(e)
	t.fail("encode entry "+e.Command.MessageID, err)
	at := placeOf(&e)
	if e.Ended() {
		t.day(bucketEnded, dayOf(e.EndedAt))
	}
	b, key := t.place(at)
	t.put("store an entry", b, key, row)
}

// index writes where the entry is.
func (t *boltTx) index(e Entry) {
	t.put("index an entry", t.bucket(bucketIDs), []byte(e.Command.MessageID), placeOf(&e))
}

// placeOf says where an entry belongs: o, seq, robot while it is open; e, seq,
// day once it has ended.
func placeOf(e *Entry) []byte {
	kind, name := byte('o'), e.Command.Robot
	if e.Ended() {
		kind, name = 'e', dayOf(e.EndedAt)
	}
	at := binary.BigEndian.AppendUint64([]byte{kind}, e.Seq)
	return append(at, name...)
}

// place finds the bucket and key of a place; the bucket is nil when its day has
// been dropped.
func (t *boltTx) place(at []byte) (*bbolt.Bucket, []byte) {
	seq, name := at[1:9], at[9:]
	if at[0] == 'e' {
		return t.bucket(bucketEnded).Bucket(name), seq
	}
	return t.bucket(bucketOpen), slices.Concat(name, []byte{0}, seq)
}

// has says whether there is an entry at a place.
func (t *boltTx) has(at []byte) bool {
	b, key := t.place(at)
	return b != nil && b.Get(key) != nil
}

func (t *boltTx) decode(row []byte) (Entry, bool) {
	e, err := decodeEntry(row)
	t.fail("read an entry", err)
	return e, err == nil
}

// encodeEntry: the seal, length of the JSON, the entry as JSON without the command's
// fields, the fields as they are (JSON would escape and so change their bytes).
func encodeEntry(e Entry) ([]byte, error) {
	fields := e.Command.Fields
	e.Command.Fields = nil
	text, err := entryJSON(&e)
	if err != nil {
		return nil, err
	}
	row := make([]byte, sealSize, sealSize+binary.MaxVarintLen32+len(text)+len(fields))
	row = binary.AppendUvarint(row, uint64(len(text)))
	row = append(row, text...)
	return seal(sealEntry, append(row, fields...)), nil
}

func decodeEntry(row []byte) (Entry, error) {
	row, err := unseal(sealEntry, row)
	if err != nil {
		return Entry{}, err
	}
	length, n := binary.Uvarint(row)
	if n <= 0 || length > uint64(len(row)-n) {
		return Entry{}, errShort
	}
	end := n + int(length)
	var e Entry
	if err := json.Unmarshal(row[n:end], &e); err != nil {
		return Entry{}, fmt.Errorf("decode entry: %w", err)
	}
	e.Command.Fields = nil
	if end < len(row) {
		e.Command.Fields = json.RawMessage(row[end:])
	}
	return e, nil
}
