package catchup

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"botengine/internal/state"
)

// progress is how far an account was taken in, on the platform's clock: the robots'
// common mark. It is durable.
type progress struct {
	// Mark: everything that happened before it is taken in.
	Mark time.Time `json:"mark,omitzero"`
	// Begun: the account was read once, by this life of the state or an earlier one.
	Begun bool `json:"begun,omitempty"`
	// Floor: what happened up to then is none of our business: it was said before we
	// were there.
	Floor time.Time `json:"floor,omitzero"`
	// Done are, of a reading that has not come to its end, the chats that were read,
	// and up to when.
	Done map[string]time.Time `json:"done,omitempty"`
	// Owed are the chats that could not be read, and that Mark has passed.
	Owed map[string]*debt `json:"owed,omitempty"`

	// Skew is by how much the platform's clock was ahead of ours when that was known
	// last: until something comes live, it is all that is known.
	Skew time.Duration `json:"skew,omitempty"`

	written time.Time // on our clock
}

// documentOf is where the progress of an account is kept.
func documentOf(account string) string { return "catchup/" + account }

func (r *Runner) load(ctx context.Context) (*progress, error) {
	p := &progress{}
	err := r.o.Store.View(ctx, func(tx state.Tx) error {
		if data, ok := tx.Document(documentOf(r.o.Account)); ok {
			return json.Unmarshal(data, p)
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read how far the history was taken in: %w", err)
	}
	r.clock.Assume(p.Skew)
	r.count.owed.Store(uint64(len(p.Owed)))
	return p, nil
}

// saveSkew writes down, at the end, how the clocks differ.
func (r *Runner) saveSkew(ctx context.Context) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), saveEvery)
	defer cancel()
	p, err := r.load(ctx)
	if err == nil && p.Begun && (p.Skew-r.clock.Beyond()).Abs() > chance {
		err = r.save(ctx, p)
	}
	if err != nil {
		r.o.Log.Warn("the difference of the clocks could not be kept", "error", err)
	}
}

func (r *Runner) save(ctx context.Context, p *progress) error {
	p.Skew = r.clock.Beyond()
	data, err := json.Marshal(p)
	if err == nil {
		err = r.o.Store.Update(ctx, func(tx state.Tx) error {
			tx.PutDocument(documentOf(r.o.Account), data)
			return nil
		})
	}
	if err != nil {
		return fmt.Errorf("keep how far the history was taken in: %w", err)
	}
	p.written = r.o.Now()
	r.count.owed.Store(uint64(len(p.Owed)))
	return nil
}

// saveEvery is how often the progress within a reading is written.
const saveEvery = time.Second

// chatDone notes that a chat was read, for a reading that goes on after a crash.
func (r *Runner) chatDone(ctx context.Context, p *progress, chat string, upTo time.Time) error {
	if p.Done == nil {
		p.Done = map[string]time.Time{}
	}
	p.Done[chat] = upTo
	if r.o.Now().Sub(p.written) < saveEvery {
		return nil
	}
	return r.save(ctx, p)
}
