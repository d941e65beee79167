package state_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"botengine/internal/command"
	"botengine/internal/event"
	"botengine/internal/state"
)

var (
	sizeDays  = flag.Int("size-days", 30, "days that the store is used for")
	sizeDaily = flag.Int("size-daily", 500, "messages that are answered on each of them")
)

// Fault 64: what is kept for some days is as much on the thirtieth day as on the tenth,
// and so is the file.
func TestFault64AFileDoesNotGrowForEver(t *testing.T) {
	dir := memoryDir(t)
	path := filepath.Join(dir, "state.db")
	now := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	store, err := state.Open(path, state.Options{Now: func() time.Time { return now }, SweepEvery: time.Hour})
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	sizes := make([]int64, *sizeDays)
	for day := range *sizeDays {
		for hour := range 24 {
			now = now.Add(time.Hour)
			if err := store.Update(t.Context(), func(tx state.Tx) error { hourOf(tx, now, day, hour); return nil }); err != nil {
				t.Fatal(err)
			}
			store.(interface{ Sweep() }).Sweep()
		}
		sizes[day] = bytesOf(t, path)
	}
	steady, last := sizes[min(10, *sizeDays-1)], sizes[*sizeDays-1]
	t.Logf("figure: state file of %d messages a day: %d KiB after 10 days, %d KiB after %d (%.2f times), %d B for each message of the last 8 days",
		*sizeDaily, steady>>10, last>>10, *sizeDays, float64(last)/float64(steady), last/int64(8**sizeDaily))
	if float64(last) > 1.25*float64(steady) {
		t.Errorf("it grows on: %v", sizes)
	}
}

// hourOf is an hour's share of a day: messages that come in, are recorded, answered and
// end, and a fact for each that is good for some time.
func hourOf(tx state.Tx, now time.Time, day, hour int) {
	for n := hour * *sizeDaily / 24; n < (hour+1)**sizeDaily/24; n++ {
		id := fmt.Sprintf("20260302100000000%05d%010d", day, n)
		ev := event.Event{Kind: event.MessageText, ID: id, Time: now, Message: event.Message{Text: "请问这个订单怎么退款呀，已经等了好几天了"}}
		tx.Record(state.EncodeEvent(nil, &ev, state.TextFull), &state.Fate{At: now, Origin: state.Live})
		tx.MarkSeen([]string{"m/r/" + id, "v/r/" + id}, now)
		tx.SetFact("cooldown/refund/"+id, []byte("1"), now.Add(48*time.Hour))
		tx.RaiseMark("r", fmt.Sprintf("chat %d", n%50), now)
		e := tx.Enqueue(command.Command{Key: id, MessageID: id, Robot: "r", Type: command.MessageText, Lane: command.LaneChat, Chat: fmt.Sprint(n % 50), Fields: []byte(`{"content":"请回复订单号"}`)})
		e.State = state.Confirmed
		tx.PutEntry(e)
	}
}

func bytesOf(t *testing.T, path string) int64 {
	t.Helper()
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	return info.Size()
}
