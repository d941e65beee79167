package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"botengine/internal/engine"
	"botengine/internal/event"
	"botengine/internal/rule"
	"botengine/internal/yjiyun"
	"botengine/internal/yjiyun/socket"
)

// sentAt is when the frames' messages were written: rules find them fresh.
var sentAt = time.UnixMilli(1585024550000).Add(time.Second)

// parse takes a frame off the socket the way the client does.
func parse(frame []byte) (event.Event, error) {
	packet, err := socket.ParsePacket(frame)
	if err != nil {
		return event.Event{}, err
	}
	name, args, err := packet.Event()
	if err != nil {
		return event.Event{}, err
	}
	events, err := yjiyun.Decode("main", name, args[0], sentAt)
	if err != nil {
		return event.Event{}, err
	}
	if len(events) != 1 {
		return event.Event{}, errors.New("a frame is not one event")
	}
	return events[0], nil
}

// plainMessage is a message frame as one would write it down for encoding/json.
type plainMessage struct {
	MessageID   string `json:"messageId"`
	MsgSvrID    string `json:"msgSvrID"`
	Timestamp   int64  `json:"timestamp"`
	RobotKey    string `json:"robotKey"`
	ChatID      string `json:"chatId"`
	ChatUser    string `json:"chatUser"`
	ChatName    string `json:"chatName"`
	IsGroupChat int    `json:"isGroupChat"`
	From        struct {
		ContactID      string `json:"contactId"`
		NickName       string `json:"nickName"`
		HeadImg        string `json:"headImg"`
		IsGroupContact int    `json:"isGroupContact"`
		IsSelf         int    `json:"isSelf"`
	} `json:"from"`
	Content struct {
		ContentType int    `json:"contentType"`
		Content     string `json:"content"`
		AtUserList  string `json:"atUserList"`
		Pic         string `json:"pic"`
		FileName    string `json:"fileName"`
		Title       string `json:"title"`
		Link        string `json:"link"`
		Description string `json:"description"`
	} `json:"content"`
	AssignTo string `json:"assignTo"`
}

// prefix stands before a frame's JSON.
const prefix = len("42/imchat,")

// object is the frame's one object.
func object(frame []byte) []byte { return frame[prefix+len(`["message",`) : len(frame)-1] }

// readPlain is the bare loop's: one json.Unmarshal of the whole packet.
func readPlain(frame []byte) (plainMessage, error) {
	var name string
	var m plainMessage
	err := json.Unmarshal(frame[prefix:], &[2]any{&name, &m})
	return m, err
}

// lane is the road without a store, for one goroutine at a time.
type lane struct {
	set   *rule.Set
	cache *engine.Cache
	buf   []byte // what the socket read into
}

func newLane(set *rule.Set) *lane { return &lane{set: set, cache: engine.NewCache()} }

func (l *lane) read(frame []byte) []byte {
	l.buf = append(l.buf[:0], frame...)
	return l.buf
}

// decide goes from the frame to the decision.
func (l *lane) decide(frame []byte) error {
	ev, err := parse(l.read(frame))
	if err != nil {
		return err
	}
	decide(l.set, &ev, l.cache)
	return nil
}

func decide(set *rule.Set, ev *event.Event, cache *engine.Cache) {
	matches := set.Match(ev, sentAt, false)
	if len(matches) == 0 {
		return // line 1 does not ask the engine either
	}
	engine.Decide(engine.Input{Set: set, Event: ev, Matches: matches, Now: sentAt, Facts: nothing{}, Cache: cache})
}

// nothing is a past in which nothing happened.
type nothing struct{}

func (nothing) Fact(string) ([]byte, time.Time, bool) { return nil, time.Time{}, false }
func (nothing) RunData(string) ([]byte, bool)         { return nil, false }
func (nothing) Archive(string) ([]byte, bool)         { return nil, false }

// compiled is the workload's rule set.
func compiled(w *workload) (*rule.Set, error) {
	set, findings := rule.Compile(w.sources)
	if set == nil {
		return nil, fmt.Errorf("compile the rules: %d findings", len(findings))
	}
	return set, nil
}
