package metrics

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"

	"botengine/internal/measure"
)

// Source fills a Sink with how things are now. It is asked by several goroutines.
type Source func(ctx context.Context, s *Sink)

// scrapeFor bounds what a Source may take.
const scrapeFor = 20 * time.Second

// NewRegistry returns what is gathered at a scrape: what the source says, under the
// declared names and bounded labels, and how the process itself does.
func NewRegistry(labels []Label, source Source) (*prometheus.Registry, error) {
	r := prometheus.NewRegistry()
	c := &collector{words: newWords(labels), source: source, descs: map[*Metric]*prometheus.Desc{}}
	for _, m := range All() {
		c.descs[m] = prometheus.NewDesc(m.Name, m.Help.EN, m.Labels, nil)
	}
	for _, each := range []prometheus.Collector{c, collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{})} {
		if err := r.Register(each); err != nil {
			return nil, fmt.Errorf("register metrics: %w", err)
		}
	}
	return r, nil
}

// collector asks the source at each scrape; it keeps nothing but the words of labels.
type collector struct {
	words  *words
	source Source
	descs  map[*Metric]*prometheus.Desc
}

// Describe implements prometheus.Collector.
func (c *collector) Describe(ch chan<- *prometheus.Desc) {
	for _, m := range All() {
		ch <- c.descs[m]
	}
}

// Collect implements prometheus.Collector.
func (c *collector) Collect(ch chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), scrapeFor)
	defer cancel()
	sink := newSink(c.words)
	c.source(ctx, sink)
	for _, m := range All() {
		for _, s := range sink.samples[m] {
			ch <- c.metric(m, s)
		}
	}
}

func (c *collector) metric(m *Metric, s *sample) prometheus.Metric {
	var out prometheus.Metric
	var err error
	switch m.Type {
	case Histogram:
		out, err = prometheus.NewConstHistogram(c.descs[m], s.times.Count, s.times.Sum.Seconds(), bucketsOf(s.times), s.labels...)
	case Counter:
		out, err = prometheus.NewConstMetric(c.descs[m], prometheus.CounterValue, s.value, s.labels...)
	default:
		out, err = prometheus.NewConstMetric(c.descs[m], prometheus.GaugeValue, s.value, s.labels...)
	}
	if err != nil {
		return prometheus.NewInvalidMetric(c.descs[m], err)
	}
	return out
}

func bucketsOf(h measure.Snapshot) map[float64]uint64 {
	out := make(map[float64]uint64, len(h.Buckets))
	for _, b := range h.Buckets {
		out[b.Most.Seconds()] = b.Count
	}
	return out
}

// Names are the names of all series that a scrape can have, without those of the
// process itself: a histogram has three.
func Names() []string {
	var out []string
	for _, m := range All() {
		if m.Type == Histogram {
			out = append(out, m.Name+"_bucket", m.Name+"_sum", m.Name+"_count")
		} else {
			out = append(out, m.Name)
		}
	}
	slices.Sort(out)
	return out
}
