package rest

import (
	"context"
	"encoding/json"
	"errors"
	"iter"
	"net/url"
	"slices"
	"strconv"
	"time"

	"botengine/internal/yjiyun"
)

// MessagesQuery says which messages of a chat are asked for (§2.11).
type MessagesQuery struct {
	RobotKey string
	ChatUser string // the peer: a userId or a group's R:<id>
	IDs      []string
	// ContentType asks for one kind of message (§3.2); 0 = all.
	ContentType int
	From, To    time.Time // zero = open; the platform's clock
	Offset      int
	Count       int // 0 = the platform's 20, or one for each of IDs if those are more
}

// HistoryMessage is one message of a chat's history.
type HistoryMessage struct {
	MessageID  string
	SvrID      string
	RobotKey   string
	ChatID     string
	ChatUser   string
	ChatName   string
	Time       time.Time // zero when the platform did not say
	SendStatus SendStatus
	// Frame is the record as it came. It has the shape of a message frame:
	// yjiyun.Decode makes an event of it.
	Frame json.RawMessage
}

// SendStatus is what became of a message the robot was to send (§2.11).
type SendStatus int

// The values of sendStatus. SendStatusAbsent is ours: the record does not say,
// as with every message of somebody else.
const (
	SendStatusNotSent SendStatus = 0
	SendStatusSent    SendStatus = 1
	SendStatusFailed  SendStatus = 2
	SendStatusAbsent  SendStatus = -1
)

// Messages asks the history of a chat, newest first. One record that cannot be
// read fails the whole question: a caller must not take it for absent.
func (c *Client) Messages(ctx context.Context, q MessagesQuery) ([]HistoryMessage, error) {
	if q.RobotKey == "" || q.ChatUser == "" {
		return nil, errors.New("ask for messages: a robotKey and a chatUser are needed")
	}
	var answer struct {
		Model []json.RawMessage `json:"model"`
		Data  []json.RawMessage `json:"data"`
	}
	if err := c.ask(ctx, "/wxworkapi/chat/message", q.form(), &answer); err != nil {
		return nil, err
	}
	records := slices.Concat(answer.Model, answer.Data)
	messages := make([]HistoryMessage, 0, len(records))
	for _, record := range records {
		var m wireMessage
		if err := json.Unmarshal(record, &m); err != nil {
			return nil, unreadable(err)
		}
		messages = append(messages, m.message(record))
	}
	return messages, nil
}

// HistoryQuery says which part of a chat's history is walked over (§2.11).
type HistoryQuery struct {
	RobotKey    string    // required
	ChatUser    string    // required: a userId or a group's R:<id>
	ContentType int       // one kind of message (§3.2); 0 = all
	From, To    time.Time // zero = open; the platform's clock
	Walk
}

// History walks over the messages of a chat, newest first (§2.11). Its upper end
// stands still: when To is open it is the newest message of the first page, so
// that what is said meanwhile does not shift the pages.
func (c *Client) History(ctx context.Context, q HistoryQuery) iter.Seq2[HistoryMessage, error] {
	return follow(q.Walk, (*HistoryMessage).identity, func(so track[HistoryMessage]) (page[HistoryMessage], error) {
		list, err := c.Messages(ctx, q.next(so))
		return page[HistoryMessage]{records: list}, err
	})
}

func (q *HistoryQuery) next(so track[HistoryMessage]) MessagesQuery {
	next := MessagesQuery{
		RobotKey:    q.RobotKey,
		ChatUser:    q.ChatUser,
		ContentType: q.ContentType,
		From:        q.From,
		To:          q.To,
		Offset:      so.received,
		Count:       q.size(),
	}
	if next.To.IsZero() {
		for _, m := range so.first {
			if at := m.Time.Add(time.Millisecond); !m.Time.IsZero() && at.After(next.To) {
				next.To = at // the platform does not say whether it counts the end in
			}
		}
	}
	return next
}

// identity tells two records of one chat apart.
func (m *HistoryMessage) identity() string {
	if m.MessageID == "" && m.SvrID == "" {
		return string(m.Frame)
	}
	return m.MessageID + "/" + m.SvrID + "/" + strconv.FormatInt(m.Time.UnixMilli(), 10)
}

func (q *MessagesQuery) form() url.Values {
	form := url.Values{"robotKey": {q.RobotKey}, "chatUser": {q.ChatUser}}
	if len(q.IDs) > 0 {
		form["msgIds"] = q.IDs // the field once for each: how a form carries a list
	}
	if q.ContentType != 0 {
		form.Set("contentType", strconv.Itoa(q.ContentType))
	}
	if !q.From.IsZero() {
		form.Set("s_timestamp", strconv.FormatInt(q.From.UnixMilli(), 10))
	}
	if !q.To.IsZero() {
		form.Set("timestamp", strconv.FormatInt(q.To.UnixMilli(), 10))
	}
	if q.Offset > 0 {
		form.Set("offset", strconv.Itoa(q.Offset))
	}
	if count := max(q.Count, 0); count > 0 || len(q.IDs) > 20 {
		form.Set("count", strconv.Itoa(max(count, len(q.IDs))))
	}
	return form
}

type wireMessage struct {
	MessageID  yjiyun.ID      `json:"messageId"`
	MsgSvrID   yjiyun.ID      `json:"msgSvrID"`
	Timestamp  yjiyun.Millis  `json:"timestamp"`
	RobotKey   yjiyun.ID      `json:"robotKey"`
	ChatID     yjiyun.ID      `json:"chatId"`
	ChatUser   yjiyun.ID      `json:"chatUser"`
	ChatName   yjiyun.Text    `json:"chatName"`
	SendStatus *yjiyun.Number `json:"sendStatus"`
	SentStatus *yjiyun.Number `json:"sentStatus"` // the document spells it both ways
}

func (m *wireMessage) message(frame json.RawMessage) HistoryMessage {
	return HistoryMessage{
		MessageID:  string(m.MessageID),
		SvrID:      string(m.MsgSvrID),
		RobotKey:   string(m.RobotKey),
		ChatID:     string(m.ChatID),
		ChatUser:   string(m.ChatUser),
		ChatName:   string(m.ChatName),
		Time:       m.Timestamp.Time(time.Time{}),
		SendStatus: m.status(),
		Frame:      frame,
	}
}

func (m *wireMessage) status() SendStatus {
	for _, said := range []*yjiyun.Number{m.SendStatus, m.SentStatus} {
		if said != nil {
			return SendStatus(said.Int())
		}
	}
	return SendStatusAbsent
}

// Fate is what the history says of a send.
type Fate string

// What the history can say. Only FateNotSent allows to send again, and one
// FateAbsent proves nothing: the history lags behind.
const (
	FateAbsent   Fate = "absent"   // it has no such message
	FateAccepted Fate = "accepted" // it has it, and does not say more
	FateSent     Fate = "sent"     // people have seen it
	FateNotSent  Fate = "not_sent" // sendStatus 0: it may be sent again
	FateFailed   Fate = "failed"   // sendStatus 2: sending again will not help
)

// Fate is what this record says of the send it is about. A status that the
// document does not name counts as accepted: that is the one that is safe.
func (m *HistoryMessage) Fate() Fate {
	switch m.SendStatus {
	case SendStatusSent:
		return FateSent
	case SendStatusNotSent:
		return FateNotSent
	case SendStatusFailed:
		return FateFailed
	default:
		return FateAccepted
	}
}

// FateOf is what the history says of a send that was tried under these message
// ids. Where its records differ, the one that speaks most against sending again
// is believed.
func FateOf(messages []HistoryMessage, ids ...string) Fate {
	caution := []Fate{FateAbsent, FateNotSent, FateFailed, FateAccepted, FateSent}
	worst := 0
	for _, m := range messages {
		if slices.Contains(ids, m.MessageID) {
			worst = max(worst, slices.Index(caution, m.Fate()))
		}
	}
	return caution[worst]
}
