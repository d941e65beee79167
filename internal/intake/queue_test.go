package intake_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"botengine/internal/command"
	"botengine/internal/intake"
	"botengine/internal/rule"
	"botengine/internal/state"
)

func TestAStoreThatFailsLosesNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log bytes.Buffer
		w := newWorld(t, faq, func(o *intake.Options) {
			o.Store = &flaky{Store: o.Store, fail: func(n int) error {
				if n <= 8 {
					return errDisk
				}
				return nil
			}}
			o.Log = slog.New(slog.NewTextHandler(&log, nil))
		})
		begin := time.Now()
		w.handle(says("1", "退款"))
		w.only()
		if got := w.in.Stats(); got.Retries != 8 || got.Events != 1 {
			t.Errorf("Stats = %+v", got)
		}
		took := time.Since(begin)
		if lines := strings.Count(log.String(), "\n"); lines < 1 || lines > 1+int(took/time.Minute) {
			t.Errorf("%d lines of log in %v:\n%s", lines, took, log.String())
		}
		if strings.Contains(log.String(), "退款") {
			t.Error("the log holds what was said")
		}
	})
}

func TestAnEventThatIsGivenUpWasNotTakenIn(t *testing.T) {
	w := newWorld(t, faq, func(o *intake.Options) {
		o.Store = &flaky{Store: o.Store, fail: func(int) error { return errDisk }}
	})
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if err := w.in.Handle(ctx, says("1", "退款")); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("Handle = %v", err)
	}
	if len(w.reports) != 0 || len(w.open()) != 0 {
		t.Error("it was reported, or committed")
	}
}

func TestADamagedStoreEndsRun(t *testing.T) {
	w := newWorld(t, faq, func(o *intake.Options) {
		o.Store = &flaky{Store: o.Store, fail: func(int) error { return fmt.Errorf("commit: %w", state.ErrDamaged) }}
	})
	done := make(chan error, 1)
	go func() { done <- w.in.Run(t.Context()) }()
	if err := w.in.Submit(t.Context(), says("1", "退款")); err != nil {
		t.Fatal(err)
	}
	if err := <-done; !errors.Is(err, state.ErrDamaged) {
		t.Errorf("Run = %v", err)
	}
	if err := w.in.Submit(t.Context(), says("2", "退款")); !errors.Is(err, intake.ErrStopped) {
		t.Errorf("Submit = %v", err)
	}
}

// panicky is a store in which reading facts panics.
type panicky struct{ state.Store }

type panickyTx struct{ state.Tx }

func (panickyTx) Enqueue(command.Command) state.Entry { panic("退款 is in the panic's text") }

func (p panicky) Update(ctx context.Context, fn func(state.Tx) error) error {
	return p.Store.Update(ctx, func(tx state.Tx) error { return fn(panickyTx{tx}) })
}

func TestAnEventThatPanicsDoesNotHoldUpItsChat(t *testing.T) {
	var log bytes.Buffer
	w := newWorld(t, faq, func(o *intake.Options) {
		o.Store = panicky{o.Store}
		o.Log = slog.New(slog.NewTextHandler(&log, nil))
	})
	w.handle(says("1", "退款"))
	w.handle(says("2", "你好"))
	if r := w.handle(says("1", "退款")); !r.Duplicate {
		t.Errorf("the event that panicked came again, as %+v", r)
	}
	if got := w.in.Stats(); got.Poisoned != 1 || got.Events != 3 {
		t.Errorf("Stats = %+v", got)
	}
	if !strings.Contains(log.String(), "panic") || strings.Contains(log.String(), "退款") {
		t.Errorf("the log is %s", log.String())
	}
}

// brittle is a store in which telling what a run wrote panics, once it is told to.
type brittle struct {
	state.Store
	broken *bool
}

type brittleTx struct{ state.Tx }

func (brittleTx) DeleteFact(string) { panic("broken") }

func (b brittle) Update(ctx context.Context, fn func(state.Tx) error) error {
	return b.Store.Update(ctx, func(tx state.Tx) error {
		if *b.broken {
			tx = brittleTx{tx}
		}
		return fn(tx)
	})
}

func TestARunWhoseWakeUpPanicsIsGivenUp(t *testing.T) {
	const single = `version: 1
rules:
  - id: slow
    on: message
    match: {any: [退款]}
    loop_guard: off
    run: {mode: single}
    do: [%s]
`
	for name, step := range map[string]string{"its command's end": "{reply: 好的}", "its timer": "{delay: 1m}"} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				broken := false
				w := newWorld(t, fmt.Sprintf(single, step), func(o *intake.Options) { o.Store = brittle{o.Store, &broken} })
				w.handle(says("1", "退款"))
				broken = true
				if open := w.open(); len(open) > 0 {
					w.handle(echo(open[0].Command))
				}
				stop := run(t, w.in)
				after(time.Hour)
				if err := stop(); err != nil {
					t.Errorf("run: %v", err)
				}
				broken = false
				w.view(func(tx state.Tx) {
					tx.EachRun(func(r state.Run) bool { t.Errorf("a run that nothing wakes any more: %s", r.Data); return true })
				})
				if r := w.handle(says("2", "退款")); r.Decision.Verdicts[0].Outcome != rule.Fired {
					t.Errorf("the rule: %s", r.Decision.Verdicts[0].Outcome)
				}
			})
		})
	}
}

func TestChatsShareCommitsAndKeepTheirOrder(t *testing.T) {
	w := newWorld(t, strings.Replace(faq, "    on: message\n", "    on: message\n    loop_guard: off\n", 1))
	stop := run(t, w.in)
	var wg sync.WaitGroup
	for chat := range 64 {
		wg.Go(func() {
			for i := range 10 {
				ev := says(fmt.Sprintf("%d/%d", chat, i), "退款")
				ev.Chat.ID = fmt.Sprintf("S:%s_R:%d", robotID, chat)
				if err := w.in.Submit(t.Context(), ev); err != nil {
					t.Errorf("submit: %v", err)
				}
			}
		})
	}
	wg.Wait()
	if err := stop(); err != nil {
		t.Errorf("run: %v", err)
	}
	if got := w.in.Stats(); got.Events != 640 || got.Commits > 320 {
		t.Errorf("Stats = %+v, want 640 events in far fewer commits", got)
	}
	next := map[string]int{}
	for _, r := range w.reports {
		chat, i, _ := strings.Cut(r.Event.ID, "/")
		if i != fmt.Sprint(next[chat]) {
			t.Errorf("chat %s: event %s came as number %d", chat, i, next[chat])
		}
		next[chat]++
	}
	if len(w.open()) != 640 {
		t.Errorf("%d of 640 replies are in the outbox", len(w.open()))
	}
}

func TestAFullQueueBlocksAndDropsNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var open atomic.Bool
		w := newWorld(t, faq, func(o *intake.Options) {
			o.Shards, o.Queue = 1, 2
			o.Store = &flaky{Store: o.Store, fail: func(int) error {
				if open.Load() {
					return nil
				}
				return errDisk
			}}
		})
		stop := run(t, w.in)
		for i := range 3 { // one is being handled, two wait
			if err := w.in.Submit(t.Context(), says(fmt.Sprint(i), "退款")); err != nil {
				t.Fatal(err)
			}
			synctest.Wait()
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := w.in.Submit(ctx, says("3", "退款")); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("Submit to a full queue = %v", err)
		}
		synctest.Wait()
		open.Store(true)
		if err := w.in.Submit(t.Context(), says("4", "退款")); err != nil {
			t.Errorf("submit: %v", err)
		}
		if err := stop(); err != nil {
			t.Errorf("run: %v", err)
		}
		if got := w.in.Stats(); got.Events != 4 {
			t.Errorf("Stats = %+v, want the four that Submit took", got)
		}
	})
}
