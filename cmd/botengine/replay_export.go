package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"

	"botengine/internal/event"
	"botengine/internal/replay"
	"botengine/internal/state"
)

// exportEvents writes the records as lines of a file, for its owner only.
func (c *cli) exportEvents(ctx context.Context, f *replayFlags, src *recordSource) (err error) {
	out := c.out
	if f.export != "-" {
		file, refused := os.OpenFile(filepath.Clean(f.export), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
		if errors.Is(refused, os.ErrExist) {
			return fmt.Errorf(c.say("%s 已经有了：换个名字，或先删掉它", "%s is there already: take another name, or delete it first"), f.export)
		}
		if refused != nil {
			return refused
		}
		defer func() { err = errors.Join(err, file.Close()) }()
		out = file
	}
	w := bufio.NewWriter(out)
	lines := json.NewEncoder(w)
	lines.SetEscapeHTML(false)
	names := masks{}
	count := 0
	var broken error
	err = src.each(ctx, func(item *replay.Item) bool {
		if f.redact {
			names.hide(item)
		}
		count++
		broken = lines.Encode(exported{item.Event, &exportedFate{item.Position, item.Text, item.Fate, item.Entries}})
		return broken == nil && ctx.Err() == nil
	})
	if err := errors.Join(err, broken, w.Flush()); err != nil {
		return err
	}
	if !c.quiet {
		fmt.Fprintf(c.err, c.say("写了 %d 个事件\n", "%d events written\n"), count)
	}
	return nil
}

// masks gives each id of a person another one, the same all over one export.
type masks map[string]string

func (m masks) id(s *string) {
	if *s == "" {
		return
	}
	if m[*s] == "" {
		m[*s] = strconv.Itoa(7880000000000000 + len(m) + 1)
	}
	*s = m[*s]
}

// hide leaves out of a record what says who it was and what they wrote.
func (m masks) hide(item *replay.Item) {
	ev := &item.Event
	item.Event = *state.WithoutText(ev, state.TextNothing)
	item.Text, item.Entries = state.TextNothing, nil
	self, peer, chat := event.SplitChatID(ev.Chat.ID)
	m.person(&ev.Sender)
	members := make([]event.Person, len(ev.Members))
	copy(members, ev.Members)
	for i := range members {
		m.person(&members[i])
	}
	if len(members) > 0 {
		ev.Members = members
	}
	m.id(&ev.Friend.ID)
	ev.Friend.Name, ev.Friend.Avatar = "", ""
	m.id(&ev.Chat.Owner)
	ev.Chat.OwnerName, ev.Chat.Name = "", ""
	if !ev.Chat.Group {
		m.id(&ev.Chat.Peer)
		m.id(&peer)
	}
	m.id(&ev.Robot.ID)
	ev.Robot.Name = ""
	if chat {
		m.id(&self)
		ev.Chat.ID = event.ChatID(self, peer)
	}
	at := make([]string, len(ev.Message.At))
	copy(at, ev.Message.At)
	for i := range at {
		m.id(&at[i])
	}
	if len(at) > 0 {
		ev.Message.At = at
	}
	ev.Hash = ""
}

func (m masks) person(p *event.Person) {
	m.id(&p.ID)
	p.Name, p.Avatar, p.Gender = "", "", 0
}
