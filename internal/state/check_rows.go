package state

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/maphash"
	"slices"
)

// errForeign says that a bbolt file is of another program.
var errForeign = errors.New("another program has written it")

// errFormat says that the file is of another version of this one.
var errFormat = errors.New("use the version that wrote it")

// rowCheck reads the rows that the engine goes by, as far as they can be told from
// wrong ones: most have a checksum, of the others the shape is known; and what stands in
// one place because of another does so as long as the sums over both are the same.
type rowCheck struct {
	missing  map[string]bool // buckets that were not there yet
	unknown  string          // a bucket that we do not know
	buckets  int
	outside  bool // a row lies in none
	format   string
	bare     bool   // a row has no seal, as in formats before
	sequence uint64 // the last number that an entry was given
	highest  uint64 // the highest that one has

	hash  maphash.Hash
	ended bool // the entries that have ended are read, too
	// Over all rows, and their indexes subtracted: nothing is left.
	entries, runs, facts uint64
}

func newRowCheck(ended bool) *rowCheck {
	c := &rowCheck{missing: map[string]bool{}, ended: ended}
	for _, name := range buckets {
		c.missing[string(name)] = true
	}
	return c
}

func (c *rowCheck) in(path [][]byte, sequence uint64) {
	if len(path) > 1 {
		return
	}
	c.buckets++
	name := string(path[0])
	if name == string(bucketOpen) {
		c.sequence = sequence
	}
	if !c.missing[name] && name != string(bucketSeen) {
		c.unknown = name
	}
	delete(c.missing, name)
}

func (c *rowCheck) row(path [][]byte, key, value []byte) error {
	if len(path) == 0 {
		c.outside = true // we write nothing there
		return nil
	}
	c.bare = c.bare || needsSeal(string(path[0]), value)
	if err := c.check(path, key, value); err != nil {
		return fmt.Errorf("row %q of %q: %w", key, path, err)
	}
	return nil
}

// needsSeal says whether a row of this format should have a seal, and has none.
func needsSeal(bucket string, row []byte) bool {
	switch bucket {
	case string(bucketOpen), string(bucketEnded):
		return bare(sealEntry, row)
	case string(bucketRuns):
		return bare(sealRun, row)
	case string(bucketFacts), string(bucketReached), string(bucketDocuments), string(bucketArchives):
		return bare(sealKeyed, row)
	}
	return false
}

func (c *rowCheck) check(path [][]byte, key, value []byte) error {
	switch string(path[0]) {
	case string(bucketMeta):
		if string(key) != "format" {
			return nil
		}
		c.format = string(value)
		if !slices.Contains(formats, string(value)) {
			return fmt.Errorf("its format is %q, this program reads %q: %w", value, format, errFormat)
		}
		return nil
	case string(bucketOpen), string(bucketEnded):
		return c.entry(path, key, value)
	case string(bucketRuns):
		return c.run(key, value)
	case string(bucketRunsDue):
		c.runs -= c.sum(key)
	case string(bucketMarks):
		if len(value)%hashSize != 0 {
			return errShort
		}
	case string(bucketFacts):
		return c.fact(key, value)
	case string(bucketFactsDue):
		c.facts -= c.sum(key)
	case string(bucketReached):
		_, err := decodeReached(key, value)
		return err
	case string(bucketDocuments), string(bucketArchives):
		_, err := unsealKey(key, value)
		return err
	case string(bucketIDs):
		return c.id(key, value)
	}
	return nil
}

func (c *rowCheck) run(key, value []byte) error {
	r, err := decodeRun(string(key), value)
	if err == nil && !r.Due.IsZero() {
		c.runs += c.sum(instant(r.Due), key)
	}
	return err
}

func (c *rowCheck) fact(key, value []byte) error {
	row, err := unsealKey(key, value)
	if err != nil {
		return err
	}
	if len(row) < 8 {
		return errShort
	}
	if expires := row[:8]; !allZero(expires) {
		c.facts += c.sum(expires, key)
	}
	return nil
}

// id checks where an entry is said to be.
func (c *rowCheck) id(key, value []byte) error {
	if len(value) < 9 || value[0] != 'o' && value[0] != 'e' {
		return errShort
	}
	if value[0] == 'o' || c.ended {
		c.entries -= c.sum(value, key)
	}
	return nil
}

// sum is one for two keys.
func (c *rowCheck) sum(parts ...[]byte) uint64 {
	c.hash.Reset()
	for _, part := range parts {
		_, _ = c.hash.Write(part) // it never fails
	}
	return c.hash.Sum64()
}

// entry checks a row of the outbox. Where it stands is where its id says. One whose seal
// is whole is what was written: of a hundred thousand rows that need not be read again.
func (c *rowCheck) entry(path [][]byte, key, value []byte) error {
	if len(key) < 8 || len(path) > 2 {
		return errShort
	}
	name, seq := key[:len(key)-8], key[len(key)-8:]
	c.highest = max(c.highest, binary.BigEndian.Uint64(seq))
	kind := byte('o')
	if len(path) == 2 {
		kind, name = 'e', path[1]
	} else {
		name = bytes.TrimSuffix(name, []byte{0})
	}
	row, err := unseal(sealEntry, value)
	if err != nil {
		return err
	}
	id, ok := messageIDIn(row)
	if !ok || len(value) == len(row) {
		e, err := decodeEntry(slices.Clone(value))
		if err != nil {
			return err
		}
		id = []byte(e.Command.MessageID)
	}
	c.entries += c.sum([]byte{kind}, seq, name, id)
	return nil
}

// messageIDIn finds the message id in the JSON of an entry, where it is plain.
func messageIDIn(row []byte) (id []byte, ok bool) {
	_, rest, _ := bytes.Cut(row, []byte(`"message_id":"`)) // of no text a part: there the quotes are escaped
	id, _, ok = bytes.Cut(rest, []byte{'"'})
	return id, ok && !bytes.ContainsRune(id, '\\')
}

// end says what is wrong with all rows together.
func (c *rowCheck) end() error {
	switch {
	case (c.buckets > 0 || c.outside) && c.format == "" && len(c.missing) > len(buckets)/2:
		return errForeign
	case c.outside:
		return errors.New("a row lies outside of all buckets")
	case c.buckets > 0 && c.format == "":
		return errNoFormat
	case c.unknown != "" && len(c.missing) > 0: // a bucket alone may be of a version to come
		return fmt.Errorf("there is a bucket %q, and others are missing", c.unknown)
	case c.bare && c.format == format:
		return errSeal
	case c.entries != 0 || c.runs != 0 || c.facts != 0:
		return errors.New("what is said of where rows are is not so")
	case c.highest > c.sequence:
		return fmt.Errorf("entry %d has a number that none had yet: %d", c.highest, c.sequence)
	}
	return nil
}
