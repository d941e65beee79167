package intake

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"sync"
	"time"

	"botengine/internal/event"
)

// gateWait is how long a message may be held back, and gateRoom how many may be.
const (
	gateWait = 10 * time.Second
	gateRoom = 10_000
)

// Gate stands between a socket and line 1 while the history is read: a message
// that comes live waits until what its chat had to say before it was taken in, so
// that answers come in the order of the questions. Nobody waits longer than 10 s.
// What waits goes on in the order of the platform's time, then as it came.
//
// Its methods may be called from any goroutine; Run owns the letting go.
type Gate struct {
	submit func(context.Context, event.Event) error
	now    func() time.Time
	room   chan struct{} // one place for each message that is held; never closed
	bell   chan struct{} // rings when something may go; never closed

	mu    sync.Mutex // guards all below
	shut  bool       // for every chat
	shuts map[string]bool
	tired map[string]bool // chats that waited as long as they may
	held  map[string]*heldChat
	over  bool // Run has ended: nothing is held any more
}

// heldChat is a chat whose messages wait.
type heldChat struct {
	events []event.Event
	until  time.Time
}

// NewGate returns an open gate before submit.
func NewGate(submit func(context.Context, event.Event) error) *Gate {
	return &Gate{
		submit: submit, now: time.Now, room: make(chan struct{}, gateRoom), bell: make(chan struct{}, 1),
		shuts: map[string]bool{}, tired: map[string]bool{}, held: map[string]*heldChat{},
	}
}

// Shut holds back the messages of every chat from now on.
func (g *Gate) Shut() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.shut = !g.over
	clear(g.tired)
}

// Only opens a gate that is shut for every chat but those, by their ids. A gate
// that is open already stays so.
func (g *Gate) Only(chats []string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if !g.shut {
		return
	}
	g.shut = false
	for _, id := range chats {
		g.shuts[id] = true
	}
	g.ring()
}

// Open lets the messages of a chat go.
func (g *Gate) Open(chat string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	delete(g.shuts, chat)
	g.ring()
}

// Waiting returns the chats whose messages are held back, in no order.
func (g *Gate) Waiting() []string {
	g.mu.Lock()
	defer g.mu.Unlock()
	return slices.Collect(maps.Keys(g.held))
}

// OpenAll lets everything go.
func (g *Gate) OpenAll() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.shut = false
	clear(g.shuts)
	g.ring()
}

func (g *Gate) ring() {
	select {
	case g.bell <- struct{}{}:
	default: // it rings already
	}
}

// Submit hands an event to line 1, now or when the gate of its chat opens. Only
// other people's messages are ever held. It blocks while line 1 does, or while too
// many are held.
func (g *Gate) Submit(ctx context.Context, ev event.Event) error {
	if !ev.Kind.IsMessage() || ev.Sender.IsSelf || !g.holds(ev.Chat.ID) {
		return g.submit(ctx, ev)
	}
	select {
	case g.room <- struct{}{}:
	case <-ctx.Done():
		return ctx.Err()
	}
	if !g.hold(ev) {
		<-g.room
		return g.submit(ctx, ev)
	}
	return nil
}

func (g *Gate) holds(chat string) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.holdsLocked(chat)
}

func (g *Gate) holdsLocked(chat string) bool {
	_, waits := g.held[chat]
	return !g.over && (waits || (g.shut || g.shuts[chat]) && !g.tired[chat])
}

func (g *Gate) hold(ev event.Event) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	if !g.holdsLocked(ev.Chat.ID) {
		return false
	}
	c := g.held[ev.Chat.ID]
	if c == nil {
		c = &heldChat{until: g.now().Add(gateWait)}
		g.held[ev.Chat.ID] = c
		g.ring() // there is a time to keep
	}
	c.events = append(c.events, ev)
	return true
}

// Run lets go what may go until ctx ends, with late as the bound for what is on its
// way then. What is held back at that time is not taken in: the history has it, and
// the next start finds it there behind what its chat had to say before.
func (g *Gate) Run(ctx, late context.Context) {
	timer := time.NewTimer(gateWait)
	defer timer.Stop()
	for ctx.Err() == nil {
		timer.Reset(g.letGo(late))
		select {
		case <-ctx.Done():
		case <-g.bell:
		case <-timer.C:
		}
	}
	g.letGo(late)
	g.mu.Lock()
	defer g.mu.Unlock()
	g.over = true
}

// letGo lets all chats go that may, and returns how long to sleep.
func (g *Gate) letGo(ctx context.Context) time.Duration {
	for ctx.Err() == nil {
		chat, sleep := g.nextToGo(g.now())
		if chat == "" {
			return sleep
		}
		g.letChatGo(ctx, chat)
	}
	return gateWait
}

// nextToGo is the chat that may go and waits longest; "" when there is none for so
// long.
func (g *Gate) nextToGo(now time.Time) (chat string, sleep time.Duration) {
	g.mu.Lock()
	defer g.mu.Unlock()
	sleep = gateWait
	for id, c := range g.held {
		left := c.until.Sub(now)
		if left > 0 && (g.shut || g.shuts[id]) {
			sleep = min(sleep, left)
			continue
		}
		if chat == "" || cmp.Or(c.until.Compare(g.held[chat].until), cmp.Compare(id, chat)) < 0 {
			chat = id
		}
	}
	return chat, sleep
}

// letChatGo submits what waits of a chat, and what comes meanwhile behind it.
func (g *Gate) letChatGo(ctx context.Context, chat string) {
	for {
		g.mu.Lock()
		c := g.held[chat]
		events := c.events
		c.events = nil
		if len(events) == 0 {
			delete(g.held, chat)
			if g.shut {
				g.tired[chat] = true
			}
			delete(g.shuts, chat)
			g.mu.Unlock()
			return
		}
		g.mu.Unlock()
		slices.SortStableFunc(events, func(a, b event.Event) int {
			return cmp.Compare(a.Time.UnixNano(), b.Time.UnixNano())
		})
		for i := range events {
			<-g.room
			_ = g.submit(ctx, events[i]) // it fails only while everything stops: the history has it
		}
	}
}
