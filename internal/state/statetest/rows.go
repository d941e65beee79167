package statetest

import (
	"fmt"
	"strconv"
	"time"

	"botengine/internal/state"
)

func seen(s *suite) {
	s.update(func(tx state.Tx) {
		if tx.Seen([]string{"m/1", "v/1"}) {
			s.t.Error("seen in an empty store")
		}
		tx.MarkSeen([]string{"m/1", "v/1"}, Noon)
		if !tx.Seen([]string{"v/1"}) {
			s.t.Error("not seen by the function that marked it")
		}
	})
	s.view(func(tx state.Tx) {
		if !tx.Seen([]string{"m/2", "v/1"}) {
			s.t.Error("not seen by its second key")
		}
		if tx.Seen([]string{"m/2"}) || tx.Seen(nil) {
			s.t.Error("seen without being marked")
		}
	})
}

func facts(s *suite) {
	s.update(func(tx state.Tx) { tx.SetFact("a", []byte("1"), Noon.Add(time.Minute)) })
	s.update(func(tx state.Tx) { tx.SetFact("a", []byte("2"), time.Time{}) })
	s.view(func(tx state.Tx) {
		if value, expires, ok := tx.Fact("a"); string(value) != "2" || !expires.IsZero() || !ok {
			s.t.Errorf("fact = %q, %v, %v", value, expires, ok)
		}
	})
	s.update(func(tx state.Tx) { tx.SetFact("a", nil, time.Time{}) })
	s.view(func(tx state.Tx) {
		if value, _, ok := tx.Fact("a"); len(value) != 0 || !ok {
			s.t.Errorf("an empty fact is %q, %v", value, ok)
		}
	})
	s.update(func(tx state.Tx) { tx.DeleteFact("a"); tx.DeleteFact("never there") })
	s.wantFact("a", "")
}

func (s *suite) dueIDs(now time.Time, limit int) []string {
	var ids []string
	s.view(func(tx state.Tx) {
		for _, r := range tx.DueRuns(now, limit) {
			ids = append(ids, r.ID)
		}
	})
	return ids
}

func due(s *suite) {
	s.update(func(tx state.Tx) {
		for i, id := range []string{"c", "a", "d", "b"} {
			tx.PutRun(state.Run{ID: id, Robot: "r", Due: Noon.Add(time.Duration(i) * time.Second), Data: []byte(id)})
		}
		tx.PutRun(state.Run{ID: "old", Due: time.Date(1969, 1, 1, 0, 0, 0, 0, time.UTC)})
	})
	s.equal("all", s.dueIDs(Noon.Add(time.Minute), 10), []string{"old", "c", "a", "d", "b"})
	s.equal("until now, now included", s.dueIDs(Noon.Add(time.Second), 10), []string{"old", "c", "a"})
	s.equal("limited", s.dueIDs(Noon.Add(time.Minute), 2), []string{"old", "c"})
	s.update(func(tx state.Tx) { tx.DeleteRun("old"); tx.DeleteRun("c"); tx.DeleteRun("never there") })
	s.view(func(tx state.Tx) {
		if next, ok := tx.NextDue(); !next.Equal(Noon.Add(time.Second)) || !ok {
			s.t.Errorf("next = %v, %v", next, ok)
		}
		if _, ok := tx.RunData("c"); ok {
			s.t.Error("a deleted run has data")
		}
	})
}

func putOff(s *suite) {
	s.update(func(tx state.Tx) { tx.PutRun(state.Run{ID: "a", Due: Noon}) })
	s.update(func(tx state.Tx) { tx.PutRun(state.Run{ID: "a", Due: Noon.Add(time.Hour)}) })
	s.equal("now", s.dueIDs(Noon, 10), []string(nil))
	s.equal("later", s.dueIDs(Noon.Add(time.Hour), 10), []string{"a"})
}

func timeless(s *suite) {
	s.update(func(tx state.Tx) { tx.PutRun(state.Run{ID: "a", Data: []byte("x")}) })
	s.equal("due", s.dueIDs(Noon.AddDate(100, 0, 0), 10), []string(nil))
	s.view(func(tx state.Tx) {
		if _, ok := tx.NextDue(); ok {
			s.t.Error("it is next")
		}
		if r, ok := tx.Run("a"); !ok || !r.Due.IsZero() {
			s.t.Errorf("run = %v, %v", r, ok)
		}
	})
}

func bytesKept(s *suite) {
	full := Command("r", "S:1_R:2", "full")
	bare := full
	bare.MessageID, bare.Fields = "2", nil
	s.update(func(tx state.Tx) { tx.Enqueue(full); tx.Enqueue(bare) })
	s.reopen()
	s.view(func(tx state.Tx) {
		e, _ := tx.Entry(full.MessageID)
		s.equal("command", e.Command, full)
		s.equal("fields", string(e.Command.Fields), string(full.Fields))
		e, _ = tx.Entry("2")
		s.equal("command without fields", e.Command, bare)
	})
}

func once(s *suite) {
	c := Command("r", "c", "a")
	var first, second state.Entry
	s.update(func(tx state.Tx) {
		first = tx.Enqueue(c)
		first.State, first.Attempt = state.Sending, 1
		tx.PutEntry(first)
	})
	s.update(func(tx state.Tx) { second = tx.Enqueue(c) })
	s.equal("the entry of the second", second, first)
	s.update(func(tx state.Tx) {
		first.State, first.EndedAt = state.Failed, Noon
		tx.PutEntry(first)
	})
	s.update(func(tx state.Tx) { second = tx.Enqueue(c) })
	s.equal("the entry after its end", second, first)
	s.view(func(tx state.Tx) { s.equal("open", len(tx.Open("")), 0) })
}

func numbers(s *suite) {
	var last uint64
	for i := range 5 {
		s.update(func(tx state.Tx) {
			e := tx.Enqueue(Command("r", "c", strconv.Itoa(i)))
			if e.Seq <= last || e.State != state.Pending || !e.NotBefore.Equal(e.Command.NotBefore) {
				s.t.Errorf("entry %d is %+v after number %d", i, e, last)
			}
			last = e.Seq
			e.State = state.Confirmed
			tx.PutEntry(e)
		})
		s.reopen()
	}
}

func open(s *suite) {
	var want []string
	s.update(func(tx state.Tx) {
		for i := range 12 {
			e := tx.Enqueue(Command(fmt.Sprint("r", i%3), "c", strconv.Itoa(i)))
			if i == 3 {
				e.State = state.Confirmed
				tx.PutEntry(e)
				continue
			}
			want = append(want, e.Command.MessageID)
		}
	})
	ids := func(tx state.Tx, robot string) []string {
		var ids []string
		for _, e := range tx.Open(robot) {
			ids = append(ids, e.Command.MessageID)
		}
		return ids
	}
	s.view(func(tx state.Tx) {
		s.equal("all", ids(tx, ""), want)
		s.equal("of r0", ids(tx, "r0"), []string{want[0], want[5], want[8]})
		s.equal("of a robot without", ids(tx, "r"), []string(nil))
	})
}

func ended(s *suite) {
	var e state.Entry
	s.update(func(tx state.Tx) {
		e = tx.Enqueue(Command("r", "c", "a"))
		e.State, e.Code, e.Msg, e.Attempt = state.Failed, "1", "invalid conversion id", 2
		e.StartedAt = Noon.Add(-time.Second)
		tx.PutEntry(e)
	})
	e.EndedAt = Noon // the store's own time
	s.reopen()
	s.view(func(tx state.Tx) {
		got, ok := tx.Entry(e.Command.MessageID)
		if !ok {
			s.t.Error("not found")
		}
		s.equal("entry", got, e)
	})
	s.update(func(tx state.Tx) { // a person revives it
		e.State, e.EndedAt = state.Pending, time.Time{}
		tx.PutEntry(e)
		s.equal("open", tx.Open("r"), []state.Entry{e})
	})
}

func alike(s *suite) {
	s.update(func(tx state.Tx) {
		tx.Enqueue(Command("1", "c", "a"))
		tx.Enqueue(Command("11", "c", "b"))
		tx.Enqueue(Command("1/1", "c", "c"))
	})
	s.view(func(tx state.Tx) {
		for _, robot := range []string{"1", "11", "1/1"} {
			if all := tx.Open(robot); len(all) != 1 || all[0].Command.Robot != robot {
				s.t.Errorf("robot %s has %v", robot, all)
			}
		}
	})
}

func strange(s *suite) {
	err := s.store.Update(s.t.Context(), func(tx state.Tx) error {
		tx.PutEntry(state.Entry{Seq: 1, State: state.Confirmed, Command: Command("r", "c", "a")})
		return nil
	})
	if err == nil {
		s.t.Error("an entry was put that nobody enqueued")
	}
}

func nameless(s *suite) {
	c := Command("r", "c", "a")
	c.MessageID = ""
	err := s.store.Update(s.t.Context(), func(tx state.Tx) error { tx.Enqueue(c); return nil })
	if err == nil {
		s.t.Error("a command was enqueued that has no name on the wire")
	}
}

func eachRun(s *suite) {
	want := map[string]string{"a": "1", "b": "2", "c": "3"}
	s.update(func(tx state.Tx) {
		for id, data := range want {
			tx.PutRun(state.Run{ID: id, Robot: "r", Data: []byte(data)})
		}
		tx.PutRun(state.Run{ID: "over"})
		tx.DeleteRun("over")
	})
	s.view(func(tx state.Tx) {
		got := map[string]string{}
		tx.EachRun(func(r state.Run) bool { got[r.ID] = string(r.Data); return true })
		s.equal("all", got, want)
		n := 0
		tx.EachRun(func(state.Run) bool { n++; return n < 2 })
		s.equal("until false", n, 2)
	})
}

func eachEnded(s *suite) {
	s.update(func(tx state.Tx) {
		for i := range 6 { // one every ten hours: over several days
			e := tx.Enqueue(Command("r", "c", strconv.Itoa(i)))
			e.State, e.EndedAt = state.Confirmed, Noon.Add(time.Duration(i)*10*time.Hour)
			tx.PutEntry(e)
		}
		tx.Enqueue(Command("r", "c", "open"))
	})
	s.view(func(tx state.Tx) {
		for from := range 7 {
			var got, want []string
			tx.EachEnded(Noon.Add(time.Duration(from)*10*time.Hour), func(e state.Entry) bool {
				got = append(got, e.Command.Key)
				return true
			})
			for i := from; i < 6; i++ {
				want = append(want, Command("r", "c", strconv.Itoa(i)).Key)
			}
			s.equal("from a time on", got, want)
		}
		n := 0
		tx.EachEnded(Noon, func(state.Entry) bool { n++; return n < 2 })
		s.equal("until false", n, 2)
	})
}

func kept(s *suite) {
	s.update(func(tx state.Tx) {
		for _, hash := range []string{"a", "b", "c", "d"} {
			tx.PutArchive(hash, []byte("text of "+hash))
		}
	})
	s.update(func(tx state.Tx) {
		s.equal("forgotten", tx.KeepArchives(map[string]bool{"b": true, "d": true, "never there": true}), 2)
	})
	s.view(func(tx state.Tx) {
		var have []string
		for _, hash := range []string{"a", "b", "c", "d"} {
			if text, ok := tx.Archive(hash); ok {
				have = append(have, string(text))
			}
		}
		s.equal("kept", have, []string{"text of b", "text of d"})
	})
}

func handedOver(s *suite) {
	value := []byte("1")
	err := s.store.Update(s.t.Context(), func(tx state.Tx) error {
		tx.SetFact("a", value, time.Time{})
		tx.PutDocument("a", value)
		tx.PutArchive("a", value)
		tx.PutRun(state.Run{ID: "a", Data: value})
		value[0] = '2'
		return nil
	})
	if err != nil {
		s.t.Fatal(err)
	}
	s.holdsOnes()
}

func returned(s *suite) {
	s.update(func(tx state.Tx) {
		tx.SetFact("a", []byte("1"), time.Time{})
		tx.PutDocument("a", []byte("1"))
		tx.PutArchive("a", []byte("1"))
		tx.PutRun(state.Run{ID: "a", Data: []byte("1")})
	})
	spoil := func(tx state.Tx) {
		fact, _, _ := tx.Fact("a")
		document, _ := tx.Document("a")
		archive, _ := tx.Archive("a")
		data, _ := tx.RunData("a")
		for _, b := range [][]byte{fact, document, archive, data} {
			b[0] = '2'
		}
	}
	s.view(spoil)
	s.update(spoil)
	s.holdsOnes()
}

func (s *suite) holdsOnes() {
	s.t.Helper()
	s.view(func(tx state.Tx) {
		fact, _, _ := tx.Fact("a")
		document, _ := tx.Document("a")
		archive, _ := tx.Archive("a")
		data, _ := tx.RunData("a")
		s.equal("bytes", string(fact)+string(document)+string(archive)+string(data), "1111")
	})
}
