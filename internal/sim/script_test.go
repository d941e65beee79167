package sim

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"
)

func TestTheDemoScriptPlays(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := New(Options{})
		script := DemoScript(time.Minute)
		var seen []Progress
		start := time.Now()
		if err := script.Run(t.Context(), s, func(p Progress) { seen = append(seen, p) }); err != nil {
			t.Fatal(err)
		}
		expect(t, "steps", len(seen), len(script))
		expect(t, "time", time.Since(start), time.Duration(len(script))*time.Minute)
		for i, p := range seen {
			expect(t, "index", p.Index, i)
			verb, chat, _ := p.Step.What.Parts()
			if p.Err != nil || verb == "" || chat == "" {
				t.Errorf("step %d: %+v", i, p)
			}
		}
		expect(t, "王五 has joined", len(s.World().History("小助手", groupID)), 3)
		expect(t, "open friend requests", len(s.World().FriendRequests()), 1)
	})
}

func TestAScriptEndsAtWhatCannotBeDoneAndWithItsContext(t *testing.T) {
	s := New(Options{})
	bad := Script{{Who: "无名", What: Says{Chat: "产品体验群1", Text: "?"}}, {Who: "李四", What: Leaves{Group: "产品体验群1"}}}
	steps := 0
	err := bad.Run(t.Context(), s, func(Progress) { steps++ })
	if err == nil || steps != 1 {
		t.Errorf("Run = %v after %d steps", err, steps)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := DemoScript(time.Hour).Run(ctx, s, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("Run = %v, want the context's end", err)
	}
}

func TestTheSameCallsMakeTheSameWorld(t *testing.T) {
	build := func() string {
		now := &clock{tuesday}
		s := New(Options{World: NewWorld(42), Clock: now.Now})
		w := s.World()
		r := w.AddRobot(Robot{NickName: "甲"})
		p := w.AddPerson(Person{Name: "乙"})
		g := w.AddGroup(Group{Name: "丙", Owner: "甲", Members: []string{"乙"}})
		tags := w.AddTagGroup("丁", "戊", "己")
		id, err := s.Say("丙", "乙", "话")
		if err != nil {
			t.Fatal(err)
		}
		return r.Key + r.Wxid + p.ID + g.ID + tags.Labels[1].ID + id
	}
	first := build()
	expect(t, "second world", build(), first)
	if other := NewWorld(43).AddRobot(Robot{NickName: "甲"}); other.Key == first[:32] {
		t.Error("another seed made the same robot")
	}
}

func TestNames(t *testing.T) {
	w := DemoWorld()
	for id, want := range map[string]string{
		botKey: "小助手", botWxid: "小助手", groupID: "产品体验群1", lisi: "李四", "404": "404",
	} {
		expect(t, id, w.Name(id), want)
	}
	w.AddPerson(Person{Name: "李四"})
	if _, err := w.Person("李四"); err == nil {
		t.Error("one of two 李四 was taken")
	}
}

func TestWaitLedgerEndsWithItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := New(Options{})
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		done := make(chan int)
		go func() {
			all, err := s.WaitLedger(t.Context(), HasKind("text", 2))
			if err != nil {
				t.Error(err)
			}
			done <- len(all)
		}()
		for _, kind := range []string{"text", "tag", "text"} {
			synctest.Wait()
			s.ledger.record(Entry{Kind: kind})
		}
		expect(t, "entries", <-done, 3)
		if _, err := s.WaitLedger(ctx, AtLeast(4)); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("WaitLedger = %v, want the deadline", err)
		}
	})
}
