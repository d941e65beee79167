package state

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"time"

	"go.etcd.io/bbolt"
)

// The buckets of the file. Those with days hold one bucket per day, named
// yyyymmdd, which is dropped whole when its day is over.
var (
	bucketMeta      = []byte("meta")
	bucketSeen      = []byte("seen")      // day -> key -> "": of the format before
	bucketMarks     = []byte("marks")     // day -> number -> hashes of dedupe keys
	bucketFacts     = []byte("facts")     // key -> seal, expires, value
	bucketFactsDue  = []byte("facts-due") // expires, key -> ""
	bucketRuns      = []byte("runs")      // id -> seal, due, robot, data
	bucketRunsDue   = []byte("runs-due")  // due, id -> ""
	bucketArchives  = []byte("archives")  // hash -> seal, text
	bucketDocuments = []byte("documents") // name -> seal, blob
	bucketOpen      = []byte("open")      // robot, 0, seq -> seal, entry
	bucketEnded     = []byte("ended")     // day -> seq -> seal, entry
	bucketIDs       = []byte("ids")       // message id -> where its entry is
)

// format names the layout above. A file of a format before becomes one of this when it is
// opened; one of another is refused.
const (
	format      = "3"
	formatKeys  = "1" // a row for each dedupe key
	formatWhole = "2" // each record of the journal is whole, and not every row has its seal
)

// formats are those that are read.
var formats = []string{formatKeys, formatWhole, format}

// buckets are those that a file of this format has.
var buckets = [][]byte{
	bucketMeta, bucketMarks, bucketFacts, bucketFactsDue, bucketRuns, bucketRunsDue,
	bucketArchives, bucketDocuments, bucketOpen, bucketEnded, bucketIDs, bucketJournal, bucketReached,
}

func makeBuckets(tx *bbolt.Tx) error {
	for _, name := range buckets {
		if _, err := tx.CreateBucketIfNotExists(name); err != nil {
			return fmt.Errorf("make bucket %s: %w", name, err)
		}
	}
	meta := tx.Bucket(bucketMeta)
	switch found := meta.Get([]byte("format")); {
	case found == nil:
		return meta.Put([]byte("format"), []byte(format))
	case string(found) == formatKeys, string(found) == formatWhole:
		if err := errors.Join(migrateSeen(tx), sealAll(tx)); err != nil {
			return err
		}
		return meta.Put([]byte("format"), []byte(format))
	default:
		return checkFormat(tx)
	}
}

func checkFormat(tx *bbolt.Tx) error {
	meta := tx.Bucket(bucketMeta)
	if meta == nil {
		return errNoFormat
	}
	if found := string(meta.Get([]byte("format"))); !slices.Contains(formats, found) {
		return fmt.Errorf("its format is %q, this program reads %q: use the version that wrote it", found, format)
	}
	return nil
}

var errNoFormat = errors.New("an engine has not written it: it has no format")

// errLongRead ends a view that keeps the file from using its room again for too long.
var errLongRead = fmt.Errorf("it was not read within %v", longestRead)

var errReadOnly = errors.New("write in a view")

// boltTx is a Tx over one bbolt transaction. It is used by one goroutine.
type boltTx struct {
	tx       *bbolt.Tx
	now      func() time.Time
	writable bool
	ctx      context.Context // of a view: nobody waits for what goes over much once it has ended
	until    time.Time       // when it must have ended; zero = when it likes
	err      error           // of the function that runs: what it does from here on is void
	broken   error           // of the transaction: nothing in it may be committed
	undo     []undo          // what the function that runs has overwritten, in order
	journal  journaling

	seen  *seen     // the keys that are committed
	kept  int       // how many of them the functions before this one marked in the transaction
	today string    // the day in hand
	dawn  time.Time // and when it began

	lingers *lingers // whom the commit waits for; nil: it is none

	hashed []string // the keys that were hashed last
	hashes []hash   // and their hashes
	own    []hash   // the memory of those that were not foreseen

	foreseen foreseen // the keys that will be asked for next
	touched  uint64   // nothing: what is added up must be kept, or nothing would be fetched

	key []byte // used again for each of them

	reached   map[string]*reach // the chats' marks that were raised, to be written before the commit
	raised    []*reach          // of these, by the function that runs
	lastReach *reach            // the one that was asked for last
	ran       int               // the number of the function that runs, from 1
}

// undo is what a key held before it was written.
type undo struct {
	bucket *bbolt.Bucket
	key    string
	value  []byte // nil = there was none
}

// attempt runs one function of a batch and takes back what it wrote if it
// fails: the functions before it stay, those after it never see a trace of it.
func (t *boltTx) attempt(fn func(Tx) error) error {
	if t.broken != nil {
		return t.broken
	}
	t.err, t.undo, t.hashed, t.kept, t.raised = nil, t.undo[:0], nil, len(t.seen.pending), t.raised[:0]
	t.foreseen.reset()
	t.ran++
	mark := t.journal.mark()
	err := run(t, fn)
	if err != nil {
		t.journal.revert(mark)
		t.revert()
	}
	return err
}

// revert writes back what the function has overwritten, last first. Numbers it
// drew and empty buckets of a day it made stay: neither can be seen.
func (t *boltTx) revert() {
	t.seen.cut(t.kept)
	t.lowerReached()
	for _, u := range slices.Backward(t.undo) {
		err := u.bucket.Delete([]byte(u.key))
		if u.value != nil {
			err = u.bucket.Put([]byte(u.key), u.value)
		}
		if err != nil {
			t.broken = fmt.Errorf("take back a failed update: %w", err)
		}
	}
}

// fail makes err the function's answer, unless an earlier one is.
func (t *boltTx) fail(doing string, err error) {
	if t.err == nil && err != nil {
		t.err = fmt.Errorf("%s: %w", doing, err)
	}
}

// mayWrite reports whether a write may go on.
func (t *boltTx) mayWrite() bool {
	if !t.writable {
		t.fail("state", errReadOnly)
	}
	return t.err == nil
}

// goesOn reports whether somebody still waits for a view.
func (t *boltTx) goesOn() bool {
	if t.ctx != nil && t.err == nil {
		t.err = t.ctx.Err()
	}
	if !t.until.IsZero() && t.err == nil && time.Now().After(t.until) {
		t.err = errLongRead
	}
	return t.err == nil
}

func (t *boltTx) bucket(name []byte) *bbolt.Bucket { return t.tx.Bucket(name) }

// get returns a copy: bbolt's own bytes die with the transaction.
func (t *boltTx) get(b *bbolt.Bucket, key []byte) ([]byte, bool) {
	if t.err != nil || b == nil {
		return nil, false
	}
	value := b.Get(key)
	if value == nil {
		return nil, false
	}
	return bytes.Clone(value), true
}

// put writes value, which must not be changed afterwards.
func (t *boltTx) put(doing string, b *bbolt.Bucket, key, value []byte) {
	if !t.mayWrite() {
		return
	}
	t.remember(b, key)
	if value == nil {
		value = nothing
	}
	t.fail(doing, b.Put(key, value))
}

// insert is put for a key that was just looked for in vain: it is not looked for again.
func (t *boltTx) insert(doing string, b *bbolt.Bucket, key, value []byte) {
	if !t.mayWrite() {
		return
	}
	t.undo = append(t.undo, undo{bucket: b, key: string(key)})
	t.fail(doing, b.Put(key, value))
}

func (t *boltTx) remove(doing string, b *bbolt.Bucket, key []byte) {
	if !t.mayWrite() || b.Get(key) == nil {
		return
	}
	t.remember(b, key)
	t.fail(doing, b.Delete(key))
}

func (t *boltTx) remember(b *bbolt.Bucket, key []byte) {
	t.undo = append(t.undo, undo{b, string(key), bytes.Clone(b.Get(key))})
}

// day returns the bucket of one day of one of the buckets with days.
func (t *boltTx) day(parent []byte, day string) *bbolt.Bucket {
	b, err := t.bucket(parent).CreateBucketIfNotExists([]byte(day))
	t.fail("make the bucket of a day", err)
	return b
}

func dayOf(at time.Time) string { return at.UTC().Format("20060102") }

// instant is a time as eight bytes that sort like it; the zero time is zeroes.
func instant(at time.Time) []byte {
	if at.IsZero() {
		return make([]byte, 8)
	}
	return binary.BigEndian.AppendUint64(nil, uint64(at.UnixNano())^1<<63)
}

func instantOf(b []byte) time.Time {
	n := binary.BigEndian.Uint64(b)
	if n == 0 {
		return time.Time{}
	}
	return time.Unix(0, int64(n^1<<63))
}
