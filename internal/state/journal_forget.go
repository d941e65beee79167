package state

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"slices"

	"botengine/internal/event"
)

// ForgetRecords implements Tx.
func (t *boltTx) ForgetRecords(person string, after uint64) (next uint64, records int) {
	if !t.mayWrite() || person == "" {
		return 0, 0
	}
	journal := t.bucket(bucketJournal)
	cursor := journal.Cursor()
	for name, _ := cursor.First(); name != nil; name, _ = cursor.Next() {
		if start := startOf(name); start > after {
			return start, t.forgetIn(name, person)
		}
	}
	return 0, 0
}

// forgetIn writes the rows of one part anew that have to do with a person.
func (t *boltTx) forgetIn(part []byte, person string) (records int) {
	type row struct{ key, value []byte }
	var anew []row
	b := t.bucket(bucketJournal).Bucket(part)
	cursor := b.Cursor()
	for key, value := cursor.First(); key != nil; key, value = cursor.Next() {
		if !bytes.Contains(value, []byte(person)) {
			continue
		}
		out, n, err := withoutPerson(value, person)
		if err != nil {
			t.fail("forget a person", fmt.Errorf("record %d: %w", binary.BigEndian.Uint64(key), err))
			return 0
		}
		anew, records = append(anew, row{bytes.Clone(key), out}), records+n
	}
	for _, r := range anew {
		t.put("forget a person", b, r.key, r.value)
	}
	return records
}

// withoutPerson is a row without the records that are of a person. They keep their
// positions. Of records that only name it, the name is left out.
func withoutPerson(row []byte, person string) (out []byte, records int, err error) {
	var f fields
	out = bytes.Clone(row[:stampSize])
	rest, lost := string(row[stampSize:]), "" // the generation that stood in a record that went
	for rest != "" {
		size, n := uvarint(rest)
		if n <= 0 || size > uint64(len(rest)-n) {
			return nil, 0, errRecord
		}
		one := rest[n : n+int(size)]
		rest = rest[n+int(size):]
		var r Record
		if err := f.decodeRecord(one, &r); err != nil {
			return nil, 0, err
		}
		if r.Generation == "" {
			r.Generation = lost
		}
		switch {
		case size == 0, r.isOf(person):
			lost, one = r.Generation, ""
			records += int(min(size, 1))
		default:
			lost = ""
			one = string(r.without(person))
		}
		out = appendText(out, one)
	}
	return out, records, nil
}

// isOf says whether a person did it, or it happened to it.
func (r *Record) isOf(person string) bool {
	ev := &r.Event
	return ev.Sender.ID == person || ev.Friend.ID == person || ev.Chat.Peer == person || slices.Contains(ev.Message.At, person) ||
		slices.ContainsFunc(ev.Members, func(p event.Person) bool { return p.ID == person })
}

// without is the record as it is written, without the person as the owner of its group.
// It is whole: the one before it may have gone.
func (r *Record) without(person string) []byte {
	if r.Event.Chat.Owner == person {
		r.Event.Chat.Owner, r.Event.Chat.OwnerName = "", ""
	}
	var w wire
	w.event(&r.Event, &r.Text)
	w.fate(&r.Fate, &r.Generation)
	return w.out
}
