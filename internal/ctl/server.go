package ctl

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"runtime/debug"
	"strings"
	"sync"
	"time"
)

const (
	readFor    = 10 * time.Second // for a call to come in whole
	answerFor  = 2 * time.Minute  // for a handler
	writeFor   = 30 * time.Second // for an answer, or an item of a stream, to be taken
	closeFor   = 2 * time.Second  // for calls under way when the engine ends
	maxStreams = 16               // open at the same time
)

// Handler answers one call. The parameters are JSON, or nothing; what it returns
// is made JSON. Any number may run at the same time. Its context ends with the
// caller, the engine, or after two minutes.
type Handler func(ctx context.Context, params json.RawMessage) (any, error)

// StreamHandler answers a call with a stream of items, until it returns or its
// context ends, with the caller or the engine. send blocks while the caller does
// not read, and fails when it does not for half a minute.
type StreamHandler func(ctx context.Context, params json.RawMessage, send func(any) error) error

// Server answers calls. Register all verbs before Run.
type Server struct {
	log     *slog.Logger
	verbs   map[string]Handler
	streams map[string]StreamHandler
	places  chan struct{}  // one per open stream; never closed
	calls   sync.WaitGroup // under way
}

// NewServer returns a Server without verbs; log may be nil.
func NewServer(log *slog.Logger) *Server {
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	return &Server{log: log, verbs: map[string]Handler{}, streams: map[string]StreamHandler{}, places: make(chan struct{}, maxStreams)}
}

// Handle registers the answer to a verb, such as "status".
func (s *Server) Handle(verb string, h Handler) { s.verbs[verb] = h }

// HandleStream registers the stream that answers a verb, such as "events".
func (s *Server) HandleStream(verb string, h StreamHandler) { s.streams[verb] = h }

// Run answers calls that come in at the listener until ctx ends, then closes it.
// Nothing of it is left when it returns.
func (s *Server) Run(ctx context.Context, l net.Listener) error {
	base, cancel := context.WithCancel(ctx)
	defer cancel()
	web := &http.Server{
		Handler: http.HandlerFunc(s.serve), ReadHeaderTimeout: readFor, MaxHeaderBytes: 16 << 10,
		BaseContext: func(net.Listener) context.Context { return base },
		ErrorLog:    slog.NewLogLogger(s.log.Handler(), slog.LevelDebug),
	}
	web.SetKeepAlivesEnabled(false)
	ended := make(chan error, 1) // of Serve; never closed
	go func() { ended <- web.Serve(l) }()
	var err error
	select {
	case <-ctx.Done():
		err = s.stop(web)
		if serving := <-ended; !errors.Is(serving, http.ErrServerClosed) {
			err = errors.Join(err, serving)
		}
	case err = <-ended:
		cancel()
	}
	s.calls.Wait()
	return err
}

// stop lets the calls under way end, whose contexts have ended already.
func (s *Server) stop(web *http.Server) error {
	ctx, cancel := context.WithTimeout(context.Background(), closeFor)
	defer cancel()
	if err := web.Shutdown(ctx); err != nil {
		return web.Close()
	}
	return nil
}

// serve answers one call: POST /v1/VERB with the parameters as its body.
func (s *Server) serve(w http.ResponseWriter, r *http.Request) {
	s.calls.Add(1)
	defer s.calls.Done()
	verb, ok := strings.CutPrefix(r.URL.Path, "/v1/")
	if handler, found := s.verbs[verb]; ok && found && r.Method == http.MethodPost {
		s.answer(w, r, verb, handler)
		return
	}
	if handler, found := s.streams[verb]; ok && found && r.Method == http.MethodPost {
		s.stream(w, r, verb, handler)
		return
	}
	refuse(w, &Error{
		CodeUnknownVerb, fmt.Sprintf("正在运行的引擎不懂 %q：它和这个程序版本不同", r.URL.Path),
		fmt.Sprintf("the running engine does not know %q: it is another version than this program", r.URL.Path),
	})
}

func (s *Server) answer(w http.ResponseWriter, r *http.Request, verb string, handler Handler) {
	params, bad := read(w, r)
	if bad != nil {
		refuse(w, bad)
		return
	}
	ctx, cancel := context.WithTimeout(r.Context(), answerFor)
	defer cancel()
	result, err := s.guarded(verb, func() (any, error) { return handler(ctx, params) })
	if err != nil {
		refuse(w, errorOf(ctx, err))
		return
	}
	data, err := encode(result)
	if err != nil {
		refuse(w, errorOf(ctx, fmt.Errorf("encode the answer: %w", err)))
		return
	}
	write(w, http.StatusOK, data)
}

func (s *Server) stream(w http.ResponseWriter, r *http.Request, verb string, handler StreamHandler) {
	params, bad := read(w, r)
	if bad != nil {
		refuse(w, bad)
		return
	}
	select {
	case s.places <- struct{}{}:
		defer func() { <-s.places }()
	default:
		refuse(w, &Error{CodeBusy, "同时看的人太多了", "too many are watching already"})
		return
	}
	out := streamWriter{w: w, control: http.NewResponseController(w)}
	if out.flush() != nil { // so that the caller knows at once that it is on
		return
	}
	_, err := s.guarded(verb, func() (any, error) { return nil, handler(r.Context(), params, out.send) })
	if err != nil && !out.broken {
		_ = out.line(item{Error: errorOf(r.Context(), err)}) // nobody is left to tell
	}
}

// guarded runs a handler; a panic is a bug in it, and ends this call alone.
func (s *Server) guarded(verb string, run func() (any, error)) (result any, err error) {
	defer func() {
		if v := recover(); v != nil {
			s.log.Error("a control verb panicked", "verb", verb, "panic_type", fmt.Sprintf("%T", v), "stack", string(debug.Stack()))
			err = &Error{CodeInternal, "引擎内部错误，见日志", "an internal error, see the log"}
		}
	}()
	return run()
}

// streamWriter writes the items of a stream, a line each.
type streamWriter struct {
	w       http.ResponseWriter
	control *http.ResponseController
	broken  bool // the caller is gone
}

func (s *streamWriter) send(value any) error {
	data, err := encode(value)
	if err != nil {
		return fmt.Errorf("encode an item: %w", err)
	}
	return s.line(item{Item: data})
}

func (s *streamWriter) line(it item) error {
	data, err := encode(it)
	if err != nil {
		return err
	}
	err = s.control.SetWriteDeadline(time.Now().Add(writeFor))
	if err == nil {
		_, err = s.w.Write(append(data, '\n'))
	}
	if err == nil {
		err = s.flush()
	}
	s.broken = s.broken || err != nil
	return err
}

func (s *streamWriter) flush() error { return s.control.Flush() }

// read takes the parameters of a call, which are bounded in size and time.
func read(w http.ResponseWriter, r *http.Request) (json.RawMessage, *Error) {
	control := http.NewResponseController(w)
	if err := control.SetReadDeadline(time.Now().Add(readFor)); err != nil {
		return nil, errorOf(r.Context(), err)
	}
	params, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxParams))
	if _, large := errors.AsType[*http.MaxBytesError](err); large {
		return nil, &Error{CodeTooLarge, "参数太大，最多 4 MiB", "the parameters are too large: 4 MiB at most"}
	}
	if err != nil {
		return nil, BadParams(err)
	}
	if err := control.SetReadDeadline(time.Time{}); err != nil {
		return nil, errorOf(r.Context(), err)
	}
	if len(params) > 0 && !json.Valid(params) {
		return nil, BadParams(errors.New("not JSON"))
	}
	return params, nil
}

// errorOf is what a handler's error looks like outside.
func errorOf(ctx context.Context, err error) *Error {
	if e, ok := errors.AsType[*Error](err); ok {
		return e
	}
	switch {
	case errors.Is(ctx.Err(), context.DeadlineExceeded):
		return &Error{CodeTimeout, "引擎没有在 2 分钟内答复", "the engine did not answer within two minutes"}
	case ctx.Err() != nil:
		return &Error{CodeStopping, "引擎正在退出", "the engine is ending"}
	default:
		return &Error{CodeFailed, err.Error(), err.Error()}
	}
}

func refuse(w http.ResponseWriter, e *Error) {
	data, err := encode(e)
	if err != nil {
		data = []byte(`{"code":"internal"}`) // three texts can always be encoded
	}
	status := http.StatusUnprocessableEntity
	if e.Code == CodeUnknownVerb {
		status = http.StatusNotFound
	}
	write(w, status, data)
}

func write(w http.ResponseWriter, status int, data []byte) {
	_ = http.NewResponseController(w).SetWriteDeadline(time.Now().Add(writeFor)) // a test's recorder has none
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write(append(data, '\n')) // the caller is gone: nobody is left to tell
}

// encode is JSON without the escapes that only browsers need.
func encode(value any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(value); err != nil {
		return nil, err
	}
	return bytes.TrimSpace(b.Bytes()), nil
}

func strict(raw []byte, into any) error {
	d := json.NewDecoder(bytes.NewReader(raw))
	d.DisallowUnknownFields()
	return d.Decode(into)
}
