package state

import (
	"encoding/json"
	"reflect"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

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

// filled sets every field of a struct to something that is not zero, and says so of
// one that it cannot set.
func filled(t *rapid.T, v reflect.Value) {
	for i := range v.NumField() {
		name, f := v.Type().Field(i).Name, v.Field(i)
		if rapid.IntRange(0, 3).Draw(t, "left out") == 0 {
			continue
		}
		switch at := f.Addr().Interface().(type) {
		case *time.Time:
			zone := rapid.SampledFrom([]*time.Location{time.UTC, time.UTC, time.FixedZone("", 8*3600)}).Draw(t, name)
			*at = time.Unix(rapid.Int64Range(-1e9, 4e9).Draw(t, name), rapid.Int64Range(0, 1e9-1).Draw(t, name)).In(zone)
			continue
		case *json.RawMessage:
			*at = json.RawMessage(`{"content":"<您好>"}`)
			continue
		}
		switch f.Kind() {
		case reflect.String:
			f.SetString(rapid.OneOf(rapid.String(), rapid.StringMatching(`[a-z0-9/:_-]{1,40}`), rapid.Just("退款\u2028\xff\t\"<>&😊")).Draw(t, name))
		case reflect.Int, reflect.Int64:
			f.SetInt(rapid.Int64().Draw(t, name))
		case reflect.Uint64:
			f.SetUint(rapid.Uint64().Draw(t, name))
		case reflect.Bool:
			f.SetBool(true)
		case reflect.Struct:
			filled(t, f)
		case reflect.Pointer:
			f.Set(reflect.New(f.Type().Elem()))
			filled(t, f.Elem())
		default:
			t.Fatalf("field %s is of a kind that the test cannot fill: %s", name, f.Kind())
		}
	}
}

func TestEntriesAreWrittenAsEncodingJSONDoes(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var e Entry
		filled(t, reflect.ValueOf(&e).Elem())
		want, err := json.Marshal(e)
		if err != nil {
			t.Fatal(err)
		}
		got, err := entryJSON(&e)
		if err != nil || string(got) != string(want) {
			t.Fatalf("got  %s (%v)\nwant %s", got, err, want)
		}
	})
	if _, err := entryJSON(&Entry{AddedAt: time.Date(12000, 1, 1, 0, 0, 0, 0, time.UTC)}); err == nil {
		t.Error("a year of five digits was written")
	}
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
