package state

import (
	"bytes"
	"encoding/binary"
	"time"
)

// bucketReached holds how far each chat was taken in: robot, 0, chat -> seal, the
// platform's time in milliseconds.
var bucketReached = []byte("reached")

// reach is a mark that the transaction has raised, and not written yet.
type reach struct {
	robot, chat string
	ms          int64 // 0 = it was taken back
	was         int64 // what it held before the function by
	by          int
}

// RaiseMark implements Tx. What is raised is written once per chat and commit,
// right before the commit, and only where it is news.
func (t *boltTx) RaiseMark(robot, chat string, at time.Time) {
	if robot == "" || chat == "" || !t.mayWrite() {
		return
	}
	r, ms := t.reach(robot, chat), at.UnixMilli()
	if ms <= r.ms {
		return
	}
	if r.by != t.ran {
		r.was, r.by = r.ms, t.ran
		t.raised = append(t.raised, r)
	}
	r.ms = ms
}

// reach is what the transaction has raised the mark of a chat to. Most often it is the
// chat of the event before.
func (t *boltTx) reach(robot, chat string) *reach {
	if r := t.lastReach; r != nil && r.chat == chat && r.robot == robot {
		return r
	}
	t.key = append(append(append(t.key[:0], robot...), 0), chat...)
	r := t.reached[string(t.key)]
	if r == nil {
		if t.reached == nil {
			t.reached = make(map[string]*reach)
		}
		r = &reach{robot: robot, chat: chat}
		t.reached[string(t.key)] = r
	}
	t.lastReach = r
	return r
}

// Mark implements Tx.
func (t *boltTx) Mark(robot, chat string) (time.Time, bool) {
	key := robot + "\x00" + chat
	ms := int64(0)
	if r := t.reached[key]; r != nil {
		ms = r.ms
	}
	if row := t.bucket(bucketReached).Get([]byte(key)); row != nil && t.err == nil {
		was, err := decodeReached([]byte(key), row)
		t.fail("read the mark of a chat", err)
		ms = max(ms, was)
	}
	return time.UnixMilli(ms), ms > 0
}

// EachMark implements Tx.
func (t *boltTx) EachMark(fn func(robot, chat string, at time.Time) bool) {
	if t.err != nil {
		return
	}
	cursor := t.bucket(bucketReached).Cursor()
	for key, row := cursor.First(); key != nil; key, row = cursor.Next() {
		robot, chat, ok := bytes.Cut(key, []byte{0})
		ms, err := decodeReached(key, row)
		t.fail("read the mark of a chat", err)
		if err != nil || ok && !fn(string(robot), string(chat), time.UnixMilli(ms)) {
			return
		}
	}
}

// lowerReached takes back what the function that runs has raised.
func (t *boltTx) lowerReached() {
	for _, r := range t.raised {
		r.ms = r.was
	}
}

// writeReached writes what the functions of the transaction have raised.
func (t *boltTx) writeReached() error {
	if len(t.reached) == 0 || t.broken != nil {
		return t.broken
	}
	b := t.bucket(bucketReached)
	for name, r := range t.reached {
		key := []byte(name)
		was, err := decodeReached(key, b.Get(key)) // one that cannot be read is written anew
		if r.ms == 0 || err == nil && was >= r.ms {
			continue
		}
		row := binary.BigEndian.AppendUint64(make([]byte, sealSize, sealSize+8), uint64(r.ms))
		if err := b.Put(key, sealKey(key, row)); err != nil {
			return err
		}
	}
	return nil
}

// decodeReached reads a mark; 0 = there is none.
func decodeReached(key, row []byte) (ms int64, err error) {
	row, err = unsealKey(key, row)
	if err != nil || len(row) == 0 {
		return 0, err
	}
	if len(row) != 8 {
		return 0, errShort
	}
	return int64(binary.BigEndian.Uint64(row)), nil
}
