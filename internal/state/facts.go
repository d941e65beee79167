package state

import (
	"bytes"
	"time"

	"go.etcd.io/bbolt"
)

// Seen implements Tx. The newest days are looked at first: most repetitions
// come within minutes.
func (t *boltTx) Seen(keys []string) bool {
	t.unseen = nil
	if t.err != nil {
		return false
	}
	for _, day := range t.seenDays() {
		for _, key := range keys {
			t.key = append(t.key[:0], key...)
			if found, _ := day.Seek(t.key); string(found) == key {
				return true
			}
		}
	}
	t.unseen = keys
	return false
}

// seenDays look into the buckets of all days, the newest first. They are made once
// per transaction, and used again and again: every event asks for them.
func (t *boltTx) seenDays() []*bbolt.Cursor {
	if t.seen != nil {
		return t.seen
	}
	seen := t.bucket(bucketSeen)
	cursor := seen.Cursor()
	for day, _ := cursor.Last(); day != nil; day, _ = cursor.Prev() {
		t.seen = append(t.seen, seen.Bucket(day).Cursor())
	}
	return t.seen
}

// appended is how full pages become when they are split, in buckets whose keys
// count up: nothing is put between them later.
const appended = 0.9

// MarkSeen implements Tx. Keys that were just looked for, and not found, are not
// looked for again.
func (t *boltTx) MarkSeen(keys []string, at time.Time) {
	if len(keys) == 0 || !t.mayWrite() {
		return
	}
	b := t.seenOn(at)
	if b == nil {
		return
	}
	absent := len(t.unseen) == len(keys) && &t.unseen[0] == &keys[0]
	t.unseen = nil
	for _, key := range keys {
		t.key = append(t.key[:0], key...)
		if absent {
			t.undo = append(t.undo, undo{bucket: b, key: key})
			t.fail("mark an event as seen", b.Put(t.key, nothing))
		} else {
			t.put("mark an event as seen", b, t.key, nil)
		}
	}
}

// nothing is the value of a row that says all by its key.
var nothing = []byte{}

// seenOn is the bucket of a day's keys; nil when it could not be made.
func (t *boltTx) seenOn(at time.Time) *bbolt.Bucket {
	if t.today != nil && !at.Before(t.dawn) && at.Sub(t.dawn) < 24*time.Hour {
		return t.today
	}
	t.today, t.dawn, t.seen = t.day(bucketSeen, dayOf(at)), at.UTC().Truncate(24*time.Hour), nil
	if t.today != nil {
		t.today.FillPercent = appended
	}
	return t.today
}

// Fact implements Tx.
func (t *boltTx) Fact(key string) ([]byte, time.Time, bool) {
	row, ok := t.get(t.bucket(bucketFacts), []byte(key))
	if !ok || len(row) < 8 {
		return nil, time.Time{}, false
	}
	return row[8:], instantOf(row[:8]), true
}

// SetFact implements Tx. The expiry is written only where it is another one.
func (t *boltTx) SetFact(key string, value []byte, expires time.Time) {
	_, was, known := t.Fact(key)
	same := known && was.Equal(expires)
	if known && !same && !was.IsZero() {
		t.remove("forget a fact's expiry", t.bucket(bucketFactsDue), dueKey(was, key))
	}
	t.put("set a fact", t.bucket(bucketFacts), []byte(key), append(instant(expires), value...))
	if !same && !expires.IsZero() {
		t.put("set a fact's expiry", t.bucket(bucketFactsDue), dueKey(expires, key), nil)
	}
}

// DeleteFact implements Tx.
func (t *boltTx) DeleteFact(key string) {
	t.forgetExpiry(key)
	t.remove("delete a fact", t.bucket(bucketFacts), []byte(key))
}

func (t *boltTx) forgetExpiry(key string) {
	if _, expires, ok := t.Fact(key); ok && !expires.IsZero() {
		t.remove("forget a fact's expiry", t.bucket(bucketFactsDue), dueKey(expires, key))
	}
}

// dueKey sorts names by a time: the index of what expires or falls due.
func dueKey(at time.Time, name string) []byte { return append(instant(at), name...) }

// Archive implements Tx.
func (t *boltTx) Archive(hash string) ([]byte, bool) {
	return t.get(t.bucket(bucketArchives), []byte(hash))
}

// PutArchive implements Tx. A text is written once: its hash is its name.
func (t *boltTx) PutArchive(hash string, data []byte) {
	if t.mayWrite() && t.bucket(bucketArchives).Get([]byte(hash)) != nil {
		return
	}
	t.put("keep a rule text", t.bucket(bucketArchives), []byte(hash), bytes.Clone(data))
}

// KeepArchives implements Tx.
func (t *boltTx) KeepArchives(hashes map[string]bool) int {
	if !t.mayWrite() {
		return 0
	}
	var others [][]byte // a cursor does not bear deletions
	archives := t.bucket(bucketArchives)
	cursor := archives.Cursor()
	for key, _ := cursor.First(); key != nil; key, _ = cursor.Next() {
		if !hashes[string(key)] {
			others = append(others, bytes.Clone(key))
		}
	}
	for _, key := range others {
		t.remove("forget a rule text", archives, key)
	}
	return len(others)
}

// Document implements Tx.
func (t *boltTx) Document(name string) ([]byte, bool) {
	return t.get(t.bucket(bucketDocuments), []byte(name))
}

// PutDocument implements Tx.
func (t *boltTx) PutDocument(name string, data []byte) {
	t.put("keep a document", t.bucket(bucketDocuments), []byte(name), bytes.Clone(data))
}
