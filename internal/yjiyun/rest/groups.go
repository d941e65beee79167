package rest

import (
	"context"
	"errors"
	"iter"
	"net/url"
)

// GroupsQuery says which groups of a robot are asked for (§2.4).
type GroupsQuery struct {
	RobotKey  string // required
	Status    *int   // 1 the robot is in the group, 0 it is not; nil = whatever it is
	ID        string // this one alone: R:<id>
	CreatorID string
	Name      string // a part of the name
	Walk
}

// Group is one group of a robot (§2.4). Times are as the platform writes them, in
// its own time zone.
type Group struct {
	RobotKey    string `json:"robotKey" wire:"id"`
	ID          string `json:"conversationId" wire:"key"` // R:<id>
	Name        string `json:"name"`
	CreatorID   string `json:"creatorId" wire:"id"`
	CreatorName string `json:"creatorName"`
	Members     int    `json:"memberCount"`
	Outer       int    `json:"outerUserCount"` // members of WeChat, not of the company
	Status      int    `json:"status"`         // 1 normal, 0 deleted, -1 not said
	External    bool   `json:"isOuterGroupConversation"`
	Founded     string `json:"createTime"`
	Created     string `json:"gmtCreate"` // of the record
	Modified    string `json:"gmtModify"`
	Extra       Extra  `json:"extra,omitempty"`
}

var groupSchema = schemaOf(Group{Status: -1})

// Groups walks over the groups of a robot (§2.4).
func (c *Client) Groups(ctx context.Context, q GroupsQuery) iter.Seq2[Group, error] {
	if q.RobotKey == "" {
		return failed[Group](errors.New("list groups: a robotKey is needed"))
	}
	return numbered(ctx, c, pathGroups, q.values(), q.Walk, &groupSchema, func(r *Group) string { return r.ID })
}

const pathGroups = "/wxworkapi/group/list"

func (q *GroupsQuery) values() url.Values {
	values := url.Values{"robotKey": {q.RobotKey}}
	setNumber(values, "status", q.Status)
	setText(values, "conversationId", q.ID)
	setText(values, "creatorId", q.CreatorID)
	setText(values, "name", q.Name)
	return values
}
