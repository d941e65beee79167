package dispatch

import (
	"container/heap"
	"time"
)

// agenda is what is due when, the earliest first. The zero agenda is empty.
type agenda[T any] struct{ due entries[T] }

// slot is a place in an agenda; it is in one at most, and out of any when made.
type slot[T any] struct {
	at    time.Time
	rank  uint64 // of what is due at the same time the lowest is first
	owner T
	index int // 1 is the first; 0 = in no agenda
}

// put has s due at a time, whether it was in the agenda before or not.
func (a *agenda[T]) put(s *slot[T], at time.Time) {
	s.at = at
	if s.index > 0 {
		heap.Fix(&a.due, s.index-1)
		return
	}
	heap.Push(&a.due, s)
}

// take takes s out, if it is in.
func (a *agenda[T]) take(s *slot[T]) {
	if s.index > 0 {
		heap.Remove(&a.due, s.index-1)
	}
}

// first returns what is due first; false if nothing is in.
func (a *agenda[T]) first() (*slot[T], bool) {
	if len(a.due) == 0 {
		return nil, false
	}
	return a.due[0], true
}

// entries implement heap.Interface.
type entries[T any] []*slot[T]

func (e entries[T]) Len() int { return len(e) }

func (e entries[T]) Less(i, j int) bool {
	if at := e[i].at.Compare(e[j].at); at != 0 {
		return at < 0
	}
	return e[i].rank < e[j].rank
}

func (e entries[T]) Swap(i, j int) {
	e[i], e[j] = e[j], e[i]
	e[i].index, e[j].index = i+1, j+1
}

func (e *entries[T]) Push(x any) {
	s, ok := x.(*slot[T])
	if !ok {
		return // only put pushes
	}
	*e = append(*e, s)
	s.index = len(*e)
}

func (e *entries[T]) Pop() any {
	last := len(*e) - 1
	s := (*e)[last]
	(*e)[last] = nil
	*e = (*e)[:last]
	s.index = 0
	return s
}
