package rule

import (
	"time"

	"go.yaml.in/yaml/v3"

	"botengine/internal/diag"
)

// Retry is how often a step that failed is done again. It is, only when surely
// nothing happened, or when doing it twice does no harm.
type Retry struct {
	Times    int           // further tries
	Every    time.Duration // the pause before each
	Doubtful bool          // also when nobody knows whether it happened: it may happen twice
}

// What may be written for a retry.
const (
	maxRetries   = 10
	defaultEvery = 10 * time.Second
	minEvery     = time.Second
	maxEvery     = 24 * time.Hour
)

var retryForm = formOf("retry", "retry: {times: 3, every: 10s}")

// retry reads `3` or `{times, every, doubtful}`.
func (b *builder) retry(n *yaml.Node) *Retry {
	r := &Retry{Times: 3, Every: defaultEvery}
	if n.Kind == yaml.ScalarNode {
		r.Times = b.integer(n, 1, maxRetries)
		return r
	}
	f, ok := b.fields(n, retryForm, keysOf("retry"))
	if times := f.get("times"); times != nil {
		r.Times = b.integer(times, 1, maxRetries)
	} else if ok {
		b.missing(f, "times", retryForm.example)
	}
	if every := f.get("every"); every != nil {
		if d := b.duration(every); d > 0 && (d < minEvery || d > maxEvery) {
			b.fail(every, "BE126", diag.T("要在 1s 到 24h 之间", "it has to be 1s to 24h"), diag.Text{})
		} else if d > 0 {
			r.Every = d
		}
	}
	r.Doubtful = b.flag(f.get("doubtful"), false)
	return r
}
