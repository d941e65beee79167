// Package statetest owns the suite that every implementation of state.Store is
// held to. It refuses to know how a store is made: it is given a way to open one.
package statetest

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"botengine/internal/command"
	"botengine/internal/state"
)

// Open opens the store of a test, and again the same one after it was closed.
// clock is the store's own. The test closes what it opens.
type Open func(t *testing.T, clock func() time.Time) state.Store

// Noon is the time that the suite's clock begins at.
var Noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

// suite is one test: its clock, and the store that is open.
type suite struct {
	t     *testing.T
	open  Open
	clock time.Time
	store state.Store
}

// Run holds a kind of store to the contract. fresh returns, for each test, the
// way to open a store that is empty the first time.
func Run(t *testing.T, fresh func(t *testing.T) Open) {
	t.Helper()
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			s := &suite{t: t, open: fresh(t), clock: Noon}
			s.store = s.open(t, s.now)
			t.Cleanup(func() {
				if err := s.store.Close(); err != nil {
					t.Errorf("close: %v", err)
				}
			})
			test(s)
		})
	}
}

var tests = map[string]func(*suite){
	"what was written is there, also after a restart":           written,
	"a function that fails leaves no trace":                     failing,
	"a function that panics leaves no trace and tells only it":  panicking,
	"a function that fails does no harm to those around it":     neighbours,
	"a function sees what the ones before it wrote":             ordered,
	"a function does not see what another one took back":        undone,
	"an error of the context means that nothing happened":       cancelled,
	"a closed store says so":                                    closed,
	"a view cannot write":                                       viewing,
	"a view does not see half of an update":                     whole,
	"an event is seen by any of its keys":                       seen,
	"facts are replaced and deleted":                            facts,
	"a mark is raised, and never lowered":                       marks,
	"all runs can be gone through":                              eachRun,
	"rule texts that are not to be kept are forgotten":          kept,
	"runs fall due in the order of their time":                  due,
	"a run that is put off falls due once":                      putOff,
	"a run without a time never falls due":                      timeless,
	"a command keeps every byte":                                bytesKept,
	"the same command is enqueued once":                         once,
	"numbers grow over restarts":                                numbers,
	"open entries come in order, ended ones no more":            open,
	"an ended entry is found by its message id":                 ended,
	"ended entries are gone through from a time on":             eachEnded,
	"robots whose keys begin alike are told apart":              alike,
	"an entry the outbox does not have is refused":              strange,
	"a command without a message id is refused":                 nameless,
	"bytes that were handed over may be changed afterwards":     handedOver,
	"what a caller does to returned bytes changes nothing":      returned,
	"the journal holds what was taken in, in order":             journaled,
	"what failed is not in the journal":                         notJournaled,
	"the journal keeps as much of a text as it is told":         withoutTexts,
	"the journal forgets a person when it is told to":           personForgotten,
	"the journal forgets after a week, and counts on":           journalForgotten,
	"ended entries and seen keys are forgotten when it is time": forgotten,
}

func (s *suite) now() time.Time { return s.clock }

func (s *suite) reopen() {
	s.t.Helper()
	if err := s.store.Close(); err != nil {
		s.t.Fatalf("close: %v", err)
	}
	s.store = s.open(s.t, s.now)
}

func (s *suite) update(fn func(state.Tx)) {
	s.t.Helper()
	err := s.store.Update(s.t.Context(), func(tx state.Tx) error { fn(tx); return nil })
	if err != nil {
		s.t.Fatalf("update: %v", err)
	}
}

func (s *suite) view(fn func(state.Tx)) {
	s.t.Helper()
	err := s.store.View(s.t.Context(), func(tx state.Tx) error { fn(tx); return nil })
	if err != nil {
		s.t.Fatalf("view: %v", err)
	}
}

// wantFact checks a fact; want "" means that there is none.
func (s *suite) wantFact(key, want string) {
	s.t.Helper()
	s.view(func(tx state.Tx) {
		value, _, ok := tx.Fact(key)
		if ok != (want != "") || string(value) != want {
			s.t.Errorf("fact %s = %q, %v; want %q", key, value, ok, want)
		}
	})
}

func (s *suite) equal(what string, got, want any) {
	s.t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		s.t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

// Command is a command with every field set; the message id is derived from key.
func Command(robot, chat, key string) command.Command {
	c := command.Command{
		Key:       command.Key(key, "退款", "1", chat),
		Account:   "main",
		Robot:     robot,
		Type:      command.MessageText,
		Chat:      chat,
		Lane:      command.LaneChat,
		Class:     command.Verifiable,
		Fields:    []byte(`{"contentType": 1,  "content":"请回复<订单号>，谢谢😊 \u0026","ids":[14073751575621261]}`),
		Rule:      "退款",
		Run:       "r1",
		Step:      "1",
		NotBefore: Noon.Add(time.Second),
		Expires:   Noon.Add(time.Hour),
		Timeout:   30 * time.Second,
	}
	c.MessageID = command.MessageID(Noon, c.Key)
	return c
}

func written(s *suite) {
	run := state.Run{ID: "r1", Robot: "cfb3e2c2", Due: Noon.Add(time.Minute), Data: []byte(`{"step":2}`)}
	var entry state.Entry
	s.update(func(tx state.Tx) {
		tx.MarkSeen([]string{"m/cfb3e2c2/1"}, Noon)
		tx.SetFact("f/user/张三/vip", []byte("是"), Noon.Add(time.Hour))
		tx.PutRun(run)
		tx.PutArchive("abc", []byte("rules: []"))
		tx.PutDocument("rules/last-good", []byte("规则"))
		entry = tx.Enqueue(Command("cfb3e2c2", "S:1_R:2", "a"))
	})
	for range 2 {
		s.view(func(tx state.Tx) {
			if !tx.Seen([]string{"m/cfb3e2c2/1"}) {
				s.t.Error("the key was not seen")
			}
			value, expires, ok := tx.Fact("f/user/张三/vip")
			if string(value) != "是" || !expires.Equal(Noon.Add(time.Hour)) || !ok {
				s.t.Errorf("fact = %q, %v, %v", value, expires, ok)
			}
			got, ok := tx.Run("r1")
			s.equal("run", got, run)
			data, found := tx.RunData("r1")
			if !ok || !found || string(data) != `{"step":2}` {
				s.t.Errorf("run data = %q", data)
			}
			text, _ := tx.Archive("abc")
			s.equal("archive", string(text), "rules: []")
			document, _ := tx.Document("rules/last-good")
			s.equal("document", string(document), "规则")
			e, _ := tx.Entry(entry.Command.MessageID)
			s.equal("entry", e, entry)
		})
		s.reopen()
	}
}
