package rest

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strconv"

	"botengine/internal/event"
)

const (
	pathUnread = "/wxworkapi/unreadmsg/clean"
	pathSync   = "/wxworkapi/contact/sync"
)

// ClearUnread marks a conversation as read (§2.12). It is asked for once.
func (c *Client) ClearUnread(ctx context.Context, chatID string) error {
	values, err := unreadForm(chatID)
	if err != nil {
		return invalid("mark as read", err)
	}
	return c.change(ctx, pathUnread, form(values), &Answer{})
}

func unreadForm(chatID string) (url.Values, error) {
	if _, _, ok := event.SplitChatID(chatID); !ok {
		return nil, errors.New("chatId: it is not a chat id (S:<robot>_<peer>)")
	}
	return url.Values{"chatId": {chatID}}, nil
}

// SyncKind says which contacts are fetched anew.
type SyncKind int

// The kinds of §2.13.
const (
	SyncAll SyncKind = iota
	SyncCustomers
	SyncGroups
	SyncCustomersAndGroups
	SyncDepartments
)

// SyncContacts has the platform fetch a robot's contacts from WeCom anew (§2.13).
// It answers at once; when the contacts are there is not said. It is asked for
// once.
func (c *Client) SyncContacts(ctx context.Context, robotKey string, kind SyncKind) error {
	values, err := syncForm(robotKey, kind)
	if err != nil {
		return invalid("sync contacts", err)
	}
	return c.change(ctx, pathSync, form(values), &Answer{})
}

func syncForm(robotKey string, kind SyncKind) (url.Values, error) {
	switch {
	case robotKey == "":
		return nil, errors.New("robotKey: it is missing")
	case kind < SyncAll || kind > SyncDepartments:
		return nil, fmt.Errorf("syncType %d is none of 0 all, 1 customers, 2 groups, 3 customers and groups, 4 departments", int(kind))
	}
	return url.Values{"robotKey": {robotKey}, "syncType": {strconv.Itoa(int(kind))}}, nil
}
