package event_test

import (
	"testing"

	"botengine/internal/event"
)

func TestTheTextsOfAnEvent(t *testing.T) {
	link := func(url string) event.Event {
		return event.Event{Kind: event.MessageLink, Message: event.Message{Link: event.Link{Title: "年终福利", URL: url}}}
	}
	friend := event.Event{Kind: event.FriendRequest, Friend: event.Friend{Name: "王五", Reason: "我是群里的"}}
	file := event.Event{Kind: event.MessageFile, Message: event.Message{FileName: "报价单.xlsx"}, Sender: event.Person{Name: "李四"}}
	for _, c := range []struct {
		name  string
		ev    event.Event
		field event.TextField
		want  string
	}{
		{"the name of a file", file, event.FieldFileName, "报价单.xlsx"},
		{"who sent it", file, event.FieldSenderName, "李四"},
		{"what a file has no text of", file, event.FieldText, ""},
		{"who asks to be a friend", friend, event.FieldSenderName, "王五"},
		{"why", friend, event.FieldFriendReason, "我是群里的"},
		{"the title of a link", link(""), event.FieldLinkTitle, "年终福利"},
		{"the host of a link", link("https://pay.example.com/a/b?c=d"), event.FieldLinkURL, "pay.example.com"},
		{"without user and port", link("http://good.example@evil.example:8080/good.example"), event.FieldLinkURL, "evil.example"},
		{"an address of version 6", link("http://[2001:db8::1]:80/x"), event.FieldLinkURL, "[2001:db8::1]"},
		{"without a scheme", link("example.com/x"), event.FieldLinkURL, "example.com"},
		{"a backslash ends a host too", link(`https://evil.example\@good.example/`), event.FieldLinkURL, "evil.example"},
		{"no link", link(""), event.FieldLinkURL, ""},
		{"a field that does not exist", link("https://a.example"), "link.description", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := c.ev.TextOf(c.field); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

func TestEveryKindThatSaysSomethingHasItsMainText(t *testing.T) {
	for _, k := range []event.Kind{event.MessageText, event.MessagePhone, event.MessageOther, event.MessageFile, event.MessageLink, event.FriendRequest} {
		if !k.HasText(k.MainText()) {
			t.Errorf("%s has no %s", k, k.MainText())
		}
	}
	if event.MemberJoin.HasText(event.MemberJoin.MainText()) {
		t.Error("nobody says anything by joining")
	}
}
