package state

import (
	"encoding/binary"
	"errors"
	"time"
	"unsafe"

	"botengine/internal/event"
)

// A record is a list of fields: tag<<1, number as a varint, or tag<<1|1, length,
// bytes. What is zero is left out; a tag that is not known is skipped, so that an
// older program can read what a newer one wrote. Tags are never used again.
//
// In front stand groups of fields (see journal_group.go), which are not written again
// where the record before had the same.

var errRecord = errors.New("a record of the journal is damaged")

// slots are how many tags there are; tags are below it.
const slots = 96

// wire writes the fields that are not zero or, when read is set, sets them.
type wire struct {
	out  []byte
	read *fields
}

// fields are a record taken apart. Texts are parts of one string. They can be used
// for one record after the other.
type fields struct {
	number [slots]uint64
	text   [slots]string
	used   []uint8         // the tags that were there
	groups [groups][]uint8 // and those that were there in a group
	err    error
}

// parse takes a record apart, after it has forgotten the one before, but for the groups
// that both have.
func (f *fields) parse(record string) (err error) {
	f.used, f.err = f.forget(f.used), nil
	for g := range f.groups {
		if record, err = f.parseGroup(g, record); err != nil {
			return err
		}
	}
	f.used, err = f.take(record, f.used)
	return err
}

func (f *fields) forget(tags []uint8) []uint8 {
	for _, tag := range tags {
		f.number[tag], f.text[tag] = 0, ""
	}
	return tags[:0]
}

// take takes fields apart, and adds their tags to used.
func (f *fields) take(record string, used []uint8) ([]uint8, error) {
	for record != "" {
		head, n := uvarint(record)
		if n <= 0 {
			return used, errRecord
		}
		record = record[n:]
		value, n := uvarint(record)
		if n <= 0 {
			return used, errRecord
		}
		record = record[n:]
		tag := head >> 1
		if head&1 == 0 {
			if tag < slots {
				f.number[tag], used = value, append(used, uint8(tag))
			}
			continue
		}
		if value > uint64(len(record)) {
			return used, errRecord
		}
		if tag < slots {
			f.text[tag], used = record[:value], append(used, uint8(tag))
		}
		record = record[value:]
	}
	return used, nil
}

// uvarint is binary.Uvarint of a string.
func uvarint(s string) (uint64, int) {
	return binary.Uvarint(unsafe.Slice(unsafe.StringData(s), min(len(s), binary.MaxVarintLen64)))
}

func (w *wire) number(tag int, n *int64) {
	switch {
	case w.read != nil:
		v := w.read.number[tag]
		*n = int64(v>>1) ^ -int64(v&1)
	case *n != 0:
		w.head(tag, 0)
		w.out = binary.AppendUvarint(w.out, uint64(*n)<<1^uint64(*n>>63))
	}
}

// head writes the first bytes of a field.
func (w *wire) head(tag, kind int) {
	if h := tag<<1 | kind; h < 0x80 {
		w.out = append(w.out, byte(h))
	} else {
		w.out = append(w.out, byte(h)|0x80, byte(h>>7))
	}
}

func whole[T ~int](w *wire, tag int, n *T) {
	v := int64(*n)
	w.number(tag, &v)
	*n = T(v)
}

func (w *wire) flag(tag int, b *bool) {
	switch {
	case w.read != nil:
		*b = w.read.number[tag] != 0
	case *b:
		w.head(tag, 0)
		w.out = append(w.out, 2)
	}
}

func text[T ~string | ~[]byte](w *wire, tag int, s *T) {
	switch {
	case w.read != nil:
		if v := w.read.text[tag]; v != "" {
			*s = T(v)
		}
	case len(*s) > 0:
		w.head(tag, 1)
		w.out = appendText(w.out, *s)
	}
}

func appendText[T ~string | ~[]byte](out []byte, s T) []byte {
	if n := len(s); n < 0x80 {
		return append(append(out, byte(n)), s...)
	}
	return append(binary.AppendUvarint(out, uint64(len(s))), s...)
}

// instant takes two tags: seconds since 1970, counted from 1, and nanoseconds.
func (w *wire) instant(tag int, at *time.Time) {
	var seconds, nanos int64
	if w.read == nil && !at.IsZero() {
		seconds, nanos = at.Unix(), int64(at.Nanosecond())
		if seconds >= 0 {
			seconds++
		}
	}
	w.number(tag, &seconds)
	w.number(tag+1, &nanos)
	if w.read != nil && (seconds != 0 || nanos != 0) {
		if seconds > 0 {
			seconds--
		}
		*at = time.Unix(seconds, nanos).UTC()
	}
}

func (w *wire) texts(tag int, list *[]string) {
	w.each(tag, len(*list), func(i int) { w.out = appendText(w.out, (*list)[i]) }, func(s string) { *list = append(*list, s) })
}

// each writes n texts as one field, or reads one after the other.
func (w *wire) each(tag, n int, write func(i int), read func(string)) {
	if w.read == nil {
		if n == 0 {
			return
		}
		w.head(tag, 1)
		outer := w.out
		w.out = nil
		for i := range n {
			write(i)
		}
		w.out = appendText(outer, w.out)
		return
	}
	for rest := w.read.text[tag]; rest != ""; {
		size, n := uvarint(rest)
		if n <= 0 || size > uint64(len(rest)-n) {
			w.read.err = errRecord
			return
		}
		read(rest[n : n+int(size)])
		rest = rest[n+int(size):]
	}
}

// people are lists of records, each in the tags of a person from 1 on.
func (w *wire) people(tag int, list *[]event.Person) {
	w.each(tag, len(*list), func(i int) {
		one := wire{}
		one.person(1, &(*list)[i])
		w.out = appendText(w.out, one.out)
	}, func(s string) {
		var one wire
		one.read = &fields{}
		w.read.err = errors.Join(w.read.err, one.read.parse(s))
		var p event.Person
		one.person(1, &p)
		*list = append(*list, p)
	})
}

// person takes eight tags.
func (w *wire) person(tag int, p *event.Person) {
	text(w, tag, &p.ID)
	text(w, tag+1, &p.Name)
	text(w, tag+2, &p.Avatar)
	whole(w, tag+3, &p.Gender)
	w.flag(tag+4, &p.IsSelf)
	w.flag(tag+5, &p.IsRobot)
	w.flag(tag+6, &p.IsMember)
	w.flag(tag+7, &p.IsStaff)
}

// event goes over all fields of an event, and how much of its text there is. The
// payload of a result is left out: it may be large, and no rule sees it.
func (w *wire) event(e *event.Event, keep *JournalText) {
	place := w.begin(groupPlace)
	text(w, 1, &e.Kind)
	text(w, 3, &e.Account)
	text(w, 4, &e.Robot.Key)
	text(w, 5, &e.Robot.ID)
	text(w, 6, &e.Robot.Name)
	whole(w, 7, &e.Robot.Status)
	w.chat(12, &e.Chat)
	text(w, tagText, keep)
	w.end(place)
	speaker := w.begin(groupSpeaker)
	w.person(21, &e.Sender)
	w.end(speaker)
	text(w, 2, &e.ID)
	w.instant(8, &e.Time)
	w.instant(10, &e.Received)
	w.message(30, &e.Message)
	w.friend(42, &e.Friend)
	w.people(48, &e.Members)
	w.result(49, &e.Result)
	text(w, 55, &e.Hash)
	text(w, 56, &e.Timer.Run)
	text(w, 57, &e.Cause.Rule)
	text(w, 58, &e.Cause.Name)
	whole(w, 59, &e.Cause.Hops)
	text(w, 60, &e.Schedule.Rule)
	w.instant(61, &e.Schedule.At)
	text(w, 63, &e.From)
	w.instant(64, &e.Since)
	w.number(66, (*int64)(&e.Skew))
}

func (w *wire) chat(tag int, c *event.Chat) {
	text(w, tag, &c.ID)
	text(w, tag+1, &c.Peer)
	text(w, tag+2, &c.Name)
	w.flag(tag+3, &c.Group)
	w.flag(tag+4, &c.Known)
	text(w, tag+5, &c.Owner)
	text(w, tag+6, &c.OwnerName)
	whole(w, tag+7, &c.Size)
	w.texts(tag+8, &c.Labels)
}

func (w *wire) message(tag int, m *event.Message) {
	text(w, tag, &m.SvrID)
	whole(w, tag+1, &m.ContentType)
	text(w, tag+2, &m.Text)
	text(w, tag+3, &m.URL)
	text(w, tag+4, &m.FileName)
	w.texts(tag+5, &m.At)
	w.flag(tag+6, &m.MentionsMe)
	text(w, tag+7, &m.Link.Title)
	text(w, tag+8, &m.Link.URL)
	text(w, tag+9, &m.Link.Description)
	text(w, tag+10, &m.Link.Cover)
}

func (w *wire) friend(tag int, f *event.Friend) {
	text(w, tag, &f.ID)
	text(w, tag+1, &f.Name)
	text(w, tag+2, &f.Reason)
	text(w, tag+3, &f.Avatar)
	text(w, tag+4, &f.Remarks)
	whole(w, tag+5, &f.Gender)
}

func (w *wire) result(tag int, c *event.CommandEnd) {
	text(w, tag, &c.Type)
	text(w, tag+1, &c.MessageID)
	text(w, tag+2, &c.Code)
	text(w, tag+3, &c.Msg)
	text(w, tag+4, &c.Rule)
	text(w, tag+5, &c.Step)
}

// fate goes over what an event came to. The generation stands first in each row,
// and again where it changes: it is given by itself.
func (w *wire) fate(f *Fate, generation *string) {
	w.instant(70, &f.At)
	text(w, 72, &f.Origin)
	text(w, 73, generation)
	w.flag(74, &f.ByHand)
	w.flag(75, &f.Ours)
	w.flag(76, &f.Poisoned)
	w.each(77, 2*len(f.Verdicts), func(i int) {
		v := &f.Verdicts[i/2]
		w.out = appendText(w.out, [2]string{v.Rule, v.Outcome}[i%2])
	}, f.half())
	w.texts(78, &f.Commands)
}

// half returns the reader of verdicts, whose rules and outcomes come in turn.
func (f *Fate) half() func(string) {
	outcome := true
	return func(s string) {
		if outcome = !outcome; outcome {
			f.Verdicts[len(f.Verdicts)-1].Outcome = s
		} else {
			f.Verdicts = append(f.Verdicts, RecordedVerdict{Rule: s})
		}
	}
}

// tagText is the tag of how much of the text was kept.
const tagText = 79

// EncodedEvent is an event as the journal keeps it.
type EncodedEvent []byte

// EncodeEvent appends an event to dst as the journal keeps it, with as much of its
// text as keep says. It needs no transaction, and is done before one.
func EncodeEvent(dst []byte, ev *event.Event, keep JournalText) EncodedEvent {
	if keep != TextFull {
		ev = WithoutText(ev, keep)
	}
	w := wire{out: dst}
	w.event(ev, &keep)
	return w.out
}

// decodeRecord reads what EncodeEvent and fate wrote, one behind the other, into r,
// which is to be zero.
func (f *fields) decodeRecord(record string, r *Record) error {
	if err := f.parse(record); err != nil {
		return err
	}
	w := wire{read: f}
	w.event(&r.Event, &r.Text)
	w.fate(&r.Fate, &r.Generation)
	return f.err
}
