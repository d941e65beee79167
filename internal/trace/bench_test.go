package trace_test

import (
	"context"
	"fmt"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"botengine/internal/event"
	"botengine/internal/intake"
	"botengine/internal/rule"
	"botengine/internal/state"
	"botengine/internal/trace"
)

const benchRules = `version: 1
rules:
  - {id: refund, on: message.text, match: {any: [退款]}, loop_guard: off, do: [{reply: 请回复订单号}]}
  - {id: price, on: message.text, match: {any: [多少钱]}, cooldown: {for: 24h, per: [chat]}, do: [{reply: 九块九}]}
`

// road is line 1 on a store of its own, with a trace or without.
type road struct {
	in   *intake.Intake
	took time.Duration
	done int
}

func newRoad(b *testing.B, set *rule.Set, log *trace.Log) *road {
	b.Helper()
	store, err := state.Open(filepath.Join(b.TempDir(), "botengine.db"), state.Options{})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { store.Close() })
	o := intake.Options{Store: store, Rules: &atomic.Pointer[rule.Set]{}}
	o.Rules.Store(set)
	if log != nil {
		o.OnCommitted = func(r intake.Report) { log.Record(r.Event, &r.Decision, time.Now()) }
	}
	return &road{in: intake.New(o)}
}

// round takes in a thousand messages of 64 chats, all at work at the same time; of
// ten of them three come near to a rule.
func (r *road) round(b *testing.B) {
	b.Helper()
	began := time.Now()
	var wg sync.WaitGroup
	for chat := range 64 {
		wg.Go(func() {
			for i := range 16 {
				if err := r.in.Handle(context.Background(), message(chat, r.done+i)); err != nil {
					b.Error(err)
				}
			}
		})
	}
	wg.Wait()
	r.done += 16
	r.took += time.Since(began)
}

func message(chat, i int) event.Event {
	text := [...]string{"怎么退款", "今天几点开始？", "好的", "多少钱？多少钱", "😊", "多少钱", "收到", "在吗", "谢谢", "晚上好"}[i%10]
	now := time.Now()
	return event.Event{
		Kind: event.MessageText, ID: fmt.Sprintf("%d-%d", chat, i), Time: now, Received: now,
		Robot:  event.Robot{Key: "r1", ID: "1688850000000001", Status: event.StatusOnline},
		Chat:   event.Chat{ID: fmt.Sprintf("S:1688850000000001_R:%d", chat), Peer: fmt.Sprintf("R:%d", chat), Name: "产品体验群", Group: true},
		Sender: event.Person{ID: "7881300000000001", Name: "张三", IsMember: true}, Message: event.Message{ContentType: 1, Text: text},
	}
}

// BenchmarkRecording is what recording takes of the throughput of line 1 with
// durable commits: the same messages with a trace and without, in turns.
func BenchmarkRecording(b *testing.B) {
	set, findings := rule.Compile(rule.Sources{{Path: "rules/a.yaml", Text: []byte(benchRules)}})
	if set == nil {
		b.Fatal(findings)
	}
	with, without := newRoad(b, set, trace.New()), newRoad(b, set, nil)
	for i := 0; b.Loop(); i++ {
		if i%2 == 0 { // neither is always first
			with.round(b)
			without.round(b)
		} else {
			without.round(b)
			with.round(b)
		}
	}
	b.ReportMetric(float64(without.took)/float64(with.took), "throughput/untraced")
	b.ReportMetric(float64(with.done*64)/with.took.Seconds(), "events/s")
}
