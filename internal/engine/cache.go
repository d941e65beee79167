package engine

import (
	"crypto/sha256"
	"sync"

	"botengine/internal/rule"
)

// How much a Cache keeps of each kind; a full one begins anew.
const (
	maxArchives = 64
	maxBooks    = 256
	maxRuns     = 1024

	maxLoopLists = 4 // the newest, and what a transaction still sees
)

// Cache remembers what decisions parsed: archived rules, tag lists and lists of loops, each under
// the hash of its content, and runs beside their content, so that nothing in it can be
// out of date. It may be used by any number of goroutines. A nil Cache remembers nothing.
type Cache struct {
	mu       sync.Mutex // guards the maps below
	archives map[string]*rule.Set
	books    map[[sha256.Size]byte]*tagBook
	loops    map[[sha256.Size]byte][]Loop
	runs     map[string]cachedRun // by id: what was decided last, stored or not
}

// NewCache returns an empty cache.
func NewCache() *Cache {
	return &Cache{archives: make(map[string]*rule.Set), books: make(map[[sha256.Size]byte]*tagBook), loops: make(map[[sha256.Size]byte][]Loop), runs: make(map[string]cachedRun)}
}

func (c *Cache) archive(hash string, compile func() (*rule.Set, error)) (*rule.Set, error) {
	if c == nil {
		return compile()
	}
	return remembered(&c.mu, c.archives, maxArchives, hash, compile)
}

func (c *Cache) book(payload []byte) (*tagBook, error) {
	parse := func() (*tagBook, error) { return parseTags(payload) }
	if c == nil {
		return parse()
	}
	return remembered(&c.mu, c.books, maxBooks, sha256.Sum256(payload), parse)
}

// loopsIn returns the loops of a list, which must not be changed: as long as one is open,
// every message that concerns a rule asks for them.
func (c *Cache) loopsIn(raw []byte) []Loop {
	if c == nil {
		return decodeLoops(raw)
	}
	loops, _ := remembered(&c.mu, c.loops, maxLoopLists, sha256.Sum256(raw), func() ([]Loop, error) { return decodeLoops(raw), nil })
	return loops
}

// remembered returns what the map has, or makes and keeps it. Two who ask at once
// may both make it; they make the same.
func remembered[K comparable, V any](mu *sync.Mutex, known map[K]V, most int, key K, create func() (V, error)) (V, error) {
	mu.Lock()
	v, ok := known[key]
	mu.Unlock()
	if ok {
		return v, nil
	}
	v, err := create()
	if err != nil {
		return v, err
	}
	mu.Lock()
	defer mu.Unlock()
	if len(known) >= most {
		clear(known)
	}
	known[key] = v
	return v, nil
}
