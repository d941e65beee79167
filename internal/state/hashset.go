package state

import (
	"crypto/sha256"
	"encoding/binary"
	"math/bits"
)

// hash is what is kept of a dedupe key: half of its SHA-256. Two keys that had one
// hash would be an event lost; among fifty million keys the odds are 1 to 10^23.
type hash [2]uint64

// hashSize is how many bytes of a row a hash takes.
const hashSize = 16

func hashOf(key []byte) hash {
	sum := sha256.Sum256(key)
	return readHash(sum[:])
}

func readHash(b []byte) hash {
	return hash{binary.BigEndian.Uint64(b), binary.BigEndian.Uint64(b[8:])}
}

func (h hash) append(b []byte) []byte {
	return binary.BigEndian.AppendUint64(binary.BigEndian.AppendUint64(b, h[0]), h[1])
}

// parts is how many tables a hashSet has: each grows by itself, so that no commit
// waits for a large set to be copied.
const parts = 64

// hashSet is a set of hashes in little memory: 16 bytes each, and a quarter to two
// thirds of that for free places, or all of it once more in a small one. It is not safe for several goroutines unless all
// of them read.
type hashSet struct {
	tables [parts]hashTable
	zero   bool // whether the hash of zeroes, which marks free places, is in it
}

// hashTable has its hashes at the place that they ask for, or behind it up to the
// first free one.
type hashTable struct {
	places []hash
	n      int
}

func (s *hashSet) table(h hash) *hashTable { return &s.tables[h[0]>>(64-6)] }

func (s *hashSet) has(h hash) bool {
	if h == (hash{}) {
		return s.zero
	}
	return s.table(h).has(h)
}

// add reports whether the hash is new.
func (s *hashSet) add(h hash) bool {
	if h == (hash{}) {
		was := s.zero
		s.zero = true
		return !was
	}
	return s.table(h).add(h)
}

// remove takes out a hash that is in the set.
func (s *hashSet) remove(h hash) {
	if h == (hash{}) {
		s.zero = false
		return
	}
	s.table(h).remove(h)
}

// reserve makes room for n hashes in all.
func (s *hashSet) reserve(n int) {
	for i := range s.tables {
		s.tables[i].resize(roomFor(n / parts))
	}
}

// roomFor is how many places n hashes get when a table is made for them.
func roomFor(n int) int { return max(8, n+n/3) }

// growth is what part of a table it grows by: small ones cost little memory, and time
// when they grow.
func growth(n int) int {
	if n < 8<<10 {
		return 2
	}
	return 4
}

// place is where a hash asks to be: the second half of it, scaled to the table.
func (t *hashTable) place(h hash) int {
	at, _ := bits.Mul64(h[1], uint64(len(t.places)))
	return int(at) //nolint:gosec // less than a length
}

func (t *hashTable) next(at int) int {
	if at++; at < len(t.places) {
		return at
	}
	return 0
}

func (t *hashTable) has(h hash) bool {
	if t.n == 0 {
		return false
	}
	for at := t.place(h); t.places[at] != (hash{}); at = t.next(at) {
		if t.places[at] == h {
			return true
		}
	}
	return false
}

func (t *hashTable) add(h hash) bool {
	if 5*t.n >= 4*len(t.places) {
		t.resize(roomFor(t.n + t.n/growth(t.n)))
	}
	at := t.place(h)
	for ; t.places[at] != (hash{}); at = t.next(at) {
		if t.places[at] == h {
			return false
		}
	}
	t.places[at] = h
	t.n++
	return true
}

func (t *hashTable) resize(places int) {
	if places <= len(t.places) {
		return
	}
	old := t.places
	t.places, t.n = make([]hash, places), 0
	for _, h := range old {
		if h != (hash{}) {
			t.add(h)
		}
	}
}

// remove closes the gap: a hash behind it that asks for a place at it or before it
// moves there, and leaves the next gap.
func (t *hashTable) remove(h hash) {
	gap := t.place(h)
	for t.places[gap] != h {
		gap = t.next(gap)
	}
	for at := t.next(gap); t.places[at] != (hash{}); at = t.next(at) {
		if between := t.distance(t.place(t.places[at]), at); between >= t.distance(gap, at) {
			t.places[gap], gap = t.places[at], at
		}
	}
	t.places[gap] = hash{}
	t.n--
}

// distance is how many steps lead from one place to another.
func (t *hashTable) distance(from, to int) int {
	if to < from {
		to += len(t.places)
	}
	return to - from
}
