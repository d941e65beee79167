package yjiyun

import (
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"botengine/internal/command"
	"botengine/internal/event"
)

// Neighbours of these ids are the same float64: that is what an id loses on its
// way through one.
var hardIDs = []uint64{14073751575621261, 1<<53 + 1, 1<<63 - 1, 1<<64 - 1, 780000919, 0}

func TestAnIDKeepsEveryDigitFromTheFrameToTheWire(t *testing.T) {
	for _, id := range hardIDs {
		checkIDRoundTrip(t, strconv.FormatUint(id, 10))
	}
	rapid.Check(t, func(t *rapid.T) {
		checkIDRoundTrip(t, strconv.FormatUint(rapid.Uint64().Draw(t, "id"), 10))
	})
}

// checkIDRoundTrip sends an id in as a bare number and in quotes, and out again
// in the fields of a command.
func checkIDRoundTrip(t rapid.TB, id string) {
	t.Helper()
	for _, spelling := range []string{id, `"` + id + `"`, `" ` + id + ` "`} {
		payload := fmt.Sprintf(`{"robotKey":"k","type":"robot.on.new.friend.request","messageId":%s,"userId":%s}`, spelling, spelling)
		events, err := Decode("main", EventAction, []byte(payload), received)
		if err != nil {
			t.Fatalf("id %s: %v", spelling, err)
		}
		ev := events[0]
		if ev.ID != id || ev.Friend.ID != id {
			t.Fatalf("id %s became %s and %s", spelling, ev.ID, ev.Friend.ID)
		}
		kept, err := json.Marshal(ev)
		if err != nil {
			t.Fatal(err)
		}
		var back event.Event
		if err := json.Unmarshal(kept, &back); err != nil || back.Friend.ID != id {
			t.Fatalf("id %s came back from disk as %s (%v)", spelling, back.Friend.ID, err)
		}
	}
	fields := json.RawMessage(`{"tags":["` + id + `"],"friends":[` + id + `]}`)
	_, frame, err := Encode(tagCommand(fields), received, "t", nil)
	if err != nil {
		t.Fatal(err)
	}
	var sent struct {
		Tags    []string
		Friends []json.RawMessage
	}
	if err := json.Unmarshal(frame, &sent); err != nil || sent.Tags[0] != id || string(sent.Friends[0]) != id {
		t.Fatalf("id %s left as %s (%v)", id, frame, err)
	}
}

func tagCommand(fields json.RawMessage) command.Command {
	return command.Command{MessageID: "20200327000000000000000000000001", Robot: "k", Type: "robot.cust.tags", Lane: command.LaneAction, Fields: fields}
}

func TestAnIDIsReadInEverySpellingButARoundedOne(t *testing.T) {
	accepted := map[string]string{
		`"R:10696052725010172"`: "R:10696052725010172", `"788130092*****"`: "788130092*****", `-5`: "-5", `null`: "", `""`: "",
		`"03f16c3b9b6a46108c38b9f2aa49b27b"`: "03f16c3b9b6a46108c38b9f2aa49b27b",
		`"123456789012345678901234567e8901"`: "123456789012345678901234567e8901", // digits and one e, in hexadecimal
		`"1.2.3"`:                            "1.2.3", `"v1.5"`: "v1.5",
	}
	for spelling, want := range accepted {
		var id ID
		if err := json.Unmarshal([]byte(spelling), &id); err != nil || string(id) != want {
			t.Errorf("%s: got %q, %v; want %q", spelling, id, err, want)
		}
	}
	for _, spelling := range []string{`1.0`, `1e3`, `1.4e16`, `1E+2`, `"1.0"`, `"1."`, `"1.4E16"`, `"-1.5"`, `"1e+21"`, `true`, `{}`, `[]`} {
		var id ID
		if err := json.Unmarshal([]byte(spelling), &id); err == nil {
			t.Errorf("%s was read as %q", spelling, id)
		}
	}
}

func TestANumberIsReadInEverySpelling(t *testing.T) {
	accepted := map[string]Number{`1`: 1, `"1"`: 1, `" 2 "`: 2, `true`: 1, `false`: 0, `null`: 0, `""`: 0, `-1`: -1, `9223372036854775807`: math.MaxInt64}
	for spelling, want := range accepted {
		var n Number
		if err := json.Unmarshal([]byte(spelling), &n); err != nil || n != want {
			t.Errorf("%s: got %d, %v; want %d", spelling, n, err, want)
		}
	}
	for _, spelling := range []string{`1.5`, `"一"`, `{}`, `[1]`, `9223372036854775808`} {
		var n Number
		if err := json.Unmarshal([]byte(spelling), &n); err == nil {
			t.Errorf("%s was read as %d", spelling, n)
		}
	}
	if got := Number(math.MaxInt64).Int(); got != math.MaxInt32 {
		t.Errorf("the largest number as an int is %d", got)
	}
}

func TestAMomentIsUTCOrWhatStandsInForIt(t *testing.T) {
	cases := map[string]time.Time{
		`1585024550000`:   time.Date(2020, 3, 24, 4, 35, 50, 0, time.UTC),
		`"1608974161609"`: time.Date(2020, 12, 26, 9, 16, 1, 609e6, time.UTC),
		`0`:               received, `null`: received, `""`: received,
	}
	for spelling, want := range cases {
		var m Millis
		if err := json.Unmarshal([]byte(spelling), &m); err != nil || !m.Time(received).Equal(want) {
			t.Errorf("%s: got %v, %v; want %v", spelling, m.Time(received), err, want)
		}
	}
	for _, spelling := range []string{`-1`, `253402300800000`, `1.5e12`, `"2020-03-24 12:35:50"`} {
		var m Millis
		if err := json.Unmarshal([]byte(spelling), &m); err == nil {
			t.Errorf("%s was read as %v", spelling, m.Time(received))
		}
	}
}

func TestMentionsAreReadFromTextAndList(t *testing.T) {
	cases := map[string]IDs{
		`"780000919,780000966"`:           {"780000919", "780000966"},
		`" 780000919 ， 780000966,, "`:     {"780000919", "780000966"},
		`780000919`:                       {"780000919"},
		`[14073751575621261,"780000966"]`: {"14073751575621261", "780000966"},
		`""`:                              nil, `null`: nil, `[]`: nil,
	}
	for spelling, want := range cases {
		var ids IDs
		if err := json.Unmarshal([]byte(spelling), &ids); err != nil {
			t.Errorf("%s: %v", spelling, err)
		}
		if diff := cmp.Diff(want, ids); diff != "" {
			t.Errorf("%s (-want +got):\n%s", spelling, diff)
		}
	}
}

func TestAFilesNameIsTheLastPartOfItsAddress(t *testing.T) {
	cases := map[string]string{
		"http://media.yjiyun.com/a/%E6%8A%A5.xls":     "报.xls",
		"http://media.yjiyun.com/a/b.xls?x=/c.exe#/d": "b.xls",
		"http://media.yjiyun.com":                     "",
		"http://media.yjiyun.com/":                    "",
		"http://media.yjiyun.com/%zz/100%.txt":        "100%.txt",
		"http://media.yjiyun.com/..%5C..%5Cautoexec":  "autoexec",
		"报价单（新）.xls":                                  "报价单（新）.xls",
		`C:\fakepath\图.png`:                           "图.png",
		"":                                            "",
	}
	for address, want := range cases {
		if got := baseName(address); got != want {
			t.Errorf("%q: got %q, want %q", address, got, want)
		}
	}
}
