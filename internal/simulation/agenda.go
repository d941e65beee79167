package simulation

import (
	"container/heap"
	"time"
)

// agenda is what is to happen, in the order of its time and, at one time, in that in
// which it was put there.
type agenda struct {
	items []item
	n     uint64
}

type item struct {
	at   time.Duration // since the seed began, whatever any clock shows
	n    uint64
	life int // it concerns that life of the engine only; 0: whoever lives
	name string
	do   func()
}

func (a *agenda) put(at time.Duration, life int, name string, do func()) {
	a.n++
	heap.Push((*items)(&a.items), item{at, a.n, life, name, do})
}

func (a *agenda) first() (time.Duration, bool) {
	if len(a.items) == 0 {
		return 0, false
	}
	return a.items[0].at, true
}

func (a *agenda) take() item { return heap.Pop((*items)(&a.items)).(item) }

// items is a heap.
type items []item

func (l items) Len() int           { return len(l) }
func (l items) Less(i, j int) bool { return l[i].at < l[j].at || l[i].at == l[j].at && l[i].n < l[j].n }
func (l items) Swap(i, j int)      { l[i], l[j] = l[j], l[i] }

// Push implements heap.Interface.
func (l *items) Push(x any) { *l = append(*l, x.(item)) }

// Pop implements heap.Interface.
func (l *items) Pop() any {
	last := len(*l) - 1
	x := (*l)[last]
	(*l)[last] = item{}
	*l = (*l)[:last]
	return x
}
