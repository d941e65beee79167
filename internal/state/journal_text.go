package state

import (
	"crypto/sha256"
	"encoding/hex"
	"strconv"
	"unicode/utf8"

	"botengine/internal/event"
)

// WithoutText is the event with as much of its texts as keep says.
func WithoutText(ev *event.Event, keep JournalText) *event.Event {
	out := *ev
	if keep == TextFull {
		return &out
	}
	m, f := &out.Message, &out.Friend
	for _, s := range []*string{
		&m.Text, &m.URL, &m.FileName, &m.Link.Title, &m.Link.URL, &m.Link.Description, &m.Link.Cover, &f.Reason, &f.Remarks, &out.Result.Msg,
	} {
		*s = kept(*s, keep)
	}
	return &out
}

// kept is a text as the journal keeps it: sha256:<16 hex digits>/<characters>, or
// nothing. A short text can be found from its hash by trying: it is good against a
// glance, not against somebody who wants to know.
func kept(s string, keep JournalText) string {
	if s == "" || keep != TextHash {
		return ""
	}
	sum := sha256.Sum256([]byte(s))
	return "sha256:" + hex.EncodeToString(sum[:8]) + "/" + strconv.Itoa(utf8.RuneCountInString(s))
}
