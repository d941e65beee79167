package rest

import (
	"context"
	"iter"
	"maps"
	"net/url"
	"strconv"

	"botengine/internal/yjiyun"
)

// DefaultPageSize is how many records a walk asks for at once.
const DefaultPageSize = 100

// platformPage is how many records the platform gives when it is not told (§2.3):
// a page shorter than this, and than what was asked for, is the last.
const platformPage = 20

// Walk says how a listing is followed over its pages. The zero Walk follows them
// all.
type Walk struct {
	PageSize int // records of one request; 0 = DefaultPageSize
	Limit    int // the most records that are wanted; 0 = all
	// Progress is told after every page how many records there were and how many
	// there will be; a total of 0 is not known.
	Progress func(done, total int)
}

// size is how many records the next request asks for.
func (w *Walk) size() int {
	size := w.PageSize
	if size <= 0 {
		size = DefaultPageSize
	}
	if w.Limit > 0 {
		size = min(size, w.Limit)
	}
	return size
}

func (w *Walk) report(done, total int) {
	if w.Limit > 0 && total > 0 {
		total = min(total, w.Limit)
	}
	if w.Progress != nil {
		w.Progress(done, total)
	}
}

// page is what one request of a walk gave.
type page[T any] struct {
	records []T
	total   int // of the whole listing; 0 = not said
	overlap int // how many of them were on the page before, as asked for

	earlier bool // of a listing that goes back in time: it is no repetition of the page before
	ended   bool // whatever comes after it is not wanted
}

// staleMost is how many pages in a row that go back in time may hold nothing new: a
// platform may list what was there at that time as it was then.
const staleMost = 20

// track is what a walk has seen so far.
type track[T any] struct {
	pages    int
	received int // records, those that came twice included
	first    []T // the first page
	last     []T // the page before
}

// follow walks over a listing, page by page, while it is ranged over. A record
// that comes twice, because the listing changed meanwhile, is given once. An
// error is given last, with no record.
//
// The end is an empty page, the total, or a page shorter than any that would
// have a successor. A page that holds nothing new is an error: the platform
// answers the same for ever, and what was given is not all.
func follow[T any](w Walk, key func(*T) string, next func(track[T]) (page[T], error)) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		var none T
		var so track[T]
		seen := make(map[string]bool)
		for stale := 0; ; stale++ {
			p, err := next(so)
			if err != nil {
				yield(none, err)
				return
			}
			before := len(seen)
			if !give(p.records, seen, w.Limit, key, yield) {
				return
			}
			w.report(len(seen), p.total)
			switch {
			case p.ended, p.isLast(len(seen), len(seen)-before, w.size()), w.Limit > 0 && len(seen) >= w.Limit:
				return
			case len(seen) > before:
				stale = 0
			case p.earlier && stale < staleMost:
			case p.earlier && len(p.records) < w.size():
				return // again and again the same, and fewer than were asked for
			default:
				yield(none, &AnswerError{Reason: "repeats a page instead of giving the next, so that what came is not all", todo: "try another page size"})
				return
			}
			so.add(p.records)
		}
	}
}

// give hands on what is new, up to the limit; false when no more is wanted.
func give[T any](records []T, seen map[string]bool, limit int, key func(*T) string, yield func(T, error) bool) bool {
	for i := range records {
		k := key(&records[i])
		if seen[k] || limit > 0 && len(seen) >= limit {
			continue
		}
		seen[k] = true
		if !yield(records[i], nil) {
			return false
		}
	}
	return true
}

// isLast says whether no page follows, after so many records of which so many
// were new.
func (p *page[T]) isLast(seen, fresh, asked int) bool {
	switch {
	case p.total > 0:
		return seen >= p.total || len(p.records) == 0
	case fresh == 0 && len(p.records) <= p.overlap:
		return true
	default:
		return len(p.records) < min(asked+p.overlap, platformPage)
	}
}

func (t *track[T]) add(records []T) {
	if t.pages == 0 {
		t.first = records
	}
	t.pages++
	t.received += len(records)
	t.last = records
}

// numbered walks over one of the listings with numbered pages (§2.3, §2.4, §2.6).
func numbered[T any](ctx context.Context, c *Client, path string, values url.Values, w Walk, s *schema[T], key func(*T) string) iter.Seq2[T, error] {
	return follow(w, key, func(so track[T]) (page[T], error) {
		values := maps.Clone(values) // the walk may be taken twice
		values.Set("pageNum", strconv.Itoa(so.pages+1))
		values.Set("pageSize", strconv.Itoa(w.size()))
		var answer struct {
			Total count   `json:"total"`
			Data  records `json:"data"`
		}
		if err := c.ask(ctx, path, values, &answer); err != nil {
			return page[T]{}, err
		}
		list, err := s.all("data", answer.Data)
		return page[T]{records: list, total: int(answer.Total)}, err
	})
}

// count is a total; what cannot be read is not said.
type count int

// UnmarshalJSON never fails.
func (n *count) UnmarshalJSON(raw []byte) error {
	var read yjiyun.Number
	if read.UnmarshalJSON(raw) == nil {
		*n = count(max(read.Int(), 0))
	}
	return nil
}

// failed is the walk of a question that cannot be asked.
func failed[T any](err error) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		var none T
		yield(none, err)
	}
}

// setText sets what was said.
func setText(values url.Values, name, text string) {
	if text != "" {
		values.Set(name, text)
	}
}

func setNumber(values url.Values, name string, number *int) {
	if number != nil {
		values.Set(name, strconv.Itoa(*number))
	}
}
