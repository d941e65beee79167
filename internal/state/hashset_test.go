package state

import (
	"testing"

	"pgregory.net/rapid"
)

// near are hashes of which many ask for the same places: the first of a table, the
// last, and those at the end that go on at the beginning.
func near(t *rapid.T) hash {
	table := rapid.SampledFrom([]uint64{0, 1, 63}).Draw(t, "table")
	place := rapid.SampledFrom([]uint64{0, 1 << 60, 1 << 63, ^uint64(0)}).Draw(t, "place")
	return hash{table<<58 + rapid.Uint64Range(0, 9).Draw(t, "which"), place}
}

func (s *hashSet) len() int {
	n := 0
	for i := range s.tables {
		n += s.tables[i].n
	}
	if s.zero {
		n++
	}
	return n
}

func TestASetOfHashesIsASet(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		set, model := &hashSet{}, map[hash]bool{}
		t.Repeat(map[string]func(*rapid.T){
			"add": func(t *rapid.T) {
				h := near(t)
				if got := set.add(h); got == model[h] {
					t.Fatalf("add(%x) = %v, it is in it: %v", h, got, model[h])
				}
				model[h] = true
			},
			"remove": func(t *rapid.T) {
				if h := near(t); model[h] {
					set.remove(h)
					delete(model, h)
				}
			},
			"reserve": func(t *rapid.T) { set.reserve(rapid.IntRange(0, 2000).Draw(t, "n")) },
			"": func(t *rapid.T) {
				if set.len() != len(model) {
					t.Fatalf("it has %d hashes, want %d", set.len(), len(model))
				}
				for h := range model {
					if !set.has(h) {
						t.Fatalf("%x was lost", h)
					}
				}
				if h := near(t); set.has(h) != model[h] {
					t.Fatalf("has(%x) = %v", h, !model[h])
				}
			},
		})
	})
}
