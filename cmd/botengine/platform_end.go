package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"botengine/internal/command"
	"botengine/internal/event"
	"botengine/internal/terminal"
	"botengine/internal/yjiyun/rest"
)

// echoWithin is how long a message's echo may take.
const echoWithin = 30 * time.Second

// addFormat adds the one flag of a command that answers with a single thing.
func (f *outputFlags) addFormat(_ *cli, cmd *cobra.Command) {
	cmd.Flags().StringVarP(&f.format, "output", "o", "text", "text | json | csv")
}

// setFields makes the fields of a command, texts as they are.
func setFields(cmd *command.Command, fields map[string]any) error {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(fields); err != nil {
		return fmt.Errorf("the command's fields: %w", err)
	}
	cmd.Fields = bytes.TrimSpace(b.Bytes())
	return nil
}

func addField(cmd *command.Command, name string, value any) error {
	fields := map[string]json.RawMessage{}
	if err := json.Unmarshal(cmd.Fields, &fields); err != nil {
		return fmt.Errorf("the command's fields: %w", err)
	}
	all := map[string]any{name: value}
	for k, v := range fields {
		all[k] = v
	}
	return setFields(cmd, all)
}

// stamp gives a command that a person asked for its id on the wire.
func (p *access) stamp(cmd *command.Command) {
	now := time.Now()
	cmd.Account = p.account.Name
	cmd.Key = command.Key(now.Format(time.RFC3339Nano), "terminal", cmd.Type, cmd.Robot+cmd.Chat)
	cmd.MessageID = command.MessageID(now, cmd.Key)
}

// bridge has a command carried out as a request (§2.8), so that its end is known.
func (p *access) bridge(ctx context.Context, cmd command.Command) (event.CommandEnd, error) {
	if cmd.MessageID == "" {
		p.stamp(&cmd)
	}
	end, err := p.client.Bridge(ctx, cmd)
	if err != nil && !errors.Is(err, command.ErrNotSent) && !isAnswered(err) {
		return end, fmt.Errorf(p.c.say("不知道有没有做成（messageId %s），请先查看再决定要不要重来：%w", "nobody knows whether it was done (messageId %s), look before you try again: %w"), cmd.MessageID, p.explain(err))
	}
	if err != nil {
		return end, p.explain(err)
	}
	return end, nil
}

// isAnswered reports whether an error is a no of the platform: nothing happened.
func isAnswered(err error) bool {
	if _, ok := errors.AsType[*rest.AuthError](err); ok {
		return true
	}
	_, refused := errors.AsType[*rest.RefusedError](err)
	return refused
}

// overSocket sends a message over the socket and waits for its echo, or for what
// the history says of it.
func (p *access) overSocket(ctx context.Context, cmd command.Command) (end event.CommandEnd, err error) {
	p.stamp(&cmd)
	end = event.CommandEnd{Type: "message", MessageID: cmd.MessageID, Code: event.CodeUnknown}
	err = p.withSession(ctx, func(s *session) error {
		if err := s.emit(ctx, cmd); err != nil {
			return p.explain(err)
		}
		if len(s.await(ctx, echoWithin, 1, echoOf(cmd.MessageID))) > 0 {
			end.Code = event.CodeOK
			return nil
		}
		return p.lookUp(ctx, cmd, &end)
	})
	return end, err
}

// lookUp asks the history what became of a message (§2.11).
func (p *access) lookUp(ctx context.Context, cmd command.Command, end *event.CommandEnd) error {
	_, peer, _ := event.SplitChatID(cmd.Chat)
	found, err := p.client.Messages(ctx, rest.MessagesQuery{RobotKey: cmd.Robot, ChatUser: peer, IDs: []string{cmd.MessageID}})
	if err != nil {
		return p.explain(err)
	}
	switch rest.FateOf(found, cmd.MessageID) {
	case rest.FateSent, rest.FateAccepted:
		end.Code = event.CodeOK
	case rest.FateNotSent:
		end.Code, end.Msg = command.CodeNotSent, p.c.say("没有发出，可以再发一次", "not sent, it may be sent again")
	case rest.FateFailed:
		end.Code, end.Msg = command.CodeUndelivered, p.c.say("发送失败，再发也没有用", "failed, sending again will not help")
	case rest.FateAbsent:
		end.Msg = p.c.say("没有回音，历史里也没有：先看会话再决定要不要重发", "no echo, and not in the history: look at the chat before sending again")
	}
	return nil
}

// done is what became of one command.
type done struct {
	cmd command.Command
	end event.CommandEnd
}

// writeEnd writes what became of a command; a failure is the command's error, too.
func (p *access) writeEnd(f outputFlags, cmd command.Command, end event.CommandEnd) error {
	list := terminal.List[done]{Name: "results", Columns: p.c.endColumns(), Rows: []done{{cmd, end}}, Complete: true}
	if f.format == string(terminal.JSON) {
		list.Extra = func(d done) map[string]json.RawMessage { return payloadOf(d.end) }
	}
	if err := list.Write(p.c.out, p.c.style(f, "")); err != nil {
		return err
	}
	if command.EndOf(end.Code, end.Msg) == command.Done {
		return nil
	}
	return fmt.Errorf(p.c.say("没有做成（code %s：%s）", "it was not done (code %s: %s)"), end.Code, shown(end.Msg))
}

// payloadOf is the result as it came.
func payloadOf(end event.CommandEnd) map[string]json.RawMessage {
	var fields map[string]json.RawMessage
	if json.Unmarshal(end.Payload, &fields) != nil {
		return nil
	}
	delete(fields, "token")
	return fields
}

func (c *cli) endColumns() []terminal.Column[done] {
	type column = terminal.Column[done]
	return []column{
		{Key: "type", Title: c.say("命令", "command"), Value: func(d done) any { return d.cmd.Type }},
		{Key: "message_id", Title: "messageId", Value: func(d done) any { return d.end.MessageID }},
		{Key: "code", Title: "code", Value: func(d done) any { return d.end.Code }},
		{Key: "msg", Title: "msg", Value: func(d done) any { return d.end.Msg }, Max: 60},
		{Key: "robot_key", Value: func(d done) any { return d.cmd.Robot }},
		{Key: "chat_id", Value: func(d done) any { return d.cmd.Chat }},
	}
}
