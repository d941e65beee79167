package state

import (
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
)

// errForeign says that a bbolt file is of another program.
var errForeign = errors.New("another program has written it")

// errFormat says that the file is of another version of this one.
var errFormat = errors.New("use the version that wrote it")

// rowCheck reads the rows that the engine goes by, as far as they can be told from
// wrong ones: entries and waiting runs have a checksum, of the others the shape is
// known.
type rowCheck struct {
	missing  map[string]bool // buckets that were not there yet
	unknown  string          // a bucket that we do not know
	buckets  int
	outside  bool // a row lies in none
	format   bool
	sequence uint64 // the last number that an entry was given
	highest  uint64 // the highest that one has
}

func newRowCheck() *rowCheck {
	c := &rowCheck{missing: map[string]bool{}}
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
	if err := c.check(string(path[0]), key, value); err != nil {
		return fmt.Errorf("row %q of %q: %w", key, path, err)
	}
	return nil
}

func (c *rowCheck) check(bucket string, key, value []byte) error {
	switch bucket {
	case string(bucketMeta):
		if string(key) != "format" {
			return nil
		}
		c.format = true
		if !slices.Contains(formats, string(value)) {
			return fmt.Errorf("its format is %q, this program reads %q: %w", value, format, errFormat)
		}
		return nil
	case string(bucketOpen), string(bucketEnded):
		return c.entry(bucket, key, value)
	case string(bucketRuns):
		_, err := decodeRun(string(key), value)
		return err
	case string(bucketMarks):
		if len(value)%hashSize != 0 {
			return errShort
		}
	case string(bucketFacts):
		if len(value) < 8 {
			return errShort
		}
	case string(bucketReached):
		if len(value) != 8 {
			return errShort
		}
	case string(bucketIDs):
		if len(value) < 9 || value[0] != 'o' && value[0] != 'e' {
			return errShort
		}
	}
	return nil
}

// entry checks a row of the outbox, and that it stands where it belongs. One whose seal
// is whole is what was written, and where: that need not be read again, of a hundred
// thousand rows.
func (c *rowCheck) entry(bucket string, key, value []byte) error {
	if len(key) < 8 {
		return errShort
	}
	seq := binary.BigEndian.Uint64(key[len(key)-8:])
	c.highest = max(c.highest, seq)
	if _, err := unseal(sealEntry, value); err != nil || len(value) > 0 && value[0] == sealEntry {
		return err
	}
	e, err := decodeEntry(slices.Clone(value))
	if err == nil && (e.Seq != seq || e.Ended() != (bucket == string(bucketEnded))) {
		err = errors.New("it belongs elsewhere")
	}
	return err
}

// end says what is wrong with all rows together.
func (c *rowCheck) end() error {
	switch {
	case (c.buckets > 0 || c.outside) && !c.format && len(c.missing) > len(buckets)/2:
		return errForeign
	case c.outside:
		return errors.New("a row lies outside of all buckets")
	case c.buckets > 0 && !c.format:
		return errNoFormat
	case c.unknown != "" && len(c.missing) > 0: // a bucket alone may be of a version to come
		return fmt.Errorf("there is a bucket %q, and others are missing", c.unknown)
	case c.highest > c.sequence:
		return fmt.Errorf("entry %d has a number that none had yet: %d", c.highest, c.sequence)
	}
	return nil
}
