//go:build failpoints && unix

package failpoint

import (
	"errors"
	"fmt"
	"math"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"time"
)

// Enabled says whether this build can die on request.
const Enabled = true

// Variable is the environment variable that says what is to happen where:
//
//	send.after_emit=kill@3,store.before_commit=err
//
// kill ends the process as SIGKILL does, panic panics, err fails where the step can
// fail (elsewhere it does nothing), sleep:50ms waits. @n is the hit at which it
// happens, the first without it; err, enospc and sleep happen at each hit from there on,
// or up to another one: enospc@3-9.
const Variable = "BOTENGINE_FAILPOINTS"

type point struct {
	mode  string
	at    int64
	until int64 // the last hit of err, enospc and sleep
	pause time.Duration
	hits  atomic.Int64
}

// ErrInjected is what Err returns.
var ErrInjected = errors.New("a failure injected for a test")

var points = mustParse(os.Getenv(Variable))

func mustParse(text string) map[Name]*point {
	points, err := parse(text)
	if err != nil {
		panic(Variable + ": " + err.Error()) //nolint:forbidigo // a test that names no moment must not seem to pass
	}
	return points
}

func parse(text string) (map[Name]*point, error) {
	out := make(map[Name]*point)
	for one := range strings.SplitSeq(text, ",") {
		if one == "" {
			continue
		}
		name, what, _ := strings.Cut(one, "=")
		if !slices.Contains(All, Name(name)) {
			return nil, fmt.Errorf("there is no failpoint %q", name)
		}
		p, err := parsePoint(what)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", one, err)
		}
		out[Name(name)] = p
	}
	return out, nil
}

func parsePoint(text string) (*point, error) {
	mode, at, counted := strings.Cut(text, "@")
	p := &point{mode: mode, at: 1, until: math.MaxInt64}
	var err error
	if from, until, ranged := strings.Cut(at, "-"); ranged {
		at = from
		if p.until, err = strconv.ParseInt(until, 10, 64); err != nil {
			return nil, err
		}
	}
	if counted {
		if p.at, err = strconv.ParseInt(at, 10, 64); err != nil {
			return nil, err
		}
	}
	if pause, ok := strings.CutPrefix(mode, "sleep:"); ok {
		p.mode = "sleep"
		if p.pause, err = time.ParseDuration(pause); err != nil {
			return nil, err
		}
	}
	if !slices.Contains([]string{"kill", "panic", "err", "enospc", "sleep"}, p.mode) {
		return nil, fmt.Errorf("%q is none of kill, panic, err, enospc, sleep:DURATION", mode)
	}
	return p, nil
}

// Hit is the moment name: what was asked for happens, if it cannot be an error.
func Hit(name Name) { _ = Err(name) }

// Err is the moment name in a step that can fail.
func Err(name Name) error {
	p := points[name]
	if p == nil {
		return nil
	}
	n := p.hits.Add(1)
	if n > p.until {
		return nil
	}
	switch {
	case p.mode == "kill" && n == p.at:
		_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
		select {} // until it arrives
	case p.mode == "panic" && n == p.at:
		panic("failpoint " + string(name)) //nolint:forbidigo // what was asked for
	case p.mode == "sleep" && n >= p.at:
		time.Sleep(p.pause) //nolint:forbidigo // what was asked for
	case p.mode == "err" && n >= p.at:
		return fmt.Errorf("%s: %w", name, ErrInjected)
	case p.mode == "enospc" && n >= p.at:
		return fmt.Errorf("%s: %w", name, syscall.ENOSPC)
	}
	return nil
}

// HurryVariable is the environment variable that says how many times faster than
// the clock the engine's own waits are: the crash matrix has a thousand doubts to
// resolve.
const HurryVariable = "BOTENGINE_HURRY"

var hurry = mustFactor(os.Getenv(HurryVariable))

func mustFactor(text string) time.Duration {
	if text == "" {
		return 1
	}
	n, err := strconv.ParseUint(text, 10, 16)
	if err != nil || n == 0 {
		panic(HurryVariable + " is a number from 1")
	}
	return time.Duration(n) //nolint:gosec // it has 16 bits
}

// Hurry returns how long a wait of d takes in this process.
func Hurry(d time.Duration) time.Duration { return d / hurry }
