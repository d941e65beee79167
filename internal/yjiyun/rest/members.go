package rest

import (
	"context"
	"errors"
	"iter"
	"net/url"
)

// MembersQuery says which members of a group are asked for (§2.6).
type MembersQuery struct {
	RobotKey string // required
	GroupID  string // required: R:<id>
	Status   *int   // 1 in the group, 0 no longer; nil = whatever it is
	UserID   string // this one alone
	Name     string // a part of the name
	Walk
}

// Member is one member of a group (§2.6). Times are as the platform writes them,
// in its own time zone.
type Member struct {
	RobotKey  string `json:"robotKey" wire:"id"`
	GroupID   string `json:"conversationId" wire:"id"`
	GroupName string `json:"conversationName"`
	UserID    string `json:"userId" wire:"key"`
	Name      string `json:"name"`
	Avatar    string `json:"avatorUrl"`
	Status    int    `json:"status"` // 1 normal, 0 deleted, -1 not said
	Creator   bool   `json:"isCreator"`
	Outer     bool   `json:"isOuterUser"`    // of WeChat, not of WeCom
	External  bool   `json:"isExternalUser"` // a customer, not a colleague
	Created   string `json:"gmtCreate"`
	Modified  string `json:"gmtModify"`
	Extra     Extra  `json:"extra,omitempty"`
}

var memberSchema = schemaOf(Member{Status: -1})

const pathMembers = "/wxworkapi/group/member/list"

// Members walks over the members of a group (§2.6).
func (c *Client) Members(ctx context.Context, q MembersQuery) iter.Seq2[Member, error] {
	if q.RobotKey == "" || q.GroupID == "" {
		return failed[Member](errors.New("list members: a robotKey and a group id are needed"))
	}
	return numbered(ctx, c, pathMembers, q.values(), q.Walk, &memberSchema, func(r *Member) string { return r.UserID })
}

func (q *MembersQuery) values() url.Values {
	values := url.Values{"robotKey": {q.RobotKey}, "conversationId": {q.GroupID}}
	setNumber(values, "status", q.Status)
	setText(values, "memberUserId", q.UserID)
	setText(values, "memberName", q.Name)
	return values
}
