package hostile

import (
	"cmp"
	"slices"
	"time"
)

// Report is a line that the child writes: that a case begins, then what became of it.
type Report struct {
	Case    int           `json:"case"`
	Begun   bool          `json:"begun,omitempty"`
	Verdict Verdict       `json:"verdict,omitempty"`
	Size    int           `json:"size,omitempty"`   // bytes of the input
	CPU     time.Duration `json:"cpu,omitempty"`    // of the whole process, the best of a few tries
	Memory  int           `json:"memory,omitempty"` // bytes the process had at most meanwhile; 0 = not known
}

// sorted gives cases that were made from a map an order.
func sorted(all []Case) []Case {
	slices.SortStableFunc(all, func(a, b Case) int { return cmp.Compare(a.Name, b.Name) })
	return all
}
