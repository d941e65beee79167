package state

import (
	"bytes"
	"time"
)

// nothing is the value of a row that says all by its key.
var nothing = []byte{}

// Fact implements Tx.
func (t *boltTx) Fact(key string) ([]byte, time.Time, bool) {
	row, ok := t.keyed(bucketFacts, key)
	if !ok || len(row) < 8 {
		return nil, time.Time{}, false
	}
	return row[8:], instantOf(row[:8]), true
}

// keyed is a row that may have a seal.
func (t *boltTx) keyed(bucket []byte, key string) ([]byte, bool) {
	row, ok := t.get(t.bucket(bucket), []byte(key))
	if !ok {
		return nil, false
	}
	row, err := unsealKey([]byte(key), row)
	t.fail("read "+key, err)
	return row, err == nil
}

// sealed is the row of a key: the seal, and the parts.
func sealed(key string, parts ...[]byte) []byte {
	row := make([]byte, sealSize, sealSize+8+len(parts[len(parts)-1]))
	for _, part := range parts {
		row = append(row, part...)
	}
	return sealKey([]byte(key), row)
}

// SetFact implements Tx. The expiry is written only where it is another one.
func (t *boltTx) SetFact(key string, value []byte, expires time.Time) {
	_, was, known := t.Fact(key)
	same := known && was.Equal(expires)
	if known && !same && !was.IsZero() {
		t.remove("forget a fact's expiry", t.bucket(bucketFactsDue), dueKey(was, key))
	}
	write := t.put
	if !known && t.err == nil {
		write = t.insert
	}
	write("set a fact", t.bucket(bucketFacts), []byte(key), sealed(key, instant(expires), value))
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
	return t.keyed(bucketArchives, hash)
}

// PutArchive implements Tx. A text is written once: its hash is its name.
func (t *boltTx) PutArchive(hash string, data []byte) {
	if t.mayWrite() && t.bucket(bucketArchives).Get([]byte(hash)) != nil {
		return
	}
	t.put("keep a rule text", t.bucket(bucketArchives), []byte(hash), sealed(hash, data))
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
	return t.keyed(bucketDocuments, name)
}

// PutDocument implements Tx.
func (t *boltTx) PutDocument(name string, data []byte) {
	t.put("keep a document", t.bucket(bucketDocuments), []byte(name), sealed(name, data))
}
