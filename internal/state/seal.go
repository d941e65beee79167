package state

import (
	"encoding/binary"
	"errors"
	"hash/crc32"
)

// A seal stands in front of a row that says what is to be sent: its kind, and the
// CRC-32C of what follows. The pages of the file have no checksum, and a wrong bit in
// a text would be sent to people.
//
// A version before this one wrote rows without: a seal's first byte is one with which
// no such row of that kind began.
const (
	sealEntry = 0x00 // a length of nothing
	sealRun   = 0xFF // a time after the year 2262
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
