package metrics_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil"
	"github.com/prometheus/client_golang/prometheus/testutil/promlint"

	"botengine/internal/diag"
	"botengine/internal/measure"
	"botengine/internal/metrics"
)

// full puts a sample of every metric.
func full(_ context.Context, s *metrics.Sink) {
	for _, m := range metrics.All() {
		labels := make([]string, len(m.Labels))
		for i := range labels {
			labels[i] = "main"
		}
		if m.Type == metrics.Histogram {
			var h measure.Histogram
			h.Observe(3 * time.Millisecond)
			s.PutTimes(m, h.Snapshot(), labels...)
			continue
		}
		s.Put(m, 1, labels...)
	}
}

func scrape(t *testing.T, source metrics.Source) string {
	t.Helper()
	registry, err := metrics.NewRegistry(metrics.Labels([]string{"disk_full"}, []string{"message", "tag"}, []string{"service"}), source)
	if err != nil {
		t.Fatal(err)
	}
	server := metrics.NewServer(metrics.Options{Gatherer: registry})
	w := httptest.NewRecorder()
	server.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "http://127.0.0.1:9464/metrics", nil))
	if w.Code != http.StatusOK {
		t.Fatalf("status %d: %s", w.Code, w.Body)
	}
	return w.Body.String()
}

func TestEveryMetricIsThereAndPromlintHasNothingToSay(t *testing.T) {
	text := scrape(t, full)
	problems, err := promlint.New(strings.NewReader(text)).Lint()
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range problems {
		if strings.HasPrefix(p.Metric, "botengine_") {
			t.Errorf("%s: %s", p.Metric, p.Text)
		}
	}
	for _, m := range metrics.All() {
		if !strings.Contains(text, "\n# TYPE "+m.Name+" "+string(m.Type)+"\n") {
			t.Errorf("%s is not there", m.Name)
		}
		if m.Help.ZH == "" || m.Help.EN == "" {
			t.Errorf("%s is not described in both languages", m.Name)
		}
	}
	t.Logf("figure: %d metrics of our own, promlint problems: %d", len(metrics.All()), len(problems))
}

func TestHostileNamesMakeNoMoreSeriesThanAreAllowed(t *testing.T) {
	const many = 20_000
	nasty := []string{"a\"b", "a\nb", "\x00", "\xff\xfe", "", strings.Repeat("长", 5000), "{le=\"1\"}", "a b", "\u202e反", "张三\\"}
	text := scrape(t, func(_ context.Context, s *metrics.Sink) {
		for i := range many {
			robot := fmt.Sprintf("robot%d", i)
			s.Put(metrics.QueueDepth, 1, "main", robot, "service")
			s.Put(metrics.QueueAge, float64(i), "main", robot, "service")
			s.Put(metrics.Verdicts, 1, fmt.Sprintf("outcome%d", i))
			s.Put(metrics.Sends, 1, fmt.Sprintf("robot.raw.%d", i), metrics.SendSent)
			s.Put(metrics.Connected, 1, fmt.Sprintf("account%d", i))
		}
		for _, name := range nasty {
			s.Put(metrics.QueueDepth, 1, name, name, name)
			s.Put(metrics.Events, 1, name)
		}
	})
	count := map[string]int{}
	for line := range strings.Lines(text) {
		if name, _, ok := strings.Cut(line, "{"); ok && strings.HasPrefix(name, "botengine_") {
			count[name]++
		}
	}
	for m, most := range map[*metrics.Metric]int{
		metrics.QueueDepth: 1003, metrics.QueueAge: 1002, metrics.Verdicts: 1, metrics.Sends: 1, metrics.Connected: 51, metrics.Events: 1,
	} {
		if got := count[m.Name]; got == 0 || got > most {
			t.Errorf("%s: %d series of %d names, at most %d are allowed", m.Name, got, many, most)
		}
	}
	for _, want := range []string{
		fmt.Sprintf(`botengine_queue_depth{account="main",robot="other",urgency="service"} %d`, many-1000),
		`botengine_queue_oldest_age_seconds{account="main",robot="other",urgency="service"} 19999`,
		fmt.Sprintf(`botengine_verdicts_total{outcome="other"} %d`, many),
		fmt.Sprintf(`botengine_events_total{kind="other"} %d`, len(nasty)),
	} {
		if !strings.Contains(text, want+"\n") {
			t.Errorf("there is no %s", want)
		}
	}
	t.Logf("figure: series of %d hostile names: %d (queue depth), %d (accounts)", many, count[metrics.QueueDepth.Name], count[metrics.Connected.Name])
}

func TestSamplesOfTheSameLabelsFold(t *testing.T) {
	text := scrape(t, func(_ context.Context, s *metrics.Sink) {
		var fast, slow measure.Histogram
		fast.Observe(time.Millisecond)
		slow.Observe(time.Hour)
		s.PutTimes(metrics.CatchUpTime, fast.Snapshot(), "main")
		s.PutTimes(metrics.CatchUpTime, slow.Snapshot(), "main")
		s.Put(metrics.Robots, 1, "main", "online")
		s.Put(metrics.Robots, 1, "main", "online")
		s.Put(metrics.Robots, 1, "main") // not its labels: left out
	})
	for _, want := range []string{
		`botengine_robots{account="main",status="online"} 2`,
		`botengine_catchup_duration_seconds_bucket{account="main",le="0.001"} 1`,
		`botengine_catchup_duration_seconds_bucket{account="main",le="+Inf"} 2`,
		`botengine_catchup_duration_seconds_sum{account="main"} 3600.001`,
	} {
		if !strings.Contains(text, want+"\n") {
			t.Errorf("there is no %s in\n%s", want, text)
		}
	}
}

func TestGatheringTwiceAtOnceIsTheSame(t *testing.T) {
	registry, err := metrics.NewRegistry(metrics.Labels(nil, nil, nil), full)
	if err != nil {
		t.Fatal(err)
	}
	if n, err := testutil.GatherAndCount(registry, metrics.Connected.Name, metrics.Intake.Name); err != nil || n != 2 {
		t.Errorf("%d series, %v", n, err)
	}
}

func pages(t *testing.T, o metrics.Options) *metrics.Server {
	t.Helper()
	registry, err := metrics.NewRegistry(metrics.Labels(nil, nil, nil), full)
	if err != nil {
		t.Fatal(err)
	}
	o.Gatherer = registry
	if o.Live == nil {
		o.Live = func() metrics.Page { return metrics.Page{OK: true, Lines: []string{"writer: at rest"}} }
	}
	if o.Ready == nil {
		o.Ready = func(_ context.Context, l diag.Lang) metrics.Page {
			return metrics.Page{OK: false, Lines: []string{diag.T("没有连接", "not connected").In(l)}}
		}
	}
	return metrics.NewServer(o)
}

func ask(t *testing.T, s *metrics.Server, method, url string, headers ...string) (int, string, http.Header) {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), method, url, nil)
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	return w.Code, w.Body.String(), w.Header()
}

func TestHealthSpeaksTheCallersLanguage(t *testing.T) {
	s := pages(t, metrics.Options{Lang: diag.EN})
	for _, c := range []struct {
		name, url string
		headers   []string
		want      string
	}{
		{"short", "http://localhost/readyz", nil, "not ok\n"},
		{"the engine's own", "http://localhost/readyz?verbose", nil, "not ok\nnot connected\n"},
		{"the browser's", "http://localhost/readyz?verbose", []string{"Accept-Language", "fr, zh-CN;q=0.9, en"}, "not ok\n没有连接\n"},
		{"what is asked for", "http://localhost/readyz?verbose&lang=zh", []string{"Accept-Language", "en"}, "not ok\n没有连接\n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			code, body, _ := ask(t, s, http.MethodGet, c.url, c.headers...)
			if code != http.StatusServiceUnavailable || body != c.want {
				t.Errorf("%d %q, want %q", code, body, c.want)
			}
		})
	}
	if code, body, _ := ask(t, s, http.MethodGet, "http://localhost/healthz"); code != http.StatusOK || body != "ok\nwriter: at rest\n" {
		t.Errorf("/healthz: %d %q", code, body)
	}
}

func TestOnlyOnesOwnNamesAreAnswered(t *testing.T) {
	s := pages(t, metrics.Options{Hosts: []string{"Bot.example.com"}})
	for host, want := range map[string]int{
		"127.0.0.1:9464": http.StatusOK, "localhost": http.StatusOK, "LOCALHOST:1": http.StatusOK, "[::1]:9464": http.StatusOK, "10.1.2.3:9464": http.StatusOK,
		"bot.example.com:9464": http.StatusOK, "bot.example.com.": http.StatusOK,
		"evil.example.com": http.StatusMisdirectedRequest, "localhost.evil.example.com": http.StatusMisdirectedRequest,
		"127.0.0.1.evil.example.com:9464": http.StatusMisdirectedRequest, "": http.StatusMisdirectedRequest, "bot.example.com.evil.com": http.StatusMisdirectedRequest,
	} {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/healthz", nil)
		r.Host = host
		w := httptest.NewRecorder()
		s.ServeHTTP(w, r)
		if w.Code != want {
			t.Errorf("Host %q: %d, want %d", host, w.Code, want)
		}
	}
}

func TestNothingButReadingIsPossible(t *testing.T) {
	s := pages(t, metrics.Options{})
	for _, method := range []string{http.MethodPost, http.MethodPut, http.MethodDelete, http.MethodOptions, http.MethodTrace} {
		code, _, header := ask(t, s, method, "http://localhost/metrics", "Origin", "http://evil.example.com")
		if code != http.StatusMethodNotAllowed {
			t.Errorf("%s: %d", method, code)
		}
		for name := range header {
			if strings.HasPrefix(name, "Access-Control-") {
				t.Errorf("%s: a page of another origin gets %s", method, name)
			}
		}
	}
	for _, path := range []string{"/", "/debug/pprof/", "/metrics/", "/readyz/../metrics/x"} {
		if code, _, _ := ask(t, s, http.MethodGet, "http://localhost"+path); code == http.StatusOK {
			t.Errorf("%s is answered", path)
		}
	}
}

func TestAServerEndsWithItsContextAndSaysWhoseAPortIs(t *testing.T) {
	l, err := metrics.Listen(t.Context(), "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := l.Addr().String()
	_, err = metrics.Listen(t.Context(), address)
	if no, ok := errors.AsType[*metrics.ListenError](err); !ok || no.Address != address || !errors.Is(err, syscall.EADDRINUSE) {
		t.Errorf("a port that is taken: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- pages(t, metrics.Options{}).Run(ctx, l) }()
	response, err := http.Get("http://" + address + "/metrics")
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(response.Body)
	response.Body.Close()
	if err != nil || !strings.Contains(string(body), "go_goroutines") {
		t.Errorf("%v in %q", err, body)
	}
	cancel()
	if err := <-ended; err != nil {
		t.Errorf("it ended with %v", err)
	}
	if _, err := http.Get("http://" + address + "/healthz"); err == nil {
		t.Error("it still answers")
	}
}
