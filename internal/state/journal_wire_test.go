package state

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"botengine/internal/event"
)

// FuzzDecodeRecord: a damaged record is an error, never a panic, and what can be
// read is written again as it was.
func FuzzDecodeRecord(f *testing.F) {
	ev := event.Event{Kind: event.MemberJoin, Members: []event.Person{{ID: "1"}}, Message: event.Message{At: []string{"a"}}}
	f.Add([]byte(EncodeEvent(nil, &ev, TextFull)))
	f.Add([]byte{0xff, 0xff, 0xff})
	f.Fuzz(func(t *testing.T, data []byte) {
		var r, again Record
		var f fields
		if f.decodeRecord(string(data), &r) != nil {
			return
		}
		w := wire{out: EncodeEvent(nil, &r.Event, TextFull)}
		w.fate(&r.Fate, &r.Generation)
		err := f.decodeRecord(string(w.out), &again)
		if err != nil || cmp.Diff(r.Event, again.Event) != "" || cmp.Diff(r.Fate, again.Fate) != "" {
			t.Errorf("%+v became %+v, %v", r, again, err)
		}
	})
}

func FuzzDecodeRow(f *testing.F) {
	f.Add(make([]byte, stampSize+1))
	f.Add(append(make([]byte, stampSize), 4, 3, 2, 'a', 'b'))
	f.Add(append(make([]byte, stampSize), likeSize, likeBefore[0][0], likeBefore[0][1], 0)) // as the record before, and there is none
	var j journaling
	for range 2 {
		ev := event.Event{Kind: event.MessageText, Sender: event.Person{ID: "1"}}
		j.add(EncodeEvent(nil, &ev, TextFull), &Fate{})
	}
	f.Add(j.buf)
	f.Fuzz(func(t *testing.T, data []byte) {
		if len(data) < stampSize {
			return
		}
		records, err := decodeRow(7, data)
		if err != nil && records != nil || len(records) > len(data) {
			t.Errorf("%d records, %v", len(records), err)
		}
	})
}
