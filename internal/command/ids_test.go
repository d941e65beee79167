package command_test

import (
	"flag"
	"slices"
	"strconv"
	"testing"
	"time"

	"botengine/internal/command"
)

var manyIDs = flag.Int("ids", 300_000, "how many message ids TestFault36 makes")

// Fault 36: ids have 32 digits, none is made twice, and each says when its event was.
func TestFault36MessageIDsAreDigitsThatAreNotMadeTwice(t *testing.T) {
	const perMillisecond = 600 // commands of events of one moment
	begin := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	seen := make([]uint64, 0, *manyIDs)
	wrong := 0
	for i := range *manyIDs {
		ms := i / perMillisecond
		at := begin.Add(time.Duration(ms) * time.Millisecond)
		id := command.MessageID(at, command.Key("main/cfb3/20260302"+strconv.Itoa(i/4), "规则"+strconv.Itoa(i%4/2), strconv.Itoa(i%2), ""))
		when, ok := command.MessageTime(id)
		n, err := strconv.ParseUint(id[len(id)-15:], 10, 64)
		if len(id) != 32 || !ok || !when.Equal(at) || err != nil {
			wrong++
		}
		seen = append(seen, uint64(ms)*1e15+n) //nolint:gosec // it fits for 18 s, which is ten million of them
	}
	slices.Sort(seen)
	twice := len(seen) - len(slices.Compact(seen))
	t.Logf("figure: %d message ids: %d twice, %d that are not 32 digits with the time of their event", *manyIDs, twice, wrong)
	if twice+wrong > 0 {
		t.Error("ids must be 32 digits, and unique")
	}
}
