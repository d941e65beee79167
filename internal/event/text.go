package event

import "strings"

// TextField names one of the texts that an event may come with.
type TextField string

// The texts of events.
const (
	FieldText         TextField = "text" // of a message
	FieldFileName     TextField = "file_name"
	FieldLinkTitle    TextField = "link.title"
	FieldLinkURL      TextField = "link.url" // the host of it
	FieldSenderName   TextField = "sender.name"
	FieldFriendReason TextField = "friend.reason"
)

// TextFields are all of them.
func TextFields() []TextField {
	return []TextField{FieldText, FieldFileName, FieldLinkTitle, FieldLinkURL, FieldSenderName, FieldFriendReason}
}

// TextOf returns that text, "" when the event has none. The sender of a friend
// request is who asks.
func (ev *Event) TextOf(f TextField) string {
	switch f {
	case FieldText:
		return ev.Message.Text
	case FieldFileName:
		return ev.Message.FileName
	case FieldLinkTitle:
		return ev.Message.Link.Title
	case FieldLinkURL:
		return host(ev.Message.Link.URL)
	case FieldSenderName:
		if ev.Kind == FriendRequest {
			return ev.Friend.Name
		}
		return ev.Sender.Name
	case FieldFriendReason:
		return ev.Friend.Reason
	}
	return ""
}

// MainText is the text that words are looked for in unless another is named: what
// the event says, in so far as it says something.
func (k Kind) MainText() TextField {
	switch k {
	case FriendRequest:
		return FieldFriendReason
	case MessageFile:
		return FieldFileName
	case MessageLink:
		return FieldLinkTitle
	default:
		return FieldText
	}
}

// HasText says whether events of the kind may come with that text. What rules made
// of another event has the texts of that.
func (k Kind) HasText(f TextField) bool {
	if k.IsDerived() {
		return true
	}
	switch f {
	case FieldText:
		return k == MessageText || k == MessagePhone || k == MessageOther
	case FieldFileName:
		return k == MessageFile
	case FieldLinkTitle, FieldLinkURL:
		return k == MessageLink
	case FieldSenderName:
		return k.IsMessage() || k == FriendRequest
	case FieldFriendReason:
		return k == FriendRequest
	}
	return false
}

// host is the host of a URL, without user and port; of what is no URL it is what
// stands before the first slash.
func host(url string) string {
	if _, rest, ok := strings.Cut(url, "://"); ok {
		url = rest
	}
	if end := strings.IndexAny(url, `/?#\`); end >= 0 {
		url = url[:end]
	}
	if at := strings.LastIndexByte(url, '@'); at >= 0 {
		url = url[at+1:]
	}
	if port := strings.LastIndexByte(url, ':'); port >= 0 && !strings.HasSuffix(url, "]") {
		url = url[:port]
	}
	return url
}
