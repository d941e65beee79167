//go:build failpoints && linux

package main

import (
	"cmp"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"botengine/internal/failpoint"
	"botengine/internal/sim"
)

var (
	soakTime  = flag.Duration("dur", 0, "how long TestSoak goes on; default 2m, with -short 20s")
	soakRate  = flag.Int("events", 25, "messages per second that concern no rule in TestSoak")
	soakEvery = flag.Duration("fault-every", 5*time.Second, "how often something goes wrong in TestSoak")
	soakOnly  = flag.String("only-faults", "", "the names of the only things that go wrong in TestSoak, with commas; empty: all")
)

const (
	soakMemory     = 96 << 20 // bytes that the engine may have more at the end than when it was warm
	soakGoroutines = 100
	soakFiles      = 16
	soakPerEvent   = 4 << 10 // bytes that the state file may have for each event, beside the first 16 MiB
)

// soak is one engine that is used for a long time while things go wrong.
type soak struct {
	*matrixCase
	metrics  string // the address at which the engine says how it does
	faults   map[string]int
	fillers  int
	warm     use // of the engine after a while, in its first life
	worst    use // how much more it had later in that life
	begun    time.Time
	measured bool
}

// use is what an engine uses.
type use struct{ memory, goroutines, files int64 }

// TestSoak has people talk for a long time while something goes wrong every few
// seconds. In the first half the engine lives on and must use no more and more; in the
// second it is killed as well, and its disk fails. What people saw is compared with
// what the oracle says.
func TestSoak(t *testing.T) {
	length := cmp.Or(*soakTime, 2*time.Minute)
	if testing.Short() && *soakTime == 0 {
		length = 20 * time.Second
	}
	random := rand.New(rand.NewPCG(*matrixSeed, 3)) //nolint:gosec // the same faults for the same seed
	s := &soak{matrixCase: newCase(t, "soak", random), metrics: freeAddress(t), faults: map[string]int{}}
	defer s.end()
	s.seed = *matrixSeed
	s.configure()
	for i := range soakGroups {
		s.sim.World().AddGroup(sim.Group{Name: soakGroup(i), Owner: "李四", Members: []string{"小助手", "李四"}})
	}
	s.firstLife()
	s.spawn("")
	s.awaitConnection(time.Minute)
	s.begun = time.Now()
	s.half(length/2, false)
	s.half(length/2, true)
	s.stop()
	s.peace()
	sum := &matrixSum{reached: map[failpoint.Name]int{}}
	s.judge(sum)
	size := s.fileSize()
	t.Logf("figure: soak of %v, %d messages (%d that concern rules), faults %v: %d lost, %d duplicate, %d reordered, %d phantom; over the first half at most %+d MiB, %+d goroutines, %+d files; state file %d MiB",
		time.Since(s.begun).Round(time.Second), s.fillers+len(s.inputs), len(s.inputs), s.faults,
		sum.lost.Load(), sum.duplicate.Load(), sum.reordered.Load(), sum.phantom.Load(),
		s.worst.memory>>20, s.worst.goroutines, s.worst.files, size>>20)
	if s.worst.memory > soakMemory || s.worst.goroutines > soakGoroutines || s.worst.files > soakFiles {
		t.Errorf("it used more and more: %+v, warm it was %+v", s.worst, s.warm)
	}
	if bound := int64(16<<20 + soakPerEvent*(s.fillers+len(s.inputs))); size > bound {
		t.Errorf("the state file has %d bytes, want at most %d", size, bound)
	}
}

// freeAddress is an address on loopback at which nobody listens.
func freeAddress(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	return l.Addr().String()
}

// configure has the engine say how it does.
func (s *soak) configure() {
	path := filepath.Join(s.dir, "botengine.yaml")
	text, err := os.ReadFile(path)
	if err != nil {
		s.t.Fatal(err)
	}
	s.write("botengine.yaml", fmt.Sprintf("%smetrics: {listen: %q}\n", text, s.metrics))
}

// half is half of it: people talk, and something goes wrong again and again.
func (s *soak) half(length time.Duration, harsh bool) {
	over := time.After(length)
	fault := time.NewTicker(*soakEvery)
	second := time.NewTicker(time.Second)
	defer fault.Stop()
	defer second.Stop()
	for {
		select {
		case <-over:
			return
		case <-second.C:
			if !s.alive() {
				s.spawn("")
			}
			s.chatter()
			s.talk(3)
			s.measure()
		case <-fault.C:
			s.wrong(harsh)
		}
	}
}

// soakGroups are the groups in which people only chat: after a gap the platform is
// asked for five pages a second, and a chat that is not read within ten seconds is not
// held back any longer.
const soakGroups = 8

func soakGroup(i int) string { return fmt.Sprintf("闲聊群 %d", i%soakGroups) }

// chatter is what people say that concerns no rule.
func (s *soak) chatter() {
	for range *soakRate {
		s.fillers++
		if _, err := s.sim.Say(soakGroup(s.fillers), "李四", "大家早上好呀 "+strconv.Itoa(s.fillers)); err != nil {
			s.t.Error(err)
		}
	}
}

// soakFault is something that goes wrong.
type soakFault struct {
	name  string
	harsh bool // an engine may die of it
	do    func()
}

func (s *soak) all() []soakFault {
	faults := s.sim.Faults()
	return []soakFault{
		{"connections cut", false, s.sim.CutConnections},
		{"cut in a frame", false, func() { s.sim.CutReading(1 + s.random.IntN(300)) }},
		{"kicked", false, s.sim.Kick},
		{"reloads", false, s.edit},
		{"echoes lost", false, func() {
			faults.AddCommand(sim.CommandFault{Command: "text", DropReply: true, When: sim.When{Nth: 1, Times: 2}})
		}},
		{"events doubled", false, func() {
			faults.AddEvent(sim.EventFault{Event: "message", Duplicate: 2, When: sim.When{Nth: 1, Times: 50}})
		}},
		{"gateway errors", false, func() {
			faults.AddHTTP(sim.HTTPFault{Status: http.StatusBadGateway, When: sim.When{Nth: 1, Times: 5}})
		}},
		{"history lags", false, func() {
			faults.SetHistoryLag(2 * time.Second)
			time.AfterFunc(*soakEvery/2, func() { faults.SetHistoryLag(0) })
		}},
		{"killed", true, func() {
			_ = s.cmd.Process.Kill() // it is seen to be gone below
			<-s.gone
			s.spawn("")
		}},
		{"disk errors", true, func() {
			s.stop()
			from := 20 + s.random.IntN(50)
			s.spawn(fmt.Sprintf("%s=enospc@%d-%d", failpoint.StoreRan, from, from+5))
		}},
		{"died of itself", true, func() {
			s.stop()
			s.spawn(fmt.Sprintf("%s=kill@%d", failpoint.All[s.random.IntN(len(failpoint.All))], 1+s.random.IntN(20)))
		}},
	}
}

// wrong lets something go wrong; of the harsh things only where they are asked for.
func (s *soak) wrong(harsh bool) {
	faults := slices.DeleteFunc(s.all(), func(f soakFault) bool {
		return f.harsh && !harsh || *soakOnly != "" && !slices.Contains(strings.Split(*soakOnly, ","), f.name)
	})
	if len(faults) == 0 {
		return
	}
	f := faults[s.random.IntN(len(faults))]
	s.faults[f.name]++
	f.do()
}

// measure notes how much more the engine uses than when it was warm.
func (s *soak) measure() {
	elapsed := time.Since(s.begun)
	if s.faults["killed"]+s.faults["disk errors"]+s.faults["died of itself"] > 0 || elapsed < 8*time.Second {
		return
	}
	now, ok := s.uses()
	if !ok {
		return
	}
	if !s.measured {
		s.warm, s.measured = now, true
	}
	s.worst.memory = max(s.worst.memory, now.memory-s.warm.memory)
	s.worst.goroutines = max(s.worst.goroutines, now.goroutines-s.warm.goroutines)
	s.worst.files = max(s.worst.files, now.files-s.warm.files)
}

// uses is what the engine uses now: memory that is its own, not the pages of its file.
func (s *soak) uses() (u use, ok bool) {
	proc := fmt.Sprintf("/proc/%d", s.cmd.Process.Pid)
	status, err := os.ReadFile(proc + "/status")
	if err != nil {
		return use{}, false
	}
	files, err := os.ReadDir(proc + "/fd")
	if err != nil {
		return use{}, false
	}
	resp, err := http.Get("http://" + s.metrics + "/metrics") //nolint:noctx // on loopback, and it is closed
	if err != nil {
		return use{}, false
	}
	defer func() { _ = resp.Body.Close() }()
	said, err := io.ReadAll(resp.Body)
	if err != nil {
		return use{}, false
	}
	u.files = int64(len(files))
	u.memory = number(`RssAnon:\s+(\d+) kB`, status) << 10
	u.goroutines = number(`(?m)^go_goroutines (\d+)`, said)
	return u, u.memory > 0 && u.goroutines > 0
}

func number(pattern string, in []byte) int64 {
	m := regexp.MustCompile(pattern).FindSubmatch(in)
	if m == nil {
		return 0
	}
	n, _ := strconv.ParseInt(string(m[1]), 10, 64)
	return n
}

func (s *soak) fileSize() int64 {
	info, err := os.Stat(filepath.Join(s.dir, "data", "state.db"))
	if err != nil {
		s.fail("%v", err)
		return 0
	}
	return info.Size()
}
