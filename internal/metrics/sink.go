package metrics

import (
	"slices"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"botengine/internal/measure"
)

// Sink takes the samples of one scrape. It belongs to the goroutine that fills it.
type Sink struct {
	words   *words
	samples map[*Metric]map[string]*sample
}

// sample is one series: samples with the same labels fold into it.
type sample struct {
	labels []string
	value  float64
	times  measure.Snapshot
}

func newSink(w *words) *Sink { return &Sink{words: w, samples: map[*Metric]map[string]*sample{}} }

// Put adds a value under labels in the order in which the metric declares them. What
// a label may not say becomes Other; what falls together that way is added up or,
// where the metric says so, its largest counts.
func (s *Sink) Put(m *Metric, value float64, labels ...string) {
	p := s.at(m, labels)
	if p == nil {
		return
	}
	if m.Most {
		p.value = max(p.value, value)
	} else {
		p.value += value
	}
}

// Is adds 1 or 0.
func (s *Sink) Is(m *Metric, is bool, labels ...string) {
	value := 0.0
	if is {
		value = 1
	}
	s.Put(m, value, labels...)
}

// PutTimes adds a histogram.
func (s *Sink) PutTimes(m *Metric, h measure.Snapshot, labels ...string) {
	p := s.at(m, labels)
	if p == nil {
		return
	}
	if p.times.Buckets == nil {
		p.times = h
		return
	}
	p.times.Count += h.Count
	p.times.Sum += h.Sum
	for i := range h.Buckets {
		p.times.Buckets[i].Count += h.Buckets[i].Count
	}
}

// at finds the series; nil for labels that are not the metric's, which is a bug that
// must not cost a scrape.
func (s *Sink) at(m *Metric, labels []string) *sample {
	if len(labels) != len(m.Labels) {
		return nil
	}
	said := make([]string, len(labels))
	for i, name := range m.Labels {
		said[i] = s.words.say(name, labels[i])
	}
	series := s.samples[m]
	if series == nil {
		series = map[string]*sample{}
		s.samples[m] = series
	}
	key := strings.Join(said, "\x00")
	p := series[key]
	if p == nil {
		p = &sample{labels: said}
		series[key] = p
	}
	return p
}

// words decide what labels say, the same over all scrapes: of accounts and robots the
// first so many that come. Any goroutine may use them.
type words struct {
	labels map[string]Label

	mu    sync.Mutex // guards known
	known map[string]map[string]bool
}

func newWords(labels []Label) *words {
	w := &words{labels: map[string]Label{}, known: map[string]map[string]bool{}}
	for _, l := range labels {
		w.labels[l.Name] = l
	}
	return w
}

func (w *words) say(label, value string) string {
	l, ok := w.labels[label]
	switch {
	case !ok && isVersion(value):
		return value // of BuildInfo, which the program says of itself
	case l.Most > 0 && isKey(value) && w.first(l, value), slices.Contains(l.Values, value):
		return value
	default:
		return Other
	}
}

// first reports whether a value is one of the first so many of its label.
func (w *words) first(l Label, value string) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	known := w.known[l.Name]
	if known == nil {
		known = map[string]bool{}
		w.known[l.Name] = known
	}
	if !known[value] && len(known) < l.Most {
		known[value] = true
	}
	return known[value]
}

// isKey reports whether a text can be the key of a robot or the name of an account:
// short, and of letters and digits for the most part.
func isKey(s string) bool {
	return s != "" && len(s) <= 64 && !strings.ContainsFunc(s, func(r rune) bool {
		return r == utf8.RuneError || !unicode.IsLetter(r) && !unicode.IsDigit(r) && !strings.ContainsRune("-_.:@", r)
	})
}

func isVersion(s string) bool { return s != "" && len(s) <= 128 && isASCII(s) }

func isASCII(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r < ' ' || r >= 0x7f })
}
