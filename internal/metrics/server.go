package metrics

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"botengine/internal/diag"
)

const (
	readFor   = 5 * time.Second  // for a request to come in
	writeFor  = 30 * time.Second // for an answer to be made and taken
	idleFor   = time.Minute
	closeFor  = 2 * time.Second // for answers under way when the engine ends
	atOnce    = 4               // scrapes
	maxHeader = 16 << 10
)

// Page is one answer about health: whether all is well, and the lines to show.
type Page struct {
	OK    bool
	Lines []string
}

// Options are what a Server needs; all but Hosts and Log must be set.
type Options struct {
	Gatherer prometheus.Gatherer
	Live     func() Page                                 // for /healthz: whether the process's loops turn; it must not block
	Ready    func(ctx context.Context, l diag.Lang) Page // for /readyz
	Lang     diag.Lang                                   // for those who do not say which they read
	Hosts    []string                                    // names under which it may be asked, besides localhost and addresses
	Log      *slog.Logger
}

// Server answers /healthz, /readyz and /metrics, and nothing else: only GET and HEAD,
// only by names that are its own (a page in somebody's browser could have another name
// point here), and without a word that would let such a page read the answer.
type Server struct {
	o   Options
	mux *http.ServeMux
}

// NewServer returns a Server that answers nobody before Run.
func NewServer(o Options) *Server {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	s := &Server{o: o, mux: http.NewServeMux()}
	s.mux.HandleFunc("/healthz", s.healthz)
	s.mux.HandleFunc("/readyz", s.readyz)
	s.mux.Handle("/metrics", promhttp.HandlerFor(o.Gatherer, promhttp.HandlerOpts{
		MaxRequestsInFlight: atOnce, Timeout: writeFor - time.Second, CoalesceGather: true,
		ErrorLog: errorLog{o.Log}, ErrorHandling: promhttp.ContinueOnError,
	}))
	return s
}

// errorLog tells the log of scrapes that went wrong.
type errorLog struct{ log *slog.Logger }

func (l errorLog) Println(v ...any) {
	l.log.Warn("metrics could not be gathered", "error", strings.TrimSpace(fmt.Sprintln(v...)))
}

// ListenError says that an address cannot be listened on.
type ListenError struct {
	Address string
	Err     error // the system's
}

func (e *ListenError) Error() string { return "metrics.listen " + e.Address + ": " + e.Err.Error() }

// Unwrap returns what the system said.
func (e *ListenError) Unwrap() error { return e.Err }

// Listen takes the address; the error is a *ListenError.
func Listen(ctx context.Context, address string) (net.Listener, error) {
	l, err := new(net.ListenConfig).Listen(ctx, "tcp", address)
	if err != nil {
		return nil, &ListenError{address, err}
	}
	return l, nil
}

// Run answers at the listener until ctx ends, then closes it. Nothing of it is left
// when it returns.
func (s *Server) Run(ctx context.Context, l net.Listener) error {
	web := &http.Server{
		Handler: s, ReadHeaderTimeout: readFor, ReadTimeout: readFor, WriteTimeout: writeFor, IdleTimeout: idleFor,
		MaxHeaderBytes: maxHeader, ErrorLog: slog.NewLogLogger(s.o.Log.Handler(), slog.LevelDebug),
	}
	ended := make(chan error, 1) // of Serve; never closed
	go func() { ended <- web.Serve(l) }()
	select {
	case err := <-ended:
		return err
	case <-ctx.Done():
	}
	closing, cancel := context.WithTimeout(context.WithoutCancel(ctx), closeFor)
	defer cancel()
	err := web.Shutdown(closing)
	if err != nil {
		err = web.Close()
	}
	if serving := <-ended; !errors.Is(serving, http.ErrServerClosed) {
		err = errors.Join(err, serving)
	}
	return err
}

// ServeHTTP implements http.Handler.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Cache-Control", "no-store")
	switch {
	case !s.mayAsk(r.Host):
		http.Error(w, "this name is not known here: add it to metrics.hosts", http.StatusMisdirectedRequest)
	case r.Method != http.MethodGet && r.Method != http.MethodHead:
		h.Set("Allow", "GET, HEAD")
		http.Error(w, "only GET", http.StatusMethodNotAllowed)
	default:
		s.mux.ServeHTTP(w, r)
	}
}

// mayAsk reports whether a request's Host is one of ours. An address is: who reaches
// us by one did not come by a name that somebody else gave us.
func (s *Server) mayAsk(host string) bool {
	name, _, err := net.SplitHostPort(host)
	if err != nil {
		name = strings.TrimSuffix(strings.TrimPrefix(host, "["), "]")
	}
	name = strings.TrimSuffix(strings.ToLower(name), ".")
	if _, err := netip.ParseAddr(name); err == nil || name == "localhost" {
		return true
	}
	return slices.ContainsFunc(s.o.Hosts, func(own string) bool { return strings.EqualFold(own, name) })
}

func (s *Server) healthz(w http.ResponseWriter, _ *http.Request) { answer(w, s.o.Live(), true) }

func (s *Server) readyz(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), writeFor/2)
	defer cancel()
	answer(w, s.o.Ready(ctx, s.langOf(r)), r.URL.Query().Has("verbose"))
}

// langOf is the language that the caller reads: by ?lang=, or Accept-Language.
func (s *Server) langOf(r *http.Request) diag.Lang {
	for _, said := range append([]string{r.URL.Query().Get("lang")}, strings.Split(r.Header.Get("Accept-Language"), ",")...) {
		said = strings.ToLower(strings.TrimSpace(said))
		switch {
		case strings.HasPrefix(said, "zh"):
			return diag.ZH
		case strings.HasPrefix(said, "en"):
			return diag.EN
		}
	}
	return s.o.Lang
}

func answer(w http.ResponseWriter, p Page, verbose bool) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	word, status := "ok", http.StatusOK
	if !p.OK {
		word, status = "not ok", http.StatusServiceUnavailable
	}
	w.WriteHeader(status)
	lines := []string{word}
	if verbose {
		lines = append(lines, p.Lines...)
	}
	_, _ = fmt.Fprintln(w, strings.Join(lines, "\n")) // the caller is gone: nobody is left to tell
}
