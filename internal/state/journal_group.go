package state

import "encoding/binary"

// A group is a field of fields in front of a record, of what many events in a row have
// in common: a chat's messages come one behind the other where much is said. An empty
// one says that the record before, in the same row, had the same; none at all, that
// there is nothing to say. The first record of a row is whole.
const (
	groupPlace   = iota // what it is, and which robot and chat it happened to
	groupSpeaker        // who spoke
	groups
)

// tagGroups is the tag of the first group; the others follow.
const tagGroups = 80

// headSize is what stands in front of a group: its tag, and its length in two bytes
// also where one would do, so that it can be filled in behind.
const headSize, lengthMost = 2 + 2, 1<<14 - 1

// begin begins a group that is written, and returns where.
func (w *wire) begin(group int) (from int) {
	if w.read != nil {
		return 0
	}
	from = len(w.out)
	w.head(tagGroups+group, 1)
	w.out = append(w.out, 0, 0)
	return from
}

// end ends the group that began at from.
func (w *wire) end(from int) {
	if w.read != nil {
		return
	}
	size := len(w.out) - from - headSize
	switch {
	case size == 0:
		w.out = w.out[:from]
	case size > lengthMost: // a name of 16 KiB: it is written like any other field
		group := string(w.out[from+headSize:])
		w.out = appendText(w.out[:from+2], group)
	default:
		w.out[from+2], w.out[from+3] = byte(size)|0x80, byte(size>>7)
	}
}

// isGroup reports whether a record begins with the group's tag.
func isGroup[T ~string | ~[]byte](record T, group int) bool {
	head := likeBefore[group]
	return len(record) > 2 && record[0] == head[0] && record[1] == head[1]
}

// cutGroup cuts a group off an encoded event, the head included; it is empty where the
// event has none.
func cutGroup(ev []byte, group int) (whole, rest []byte) {
	if !isGroup(ev, group) {
		return nil, ev
	}
	size, n := binary.Uvarint(ev[2:])
	end := 2 + n + int(size) //nolint:gosec // EncodeEvent wrote it
	return ev[:end], ev[end:]
}

// likeBefore are groups that are the same as those of the record before.
var likeBefore = [groups][]byte{
	groupPlace:   {tagGroups<<1&0x7f | 0x81, tagGroups >> 6, 0},
	groupSpeaker: {(tagGroups+1)<<1&0x7f | 0x81, (tagGroups + 1) >> 6, 0},
}

// likeSize is how long they are: less than any that says something.
const likeSize = 3

// parseGroup takes the group apart that a record begins with.
func (f *fields) parseGroup(group int, record string) (rest string, err error) {
	tags := &f.groups[group]
	if !isGroup(record, group) {
		*tags = f.forget(*tags)
		return record, nil
	}
	size, n := uvarint(record[2:])
	if n <= 0 || size > uint64(len(record)-2-n) {
		return "", errRecord
	}
	from, end := 2+n, 2+n+int(size)
	switch {
	case size > 0:
		*tags, err = f.take(record[from:end], f.forget(*tags))
	case len(*tags) == 0:
		err = errRecord // there is none before
	}
	return record[end:], err
}
