package state_test

import (
	"encoding/json"
	"testing"
	"time"

	"botengine/internal/event"
	"botengine/internal/state"
)

// aMessage is an event as it usually is.
func aMessage() *event.Event {
	at := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	return &event.Event{
		Kind: event.MessageText, ID: "20261123120000123456789012345678", Account: "main",
		Robot: event.Robot{Key: "cfb3e2c2a1b2c3d4", ID: "1688850285583026", Name: "小助手", Status: event.StatusOnline},
		Time:  at, Received: at,
		Chat:    event.Chat{ID: "S:1688850285583026_R:10696049115001", Peer: "R:10696049115001", Name: "产品体验群1", Group: true, Known: true, Owner: "1688850285583026", OwnerName: "小助手", Size: 128},
		Sender:  event.Person{ID: "7881300115001", Name: "张三😊", Avatar: "https://wework.qpic.cn/wwhead/duc2TvpEgSQO5l1u/0", IsMember: true},
		Message: event.Message{SvrID: "1005432", ContentType: 1, Text: "您好，我上周买的课程还没有开通，怎么退款？"},
		Hash:    "3d4f2bf07dc1be38b20cd6e46949a1071f9d0e3d",
	}
}

// BenchmarkRecord is what an event costs on its way into the journal: encoding it,
// before the transaction, and the rest, within it. JSON is what it is compared to.
func BenchmarkRecord(b *testing.B) {
	ev := aMessage()
	b.Run("encode", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			_ = state.EncodeEvent(make([]byte, 0, 512), ev, state.TextFull)
		}
		b.ReportMetric(float64(len(state.EncodeEvent(nil, ev, state.TextFull))), "bytes")
	})
	b.Run("json", func(b *testing.B) {
		for b.Loop() {
			if _, err := json.Marshal(ev); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("record", func(b *testing.B) {
		s, _ := opened(b, state.Options{})
		encoded := state.EncodeEvent(nil, ev, state.TextFull)
		f := state.Fate{At: ev.Time, Origin: state.Live, Generation: "3d4f2bf07dc1be38b20cd6e46949a1071f9d0e3d"}
		b.ReportAllocs()
		for done := 0; done < b.N; {
			n := min(256, b.N-done)
			done += n
			err := s.Update(b.Context(), func(tx state.Tx) error {
				for range n {
					tx.Record(encoded, &f)
				}
				return nil
			})
			if err != nil {
				b.Fatal(err)
			}
		}
	})
}

// BenchmarkEachRecord is what replay reads.
func BenchmarkEachRecord(b *testing.B) {
	s, _ := opened(b, state.Options{})
	encoded := state.EncodeEvent(nil, aMessage(), state.TextFull)
	err := s.Update(b.Context(), func(tx state.Tx) error {
		for range 10_000 {
			tx.Record(encoded, &state.Fate{At: aMessage().Time, Origin: state.Live})
		}
		return nil
	})
	if err != nil {
		b.Fatal(err)
	}
	b.Run("all", func(b *testing.B) {
		n := 0
		for b.Loop() {
			n += len(records(b, s, state.JournalQuery{}))
		}
		b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(n), "ns/record")
	})
	b.Run("by_id", func(b *testing.B) {
		for b.Loop() {
			records(b, s, state.JournalQuery{ID: "nobody"})
		}
		b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/10_000, "ns/record")
	})
}
