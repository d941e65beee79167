package config

import (
	"time"

	"botengine/internal/diag"
	"botengine/internal/schema"

	"go.yaml.in/yaml/v3"
)

// Facts are what was found out about an account's platform that its document
// does not say. They are written by `botengine probe`; the zero value says that
// nothing is known.
type Facts struct {
	ProbedAt time.Time // when they were found out
	// Dedupes: a message sent twice under one messageId is seen once.
	Dedupes Truth
	// OwnHistoryID: the history names an own message by the messageId it was sent
	// with; OtherHistoryID: and those of others by the one they came with.
	OwnHistoryID   Truth
	OtherHistoryID Truth
	// TwoSockets: two sockets with one token both get every event.
	TwoSockets Truth
	// BridgeMessages: the bridge (§2.8) takes messages, not only actions.
	BridgeMessages Truth
	// SameToken: signing in again gives the same token.
	SameToken Truth
	// HistoryDays: the chat history goes back so many days at least.
	HistoryDays int
	// HistoryCount: so many messages at least come with one question (§2.11).
	HistoryCount int
}

// Truth is whether something is so; the zero Truth is that nobody knows.
type Truth string

// The truths.
const (
	Unknown Truth = ""
	True    Truth = "true"
	False   Truth = "false"
)

// unknownWord is how the file says Unknown.
const unknownWord = "unknown"

const (
	mostDays  = 100 * 366
	mostCount = 1_000_000
)

// facts reads the facts of an account.
func (d *decoder) facts(f *Facts) setter {
	return d.object(map[string]setter{
		"probed_at":        d.moment(&f.ProbedAt),
		"dedupes":          d.truth(&f.Dedupes),
		"own_history_id":   d.truth(&f.OwnHistoryID),
		"other_history_id": d.truth(&f.OtherHistoryID),
		"two_sockets":      d.truth(&f.TwoSockets),
		"bridge_messages":  d.truth(&f.BridgeMessages),
		"same_token":       d.truth(&f.SameToken),
		"history_days":     d.number(&f.HistoryDays, 0, mostDays),
		"history_count":    d.number(&f.HistoryCount, 0, mostCount),
	})
}

// truth reads true, false or unknown.
func (d *decoder) truth(dst *Truth) setter {
	words := d.word(new(string), string(True), string(False), unknownWord)
	return setter{node: schema.Or(schema.YesNo(), words.node), read: func(n *yaml.Node) {
		word := unknownWord
		d.word(&word, string(True), string(False), unknownWord).read(n)
		*dst = Truth(word)
		if word == unknownWord {
			*dst = Unknown
		}
	}}
}

// moment reads a point in time.
func (d *decoder) moment(dst *time.Time) setter {
	return setter{node: schema.Text(), read: func(n *yaml.Node) {
		s, ok := d.scalar(n)
		if !ok {
			return
		}
		t, err := time.Parse(time.RFC3339, s)
		if err != nil {
			d.report(d.at(n).Error("BE514", diag.T("`%s` 不是时间", "`%s` is not a time", n.Value)).
				WithHint(diag.T("写成 2026-03-02T09:00:00+08:00", "write 2026-03-02T09:00:00+08:00")))
			return
		}
		*dst = t
	}}
}
