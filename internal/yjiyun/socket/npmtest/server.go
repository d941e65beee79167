package npmtest

import (
	"bufio"
	_ "embed" // the server's program
	"encoding/json"
	"fmt"
	"io"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"botengine/internal/yjiyun/socket"
)

//go:embed testdata/npm/server.js
var program []byte

// patience bounds every wait.
const patience = 30 * time.Second

// Versions are the major versions of socket.io that can be started.
var Versions = []string{"2", "3", "4"}

// Options say how a server behaves. The zero value is socket.io's default.
type Options struct {
	Port         int           // 0 = a free one
	AllowEIO3    bool          // versions 3 and 4: answer Engine.IO 3, too
	PingInterval time.Duration // rounded to milliseconds
	PingTimeout  time.Duration // rounded to milliseconds
	Refuse       string        // the token that is refused
	Welcome      []Event       // sent to everybody who joins, byte for byte
}

// Event is an event of either side.
type Event struct {
	Name    string
	Payload json.RawMessage
}

// Server is a running server with the namespace /imchat.
type Server struct {
	URL  string // http://127.0.0.1:port/imchat
	Port int

	Joined chan url.Values // the handshake queries of those who joined
	Left   chan string     // the reasons of those who left
	Events chan Event      // of all clients, in their order

	t       *testing.T
	process *os.Process
	end     func()

	mu    sync.Mutex // guards stdin
	stdin io.Writer
}

// Start runs a server of the given major version until the test ends.
func Start(t *testing.T, version string, o Options) *Server {
	t.Helper()
	packages := servers.Require(t)
	script := filepath.Join(t.TempDir(), "server.js")
	must(t, os.WriteFile(script, program, 0o600))
	node := exec.Command("node", script, config(t, version, o))
	node.Env = append(os.Environ(), "NODE_PATH="+filepath.Join(packages, "node_modules"))
	node.Stderr = os.Stderr
	stdin, err := node.StdinPipe()
	must(t, err)
	stdout, err := node.StdoutPipe()
	must(t, err)
	must(t, node.Start())
	s := &Server{
		t: t, process: node.Process, stdin: stdin,
		Joined: make(chan url.Values, 1000), Left: make(chan string, 1000), Events: make(chan Event, 100_000),
	}
	listening := make(chan int, 1)
	var reading sync.WaitGroup
	reading.Go(func() { s.read(stdout, listening) })
	s.end = sync.OnceFunc(func() {
		_ = node.Process.Kill() // it may be gone
		reading.Wait()
		_ = node.Wait() // it was killed: that is no news
	})
	t.Cleanup(s.end)
	if s.Port = wait(t, listening, "the server to listen"); s.Port == 0 {
		t.Fatal("the server ended before it listened; what it said is above")
	}
	s.URL = fmt.Sprintf("http://127.0.0.1:%d/imchat", s.Port)
	return s
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func config(t *testing.T, version string, o Options) string {
	t.Helper()
	options := map[string]any{"serveClient": false}
	if o.AllowEIO3 {
		options["allowEIO3"] = true
	}
	if o.PingInterval > 0 {
		options["pingInterval"] = o.PingInterval.Milliseconds()
	}
	if o.PingTimeout > 0 {
		options["pingTimeout"] = o.PingTimeout.Milliseconds()
	}
	welcome := []string{}
	for _, e := range o.Welcome {
		welcome = append(welcome, eventPayload(t, e.Name, string(e.Payload)))
	}
	text, err := json.Marshal(map[string]any{
		"version": version, "port": o.Port, "namespace": "/imchat",
		"options": options, "refuse": o.Refuse, "welcome": welcome,
	})
	must(t, err)
	return string(text)
}

// line is what the server tells.
type line struct {
	Listening    int
	Connected    *struct{ Query map[string]any }
	Disconnected string
	Packet       string
}

// read takes what the server tells until it ends. listening gets the port, or 0
// for an end before that.
func (s *Server) read(stdout io.Reader, listening chan int) {
	defer func() {
		select {
		case listening <- 0:
		default:
		}
	}()
	lines := bufio.NewReader(stdout)
	for {
		text, err := lines.ReadBytes('\n')
		if err != nil {
			return
		}
		var l line
		if err := json.Unmarshal(text, &l); err != nil {
			s.t.Errorf("server said %q: %v", text, err)
			return
		}
		s.take(l, listening)
	}
}

func (s *Server) take(l line, listening chan<- int) {
	switch {
	case l.Listening != 0:
		listening <- l.Listening
	case l.Connected != nil:
		query := url.Values{}
		for k, v := range l.Connected.Query {
			query.Set(k, fmt.Sprint(v))
		}
		s.Joined <- query
	case l.Disconnected != "":
		s.Left <- l.Disconnected
	case l.Packet != "":
		s.packet(l.Packet)
	}
}

func (s *Server) packet(text string) {
	p, err := socket.ParsePacket([]byte("4" + text))
	if err != nil {
		s.t.Errorf("client sent %q: %v", text, err)
		return
	}
	if p.Type != socket.PacketEvent {
		return
	}
	name, args, err := socket.SplitEvent(p.Payload)
	if err != nil {
		s.t.Errorf("client sent %q: %v", text, err)
		return
	}
	e := Event{Name: name}
	if len(args) > 0 {
		e.Payload = args[0]
	}
	s.Events <- e
}

// Send emits an event to everybody who joined. The payload goes out byte for
// byte; an empty one is none.
func (s *Server) Send(name, payload string) {
	s.t.Helper()
	s.tell(map[string]string{"send": eventPayload(s.t, name, payload)})
}

func eventPayload(t *testing.T, name, payload string) string {
	t.Helper()
	var args []json.RawMessage
	if payload != "" {
		args = append(args, json.RawMessage(payload))
	}
	text, err := socket.EventPayload(name, args...)
	must(t, err)
	return string(text)
}

// Kick disconnects everybody.
func (s *Server) Kick() {
	s.t.Helper()
	s.tell(map[string]bool{"kick": true})
}

func (s *Server) tell(command any) {
	s.t.Helper()
	text, err := json.Marshal(command)
	must(s.t, err)
	s.mu.Lock()
	defer s.mu.Unlock()
	_, err = s.stdin.Write(append(text, '\n'))
	must(s.t, err)
}

// Kill ends the server as a crash does, and waits until it is gone.
func (s *Server) Kill() { s.end() }

// WaitEvent waits for the next event of a client and checks its name.
func (s *Server) WaitEvent(name string) Event {
	s.t.Helper()
	e := wait(s.t, s.Events, "event "+name)
	if e.Name != name {
		s.t.Fatalf("client sent %q, want %q", e.Name, name)
	}
	return e
}

// WaitJoined waits for the next client to join and returns its handshake query.
func (s *Server) WaitJoined() url.Values {
	s.t.Helper()
	return wait(s.t, s.Joined, "a client to join")
}

func wait[T any](t *testing.T, c <-chan T, what string) T {
	t.Helper()
	late := time.NewTimer(patience)
	defer late.Stop()
	select {
	case v := <-c:
		return v
	case <-late.C:
		t.Fatalf("waited in vain for %s", what)
	}
	panic("unreachable")
}
