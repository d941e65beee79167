package yjiyun

import (
	"net/url"
	"slices"
	"strings"

	"botengine/internal/event"
)

// The kinds of content (§3.2, §3.24).
const (
	contentText        = 1
	contentPhone       = 2
	contentVideo       = 5
	contentImage       = 7
	contentFile        = 8
	contentVoice       = 9
	contentLink        = 13
	contentSticker     = 29
	contentMiniProgram = 78
)

var kinds = map[Number]event.Kind{
	contentText:        event.MessageText,
	contentPhone:       event.MessagePhone,
	contentVideo:       event.MessageVideo,
	contentImage:       event.MessageImage,
	contentFile:        event.MessageFile,
	contentVoice:       event.MessageVoice,
	contentLink:        event.MessageLink,
	contentSticker:     event.MessageSticker,
	contentMiniProgram: event.MessageMiniProgram,
}

// kindOf is the kind of a message with such content; MessageOther for a type
// that the document does not name.
func kindOf(contentType Number) event.Kind {
	if kind, ok := kinds[contentType]; ok {
		return kind
	}
	return event.MessageOther
}

// person is the writer. What was written on the account's own phone is the
// robot's, whether or not the frame says so, and so is what bears its wxid:
// taking an own message for a customer's would make a robot answer itself.
func (f *from) person(robotID string, kind event.Kind) event.Person {
	own := f.IsSelf == 1 || kind == event.MessagePhone || robotID != "" && string(f.ContactID) == robotID
	return event.Person{
		ID:       string(f.ContactID),
		Name:     string(f.NickName),
		Avatar:   string(f.HeadImg),
		IsSelf:   own,
		IsRobot:  own,
		IsMember: f.IsGroupContact == 1,
	}
}

func (m *member) person() event.Person {
	name := firstOf(m.NickName, m.GroupNickName)
	if name == "" && string(m.UserName) != string(m.UserID) { // the sample of §3.22 has the id in both
		name = m.UserName
	}
	return event.Person{
		ID:       string(m.UserID),
		Name:     string(name),
		Avatar:   string(m.HeadImg),
		Gender:   m.Gender.Int(),
		IsMember: true,
	}
}

func (c *content) message(robotID string) event.Message {
	m := event.Message{
		ContentType: c.ContentType.Int(),
		Text:        string(c.Content),
		URL:         string(firstOf(c.Pic, c.FileName, c.Link)),
		FileName:    baseName(string(c.FileName)),
		At:          c.AtUserList,
		MentionsMe:  slices.Contains(c.AtUserList, robotID),
		Link: event.Link{
			Title:       string(c.Title),
			URL:         string(c.Link),
			Description: string(c.Description),
			Cover:       string(c.CoverImgFile),
		},
	}
	if !strings.Contains(m.URL, "://") && m.URL == string(c.FileName) {
		m.URL = "" // fileName held a name, not an address
	}
	return m
}

// baseName is the file's own name: the last part of an address or a path,
// decoded. It never holds a separator, so it is safe to show and to compare.
func baseName(address string) string {
	if _, rest, ok := strings.Cut(address, "://"); ok {
		address, _, _ = strings.Cut(rest, "?")
		address, _, _ = strings.Cut(address, "#")
		if !strings.Contains(address, "/") {
			return "" // a host alone
		}
		if decoded, err := url.PathUnescape(address); err == nil {
			address = decoded
		}
	}
	return address[strings.LastIndexAny(address, `/\`)+1:]
}
