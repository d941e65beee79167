package state

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"botengine/internal/command"
)

// FuzzDecodeEntry: a row of a damaged file is an error, never a panic, and what
// can be read is written again as it was.
func FuzzDecodeEntry(f *testing.F) {
	row, err := encodeEntry(Entry{Seq: 7, State: Pending, Command: command.Command{
		MessageID: "20261123120000000123456789012345", Robot: "cfb3e2c2", Chat: "S:1_R:2",
		Fields: []byte(`{"content":"您好，<请>稍等😊","id":14073751575621261}`),
	}})
	if err != nil {
		f.Fatal(err)
	}
	f.Add(row)
	f.Add([]byte{})
	f.Add([]byte{0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01, '{', '}'})
	f.Add([]byte{2, '{', '}'})
	f.Fuzz(func(t *testing.T, row []byte) {
		e, err := decodeEntry(row)
		if err != nil {
			return
		}
		again, err := encodeEntry(e)
		if err != nil {
			t.Skip("a time that JSON cannot spell")
		}
		back, err := decodeEntry(again)
		if err != nil {
			t.Fatalf("decode what was encoded: %v", err)
		}
		if diff := cmp.Diff(e, back); diff != "" {
			t.Errorf("it changed on the way (-first +second):\n%s", diff)
		}
	})
}

// FuzzDecodeRun: the same for waiting runs.
func FuzzDecodeRun(f *testing.F) {
	f.Add(encodeRun(Run{ID: "r", Robot: "机器人", Due: time.Unix(1_795_000_000, 0), Data: []byte(`{"step":2}`)}))
	f.Add([]byte{})
	f.Add([]byte("12345678\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"))
	f.Add([]byte("12345678\x05abc"))
	f.Fuzz(func(t *testing.T, row []byte) {
		r, err := decodeRun("r", row)
		if err != nil {
			return
		}
		back, err := decodeRun("r", encodeRun(r))
		if err != nil {
			t.Fatalf("decode what was encoded: %v", err)
		}
		if !back.Due.Equal(r.Due) || back.Robot != r.Robot || string(back.Data) != string(r.Data) {
			t.Errorf("%+v became %+v", r, back)
		}
	})
}

func TestInstantsSortLikeTheirTimes(t *testing.T) {
	times := []time.Time{
		{},
		time.Date(1900, 1, 1, 0, 0, 0, 0, time.UTC),
		time.Date(1969, 12, 31, 23, 59, 59, 999999999, time.UTC),
		time.Unix(0, 0),
		time.Unix(0, 1),
		time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC),
		time.Date(2200, 1, 1, 0, 0, 0, 0, time.UTC),
	}
	for i, at := range times {
		if got := instantOf(instant(at)); !got.Equal(at) {
			t.Errorf("%v became %v", at, got)
		}
		if i > 0 && string(instant(times[i-1])) >= string(instant(at)) {
			t.Errorf("%v does not sort before %v", times[i-1], at)
		}
	}
}
