package state

import (
	"encoding/binary"
	"errors"
	"hash/crc32"
	"maps"
	"slices"

	"go.etcd.io/bbolt"
)

// A seal stands in front of a row that the engine goes by: its kind, and the CRC-32C of
// what follows, behind the row's key if it is of the kind that says so. The pages of the
// file have no checksum, and a wrong bit in a text would be sent to people, one in a
// chat's mark would leave out what it missed.
//
// Formats before this one had rows without: a seal's first byte is one with which no such
// row of that kind began.
const (
	sealEntry = 0x00 // a length of nothing
	sealRun   = 0xFF // a time after the year 2262
	sealKeyed = 0x01 // a time before the year 1700, a mark of the year 2200; no document began so
	sealSize  = 5
)

// errSeal says that a row is not what was written.
var errSeal = errors.New("the row has another checksum than it says")

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// seal fills in the first sealSize bytes of a row.
func seal(kind byte, row []byte) []byte {
	row[0] = kind
	binary.BigEndian.PutUint32(row[1:], crc32.Checksum(row[sealSize:], castagnoli))
	return row
}

// sealKey fills in the first sealSize bytes of the row of a key.
func sealKey(key, row []byte) []byte {
	row[0] = sealKeyed
	binary.BigEndian.PutUint32(row[1:], keyedSum(key, row[sealSize:]))
	return row
}

func keyedSum(key, row []byte) uint32 {
	return crc32.Update(crc32.Checksum(key, castagnoli), castagnoli, row)
}

// unsealKey returns what a seal of the row of a key stands in front of, or a row that
// has none.
func unsealKey(key, row []byte) ([]byte, error) {
	if bare(sealKeyed, row) {
		return row, nil
	}
	if len(row) < sealSize || binary.BigEndian.Uint32(row[1:]) != keyedSum(key, row[sealSize:]) {
		return nil, errSeal
	}
	return row[sealSize:], nil
}

// bare says whether a row has no seal of a kind.
func bare(kind byte, row []byte) bool { return len(row) == 0 || row[0] != kind }

// sealAll gives the rows of a format before their seals.
func sealAll(tx *bbolt.Tx) error {
	err := errors.Join(sealRows(tx.Bucket(bucketOpen), sealEntry), sealRows(tx.Bucket(bucketRuns), sealRun))
	for _, name := range [][]byte{bucketFacts, bucketDocuments, bucketArchives, bucketReached} {
		err = errors.Join(err, sealRows(tx.Bucket(name), sealKeyed))
	}
	ended := tx.Bucket(bucketEnded)
	return errors.Join(err, ended.ForEachBucket(func(day []byte) error { return sealRows(ended.Bucket(day), sealEntry) }))
}

func sealRows(b *bbolt.Bucket, kind byte) error {
	fresh := map[string][]byte{} // a cursor does not bear changes
	err := b.ForEach(func(key, row []byte) error {
		if !bare(kind, row) {
			return nil
		}
		row = append(make([]byte, sealSize, sealSize+len(row)), row...)
		if kind == sealKeyed {
			row = sealKey(key, row)
		} else {
			row = seal(kind, row)
		}
		fresh[string(key)] = row
		return nil
	})
	for _, key := range slices.Sorted(maps.Keys(fresh)) {
		err = errors.Join(err, b.Put([]byte(key), fresh[key]))
	}
	return err
}

// unseal returns what a seal stands in front of, or a row that has none.
func unseal(kind byte, row []byte) ([]byte, error) {
	if bare(kind, row) {
		return row, nil
	}
	if len(row) < sealSize || binary.BigEndian.Uint32(row[1:]) != crc32.Checksum(row[sealSize:], castagnoli) {
		return nil, errSeal
	}
	return row[sealSize:], nil
}
