package engine

import (
	"testing"

	"botengine/internal/command"
	"botengine/internal/event"
)

// BenchmarkFiring is what a rule costs that answers with one text: the decision about
// the message, and that about the end of its command. Runs are stored as data, as the
// engine does it, or kept, as replays do.
func BenchmarkFiring(b *testing.B) {
	for _, kept := range []bool{false, true} {
		name := "stored"
		if kept {
			name = "kept"
		}
		b.Run(name, func(b *testing.B) {
			w := newWorld(b, `
version: 1
rules:
  - id: answer
    on: message.text
    match: {any: [退款, 退货]}
    loop_guard: off
    do: [{reply: "您好 {{sender.name}}，已经收到"}]
`)
			ev := w.says("张三", "我要退款，怎么办？😊")
			b.ReportAllocs()
			for b.Loop() {
				w.fire(b, ev, kept)
			}
		})
	}
}

// fire decides a message, and the end of the command that it led to.
func (w *world) fire(b *testing.B, ev *event.Event, kept bool) {
	var ended *command.Command
	for range 2 {
		in := Input{Set: w.set, Event: ev, Matches: w.set.Match(ev, w.now, false), Ended: ended, Now: w.now, Facts: w.past, Cache: w.cache}
		if kept {
			in.Facts = lastKept{w.past}
		}
		d := Decide(in)
		w.past.apply(d)
		if ended != nil {
			break
		}
		if len(d.Commands) != 1 {
			b.Fatalf("%d commands", len(d.Commands))
		}
		ended = &d.Commands[0]
		ev = &event.Event{Kind: event.Result, Account: ev.Account, Robot: ev.Robot, Time: w.now, Received: w.now, Result: event.CommandEnd{Type: ended.Type, MessageID: ended.MessageID, Code: event.CodeOK}}
	}
	if len(w.past.runs) != 0 {
		b.Fatal("the run has not ended")
	}
}

// lastKept has every run as it was decided last.
type lastKept struct{ *memory }

// KeptRun implements RunKeeper.
func (k lastKept) KeptRun(id string) *KeptRun { return k.runs[id].Kept }
