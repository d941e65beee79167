package sim

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net"
	"net/http"
	"slices"
	"sync/atomic"
	"time"
)

// DefaultAccessKey and DefaultAccessSecret open a server whose options name no others. They are no secret: the server
// listens on loopback only.
const (
	DefaultAccessKey    = "demo"
	DefaultAccessSecret = "demo-secret" // published on purpose
)

// Range is a span of time a delay is drawn from, both ends included. The zero range means at once.
type Range struct{ Min, Max time.Duration }

// Options say how a server behaves. The zero value serves the demo world, answers at once and speaks both protocols.
type Options struct {
	World                   *World
	AccessKey, AccessSecret string
	Latency                 Range         // from a command's receipt to its effect, its echo and its result
	Seed                    uint64        // of the latencies
	EIO                     []int         // Engine.IO revisions offered: 3, 4, or both (default)
	TokenPrefix             string        // what every token begins with
	TokenLife               time.Duration // default 2 h; written in whole minutes, rounded up
	PingInterval            time.Duration // default 25 s
	PingTimeout             time.Duration // default 20 s
	ConnectTimeout          time.Duration // EIO 4: for joining the namespace; default 45 s
	MaxPayload              int64         // bytes one frame may have; default 1,000,000
	Dedupe                  bool          // a messageId has its effect once; the platform does not do that
	Clock                   func() time.Time
	Logger                  *slog.Logger // default: silent. Neither tokens nor message texts are ever logged
}

func (o Options) withDefaults() Options {
	o.AccessKey = cmp.Or(o.AccessKey, DefaultAccessKey)
	o.AccessSecret = cmp.Or(o.AccessSecret, DefaultAccessSecret)
	o.TokenLife = cmp.Or(o.TokenLife, 2*time.Hour)
	o.PingInterval = cmp.Or(o.PingInterval, 25*time.Second)
	o.PingTimeout = cmp.Or(o.PingTimeout, 20*time.Second)
	o.ConnectTimeout = cmp.Or(o.ConnectTimeout, 45*time.Second)
	o.MaxPayload = cmp.Or(o.MaxPayload, 1_000_000)
	if len(o.EIO) == 0 {
		o.EIO = []int{3, 4}
	}
	if o.World == nil {
		o.World = DemoWorld()
	}
	if o.Clock == nil {
		o.Clock = time.Now
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	return o
}

// Server is the platform: REST and Socket.IO on one port. Its methods are safe for concurrent use.
type Server struct {
	opts      Options
	world     *World
	log       *slog.Logger
	ledger    *ledger
	faults    *Faults
	agenda    *agenda
	hub       *hub
	tokens    *tokens
	listener  net.Listener
	lanes     map[string]*lane // by robot key; guarded by the world's lock
	rng       *rand.Rand       // guarded by the world's lock
	held      held             // guarded by the world's lock
	tasks     []*task          // guarded by the world's lock
	files     files
	malformed atomic.Int64
}

// New returns a server that is not listening yet. It takes the world over: one world, one server.
func New(o Options) *Server {
	o = o.withDefaults()
	agenda := newAgenda()
	now := func() time.Time { return o.Clock().Add(agenda.lead()) }
	o.World.with(func(r *realm) { r.clock = now })
	return &Server{
		opts:   o,
		world:  o.World,
		log:    o.Logger,
		ledger: newLedger(),
		faults: &Faults{},
		agenda: agenda,
		hub:    newHub(),
		tokens: &tokens{prefix: o.TokenPrefix, life: o.TokenLife, clock: now, valid: map[string]time.Time{}},
		lanes:  map[string]*lane{},
		rng:    rand.New(rand.NewPCG(o.Seed, 0xbb67ae8584caa73b)), // reproducible on purpose
		files:  newFiles(),
	}
}

// Advance moves the server's time on by d: what was to happen within d, a late echo or a broadcast, happens now, and
// tokens age. Websocket heartbeats and the clients' clocks are not touched.
func (s *Server) Advance(d time.Duration) { s.agenda.advance(d) }

// Settle waits until everything that is due by now has happened, or returns ctx's error. The server must be running.
func (s *Server) Settle(ctx context.Context) error { return s.agenda.settle(ctx) }

// Now is the server's time: its clock's, and what Advance has added.
func (s *Server) Now() (now time.Time) {
	s.world.with(func(r *realm) { now = r.clock() })
	return now
}

// World is the world the server serves.
func (s *Server) World() *World { return s.world }

// Faults is where a test says what shall go wrong.
func (s *Server) Faults() *Faults { return s.faults }

// Malformed counts frames and commands that could not be understood.
func (s *Server) Malformed() int { return int(s.malformed.Load()) }

// Start takes addr (host:port, port 0 for any) so that URL is known; connections are answered once Run is called.
// Only loopback addresses are taken: the server's credentials are published.
func (s *Server) Start(addr string) error {
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		return fmt.Errorf("listen on %q: %w", addr, err)
	}
	if ip := net.ParseIP(host); host != "localhost" && (ip == nil || !ip.IsLoopback()) {
		return fmt.Errorf("listen on %q: not a loopback address, use 127.0.0.1", addr)
	}
	listener, err := new(net.ListenConfig).Listen(context.Background(), "tcp", addr)
	if err != nil {
		return fmt.Errorf("listen on %q: %w", addr, err)
	}
	s.listener = tapListener{listener}
	return nil
}

// URL is the server's base address, without a slash at the end; the socket's is URL()+"/imchat". Start must have been
// called.
func (s *Server) URL() string { return "http://" + s.listener.Addr().String() }

// Run serves until ctx ends and returns nil then; nothing of the server is left when it returns. It is called once,
// after Start.
func (s *Server) Run(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	web := &http.Server{
		Handler:           s.handler(),
		ReadHeaderTimeout: 10 * time.Second,
		ErrorLog:          slog.NewLogLogger(s.log.Handler(), slog.LevelWarn),
		BaseContext:       func(net.Listener) context.Context { return ctx },
	}
	done := make(chan error, 2)
	go func() { done <- web.Serve(s.listener) }()
	go func() { s.agenda.run(ctx); done <- nil }()
	var err error
	select {
	case <-ctx.Done():
	case err = <-done: // the agenda ends by ctx only: this is the listener's end
		cancel()
		done <- nil
	}
	return errors.Join(err, s.stop(web, done))
}

// stop ends the sessions, then the listener, and waits for Run's two goroutines.
func (s *Server) stop(web *http.Server, done <-chan error) error {
	s.hub.close()
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	if err := web.Shutdown(ctx); err != nil {
		_ = web.Close() // somebody holds a request open: the end comes all the same
	}
	var err error
	for range 2 {
		if e := <-done; e != nil && !errors.Is(e, http.ErrServerClosed) {
			err = e
		}
	}
	return err
}

// offers says whether the server speaks that Engine.IO revision.
func (s *Server) offers(eio int) bool { return slices.Contains(s.opts.EIO, eio) }

// TB is the part of testing.TB that Launch needs.
type TB interface {
	Helper()
	Cleanup(func())
	Errorf(format string, args ...any)
	Fatalf(format string, args ...any)
}

// Launch runs a server on a free port of 127.0.0.1 until the test ends.
func Launch(t TB, o Options) *Server {
	t.Helper()
	s := New(o)
	if err := s.Start("127.0.0.1:0"); err != nil {
		t.Fatalf("launch the simulated platform: %v", err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- s.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Errorf("the simulated platform: %v", err)
		}
	})
	return s
}
