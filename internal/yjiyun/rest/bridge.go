package rest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"botengine/internal/command"
	"botengine/internal/event"
	"botengine/internal/yjiyun"
)

const pathBridge = "/wxworkapi/bridge"

// questions are the commands that change nothing (§3.12, §3.16, §3.21).
var questions = []string{"robot.tags.sync", "robot.conv.admins", "robot.contacts.inquiry"}

// Bridge has a command of the event road carried out as a request (§2.8) and
// gives its end. The frame is the one the socket would have sent. A no that was
// understood is an end with its code, not an error. Only a command that may be
// repeated (a question, or of the class command.Idempotent) is sent again after
// something went wrong; after an error that does not wrap command.ErrNotSent any
// other may have happened.
func (c *Client) Bridge(ctx context.Context, cmd command.Command) (event.CommandEnd, error) {
	encode := func(token string) (string, error) {
		_, frame, err := yjiyun.Encode(cmd, time.Now(), token, c.overrides)
		return string(frame), err
	}
	if _, err := encode("checked before there is a token"); err != nil {
		return event.CommandEnd{}, err
	}
	asks := slices.Contains(questions, cmd.Type)
	repeatable := asks || cmd.Class == command.Idempotent
	b := object(nil)
	b.text = encode
	end, err := c.bridge(ctx, request{path: pathBridge, body: b, changes: !repeatable}, cmd.MessageID)
	switch {
	case err != nil && asks:
		return end, nothingDone(err)
	case err == nil && end.Type == "":
		end.Type = cmd.Type
	}
	return end, err
}

// BridgeRaw has a frame carried out as it is (§2.8), once. Whoever makes it
// answers for its messageId; the token is not needed in it.
func (c *Client) BridgeRaw(ctx context.Context, frame json.RawMessage) (event.CommandEnd, error) {
	var head struct {
		MessageID yjiyun.ID `json:"messageId"`
	}
	if err := json.Unmarshal(frame, &head); err != nil {
		return event.CommandEnd{}, invalid("ask "+pathBridge, errors.New("the frame is not a json object with a messageId"))
	}
	return c.bridge(ctx, request{path: pathBridge, body: object(frame), changes: true}, string(head.MessageID))
}

func (c *Client) bridge(ctx context.Context, r request, messageID string) (event.CommandEnd, error) {
	var answer json.RawMessage
	if err := c.call(ctx, r, &answer); err != nil {
		end, ok := understood(err)
		if end.MessageID == "" {
			end.MessageID = messageID
		}
		if ok && end.MessageID == messageID {
			return end, nil
		}
		return event.CommandEnd{}, err
	}
	end, err := yjiyun.ReadEnd(unwrap(answer))
	switch {
	case err != nil:
		return event.CommandEnd{}, fmt.Errorf("ask %s: %w", pathBridge, &AnswerError{Reason: "is no result of a command"})
	case end.MessageID == "":
		end.MessageID = messageID
	case end.MessageID != messageID:
		return event.CommandEnd{}, fmt.Errorf("ask %s: %w", pathBridge, &AnswerError{Field: "messageId", Reason: "is that of another command"})
	}
	return end, nil
}

// unwrap is the result itself, should the platform put it into the envelope's
// data: the document shows it without (§2.8) and with an envelope (§1.2).
func unwrap(answer json.RawMessage) json.RawMessage {
	var outer struct {
		Type json.RawMessage `json:"type"`
		Data json.RawMessage `json:"data"`
	}
	var inner struct {
		Type json.RawMessage `json:"type"`
		Code json.RawMessage `json:"code"`
	}
	if json.Unmarshal(answer, &outer) != nil || outer.Type != nil || json.Unmarshal(outer.Data, &inner) != nil || inner.Type == nil || inner.Code == nil {
		return answer
	}
	return outer.Data
}

// understood is the end that an error means, when it is an answer of the platform
// to the command itself: a no, or that it has no time.
func understood(err error) (event.CommandEnd, bool) {
	if refused, ok := errors.AsType[*RefusedError](err); ok {
		return endOf(refused.Code, refused.Msg, refused.answer), true
	}
	busy, ok := errors.AsType[*BusyError](err)
	if !ok {
		return event.CommandEnd{}, false
	}
	if code, ok := strings.CutPrefix(busy.Code, "code "); ok {
		return endOf(code, busy.msg, busy.answer), true
	}
	return event.CommandEnd{Code: "429", Msg: busy.Error()}, busy.Code == "http 429"
}

func endOf(code, msg string, answer []byte) event.CommandEnd {
	if end, err := yjiyun.ReadEnd(answer); err == nil {
		end.Code, end.Msg = code, msg
		return end
	}
	return event.CommandEnd{Code: code, Msg: msg}
}

// invalid says that something can never be asked for as it is.
func invalid(what string, err error) error {
	return fmt.Errorf("%s: %w: %w: %w", what, command.ErrNotSent, command.ErrInvalid, err)
}
