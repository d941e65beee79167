package rest

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"maps"
	"net/url"
	"slices"
	"strings"

	"botengine/internal/command"
	"botengine/internal/event"
	"botengine/internal/yjiyun"
)

// The types of the commands that are requests. A command's fields are the
// request's own; robotKey may be left out where there is one: it is the
// command's robot.
const (
	RequestBroadcast    = command.RequestPrefix + "broadcast"           // §2.7
	RequestCopySettings = command.RequestPrefix + "copy_group_settings" // §2.9
	RequestMarkRead     = command.RequestPrefix + "mark_read"           // §2.12
	RequestSyncContacts = command.RequestPrefix + "sync_contacts"       // §2.13
	RequestGroup        = command.RequestPrefix + "group"               // §2.4, one group: conversationId
	RequestCustomers    = command.RequestPrefix + "customers"           // §2.3, all pages
	RequestMembers      = command.RequestPrefix + "group_members"       // §2.6, all pages
)

// CodeNotFound is the code of a question for one thing that is not there.
const CodeNotFound = "not_found"

// maxPayload is the most bytes of an answer that are kept with its end.
const maxPayload = 1 << 20

// executors carry out the requests: the answer's payload, or why there is none.
var executors = map[string]func(*Client, context.Context, *command.Command) (answered, error){
	RequestBroadcast:    (*Client).broadcast,
	RequestCopySettings: (*Client).copySettings,
	RequestMarkRead:     (*Client).markRead,
	RequestSyncContacts: (*Client).syncContacts,
	RequestGroup:        (*Client).oneGroup,
	RequestMembers:      (*Client).allMembers,
	RequestCustomers:    (*Client).allCustomers,
}

// requestsThatAsk change nothing: whatever went wrong, nothing happened.
var requestsThatAsk = []string{RequestGroup, RequestMembers, RequestCustomers}

// nothingDone marks the error of a question: it may be asked again.
func nothingDone(err error) error {
	if errors.Is(err, command.ErrNotSent) {
		return err
	}
	return fmt.Errorf("%w: %w", command.ErrNotSent, err)
}

// answered is what came of a request: a code of our own, or none for a success.
type answered struct {
	code, msg string
	payload   any
}

// Execute carries out a command that is a request and gives its end. The end's
// payload is the answer's own as JSON: for RequestGroup the group's object, for
// RequestMembers and RequestCustomers the list of their objects, as the platform spelt them;
// for the others what it said beside code and msg, if anything. None above 1 MiB
// is kept.
//
// A no that was understood is an end with its code, not an error. An error that
// wraps command.ErrNotSent says that surely nothing happened, one that wraps
// command.ErrInvalid that it never can; after any other it may have happened.
func (c *Client) Execute(ctx context.Context, cmd command.Command) (event.CommandEnd, error) {
	execute, ok := executors[cmd.Type]
	if !ok {
		known := strings.Join(slices.Sorted(maps.Keys(executors)), ", ")
		return event.CommandEnd{}, invalid("execute", fmt.Errorf("%q is none of %s", cmd.Type, known))
	}
	said, err := execute(c, ctx, &cmd)
	end := event.CommandEnd{Code: said.code, Msg: said.msg}
	if err != nil {
		no, ok := understood(err)
		switch {
		case !ok && slices.Contains(requestsThatAsk, cmd.Type):
			return event.CommandEnd{}, nothingDone(err)
		case !ok:
			return event.CommandEnd{}, err
		}
		end = no
	}
	if end.Code == "" {
		end.Code = event.CodeOK
	}
	end.Type, end.MessageID = cmd.Type, cmd.MessageID
	if said.payload != nil {
		if text, err := json.Marshal(said.payload); err == nil && len(text) <= maxPayload {
			end.Payload = text
		}
	}
	return end, nil
}

// done is the end of a request that did something.
func done(a Answer, err error) (answered, error) {
	if len(a.Extra) == 0 {
		return answered{msg: a.Msg}, err
	}
	return answered{msg: a.Msg, payload: a.Extra}, err
}

func (c *Client) broadcast(ctx context.Context, cmd *command.Command) (answered, error) {
	var wire wireTask
	if err := read(cmd, &wire); err != nil {
		return answered{}, err
	}
	t, err := wire.task()
	if err == nil {
		err = t.Check()
	}
	if err != nil {
		return answered{}, invalid("execute "+cmd.Type, err)
	}
	return c.post(ctx, cmd, pathTask, wireTaskOf(&t))
}

func (c *Client) copySettings(ctx context.Context, cmd *command.Command) (answered, error) {
	var wire wireSettings
	if err := read(cmd, &wire); err != nil {
		return answered{}, err
	}
	g, err := wire.settings()
	if err == nil {
		err = g.Check()
	}
	if err != nil {
		return answered{}, invalid("execute "+cmd.Type, err)
	}
	return c.post(ctx, cmd, pathSettings, wire)
}

// post sends a command's fields as they are, with what they leave out.
func (c *Client) post(ctx context.Context, cmd *command.Command, path string, whole any) (answered, error) {
	text, err := json.Marshal(whole)
	body := map[string]json.RawMessage{}
	if err == nil {
		err = errors.Join(json.Unmarshal(text, &body), json.Unmarshal(cmd.Fields, &body))
	}
	if err == nil {
		text, err = json.Marshal(body)
	}
	if err != nil {
		return answered{}, invalid("execute "+cmd.Type, err)
	}
	var answer Answer
	err = c.change(ctx, path, object(text), &answer)
	return done(answer, err)
}

func (c *Client) markRead(ctx context.Context, cmd *command.Command) (answered, error) {
	var fields struct {
		ChatID yjiyun.ID `json:"chatId"`
	}
	if err := readOnly(cmd, &fields); err != nil {
		return answered{}, err
	}
	if fields.ChatID == "" {
		fields.ChatID = yjiyun.ID(cmd.Chat)
	}
	values, err := unreadForm(string(fields.ChatID))
	return c.postForm(ctx, cmd, pathUnread, values, err)
}

func (c *Client) syncContacts(ctx context.Context, cmd *command.Command) (answered, error) {
	var fields struct {
		RobotKey yjiyun.ID     `json:"robotKey"`
		SyncType yjiyun.Number `json:"syncType"`
	}
	if err := readOnly(cmd, &fields); err != nil {
		return answered{}, err
	}
	values, err := syncForm(robotOf(cmd, fields.RobotKey), SyncKind(fields.SyncType.Int()))
	return c.postForm(ctx, cmd, pathSync, values, err)
}

func (c *Client) postForm(ctx context.Context, cmd *command.Command, path string, values url.Values, wrong error) (answered, error) {
	if wrong != nil {
		return answered{}, invalid("execute "+cmd.Type, wrong)
	}
	var answer Answer
	err := c.change(ctx, path, form(values), &answer)
	return done(answer, err)
}

func (c *Client) oneGroup(ctx context.Context, cmd *command.Command) (answered, error) {
	var fields struct {
		RobotKey yjiyun.ID `json:"robotKey"`
		ID       yjiyun.ID `json:"conversationId"`
	}
	if err := readOnly(cmd, &fields); err != nil {
		return answered{}, err
	}
	if !isGroup(string(fields.ID)) {
		return answered{}, invalid("execute "+cmd.Type, errors.New("conversationId: it is no group (R:<id>)"))
	}
	q := GroupsQuery{RobotKey: robotOf(cmd, fields.RobotKey), ID: string(fields.ID)}
	for group, err := range numbered(ctx, c, pathGroups, q.values(), Walk{PageSize: platformPage}, &rawSchema, identity("conversationId")) {
		if err != nil {
			return answered{}, err
		}
		if group.key("conversationId") == q.ID { // the platform may have taken the id for a part of one
			return answered{payload: group.Extra}, nil
		}
	}
	return answered{code: CodeNotFound, msg: "the robot has no such group"}, nil
}

func (c *Client) allMembers(ctx context.Context, cmd *command.Command) (answered, error) {
	var fields struct {
		RobotKey yjiyun.ID      `json:"robotKey"`
		ID       yjiyun.ID      `json:"conversationId"`
		Status   *yjiyun.Number `json:"status"`
		UserID   yjiyun.ID      `json:"memberUserId"`
		Name     yjiyun.Text    `json:"memberName"`
	}
	if err := readOnly(cmd, &fields); err != nil {
		return answered{}, err
	}
	if !isGroup(string(fields.ID)) {
		return answered{}, invalid("execute "+cmd.Type, errors.New("conversationId: it is no group (R:<id>)"))
	}
	q := MembersQuery{RobotKey: robotOf(cmd, fields.RobotKey), GroupID: string(fields.ID), UserID: string(fields.UserID), Name: string(fields.Name)}
	if fields.Status != nil {
		q.Status = new(fields.Status.Int())
	}
	members, err := collect(numbered(ctx, c, pathMembers, q.values(), Walk{}, &rawSchema, identity("userId")))
	return answered{payload: members}, err
}

// raw is a record of which nothing is read but its identity.
type raw struct{ Extra Extra }

var rawSchema = schemaOf(raw{})

func (r *raw) key(field string) string {
	var id yjiyun.ID
	_ = id.UnmarshalJSON(r.Extra[field]) // what cannot be read is nobody's id
	return string(id)
}

func identity(field string) func(*raw) string {
	return func(r *raw) string { return r.key(field) }
}

func collect(records iter.Seq2[raw, error]) ([]Extra, error) {
	all := []Extra{}
	for record, err := range records {
		if err != nil {
			return nil, err
		}
		all = append(all, record.Extra)
	}
	return all, nil
}

func robotOf(cmd *command.Command, said yjiyun.ID) string {
	if said != "" {
		return string(said)
	}
	return cmd.Robot
}

// read takes a command's fields, unknown ones included.
func read(cmd *command.Command, into any) error {
	if err := json.Unmarshal(cmd.Fields, into); err != nil {
		return invalid("execute "+cmd.Type, fieldError(err))
	}
	return nil
}

// readOnly takes a command's fields; one that the request does not have is an
// error.
func readOnly(cmd *command.Command, into any) error {
	if len(bytes.TrimSpace(cmd.Fields)) == 0 {
		return nil
	}
	decoder := json.NewDecoder(bytes.NewReader(cmd.Fields))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(into); err != nil {
		return invalid("execute "+cmd.Type, fieldError(err))
	}
	return nil
}

// fieldError says which field cannot be read, without its text.
func fieldError(err error) error {
	if wrongType, ok := errors.AsType[*json.UnmarshalTypeError](err); ok && wrongType.Field != "" {
		return fmt.Errorf("field %s has a type that cannot be read", wrongType.Field)
	}
	if day, ok := errors.AsType[weekdayError](err); ok {
		return day
	}
	if name, ok := strings.CutPrefix(err.Error(), "json: unknown field "); ok {
		return fmt.Errorf("there is no field %s", name)
	}
	return errors.New("its fields cannot be read")
}
