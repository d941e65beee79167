package main

import (
	"errors"
	"os"
	"path/filepath"
	"runtime/pprof"
	"time"
)

// profiled writes a CPU profile of all that measure does.
func profiled(file string, measure func() error) (err error) {
	out, err := os.Create(filepath.Clean(file))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, out.Close()) }()
	if err := pprof.StartCPUProfile(out); err != nil {
		return err
	}
	defer pprof.StopCPUProfile()
	return measure()
}

// profileRoad writes a CPU profile of the road without a store, from the frame to
// the decision over ten thousand rules, as it runs for so long on one core.
func profileRoad(file string, n int, long time.Duration) error {
	c, err := newContest(n)
	if err != nil {
		return err
	}
	l := newLane(c.set)
	return onOneCore(func() error {
		return profiled(file, func() error {
			for end := time.Now().Add(long); time.Now().Before(end); {
				for _, frame := range c.w.frames {
					if err := l.decide(frame); err != nil {
						return err
					}
				}
			}
			return nil
		})
	})
}
