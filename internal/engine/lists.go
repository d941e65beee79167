package engine

import (
	"encoding/json"
	"time"

	"botengine/internal/actions"
)

// CodeListFull is how a step ends that would put more on a list than it takes.
const CodeListFull = "list_full"

// maxListed is how many entries rules may put on one list.
const maxListed = 10_000

// listForever is under which day a list counts entries that do not lapse.
const listForever = "never"

// listKey is list/<name>: how many entries rules have put on the list, by the day
// on which they lapse. entryKey is list/<name>/<entry>.
func listKey(list string) string         { return path("list", list) }
func entryKey(list, entry string) string { return path("list", list, entry) }

// listSizes is the value of listKey.
type listSizes map[string]int

// readSizes reads how many entries a list has. Those of days that are over have
// gone by themselves.
func (l *ledger) readSizes(list string) (sizes listSizes, all int) {
	sizes = listSizes{}
	if raw, _, ok := l.read(listKey(list)); ok && json.Unmarshal(raw, &sizes) != nil {
		sizes = listSizes{}
	}
	today := listDay(l.now)
	for day, n := range sizes {
		if day != listForever && day < today || n <= 0 {
			delete(sizes, day)
			continue
		}
		all += n
	}
	return sizes, all
}

// listDay names the day of a time; the zero time is no day.
func listDay(t time.Time) string {
	if t.IsZero() {
		return listForever
	}
	return t.UTC().Format("20060102")
}

// changeList does what a `list` step says; full: the list takes no more.
func (l *ledger) changeList(w *actions.ListWrite) (full bool) {
	key := entryKey(w.List, w.Value)
	sizes, all := l.readSizes(w.List)
	_, lapses, known := l.read(key)
	switch {
	case w.Remove && !known:
		return false
	case !w.Remove && !known && all >= maxListed:
		return true
	}
	if known {
		sizes[listDay(lapses)]--
	}
	entry := FactWrite{Key: key, Delete: w.Remove}
	if !w.Remove {
		entry.Value = []byte("1")
		if w.TTL > 0 {
			entry.Expires = l.now.Add(w.TTL)
		}
		sizes[listDay(entry.Expires)]++
	}
	l.write(entry)
	l.writeSizes(w.List, sizes)
	return false
}

// writeSizes keeps the sizes for as long as there may be an entry.
func (l *ledger) writeSizes(list string, sizes listSizes) {
	last := ""
	for day, n := range sizes {
		if n <= 0 {
			delete(sizes, day)
			continue
		}
		last = max(last, day) // "never" comes after every day
	}
	w := FactWrite{Key: listKey(list), Delete: len(sizes) == 0}
	raw, err := json.Marshal(sizes)
	if err != nil { // names and numbers: it cannot fail
		return
	}
	w.Value = raw
	if day, err := time.Parse("20060102", last); err == nil {
		w.Expires = day.Add(2 * 24 * time.Hour)
	}
	l.write(w)
}

// Listed implements expression.Past.
func (f factReader) Listed(list, value string) bool {
	_, _, ok := f.ledger.read(entryKey(list, value))
	return ok
}
