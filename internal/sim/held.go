package sim

import "math/rand/v2"

// held are the events that faults keep back until others have come. It is guarded by the world's lock.
type held struct {
	waiting []waiting
	mixed   []func()
}

type waiting struct {
	behind int // events that go first
	send   func()
}

// behind keeps an event back until n others have been pushed.
func (h *held) behind(n int, send func()) { h.waiting = append(h.waiting, waiting{n, send}) }

// shuffle keeps an event back until there are n, which then go in a random order.
func (h *held) shuffle(n int, rng *rand.Rand, send func()) {
	h.mixed = append(h.mixed, send)
	if len(h.mixed) < n {
		return
	}
	rng.Shuffle(len(h.mixed), func(i, j int) { h.mixed[i], h.mixed[j] = h.mixed[j], h.mixed[i] })
	all := h.mixed
	h.mixed = nil
	for _, send := range all {
		send()
	}
}

// passed lets those go that have let enough events by.
func (h *held) passed() {
	kept := h.waiting[:0]
	for _, w := range h.waiting {
		if w.behind--; w.behind > 0 {
			kept = append(kept, w)
			continue
		}
		w.send()
	}
	h.waiting = kept
}

// release lets all of them go, in the order they came.
func (h *held) release() {
	waiting, mixed := h.waiting, h.mixed
	h.waiting, h.mixed = nil, nil
	for _, w := range waiting {
		w.send()
	}
	for _, send := range mixed {
		send()
	}
}
