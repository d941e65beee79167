package simulation

import (
	"errors"
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"os"
	"path/filepath"
	"time"

	"botengine/internal/oracle"
	"botengine/internal/rule"
	"botengine/internal/state"
)

// world is one seed.
type world struct {
	seed   uint64
	p      profile
	random *rand.Rand
	sets   []*rule.Set
	dir    string // where a store in a file would be

	at     time.Duration // since the beginning, on nobody's clock
	agenda agenda
	steps  int
	healed bool // nothing goes wrong any more
	inside *thread

	cloud      *cloud
	life       *life // nil: the engine is down
	lives      int
	boots      int
	offset     time.Duration // by how much the engine's clock was put on
	full       time.Duration // until when the disk is full
	rows       rows          // what a store in memory has committed
	backup     *rows
	restored   bool
	generation int
	paused     bool // the operator was told that nothing is sent
	offline    map[string]bool
	commits    int

	inputs []oracle.Input
	trace  *trace
}

// trace is all that happened, in order.
type trace struct {
	keep bool
	text []byte
	sum  uint64
}

// failure is thrown where something happens that must not.
type failure struct{ error }

func newWorld(seed uint64, sets []*rule.Set, dir string) *world {
	r := rand.New(rand.NewPCG(seed, 2026))
	w := &world{seed: seed, p: draw(r), random: r, sets: sets, dir: dir, boots: 1, offline: map[string]bool{}, rows: newRows(), trace: &trace{}}
	w.cloud = newCloud(w)
	return w
}

// clock is what the engine's clock shows.
func (w *world) clock() time.Time { return start.Add(w.at + w.offset) }

// may is true one time in n, as long as things go wrong.
func (w *world) may(n int) bool { return n > 0 && !w.healed && w.random.IntN(n) == 0 }

func (w *world) one(n int) int {
	if w.may(n) {
		return 1
	}
	return 0
}

// upTo is some time shorter than d.
func (w *world) upTo(d time.Duration) time.Duration {
	if d <= 0 {
		return 0
	}
	return time.Duration(w.random.Int64N(int64(d)))
}

// later puts something on the agenda: of one life of the engine, or of the world (0).
func (w *world) later(in time.Duration, life int, name string, do func()) {
	w.agenda.put(w.at+in, life, name, do)
}

func (w *world) fail(format string, args ...any) {
	panic(failure{fmt.Errorf(format, args...)}) //nolint:forbidigo // it unwinds what is under way, and run recovers it
}

func (w *world) log(parts ...string) {
	t := w.trace
	from := len(t.text)
	t.text = fmt.Appendf(t.text, "%d ", w.at.Microseconds())
	for _, p := range parts {
		t.text = append(t.text, p...)
	}
	t.text = append(t.text, '\n')
	h := fnv.New64a()
	_, _ = h.Write(t.text[from:]) // a hash never fails
	t.sum = t.sum*1099511628211 ^ h.Sum64()
	if !t.keep {
		t.text = t.text[:0]
	}
}

// wait lets time pass for the thread that asks for it. What is not a thread has no
// time to lose.
func (w *world) wait(d time.Duration) {
	if t := w.inside; t != nil {
		t.sleep(d)
	}
}

// stepOf goes on with a thread until it sleeps.
func (w *world) stepOf(t *thread) func() time.Duration {
	return func() time.Duration {
		w.inside = t
		defer func() { w.inside = nil }()
		d, _ := t.next()
		return d
	}
}

// mayDie kills the process there, sometimes.
func (w *world) mayDie(where string) {
	if w.may(w.p.kill) {
		panic(crash{where}) //nolint:forbidigo // it unwinds what is under way, and guarded recovers it
	}
}

// die takes the engine down, and has it started again.
func (w *world) die(where string) {
	w.log("the process dies ", where)
	l := w.life
	w.life, w.inside = nil, nil
	l.kill()
	w.cloud.connected = false
	w.cloud.epoch++
	if w.p.powerCut && !w.healed && w.random.IntN(2) == 0 {
		w.boots++
	}
	down := 3 * time.Second
	if w.p.backup && !w.healed && w.putBack() {
		down += w.p.lag + time.Second // until then nothing can tell that the copy is old
	}
	if w.p.jumps && !w.healed && w.offset.Abs() < 10*time.Minute { // nothing is to expire by it
		w.offset += time.Duration(w.random.IntN(5)-1) * time.Minute
	}
	w.later(down+w.upTo(time.Minute), 0, "start", func() {
		if w.life == nil {
			w.begin()
		}
	})
}

// putBack puts an older copy of the state back, sometimes.
func (w *world) putBack() bool {
	if w.backup == nil || w.random.IntN(2) == 0 {
		return false
	}
	w.log("an old copy of the state is put back")
	w.rows, w.restored = w.backup.copied(), true
	return true
}

// openStore opens what there is of the state.
func (w *world) openStore() state.Store {
	if !w.p.file {
		return &crashing{memory: &memory{now: w.clock, rows: w.rows, fails: w.noRoom}, w: w}
	}
	store, err := state.Open(filepath.Join(w.dir, "state.db"), state.Options{Now: w.clock, BatchWait: time.Nanosecond, SweepEvery: time.Hour})
	if err != nil {
		w.fail("the state cannot be opened: %v", err)
	}
	return crashingFile{store}
}

// crashing is a store in memory whose rows outlive it.
type crashing struct {
	*memory
	w *world
}

func (c *crashing) crash() error {
	c.w.rows = c.rows
	return c.Close()
}

// crashingFile is a store in a file: what it committed is there, however it ends.
type crashingFile struct{ state.Store }

func (c crashingFile) crash() error { return c.Close() }

// Sweep forgets what is past its time.
func (c crashingFile) Sweep() { c.Store.(interface{ Sweep() }).Sweep() }

// connect makes a connection, some time after the one before ended.
func (w *world) connect() {
	if w.life == nil || w.cloud.connected {
		return
	}
	w.cloud.connected = true
	w.cloud.epoch++
	w.log("connected")
	w.life.catchUp.Up()
	w.life.out.Wake()
}

func (w *world) disconnect() {
	if !w.cloud.connected {
		return
	}
	w.cloud.connected = false
	w.cloud.epoch++
	w.log("disconnected")
	l := w.life
	l.catchUp.Down()
	w.later(10*time.Second+w.upTo(50*time.Second), l.n, "connect", w.connect)
}

// run lets a seed go on for so many steps of trouble, heals everything, and waits
// until all is quiet. It returns what must not have happened.
func (w *world) run(steps int) (err error) {
	defer func() {
		switch v := recover().(type) {
		case nil:
		case failure:
			err = v.error
		default:
			panic(v) //nolint:forbidigo // not ours
		}
		err = errors.Join(err, w.close())
	}()
	w.healed = true // the first start goes well: what was said before it is nobody's business
	w.guarded("start", w.begin)
	w.later(5*time.Second, 0, "trouble begins", func() { w.healed = false; w.talk() })
	for w.steps < steps {
		w.step()
	}
	w.heal()
	if err := w.settle(); err != nil {
		return err
	}
	return w.judge()
}

func (w *world) close() error {
	if w.life == nil {
		return nil
	}
	w.life.kill()
	if w.p.file {
		return os.RemoveAll(w.dir)
	}
	return nil
}

// step does the one thing that is due first.
func (w *world) step() {
	w.steps++
	at, ok := w.agenda.first()
	best := w.due(at, ok)
	if best == nil {
		it := w.agenda.take()
		w.at = max(w.at, it.at)
		if it.life == 0 || w.life != nil && w.life.n == it.life {
			w.guarded(it.name, it.do)
		}
		return
	}
	w.at = max(w.at, best.at)
	w.guarded(best.name, func() {
		best.at = never
		best.at = w.at + max(best.step(), 0)
	})
}

// due is the engine's part whose turn it is, nil if something else comes before it.
func (w *world) due(at time.Duration, ok bool) (best *task) {
	if w.life == nil {
		return nil
	}
	if w.life.sending {
		w.life.newRobots()
	}
	for _, t := range w.life.tasks {
		if t.rang() {
			if soon := w.at + w.upTo(2*time.Millisecond); t.at < 0 || soon < t.at {
				t.at = soon
			}
		}
		if t.at >= 0 && (!ok || t.at < at) {
			best, at, ok = t, t.at, true
		}
	}
	return best
}

// guarded does something in which the process may die.
func (w *world) guarded(name string, do func()) {
	defer func() {
		switch v := recover().(type) {
		case nil:
		case crash:
			w.die(v.where + " (" + name + ")")
		default:
			panic(v) //nolint:forbidigo // not ours
		}
	}()
	w.log(name)
	do()
}
