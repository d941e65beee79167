package state

import (
	"encoding/binary"
	"errors"
	"hash/crc32"
)

// A seal stands in front of a row that the engine goes by: its kind, and the CRC-32C of
// what follows, behind the row's key if it is of the kind that says so. The pages of the
// file have no checksum, and a wrong bit in a text would be sent to people, one in a
// chat's mark would leave out what it missed.
//
// A version before this one wrote rows without: a seal's first byte is one with which
// no such row of that kind began.
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
	if len(row) == 0 || row[0] != sealKeyed {
		return row, nil
	}
	if len(row) < sealSize || binary.BigEndian.Uint32(row[1:]) != keyedSum(key, row[sealSize:]) {
		return nil, errSeal
	}
	return row[sealSize:], nil
}

// unseal returns what a seal stands in front of, or a row that has none.
func unseal(kind byte, row []byte) ([]byte, error) {
	if len(row) == 0 || row[0] != kind {
		return row, nil
	}
	if len(row) < sealSize || binary.BigEndian.Uint32(row[1:]) != crc32.Checksum(row[sealSize:], castagnoli) {
		return nil, errSeal
	}
	return row[sealSize:], nil
}
