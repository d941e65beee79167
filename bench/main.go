// Command bench prints the figures that the engine's speed is judged by, each with
// its goal: ratios of sides that were measured in turn in one run, so that they say
// the same on a fast machine and on a slow one.
//
// It owns the workload, the baselines it compares with and how they are measured.
// It refuses to fail because of a time: only a wrong answer is an error.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime"
	"time"
)

// effort is how much is measured.
type effort struct {
	sizes        []int         // numbers of rules, rising
	rounds, slow int           // rounds of what takes microseconds, and of what takes longer
	slice, road  time.Duration // one turn of a side
	samples      int           // frames whose way is timed
	flood        int           // frames that come as fast as they are taken, and once more half as fast
	replayed     int           // events of the journal that is replayed
}

var (
	full  = effort{sizes: []int{10, 100, 1000, 10_000}, rounds: 31, slow: 5, slice: 10 * time.Millisecond, road: 100 * time.Millisecond, samples: 600, flood: 40 * frames, replayed: 100_000}
	quick = effort{sizes: []int{10, 100}, rounds: 3, slow: 1, slice: time.Millisecond, road: 10 * time.Millisecond, samples: 20, flood: frames, replayed: frames}
)

// most is the largest number of rules.
func (e effort) most() int { return e.sizes[len(e.sizes)-1] }

func main() {
	short := flag.Bool("quick", false, "measure little: to see that it works, not how fast it is")
	only := flag.String("only", "", "measure no more than these rows: match, shapes, compile, one core, all cores, latency, load or replay")
	profile := flag.String("profile", "", "write a CPU profile to this file: of the rows of -only as they are measured, or else of the road without a store alone")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	e := full
	if *short {
		e = quick
	}
	run := func() error { return report(ctx, os.Stdout, e, *only) }
	switch {
	case *profile != "" && *only != "":
		measure := run
		run = func() error { return profiled(*profile, measure) }
	case *profile != "":
		run = func() error { return profileRoad(*profile, e.most(), 1000*e.slice) }
	}
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1) //nolint:gocritic // stop has nothing left to do
	}
}

// report measures everything, or the rows of one name, and prints the table.
func report(ctx context.Context, w io.Writer, e effort, only string) error {
	folder, err := os.MkdirTemp("", "botengine-bench-")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(folder) }() // a folder of ours, of which nobody waits for the end
	began, t := time.Now(), &table{}
	for _, p := range parts(ctx, t, folder, e) {
		if only != "" && only != p.name {
			continue
		}
		if err := p.measure(); err != nil {
			return err
		}
	}
	fmt.Fprintf(w, "%s, %s/%s, %d cores; %s; took %s\n\n", runtime.Version(), runtime.GOOS, runtime.GOARCH,
		runtime.NumCPU(), began.UTC().Format(time.DateOnly), time.Since(began).Round(time.Second))
	return t.write(w)
}

// part is some rows of the table, measured together.
type part struct {
	name    string
	measure func() error
}

func parts(ctx context.Context, t *table, folder string, e effort) []part {
	return []part{
		{"match", func() error { return onOneCore(func() error { return matchRows(t, e) }) }},
		{"shapes", func() error { return onOneCore(func() error { return shapeRows(t, e) }) }},
		{"compile", func() error { return onOneCore(func() error { return compileRows(t, e) }) }},
		{"one core", func() error { return onOneCore(func() error { return durableRows(ctx, t, folder, "one core", e) }) }},
		{"all cores", func() error { return durableRows(ctx, t, folder, "all cores", e) }},
		{"latency", func() error { return latencyRows(ctx, t, folder, e) }},
		{"load", func() error { return loadRows(ctx, t, folder, e) }},
		{"replay", func() error { return replayRows(t, e) }},
	}
}

// onOneCore runs f with one core, so that nothing hides what a side costs.
func onOneCore(f func() error) error {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	return f()
}
