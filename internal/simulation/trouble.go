package simulation

import (
	"fmt"
	"slices"
	"time"

	"botengine/internal/oracle"
	"botengine/internal/state"
)

// talk has somebody say something, and something go wrong besides.
func (w *world) talk() {
	if w.healed {
		return
	}
	to := w.cloud.chats[w.random.IntN(len(w.cloud.chats))]
	words := anywhere
	if w.p.backup {
		words = remembered
	}
	if to.group {
		words = append(slices.Clip(words), "改名")
	}
	if to.group && !w.p.backup {
		words = append(words, "公告")
	}
	text := fmt.Sprint(words[w.random.IntN(len(words))], len(w.inputs)+1)
	w.log("somebody says ", text, " in ", to.peer)
	w.inputs = append(w.inputs, oracle.Input{Chat: to.peer, Text: text})
	w.cloud.say(to, text)
	w.later(w.upTo(2*w.p.talk), 0, "talk", w.talk)
	w.trouble()
}

func (w *world) trouble() {
	switch {
	case w.may(w.p.disconnect):
		w.disconnect()
	case w.may(w.p.reload):
		w.generation = 1 - w.generation
		if w.life != nil {
			w.life.rules.Store(w.sets[w.generation])
		}
		w.log("reload: ", generations[w.generation])
	case w.may(w.p.pause):
		w.halt()
	case w.may(w.p.offline):
		w.away(robotKey(w.random.IntN(w.p.robots)))
	case w.p.backup && w.backup == nil && w.may(20):
		w.takeBackup()
	}
}

// halt pauses everything for a while.
func (w *world) halt() {
	if w.life == nil || w.paused {
		return
	}
	w.later(w.upTo(2*time.Minute), 0, "resume", w.resume)
	w.log("pause")
	w.paused = w.life.pause(true) == nil // else it holds for as long as the engine lives, and the operator knows
}

// resume lets everything go on, as soon as that can be written down.
func (w *world) resume() {
	done := false
	defer func() {
		if !done {
			w.later(time.Second, 0, "resume", w.resume)
		}
	}()
	if w.life != nil && w.life.pause(false) == nil {
		done, w.paused = true, false
	}
}

// away takes a robot offline for a while.
func (w *world) away(robot string) {
	w.offline[robot] = true
	w.later(w.upTo(3*time.Minute), 0, robot+" is back", func() {
		delete(w.offline, robot)
		if w.life != nil {
			w.life.out.Wake()
		}
	})
}

func (w *world) takeBackup() {
	if w.life == nil {
		return
	}
	if s, ok := w.life.store.(*disk).Store.(*crashing); ok {
		copied := s.rows.copied()
		w.backup = &copied
		w.log("backup")
	}
}

// heal ends all trouble: what is broken is whole from here on.
func (w *world) heal() {
	w.healed = true
	w.full = 0
	w.log("healed")
}

// quiet is how long everything must have been whole before it is held against the
// oracle: two audits and what a history may lag.
const quiet = 40 * time.Minute

// settle waits until nothing more is to come.
func (w *world) settle() error {
	until := w.at + quiet
	for w.at < until || !w.idle() {
		if w.at > until+6*time.Hour {
			return fmt.Errorf("it does not come to rest: %s", w.unrest())
		}
		w.step()
	}
	return nil
}

// idle says whether the engine owes nothing.
func (w *world) idle() bool { return w.unrest() == "" }

func (w *world) unrest() (why string) {
	if w.life == nil {
		return "the engine is down"
	}
	err := w.life.store.(*disk).View(w.life.ctx, func(tx state.Tx) error {
		if open := tx.Open(""); len(open) > 0 {
			why = fmt.Sprintf("%d commands are open, the first is %s: %s", len(open), open[0].Command.MessageID, open[0].State)
		}
		tx.EachRun(func(r state.Run) bool { why = "run " + r.ID + " waits"; return false })
		return nil
	})
	if err != nil {
		return err.Error()
	}
	return why
}
