package rest

import (
	"context"

	"botengine/internal/event"
)

// Robot is one robot of the account (§2.2).
type Robot struct {
	Key              string       `json:"robotKey" wire:"key"`
	ID               string       `json:"wxid" wire:"id"` // the id it has as a person
	Name             string       `json:"nickName"`
	Alias            string       `json:"aliasName"`
	Avatar           string       `json:"headImg"`
	Status           event.Status `json:"robotStatus"`   // StatusUnknown when the answer does not say
	LastLogin        string       `json:"lastLoginTime"` // as the platform writes it, in its own time zone
	ClientCode       string       `json:"clientCode"`
	MasterClientCode string       `json:"masterClientCode"`
	CorpID           string       `json:"corpid"`
	OfficialUserID   string       `json:"officialUserId" also:"officailUserId"` // the document spells it both ways
	Extra            Extra        `json:"extra,omitempty"`
}

var robotSchema = schemaOf(Robot{Status: event.StatusUnknown})

// Robots lists the robots of the account (§2.2).
func (c *Client) Robots(ctx context.Context) ([]Robot, error) {
	var answer struct {
		Data records `json:"data"`
	}
	if err := c.ask(ctx, "/wxworkapi/robot/list", nil, &answer); err != nil {
		return nil, err
	}
	return robotSchema.all("data", answer.Data)
}
