package state_test

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"botengine/internal/event"
	"botengine/internal/state"
	"botengine/internal/state/statetest"
)

// fill sets every field that v has, each to something else.
func fill(v reflect.Value, next *int64) {
	*next++
	switch v.Interface().(type) {
	case time.Time:
		v.Set(reflect.ValueOf(time.Unix(1_790_000_000+*next, *next).UTC()))
		return
	case []byte:
		return // the payload of a result, which is not kept
	}
	switch v.Kind() {
	case reflect.Struct:
		for _, field := range v.Fields() {
			fill(field, next)
		}
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 3, 3))
		for i := range 3 {
			fill(v.Index(i), next)
		}
	case reflect.String:
		v.SetString("张三😊" + string(rune('a'+*next%26)) + time.Duration(*next).String())
	case reflect.Int, reflect.Int64:
		v.SetInt(*next)
	case reflect.Bool:
		v.SetBool(true)
	default:
		panic("a field of a kind that this test does not know: " + v.Type().String())
	}
}

func TestTheJournalKeepsEveryFieldOfAnEvent(t *testing.T) {
	var ev event.Event
	var n int64
	fill(reflect.ValueOf(&ev).Elem(), &n)
	for _, want := range []event.Event{ev, {}, {Robot: event.Robot{Status: event.StatusUnknown}}, {Time: time.Unix(0, 0).UTC()}, {Time: time.Unix(-5, 7).UTC()}} {
		s, _ := opened(t, state.Options{})
		fate := state.Fate{At: time.Unix(1_790_000_000, 0).UTC(), Origin: state.History, Generation: "abc", ByHand: true, Ours: true, Poisoned: true,
			Verdicts: []state.RecordedVerdict{{Rule: "退款", Outcome: "fired"}, {Rule: "b", Outcome: "on_cooldown"}}, Commands: []string{"1", "2"}}
		record(t, s, &want, fate)
		got := records(t, s, state.JournalQuery{})
		if diff := cmp.Diff([]state.Record{{Position: 1, Event: want, Text: state.TextFull, Fate: fate}}, got); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	}
}

func record(t *testing.T, s state.Store, ev *event.Event, f state.Fate) {
	t.Helper()
	err := s.Update(t.Context(), func(tx state.Tx) error {
		tx.Record(state.EncodeEvent(nil, ev, state.TextFull), &f)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func records(t testing.TB, s state.Store, q state.JournalQuery) (found []state.Record) {
	t.Helper()
	err := s.View(t.Context(), func(tx state.Tx) error {
		tx.EachRecord(q, func(r state.Record) bool {
			found = append(found, r)
			return true
		})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// TestTheJournalIsAListThatLosesItsBeginning holds the journal against a list, with
// updates that fail, clocks that go back, restarts and little room.
func TestTheJournalIsAListThatLosesItsBeginning(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		now := time.Unix(1_790_000_000, 0).UTC()
		path := t.TempDir() + "/botengine.db"
		o := state.Options{Now: func() time.Time { return now }, SweepEvery: time.Hour,
			Journal: state.JournalOptions{MaxSize: 200_000, Keep: time.Hour}}
		s := open(t, path, o)
		var model []state.Record
		position, first := uint64(0), uint64(1)
		for range rapid.IntRange(1, 12).Draw(rt, "steps") {
			switch rapid.IntRange(0, 9).Draw(rt, "step") {
			case 0:
				if err := s.Close(); err != nil {
					rt.Fatal(err)
				}
				s = open(t, path, o)
			case 1:
				now = now.Add(-time.Duration(rapid.IntRange(1, 100).Draw(rt, "back")) * time.Second)
			case 2:
				sweep(t, s)
			default:
				now = now.Add(time.Duration(rapid.IntRange(0, 400).Draw(rt, "on")) * time.Second)
				n, fails := rapid.IntRange(1, 40).Draw(rt, "records"), rapid.IntRange(0, 4).Draw(rt, "fails") == 0
				var added []state.Record
				for i := range n {
					ev := event.Event{Kind: event.MessageText, ID: time.Duration(int(position) + i).String(), Message: event.Message{Text: rapid.StringN(0, 700, -1).Draw(rt, "text")}}
					ev.Chat.ID = rapid.SampledFrom([]string{"", "S:机器人_1", "S:机器人_2"}).Draw(rt, "chat")
					ev.Sender.ID = rapid.SampledFrom([]string{"", "张三", "李四"}).Draw(rt, "sender")
					added = append(added, state.Record{
						Position: position + uint64(i) + 1, Event: ev, Text: state.TextFull,
						Fate: state.Fate{At: now, Origin: state.Live, Generation: rapid.SampledFrom([]string{"", "a", "b"}).Draw(rt, "generation")},
					})
				}
				err := s.Update(t.Context(), func(tx state.Tx) error {
					for i := range added {
						tx.Record(state.EncodeEvent(nil, &added[i].Event, state.TextFull), &added[i].Fate)
					}
					if fails {
						return errBroken
					}
					return nil
				})
				if fails != (err != nil) {
					rt.Fatalf("update: %v", err)
				}
				if !fails {
					model, position = append(model, added...), position+uint64(n)
				}
			}
			all := records(t, s, state.JournalQuery{})
			if len(all) > 0 {
				if all[0].Position < first {
					rt.Fatalf("record %d came back", all[0].Position)
				}
				first = all[0].Position
			}
			if diff := cmp.Diff(model[len(model)-len(all):], all); diff != "" && len(all) > 0 {
				rt.Fatalf("(-want +got):\n%s", diff)
			}
			size := sizeOf(t, s)
			if size.Bytes > 200_000+7_000 || size.Records != int64(len(all)) {
				rt.Fatalf("the journal says that it is %+v, with %d records", size, len(all))
			}
		}
		checkQueries(rt, t, s)
		if err := s.Close(); err != nil {
			rt.Fatal(err)
		}
	})
}

// checkQueries holds queries against a filter over all records.
func checkQueries(rt *rapid.T, t *testing.T, s state.Store) {
	all := records(t, s, state.JournalQuery{})
	if len(all) == 0 {
		return
	}
	some := rapid.SampledFrom(all)
	q := state.JournalQuery{Newest: rapid.Bool().Draw(rt, "newest")}
	switch rapid.IntRange(0, 3).Draw(rt, "query") {
	case 0:
		q.From, q.To = some.Draw(rt, "from").At, some.Draw(rt, "to").At
	case 1:
		q.After = some.Draw(rt, "after").Position
	case 2:
		found := some.Draw(rt, "id")
		q.ID = found.Event.Key()
	}
	var want []state.Record
	for _, r := range all {
		before := q.After > 0 && (r.Position <= q.After) == !q.Newest && r.Position != q.After || q.After > 0 && r.Position == q.After
		if r.At.Before(q.From) || !q.To.IsZero() && !r.At.Before(q.To) || before || q.ID != "" && !r.Has(q.ID) {
			continue
		}
		want = append(want, r)
	}
	if q.Newest {
		for i, j := 0, len(want)-1; i < j; i, j = i+1, j-1 {
			want[i], want[j] = want[j], want[i]
		}
	}
	if diff := cmp.Diff(want, records(t, s, q)); diff != "" {
		rt.Fatalf("%+v (-want +got):\n%s", q, diff)
	}
}

var errBroken = errors.New("broken")

func sweep(t *testing.T, s state.Store) {
	t.Helper()
	swept, ok := s.(statetest.Swept)
	if !ok {
		t.Fatal("the store cannot be swept")
	}
	swept.Sweep()
}

// TestAMonthOfEventsStaysWithinItsSize: the file does not grow for ever.
func TestAMonthOfEventsStaysWithinItsSize(t *testing.T) {
	now := time.Unix(1_790_000_000, 0).UTC()
	const most = 4 << 20
	s, path := opened(t, state.Options{Now: func() time.Time { return now }, Journal: state.JournalOptions{MaxSize: most}})
	ev := event.Event{Kind: event.MessageText, Message: event.Message{Text: strings.Repeat("退款😊", 50)}}
	for range 30 * 4 {
		now = now.Add(6 * time.Hour)
		err := s.Update(t.Context(), func(tx state.Tx) error {
			for range 400 {
				tx.Record(state.EncodeEvent(nil, &ev, state.TextFull), &state.Fate{At: now, Origin: state.Live})
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		sweep(t, s)
	}
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if size := sizeOf(t, s); size.Bytes > most || size.Bytes < most*3/4 || info.Size() > 2*most {
		t.Errorf("the journal has %+v, the file %d bytes", size, info.Size())
	}
}

func sizeOf(t testing.TB, s state.Store) (size state.JournalSize) {
	t.Helper()
	if err := s.View(t.Context(), func(tx state.Tx) error { size = tx.JournalSize(); return nil }); err != nil {
		t.Fatal(err)
	}
	return size
}

// Nobody waits for the end of a long walk once the one who asked has gone: an engine
// that ends would have to.
func TestAWalkOverTheJournalEndsWithTheOneWhoAsked(t *testing.T) {
	s, _ := opened(t, state.Options{})
	const n = 1000
	for range n {
		record(t, s, &event.Event{Kind: event.MessageText, ID: "1"}, state.Fate{At: time.Unix(1_790_000_000, 0)})
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	got := 0
	err := s.View(ctx, func(tx state.Tx) error {
		tx.EachRecord(state.JournalQuery{}, func(state.Record) bool {
			cancel()
			got++
			return true
		})
		return nil
	})
	if !errors.Is(err, context.Canceled) || got == n {
		t.Errorf("%d of %d records, then %v", got, n, err)
	}
}

func TestAReaderReadsWhatNoEngineHas(t *testing.T) {
	path := t.TempDir() + "/botengine.db"
	if _, err := state.OpenReader(path, state.Options{}); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("without a file: %v", err)
	}
	s := open(t, path, state.Options{})
	ev := event.Event{Kind: event.MessageText, ID: "1"}
	record(t, s, &ev, state.Fate{At: time.Unix(1_790_000_000, 0)})
	_, err := state.OpenReader(path, state.Options{LockTimeout: 50 * time.Millisecond})
	var inUse *state.InUseError
	if !errors.As(err, &inUse) || inUse.PID != os.Getpid() {
		t.Errorf("while an engine has it: %v", err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	for range 2 { // two readers do not mind each other
		r, err := state.OpenReader(path, state.Options{})
		if err != nil {
			t.Fatal(err)
		}
		defer r.Close()
		err = r.View(t.Context(), func(tx state.Tx) error {
			if size := tx.JournalSize(); size.Records != 1 {
				t.Errorf("size = %+v", size)
			}
			return nil
		})
		if err != nil {
			t.Error(err)
		}
		if err := r.View(t.Context(), set("a", "b")); err == nil {
			t.Error("a reader can write")
		}
	}
}
