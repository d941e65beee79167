package main

import "testing"

// BenchmarkReplay is a replay of 100,000 events through the 10,000 rules of the
// workload, of which three in a hundred are answered, against matching the same events
// in a loop: both in turn. The quotient of their speeds is what counts.
func BenchmarkReplay(b *testing.B) {
	r, err := newReplayed(full.replayed, full.most())
	if err == nil {
		err = r.agree()
	}
	if err != nil {
		b.Fatal(err)
	}
	got := times{}
	for b.Loop() {
		for _, s := range r.sides() {
			got[s.name] = append(got[s.name], measure(s, 1))
		}
	}
	b.ReportMetric(undisturbed(got["match"])/undisturbed(got["replay"]), "of_matching")
	b.ReportMetric(undisturbed(got["match"])/float64(len(r.items)), "match-ns/event")
	b.ReportMetric(undisturbed(got["replay"])/float64(len(r.items)), "replay-ns/event")
}
