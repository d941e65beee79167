package catchup_test

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"botengine/internal/catchup"
	"botengine/internal/command"
	"botengine/internal/event"
	"botengine/internal/intake"
	"botengine/internal/rule"
	"botengine/internal/state"
	"botengine/internal/yjiyun"
	"botengine/internal/yjiyun/rest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const (
	robotKey = "cfb3e2c2"
	robotID  = "1688850285583026"
	groupID  = "R:10696049115001"
)

func chatOf(peer string) string { return event.ChatID(robotID, peer) }

// said is a message in the platform's history.
type said struct {
	id, peer, text string
	at, stored     time.Time // as the platform writes it; when it was there
	own            bool
	status         int
}

// platform is the account's history, in memory: what the real one answers, with what
// may be wrong with it. It pushes to whoever listens.
type platform struct {
	mu      sync.Mutex // guards all below
	said    []said
	skew    time.Duration          // of its clock
	lag     time.Duration          // what is younger is hidden
	broken  error                  // of every request
	slow    time.Duration          // how long a history takes
	slowly  time.Duration          // how long a list of members takes
	missing string                 // the peer of a chat that no list has
	deaf    func(peer string) bool // chats whose history cannot be read
	deafs   int                    // of pages, those that were refused for it
	turn    func()                 // happens once, between two pages of a list of chats
	pages   int                    // of histories that were asked for
	push    func(said)             // nil: nobody is connected
	drop    func(said) bool
	members map[string][]string
	begun   []time.Time // when lists of chats were asked for
}

func (p *platform) say(peer, text string, own bool) said {
	p.mu.Lock()
	now := time.Now().Add(p.skew)
	m := said{
		id: fmt.Sprintf("%s%04d", now.UTC().Format("20060102150405"), len(p.said)), peer: peer, text: text,
		at: now.Truncate(time.Second), stored: now, own: own, status: 1,
	}
	p.said = append(p.said, m)
	push, drop := p.push, p.drop
	p.mu.Unlock()
	if push != nil && (drop == nil || !drop(m)) {
		push(m)
	}
	return m
}

func (m *said) frame() []byte {
	from := map[string]any{"contactId": "7881302", "nickName": "张三"}
	if m.own {
		from = map[string]any{"contactId": robotID, "isSelf": 1}
	}
	b, err := json.Marshal(map[string]any{
		"messageId": m.id, "msgSvrID": "1" + m.id[len(m.id)-8:], "timestamp": m.at.UnixMilli(), "robotKey": robotKey, "chatId": chatOf(m.peer), "chatUser": m.peer,
		"from": from, "isGroupChat": 1, "content": map[string]any{"contentType": 1, "content": m.text},
	})
	if err != nil {
		panic(err)
	}
	return b
}

// visible are the messages since then that the history shows, oldest first.
func (p *platform) visible(since time.Time) ([]said, error) {
	shown, first := time.Now().Add(p.skew-p.lag), len(p.said)
	for first > 0 && !p.said[first-1].at.Before(since) {
		first--
	}
	last := len(p.said)
	for last > first && p.said[last-1].stored.After(shown) {
		last--
	}
	return p.said[first:last], p.broken
}

func (p *platform) Chats(_ context.Context, q rest.ChatsQuery) iter.Seq2[rest.Chat, error] {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.begun = append(p.begun, time.Now())
	since := q.Since
	if q.Limit == 1 {
		since = time.Time{}
	}
	all, err := p.visible(since)
	chats := map[string]rest.Chat{}
	for _, m := range all {
		chats[m.peer] = rest.Chat{ID: chatOf(m.peer), Peer: m.peer, Group: true, LastActive: m.at, Robot: rest.ChatRobot{Key: robotKey, ID: robotID}}
	}
	var list []rest.Chat
	for _, c := range chats {
		if !c.LastActive.Before(q.Since) && c.Peer != p.missing {
			list = append(list, c)
		}
	}
	slices.SortFunc(list, func(a, b rest.Chat) int { return cmp.Or(b.LastActive.Compare(a.LastActive), cmp.Compare(a.ID, b.ID)) })
	if q.Limit > 0 {
		list = list[:min(len(list), q.Limit)]
	} else if p.turn != nil {
		return p.twoPages(list, q)
	}
	return walk(list, err)
}

// twoPages gives one chat, then turns the page. What became active meanwhile is not on
// the second.
func (p *platform) twoPages(list []rest.Chat, q rest.ChatsQuery) iter.Seq2[rest.Chat, error] {
	turn := p.turn
	p.turn = nil
	page := func(n int) {
		if q.Progress != nil {
			q.Progress(n, 0)
		}
	}
	return func(yield func(rest.Chat, error) bool) {
		page(1)
		if !yield(list[0], nil) {
			return
		}
		turn()
		p.mu.Lock()
		moved := map[string]bool{}
		for _, m := range p.said {
			moved[m.peer] = moved[m.peer] || m.at.After(list[0].LastActive)
		}
		p.mu.Unlock()
		page(len(list))
		for _, chat := range list[1:] {
			if !moved[chat.Peer] && !yield(chat, nil) {
				return
			}
		}
	}
}

func (p *platform) History(_ context.Context, q rest.HistoryQuery) iter.Seq2[rest.HistoryMessage, error] {
	p.mu.Lock()
	slow := p.slow
	p.mu.Unlock()
	time.Sleep(slow) //nolint:forbidigo // of the fake clock
	p.mu.Lock()
	defer p.mu.Unlock()
	p.pages++
	all, err := p.visible(q.From)
	if p.deaf != nil && p.deaf(q.ChatUser) {
		p.deafs++
		err = errors.New("5000 busy")
	}
	var list []rest.HistoryMessage
	for _, m := range slices.Backward(all) {
		if m.peer == q.ChatUser && !m.at.Before(q.From) && !m.at.After(q.To) {
			list = append(list, m.record())
		}
	}
	return walk(list, err)
}

func (m *said) record() rest.HistoryMessage {
	h := rest.HistoryMessage{MessageID: m.id, RobotKey: robotKey, ChatID: chatOf(m.peer), ChatUser: m.peer, Time: m.at, SendStatus: rest.SendStatusAbsent, Frame: m.frame()}
	if m.own {
		h.SendStatus = rest.SendStatus(m.status)
	}
	return h
}

func (p *platform) Messages(_ context.Context, q rest.MessagesQuery) (list []rest.HistoryMessage, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	all, err := p.visible(q.From)
	for _, m := range all {
		if m.peer == q.ChatUser && slices.Contains(q.IDs, m.id) && !m.at.Before(q.From) {
			list = append(list, m.record())
		}
	}
	return list, err
}

func (p *platform) Groups(context.Context, rest.GroupsQuery) iter.Seq2[rest.Group, error] {
	p.mu.Lock()
	defer p.mu.Unlock()
	var list []rest.Group
	for id, members := range p.members {
		list = append(list, rest.Group{ID: id, Name: "产品体验群", Members: len(members)})
	}
	return walk(list, p.broken)
}

func (p *platform) Members(_ context.Context, q rest.MembersQuery) iter.Seq2[rest.Member, error] {
	p.mu.Lock()
	slowly := p.slowly
	p.mu.Unlock()
	time.Sleep(slowly) //nolint:forbidigo // of the fake clock
	p.mu.Lock()
	defer p.mu.Unlock()
	var list []rest.Member
	for _, id := range p.members[q.GroupID] {
		list = append(list, rest.Member{UserID: id, Name: "成员" + id})
	}
	return walk(list, p.broken)
}

func walk[T any](list []T, err error) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		var none T
		if err != nil {
			yield(none, err)
			return
		}
		for _, one := range list {
			if !yield(one, nil) {
				return
			}
		}
	}
}

// world is a real store, line 1 and a gate, and what catches up with a platform.
type world struct {
	t        *testing.T
	path     string
	platform *platform
	store    state.Store
	rules    atomic.Pointer[rule.Set]
	in       *intake.Intake
	gate     *intake.Gate
	runner   *catchup.Runner
	older    atomic.Int64
	stop     func()

	mu      sync.Mutex // guards all below
	reports []intake.Report
	news    map[string]int // messages that were news, by their ids: how often
	order   []string       // their texts
}

const rules = `version: 1
rules:
  - {id: refund, on: message.text, cooldown: off, loop_guard: off, match: {any: [退款]}, do: [{reply: 请看退款入口}]}
  - {id: welcome, on: member.join, cooldown: off, do: [{reply: 欢迎}]}
  - {id: failed, on: result.failed, cooldown: off, when: result.code == "undelivered", do: [{log: 没有送达}]}
`

func newWorld(t *testing.T) *world {
	t.Helper()
	set, findings := rule.Compile(rule.Sources{{Path: "rules/a.yaml", Text: []byte(rules)}})
	if set == nil {
		t.Fatalf("the rules do not compile: %v", findings)
	}
	w := &world{
		t: t, path: filepath.Join(folder(t), "state.db"), platform: &platform{members: map[string][]string{}}, news: map[string]int{},
	}
	w.rules.Store(set)
	return w
}

// folder is one in memory, where there is such a thing: what a disk does is tested
// elsewhere.
func folder(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("/dev/shm", "catchup")
	if err != nil {
		return t.TempDir()
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	return dir
}

// start begins a life of the process; adjust may change the options.
func (w *world) start(adjust ...func(*catchup.Options)) {
	w.t.Helper()
	store, err := state.Open(w.path, state.Options{})
	if err != nil {
		w.t.Fatal(err)
	}
	w.store = store
	w.in = intake.New(intake.Options{Store: store, Rules: &w.rules, OnCommitted: w.note})
	w.gate = intake.NewGate(w.in.Submit)
	o := catchup.Options{
		Account: "main", Platform: w.platform, Store: store, Gate: w.gate, TakeIn: w.in.TakeIn,
		Robots: func() []event.Robot { return []event.Robot{{Key: robotKey, ID: robotID}} },
		Older:  func(context.Context) error { w.older.Add(1); return nil },
		Random: func() float64 { return 0.5 },
	}
	for _, change := range adjust {
		change(&o)
	}
	w.runner = catchup.New(o)
	ctx, cancel := context.WithCancel(context.Background())
	taking, endTaking := context.WithCancel(context.Background())
	var all, line1 sync.WaitGroup
	all.Go(func() { w.runner.Run(ctx) })
	all.Go(func() { w.gate.Run(ctx, context.Background()) })
	line1.Go(func() {
		if err := w.in.Run(taking); err != nil {
			w.t.Errorf("line 1: %v", err)
		}
	})
	w.stop = func() {
		cancel()
		all.Wait()
		endTaking()
		line1.Wait()
		if err := store.Close(); err != nil {
			w.t.Error(err)
		}
	}
}

func (w *world) note(r intake.Report) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.reports = append(w.reports, r)
	if r.Event.Kind.IsMessage() && !r.Duplicate {
		w.news[r.Event.ID]++
		w.order = append(w.order, r.Event.Message.Text)
	}
}

// connect is a socket that is up from now on.
func (w *world) connect() {
	w.runner.Up()
	w.platform.mu.Lock()
	w.platform.push = w.live
	w.platform.mu.Unlock()
}

func (w *world) cut() {
	w.platform.mu.Lock()
	w.platform.push = nil
	w.platform.mu.Unlock()
	w.runner.Down()
}

// live hands over what is pushed, as the socket does.
func (w *world) live(m said) { w.receive(m.frame()) }

func (w *world) receive(frame []byte) {
	events, err := yjiyun.Decode("main", yjiyun.EventMessage, frame, time.Now())
	if err != nil {
		w.t.Errorf("decode: %v", err)
		return
	}
	for _, ev := range events {
		if err := w.gate.Submit(context.Background(), ev); err != nil {
			w.t.Errorf("submit: %v", err)
		}
	}
}

// all checks that every message of other people was news once.
func (w *world) all(from int) (lost, twice int) {
	w.t.Helper()
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, m := range w.platform.said[from:] {
		switch w.news[m.id] {
		case 0:
			lost++
		case 1:
		default:
			twice++
		}
	}
	return lost, twice
}

func (w *world) texts() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return strings.Join(w.order, " ")
}

// sent puts a message of the rules' into the outbox as one that was confirmed by its
// echo, and into the history.
// waits is a message of ours that the store has not sent yet.
func (w *world) waits(id string) {
	w.t.Helper()
	err := w.store.Update(context.Background(), func(tx state.Tx) error {
		tx.Enqueue(command.Command{
			Key: id, MessageID: id, Account: "main", Robot: robotKey, Type: command.MessageText, Chat: chatOf(groupID),
			Lane: command.LaneChat, Class: command.Verifiable, Rule: "refund", Fields: []byte(`{}`),
		})
		return nil
	})
	if err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) sent(id string, status int) state.Entry {
	w.t.Helper()
	var e state.Entry
	err := w.store.Update(context.Background(), func(tx state.Tx) error {
		e = tx.Enqueue(command.Command{
			Key: id, MessageID: id, Account: "main", Robot: robotKey, Type: command.MessageText, Chat: chatOf(groupID),
			Lane: command.LaneChat, Class: command.Verifiable, Rule: "refund", Fields: []byte(`{}`),
		})
		e.State = state.Confirmed
		tx.PutEntry(e)
		return nil
	})
	if err != nil {
		w.t.Fatal(err)
	}
	w.platform.mu.Lock()
	w.platform.said = append(w.platform.said, said{id: id, peer: groupID, text: "请看退款入口", at: time.Now().Truncate(time.Second), stored: time.Now(), own: true, status: status})
	w.platform.mu.Unlock()
	return e
}

func (w *world) entry(id string) (e state.Entry) {
	w.t.Helper()
	if err := w.store.View(context.Background(), func(tx state.Tx) error { e, _ = tx.Entry(id); return nil }); err != nil {
		w.t.Fatal(err)
	}
	return e
}

// set changes the platform.
func (w *world) set(change func()) {
	w.platform.mu.Lock()
	defer w.platform.mu.Unlock()
	change()
}
