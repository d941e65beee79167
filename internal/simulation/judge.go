package simulation

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"botengine/internal/command"
	"botengine/internal/event"
	"botengine/internal/oracle"
	"botengine/internal/state"
)

// attempts is how often a command is sent at most; busyAttempts, to a platform that is
// busy.
const (
	attempts     = 3
	busyAttempts = 5
)

// judge holds what people saw against what the rules promise for what people said.
func (w *world) judge() error {
	rows, twice := w.outbox()
	want := w.wants()
	got := w.cloud.seen
	errs := []error{twice, unasked(want, rows), w.orders(want, got, rows), w.generations(), w.bounds(rows), honest(got, rows), w.stats()}
	report := oracle.Compare(unordered(want), got)
	for _, e := range slices.Concat(report.Lost, report.Missing) {
		errs = append(errs, w.excuse(e, want, got, rows))
	}
	report.Lost, report.Missing = nil, nil
	if !report.OK() {
		errs = append(errs, errors.New(report.String()))
	}
	return errors.Join(errs...)
}

// name is how an effect is known in the outbox.
func name(e oracle.Effect) string { return e.Chat + " " + e.Kind + " " + e.Text }

// outbox is every command there ever was, by its effect: there is one of each, whether
// people have seen it or not.
func (w *world) outbox() (rows map[string]state.Entry, twice error) {
	rows = map[string]state.Entry{}
	add := func(e state.Entry) bool {
		effect, peer := actionOf(&e.Command)
		if e.Command.IsMessage() {
			effect = oracle.Effect{Kind: "text", Text: textOf(&e.Command)}
			_, peer, _ = event.SplitChatID(e.Command.Chat)
		}
		effect.Chat = peer
		effect.Text, _ = unsigned(effect.Text)
		if before, ok := rows[name(effect)]; ok {
			twice = errors.Join(twice, fmt.Errorf("two commands for one effect: %v: %s and %s", effect, before.Command.MessageID, e.Command.MessageID))
		}
		rows[name(effect)] = e
		return true
	}
	err := w.life.store.(*disk).View(w.life.ctx, func(tx state.Tx) error {
		tx.EachEnded(start.AddDate(-1, 0, 0), add)
		for _, e := range tx.Open("") {
			add(e)
		}
		return nil
	})
	if err != nil {
		w.fail("the outbox cannot be read: %v", err)
	}
	return rows, twice
}

// unasked checks that nobody was owed what nobody asked for.
func unasked(want []oracle.Effect, rows map[string]state.Entry) (err error) {
	wanted := map[string]bool{}
	for _, e := range want {
		wanted[name(e)] = true
	}
	for _, key := range slices.Sorted(maps.Keys(rows)) {
		if !wanted[key] {
			err = errors.Join(err, fmt.Errorf("a command that nobody asked for: %s", key))
		}
	}
	return err
}

// wants are the effects that what people said should have, in the order in which it
// was said.
func (w *world) wants() (want []oracle.Effect) {
	counted, greeted := map[string]int{}, map[string]bool{}
	for _, in := range w.inputs {
		switch {
		case strings.HasPrefix(in.Text, "报数"):
			counted[in.Chat]++
			want = append(want, oracle.Effect{Chat: in.Chat, Kind: "text", Text: "第 " + strconv.Itoa(counted[in.Chat]), Line: "chat"})
		case strings.HasPrefix(in.Text, "首次"):
			if !greeted[in.Chat] {
				want = append(want, oracle.Effect{Chat: in.Chat, Kind: "text", Text: "首次", Line: "chat"})
			}
			greeted[in.Chat] = true
		default:
			want = append(want, oracle.Want(model, []oracle.Input{in})...)
		}
	}
	return want
}

func unordered(want []oracle.Effect) []oracle.Effect {
	out := slices.Clone(want)
	for i := range out {
		out[i].Line = ""
	}
	return out
}

// orders checks that what was said in turn is answered in turn, and that messages
// leave in the order in which they were made.
func (w *world) orders(want, got []oracle.Effect, rows map[string]state.Entry) error {
	if w.restored {
		return nil // what was made twice has two numbers
	}
	var errs []error
	if r := oracle.Compare(want, got); w.p.orderly() && len(r.Reordered) > 0 {
		errs = append(errs, fmt.Errorf("not answered in the order of the questions: %v", r.Reordered))
	}
	made := make([]oracle.Effect, 0, len(want))
	for _, e := range want {
		if e.Kind == "text" {
			e.Line = "made"
			made = append(made, e)
		}
	}
	slices.SortStableFunc(made, func(a, b oracle.Effect) int { return cmp.Compare(rows[name(a)].Seq, rows[name(b)].Seq) })
	if r := oracle.Compare(made, oracle.Seen(got, "text")); len(r.Reordered) > 0 {
		errs = append(errs, fmt.Errorf("left in another order than they were made: %v", r.Reordered))
	}
	return errors.Join(errs...)
}

// generations checks that what one message led to comes from one version of the rules.
func (w *world) generations() error {
	if w.restored {
		return nil // what was decided again may be by newer rules
	}
	said := map[string]string{}
	for i, e := range w.cloud.seen {
		_, n, ok := strings.Cut(e.Text, " ")
		if !ok || strings.HasPrefix(e.Text, "第") {
			continue
		}
		if before, known := said[n]; known && before != w.cloud.signs[i] {
			return fmt.Errorf("message %s was answered by two versions of the rules", n)
		}
		said[n] = w.cloud.signs[i]
	}
	return nil
}

// bounds checks how often commands were sent, and that no two actions of a robot met.
func (w *world) bounds(rows map[string]state.Entry) (err error) {
	if len(w.cloud.overlap) > 0 {
		err = fmt.Errorf("actions of one robot met: %v", w.cloud.overlap)
	}
	for _, key := range slices.Sorted(maps.Keys(rows)) {
		e := rows[key]
		n, most := w.cloud.sent[e.Command.MessageID], attempts
		switch {
		case e.Command.Class == command.Unverifiable:
			most = 1 + w.cloud.busied[e.Command.MessageID]
		case !e.Command.IsMessage():
			most = attempts + w.cloud.busied[e.Command.MessageID]
		}
		if n > most && !w.restored {
			err = errors.Join(err, fmt.Errorf("%s was sent %d times", key, n))
		}
	}
	return err
}

// honest checks that nobody is told that what people have seen did not happen. What may
// be done again may have happened before it was refused, or given up.
func honest(got []oracle.Effect, rows map[string]state.Entry) (err error) {
	for _, seen := range got {
		e, known := rows[name(seen)]
		switch {
		case !known, e.State == state.Confirmed, e.State == state.Unknown: // what is not known is a phantom
		case e.Command.Class == command.Idempotent && e.State == state.Failed:
		default:
			err = errors.Join(err, fmt.Errorf("%v was seen, and is said to be %s with code %q", seen, e.State, e.Code))
		}
	}
	return err
}

// stats checks what the engine says of itself.
func (w *world) stats() error {
	if s := w.life.in.Stats(); s.Poisoned > 0 {
		return fmt.Errorf("%d events were put aside after a panic", s.Poisoned)
	}
	if s := w.life.catchUp.Stats(); s.Unreadable+s.Truncated+s.Lost > 0 {
		return fmt.Errorf("of the history %d records were not understood, %d chats were cut off, %d were given up", s.Unreadable, s.Truncated, s.Lost)
	}
	return nil
}

// excuse says why an effect need not have been seen, or else what is wrong: nothing is
// dropped without a word.
func (w *world) excuse(missing oracle.Effect, want, got []oracle.Effect, rows map[string]state.Entry) error {
	e, made := rows[name(missing)]
	id := e.Command.MessageID
	sent := w.cloud.sent[id]
	switch {
	case !made:
		if before, ok := earlier(missing, want); ok && !slices.ContainsFunc(got, func(g oracle.Effect) bool { return name(g) == name(before) }) {
			return nil // the run stopped where its first step failed
		}
		return fmt.Errorf("lost: %v: there is no such command", missing)
	case !e.Ended():
		return fmt.Errorf("lost: %v is %s still", missing, e.State)
	case e.State == state.Failed && w.cloud.refused[id]:
		return nil
	case e.State == state.Failed && e.Code == command.CodeNotSent && w.cloud.unsent[id]:
		return nil
	case e.State == state.Failed && e.Code == command.CodeBusy && w.cloud.busied[id] > 0 && sent >= busyAttempts:
		return nil
	case e.State == state.Failed && e.Code == event.CodeTimeout && e.Attempt >= attempts:
		return nil
	case e.State == state.Unknown && e.Command.Class != command.Verifiable:
		return nil
	case e.State == state.Unknown && e.Attempt >= attempts:
		return nil
	case e.State == state.Expired && !e.EndedAt.Before(e.Command.Expires) && waited(&e, rows):
		return nil
	}
	return fmt.Errorf("lost: %v is %s with code %q after %d sends; made at %v, expired at %v, ended at %v", missing, e.State, e.Code, sent,
		e.AddedAt, e.Command.Expires, e.EndedAt)
}

// waited says whether the other messages of its chat took up the time of an entry: what
// stands before it, and what is in doubt behind it.
func waited(e *state.Entry, rows map[string]state.Entry) bool {
	c := &e.Command
	for _, o := range rows {
		same := o.Command.Lane == c.Lane && o.Command.Robot == c.Robot && o.Command.Chat == c.Chat && o.Seq != e.Seq
		if same && o.AddedAt.Before(c.Expires) && o.EndedAt.After(c.Expires.Add(-5*time.Minute)) {
			return true
		}
	}
	return false
}

// earlier is the effect that the same message has before another one.
func earlier(e oracle.Effect, want []oracle.Effect) (before oracle.Effect, ok bool) {
	for first, second := range map[string]string{"一 ": "二 ", "记下 ": "到了 "} {
		if n, is := strings.CutPrefix(e.Text, second); is {
			i := slices.IndexFunc(want, func(o oracle.Effect) bool { return o.Chat == e.Chat && o.Text == first+n })
			return want[max(i, 0)], i >= 0
		}
	}
	return before, false
}
