package dispatch

import (
	"testing"

	"botengine/internal/command"
	"botengine/internal/state"
)

// A commit that fails takes the numbers of its entries back, too: what was expected of
// it may stand on a lane beside what has its number now.
func TestAnItemLeavesItsLaneAlsoWhereAnotherHasItsNumber(t *testing.T) {
	for _, numbers := range [][]uint64{{1, 1}, {1, 1, 2}, {2, 1, 1}} {
		l := newLane("c/1", true)
		var items []*item
		for _, seq := range numbers {
			items = append(items, l.add(state.Entry{Seq: seq, Command: command.Command{Lane: command.LaneChat, Chat: "1"}}))
		}
		for i, it := range items {
			if l.drop(it); l.size != len(items)-1-i {
				t.Errorf("numbers %v: %d items are left after %d were dropped", numbers, l.size, i+1)
			}
		}
		if it, _ := l.current(nil); it != nil {
			t.Errorf("numbers %v: an item that was dropped still is on the lane", numbers)
		}
	}
}
