package catchup

import (
	"context"
	"fmt"
	"time"

	"botengine/internal/yjiyun/rest"
)

// beginWithin is how long the connection may be kept waiting by Begin.
const beginWithin = 10 * time.Second

// Begin looks up to when everything was said to somebody else, if nothing is
// remembered of the account. Before the connection is made: what comes over it is
// ours to answer, also after a crash before the first reading. If it cannot be found
// out now the first reading does it.
func (r *Runner) Begin(ctx context.Context) {
	p, err := r.load(ctx)
	if err == nil && !p.Begun {
		within, cancel := context.WithTimeout(ctx, beginWithin)
		defer cancel()
		err = (&reading{r: r, p: p}).beginHere(within)
	}
	if err != nil && ctx.Err() == nil {
		r.o.Log.Warn("where the history begins could not be read", "error", err)
	}
}

// beginHere is the start of an engine that remembers nothing: whatever is in the
// history was said to somebody else, and is not answered.
func (w *reading) beginHere(ctx context.Context) error {
	if err := w.newest(ctx); err != nil {
		return fmt.Errorf("list the chats: %w", err)
	}
	w.p.Begun, w.p.Floor, w.p.Mark = true, w.mark, w.mark
	if err := w.r.save(ctx, w.p); err != nil {
		return err
	}
	log := w.r.o.Log
	if !w.mark.IsZero() {
		log = log.With("up_to", w.mark)
	}
	log.Info("nothing is remembered of this account: what was said before is not answered")
	return nil
}

// newest finds the newest moment that the history shows.
func (w *reading) newest(ctx context.Context) error {
	for chat, err := range w.r.o.Platform.Chats(ctx, rest.ChatsQuery{Walk: rest.Walk{Limit: 1}}) {
		if err != nil {
			return err
		}
		w.mark = chat.LastActive
	}
	return nil
}
