package state

import (
	"encoding/binary"
	"fmt"
	"iter"
	"slices"
	"sync"
	"time"

	"go.etcd.io/bbolt"
)

// seen are the dedupe keys that are committed, by the day they were marked on. On
// the disk they are rows of hashes, one for each commit and day; what they are asked
// is answered from memory. The writer alone changes it.
type seen struct {
	mu   sync.RWMutex // guards what follows against views; the writer reads without it
	days []seenDay    // the newest first

	// What the transaction under way has marked, which is among the days already, and
	// which one it is: a view that does not see that transaction does not see these.
	pending     marks
	transaction int
}

type seenDay struct {
	name   string
	hashes *hashSet
}

// marks are the keys that one transaction marked, in order.
type marks []mark

type mark struct {
	hash hash
	day  string
}

// mark adds hashes to a day. Only the writer calls it.
func (s *seen) mark(hashes []hash, day string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	set := s.day(day)
	for _, h := range hashes {
		if set.add(h) {
			s.pending = append(s.pending, mark{h, day})
		}
	}
}

// cut forgets what the transaction marked after the first n.
func (s *seen) cut(n int) {
	if n == len(s.pending) {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, k := range s.pending[n:] {
		s.day(k.day).remove(k.hash)
	}
	s.pending = s.pending[:n]
}

func (s *seen) has(h hash) bool {
	for i := range s.days {
		if s.days[i].hashes.has(h) {
			return true
		}
	}
	return false
}

// day is the set of a day. The caller may change it.
func (s *seen) day(name string) *hashSet {
	at := 0
	for ; at < len(s.days) && s.days[at].name >= name; at++ {
		if s.days[at].name == name {
			return s.days[at].hashes
		}
	}
	s.days = slices.Insert(s.days, at, seenDay{name, &hashSet{}})
	return s.days[at].hashes
}

// begin says which transaction marks from here on.
func (s *seen) begin(transaction int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.transaction = transaction
}

// end keeps what the transaction marked if it is committed, and forgets it if it is
// not.
func (s *seen) end(committed bool) {
	if !committed {
		s.cut(0)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.pending = s.pending[:0]
}

// drop forgets the days before the given one.
func (s *seen) drop(before string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.days = slices.DeleteFunc(s.days, func(d seenDay) bool { return d.name < before })
}

// viewed is what a view asks: of the keys of a commit that it sees, and of none that
// is under way.
func (s *seen) viewed(hashes []hash, transaction int) bool {
	s.mu.RLock()
	defer s.mu.RUnlock()
	for _, h := range hashes {
		for i := range s.days {
			d := &s.days[i]
			if d.hashes.has(h) && (s.transaction <= transaction || !slices.Contains(s.pending, mark{h, d.name})) {
				return true
			}
		}
	}
	return false
}

// Seen implements Tx.
func (t *boltTx) Seen(keys []string) bool {
	if t.err != nil {
		return false
	}
	hashes := t.hash(keys)
	if t.seen == nil { // nobody has read them yet: only a Reader has not
		known, err := loadSeen(t.tx)
		t.seen = known
		t.fail("read the seen keys", err)
	}
	if !t.writable {
		return t.seen.viewed(hashes, t.tx.ID())
	}
	return slices.ContainsFunc(hashes, t.seen.has)
}

// MarkSeen implements Tx.
func (t *boltTx) MarkSeen(keys []string, at time.Time) {
	if len(keys) == 0 || !t.mayWrite() {
		return
	}
	if t.today == "" || at.Before(t.dawn) || at.Sub(t.dawn) >= 24*time.Hour {
		t.today, t.dawn = dayOf(at), at.UTC().Truncate(24*time.Hour)
	}
	t.seen.mark(t.hash(keys), t.today)
}

// hash returns the hashes of keys, which stand until it is called again. Those that
// were just asked for are not computed again.
func (t *boltTx) hash(keys []string) []hash {
	if len(keys) > 0 && len(t.hashed) == len(keys) && &t.hashed[0] == &keys[0] {
		return t.hashes
	}
	t.hashed = keys
	if f := &t.foreseen; f.next < len(f.keys) && f.keys[f.next].is(keys) {
		from := f.keys[f.next].at
		f.next++
		t.hashes = f.hashes[from : from+len(keys)]
		return t.hashes
	}
	t.own = t.appendHashes(t.own[:0], keys)
	t.hashes = t.own
	return t.hashes
}

func (t *boltTx) appendHashes(hashes []hash, keys []string) []hash {
	for _, key := range keys {
		t.key = append(t.key[:0], key...)
		hashes = append(hashes, hashOf(t.key))
	}
	return hashes
}

// Foreseer is a Tx that answers sooner when it knows what it will be asked.
type Foreseer interface {
	// Foresee says what the function is going to ask of Seen and MarkSeen, in this
	// order. The memory that holds the answers is far away: it is fetched for many keys
	// at once, not for one after the other. It is to be called once, before all else.
	Foresee(keys iter.Seq[[]string])
}

// foreseen are keys whose hashes are known already.
type foreseen struct {
	keys   []foreseenKeys
	next   int // of these
	hashes []hash
}

type foreseenKeys struct {
	first *string
	n, at int // how many, and where their hashes begin
}

func (f foreseenKeys) is(keys []string) bool { return len(keys) == f.n && &keys[0] == f.first }

func (f *foreseen) reset() {
	clear(f.keys) // nobody else's memory is held on to
	f.keys, f.next, f.hashes = f.keys[:0], 0, f.hashes[:0]
}

// Foresee implements Foreseer.
func (t *boltTx) Foresee(all iter.Seq[[]string]) {
	if t.seen == nil || !t.writable {
		return
	}
	f := &t.foreseen
	f.reset()
	for keys := range all {
		if len(keys) > 0 {
			from := len(f.hashes)
			f.keys = append(f.keys, foreseenKeys{&keys[0], len(keys), from})
			f.hashes = t.appendHashes(f.hashes, keys)
		}
	}
	t.touched += t.seen.touch(f.hashes)
}

// touch fetches the memory that has tells by. What it returns is worth nothing. It does
// nothing else meanwhile: then a processor waits for many places at the same time.
func (s *seen) touch(hashes []hash) (sum uint64) {
	for _, h := range hashes {
		for i := range s.days {
			if t := s.days[i].hashes.table(h); len(t.places) > 0 {
				sum += t.places[t.place(h)][0]
			}
		}
	}
	return sum
}

// rowful is how many keys share a row at most. A page holds two rows or more, and
// the last page is written anew by the next commit.
const rowful = 512

// keepMarks writes what the transaction marked: one row, nearly always.
func (t *boltTx) keepMarks() error {
	all := t.seen.pending
	for from := 0; from < len(all); {
		to := from
		for to < len(all) && to-from < rowful && all[to].day == all[from].day {
			to++
		}
		if err := putMarks(t.tx, all[from:to]); err != nil {
			return fmt.Errorf("mark events as seen: %w", err)
		}
		from = to
	}
	return nil
}

// appended is how full pages become when they are split, in buckets whose keys
// count up: nothing is put between them later.
const appended = 0.9

// putMarks writes a row of marks of one day.
func putMarks(tx *bbolt.Tx, all []mark) error {
	b, err := tx.Bucket(bucketMarks).CreateBucketIfNotExists([]byte(all[0].day))
	if err != nil {
		return err
	}
	n, err := b.NextSequence()
	if err != nil {
		return err
	}
	row := make([]byte, 0, hashSize*len(all))
	for _, m := range all {
		row = m.hash.append(row)
	}
	b.FillPercent = appended
	return b.Put(binary.BigEndian.AppendUint64(nil, n), row)
}

// loadSeen reads the keys of all days, in this format or the one before.
func loadSeen(tx *bbolt.Tx) (*seen, error) {
	s := &seen{}
	if b := tx.Bucket(bucketSeen); b != nil {
		return s, b.ForEachBucket(func(day []byte) error {
			return b.Bucket(day).ForEach(func(key, _ []byte) error {
				s.day(string(day)).add(hashOf(key))
				return nil
			})
		})
	}
	b := tx.Bucket(bucketMarks)
	return s, b.ForEachBucket(func(day []byte) error {
		return loadDay(s.day(string(day)), b.Bucket(day))
	})
}

func loadDay(set *hashSet, b *bbolt.Bucket) error {
	n := 0
	err := b.ForEach(func(_, row []byte) error {
		n += len(row)
		if len(row)%hashSize != 0 {
			return fmt.Errorf("seen keys: %w", errShort)
		}
		return nil
	})
	if err != nil {
		return err
	}
	set.reserve(n / hashSize)
	return b.ForEach(func(_, row []byte) error {
		for ; len(row) > 0; row = row[hashSize:] {
			set.add(readHash(row))
		}
		return nil
	})
}

// migrateSeen makes rows of hashes of what the format before kept: a row for each key.
func migrateSeen(tx *bbolt.Tx) error {
	old := tx.Bucket(bucketSeen)
	if old == nil {
		return nil
	}
	err := old.ForEachBucket(func(day []byte) error {
		var all []mark
		keep := func() error {
			if len(all) == 0 {
				return nil
			}
			defer func() { all = all[:0] }()
			return putMarks(tx, all)
		}
		err := old.Bucket(day).ForEach(func(key, _ []byte) error {
			if all = append(all, mark{hashOf(key), string(day)}); len(all) < rowful {
				return nil
			}
			return keep()
		})
		if err != nil {
			return err
		}
		return keep()
	})
	if err != nil {
		return fmt.Errorf("take over the seen keys of the format before: %w", err)
	}
	return tx.DeleteBucket(bucketSeen)
}
