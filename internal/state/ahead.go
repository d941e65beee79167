package state

import (
	"os"

	"go.etcd.io/bbolt"
)

// ahead writes zeroes behind the pages that a file uses, where the file has room
// but the disk has not yet: whatever is first written there makes the file system
// write down, with the next sync, where it put it, which takes twice as long as the
// sync of a place that was written before. Only the writer uses it.
type ahead struct {
	file  *os.File
	until int64 // up to where the file was written
	end   int64 // how far it reached when that failed last
}

// How much is written at once, and how little may be left of it.
const (
	aheadStep  = 1 << 20
	aheadSpare = aheadStep / 4
)

// openAhead opens the file once more. Without it commits are slower, and nothing else.
func openAhead(path string) *ahead {
	file, err := os.OpenFile(path, os.O_RDWR, 0o600) //nolint:gosec // the store's own file
	if err != nil {
		return nil
	}
	return &ahead{file: file}
}

func (a *ahead) close() error {
	if a == nil {
		return nil
	}
	return a.file.Close()
}

// keep writes ahead if little is left. No transaction may be writing: what lies
// behind the last one's pages is nobody's.
func (a *ahead) keep(db *bbolt.DB) {
	if a == nil {
		return
	}
	used := int64(0)
	err := db.View(func(tx *bbolt.Tx) error {
		used = tx.Size()
		return nil
	})
	if err != nil || used == 0 || used+aheadSpare <= a.until {
		return
	}
	info, err := a.file.Stat()
	if err != nil || info.Size() == a.end {
		return
	}
	from := max(used, a.until)
	to := min(used+aheadStep, info.Size())
	if from >= to {
		return
	}
	for from < to {
		n, err := a.file.WriteAt(zeroes[:min(to-from, int64(len(zeroes)))], from)
		if err != nil {
			a.end = info.Size() // the disk is full: not before the file has become longer
			return
		}
		from += int64(n)
	}
	a.until = to
}

// zeroes are written again and again: memory that is used once would have to be
// made, and be cleared.
var zeroes [64 << 10]byte
