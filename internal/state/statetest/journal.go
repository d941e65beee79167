package statetest

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"botengine/internal/event"
	"botengine/internal/state"
)

// said is a message for the journal.
func said(id, text string) event.Event {
	return event.Event{
		Kind: event.MessageText, ID: id, Robot: event.Robot{Key: "cfb3e2c2"}, Time: Noon, Received: Noon,
		Message: event.Message{Text: text, SvrID: "10" + id}, Chat: event.Chat{ID: "S:1_R:2"},
	}
}

func (s *suite) record(tx state.Tx, id string, at time.Time, keep state.JournalText) {
	ev := said(id, "怎么退款😊")
	tx.Record(state.EncodeEvent(nil, &ev, keep), &state.Fate{
		At: at, Origin: state.Live, Generation: "g1", Commands: []string{"command " + id},
		Verdicts: []state.RecordedVerdict{{Rule: "退款", Outcome: "fired"}},
	})
}

// ids are the events that a query finds, in their order.
func (s *suite) ids(q state.JournalQuery) string {
	s.t.Helper()
	var ids []string
	s.view(func(tx state.Tx) {
		tx.EachRecord(q, func(r state.Record) bool {
			ids = append(ids, r.Event.ID)
			return true
		})
	})
	return strings.Join(ids, " ")
}

// NoJournal is what a store that keeps no journal implements for this suite.
type NoJournal interface{ NoJournal() }

func (s *suite) needsJournal() {
	s.t.Helper()
	if _, without := s.store.(NoJournal); without {
		s.t.Skip("this store keeps no journal")
	}
}

func journaled(s *suite) {
	s.needsJournal()
	for i := 1; i <= 3; i++ {
		s.update(func(tx state.Tx) { s.record(tx, strconv.Itoa(i), Noon.Add(time.Duration(i)*time.Hour), state.TextFull) })
	}
	for range 2 {
		s.equal("all", s.ids(state.JournalQuery{}), "1 2 3")
		s.equal("the newest first", s.ids(state.JournalQuery{Newest: true}), "3 2 1")
		s.equal("from", s.ids(state.JournalQuery{From: Noon.Add(2 * time.Hour)}), "2 3")
		s.equal("to", s.ids(state.JournalQuery{To: Noon.Add(2 * time.Hour)}), "1")
		s.equal("after", s.ids(state.JournalQuery{After: 1}), "2 3")
		s.equal("before", s.ids(state.JournalQuery{After: 3, Newest: true}), "2 1")
		for _, id := range []string{"2", "102", "command 2", "m/cfb3e2c2/2", "v/cfb3e2c2/102/S:1_R:2"} {
			s.equal(id, s.ids(state.JournalQuery{ID: id}), "2")
		}
		s.equal("nobody's id", s.ids(state.JournalQuery{ID: "4"}), "")
		s.view(func(tx state.Tx) {
			tx.EachRecord(state.JournalQuery{}, func(r state.Record) bool {
				s.equal("the first record", r, state.Record{Position: 1, Event: said("1", "怎么退款😊"), Text: state.TextFull, Fate: state.Fate{
					At: Noon.Add(time.Hour), Origin: state.Live, Generation: "g1", Commands: []string{"command 1"},
					Verdicts: []state.RecordedVerdict{{Rule: "退款", Outcome: "fired"}},
				}})
				return false
			})
			if size := tx.JournalSize(); size.Records != 3 || size.Bytes <= 0 {
				s.t.Errorf("size = %+v", size)
			}
		})
		s.reopen()
	}
}

func notJournaled(s *suite) {
	s.needsJournal()
	s.update(func(tx state.Tx) { s.record(tx, "1", Noon, state.TextFull) })
	wrong := errors.New("wrong")
	err := s.store.Update(s.t.Context(), func(tx state.Tx) error {
		s.record(tx, "2", Noon, state.TextFull)
		return wrong
	})
	if !errors.Is(err, wrong) {
		s.t.Errorf("update = %v", err)
	}
	s.update(func(tx state.Tx) { s.record(tx, "3", Noon, state.TextFull) })
	s.equal("journal", s.ids(state.JournalQuery{}), "1 3")
	err = s.store.View(s.t.Context(), func(tx state.Tx) error {
		s.record(tx, "4", Noon, state.TextFull)
		return nil
	})
	if err == nil {
		s.t.Error("a view can write the journal")
	}
}

func withoutTexts(s *suite) {
	s.needsJournal()
	s.update(func(tx state.Tx) {
		s.record(tx, "1", Noon, state.TextHash)
		s.record(tx, "2", Noon, state.TextHash)
		s.record(tx, "3", Noon, state.TextNothing)
	})
	var texts []string
	s.view(func(tx state.Tx) {
		tx.EachRecord(state.JournalQuery{}, func(r state.Record) bool {
			texts = append(texts, string(r.Text)+" "+r.Event.Message.Text)
			return true
		})
	})
	if texts[0] != texts[1] || !strings.HasSuffix(texts[0], "/5") || !strings.HasPrefix(texts[0], "hash sha256:") || texts[2] != "none " {
		s.t.Errorf("texts = %q", texts)
	}
}

func journalForgotten(s *suite) {
	s.needsJournal()
	for day := range 20 {
		s.clock = Noon.AddDate(0, 0, day)
		s.update(func(tx state.Tx) { s.record(tx, strconv.Itoa(day), s.clock, state.TextFull) })
		s.sweep()
		oldest, _, _ := strings.Cut(s.ids(state.JournalQuery{}), " ")
		s.equal(fmt.Sprintf("day %d: the oldest", day), oldest, strconv.Itoa(max(0, day-7)))
	}
	s.clock = s.clock.AddDate(0, 0, 8)
	s.sweep()
	s.equal("after a week without events", s.ids(state.JournalQuery{}), "")
	s.view(func(tx state.Tx) { s.equal("size", tx.JournalSize(), state.JournalSize{}) })
	s.update(func(tx state.Tx) { s.record(tx, "later", s.clock, state.TextFull) })
	s.view(func(tx state.Tx) {
		tx.EachRecord(state.JournalQuery{}, func(r state.Record) bool {
			s.equal("position", r.Position, uint64(21))
			return true
		})
	})
}

func personForgotten(s *suite) {
	s.needsJournal()
	people := []string{"7001", "7002", "7003", "7001"}
	generations := []string{"g1", "g1", "g1", "g2"}
	s.update(func(tx state.Tx) {
		for i, person := range people {
			ev := said(strconv.Itoa(i+1), "怎么退款😊")
			ev.Sender.ID, ev.Chat.Owner = person, "7003"
			tx.Record(state.EncodeEvent(nil, &ev, state.TextHash), &state.Fate{At: Noon, Origin: state.Live, Generation: generations[i]})
		}
	})
	forget := func(person string) (records int) {
		s.update(func(tx state.Tx) {
			for after := uint64(0); ; {
				next, n := tx.ForgetRecords(person, after)
				records += n
				if next == 0 {
					return
				}
				after = next
			}
		})
		return records
	}
	s.equal("records of the first", forget("7001"), 2)
	s.equal("records of the first, again", forget("7001"), 0)
	s.equal("records of the third", forget("7003"), 1)
	s.equal("records of nobody", forget(""), 0)
	for range 2 {
		s.equal("what is left", s.ids(state.JournalQuery{}), "2")
		s.view(func(tx state.Tx) {
			tx.EachRecord(state.JournalQuery{}, func(r state.Record) bool {
				s.equal("position", r.Position, uint64(2))
				s.equal("generation", r.Generation, "g1")
				s.equal("text", r.Text, state.TextHash)
				s.equal("the group's owner", r.Event.Chat.Owner, "")
				return true
			})
		})
		s.reopen()
	}
}
