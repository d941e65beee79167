package rest

import (
	"context"
	"errors"
	"iter"
	"net/url"

	"botengine/internal/command"
	"botengine/internal/yjiyun"
)

// CustomersQuery says which customers of a robot are asked for (§2.3).
type CustomersQuery struct {
	RobotKey string   // required
	Status   *int     // as in Customer.Status; nil = whatever it is
	UserID   string   // this one alone
	Name     string   // a part of the name or of the remark
	Tags     []string // names of tags, at least one of which the customer has
	Walk
}

// Customer is one contact of a robot (§2.3). Times are as the platform writes
// them, in its own time zone.
type Customer struct {
	RobotKey       string `json:"robotKey" wire:"id"`
	UserID         string `json:"userId" wire:"key"`
	Name           string `json:"name"`
	Remark         string `json:"realRemarks"` // the name the robot gave
	Description    string `json:"remarks"`
	Avatar         string `json:"avatorUrl"`
	Status         int    `json:"status"`         // 1 normal, 0 deleted, -1 not said
	Outer          bool   `json:"isOuterUser"`    // of WeChat, not of WeCom
	External       bool   `json:"isExternalUser"` // a customer, not a colleague
	Deleted        bool   `json:"isDelete"`
	Mobile         string `json:"mobile"`
	Gender         int    `json:"gender"` // 1 male, 2 female, 0 not known
	Created        string `json:"gmtCreate"`
	Modified       string `json:"gmtModify"`
	CorpID         string `json:"corpid"`
	ExternalUserID string `json:"corp_wxid"`
	Pinyin         string `json:"name_pinyin"`
	Email          string `json:"account"`
	Position       string `json:"position"`
	RemarkImage    string `json:"remark_image_url"`
	RemarkCorp     string `json:"remark_corp_name"`
	CustomerSince  string `json:"mark_as_customer_time"`
	Source         int    `json:"source_type"`
	Flag           int    `json:"flag"`  // 2049 deleted by the customer, 2057 normal
	State          int    `json:"state"` // 0 both deleted, 1 normal, 2 the customer deleted, 3 the member deleted, -1 not said
	Extra          Extra  `json:"extra,omitempty"`
}

var customerSchema = schemaOf(Customer{Status: -1, State: -1})

// Customers walks over the customers of a robot (§2.3).
func (c *Client) Customers(ctx context.Context, q CustomersQuery) iter.Seq2[Customer, error] {
	if q.RobotKey == "" {
		return failed[Customer](errors.New("list customers: a robotKey is needed"))
	}
	return numbered(ctx, c, pathCustomers, q.values(), q.Walk, &customerSchema, func(r *Customer) string { return r.UserID })
}

const pathCustomers = "/wxworkapi/external/user/list"

func (q *CustomersQuery) values() url.Values {
	values := url.Values{"robotKey": {q.RobotKey}}
	setNumber(values, "status", q.Status)
	setText(values, "userId", q.UserID)
	setText(values, "name", q.Name)
	if len(q.Tags) > 0 {
		values["tagList"] = q.Tags // the field once for each: how a form carries a list
	}
	return values
}

// allCustomers carries out a RequestCustomers.
func (c *Client) allCustomers(ctx context.Context, cmd *command.Command) (answered, error) {
	var fields struct {
		RobotKey yjiyun.ID      `json:"robotKey"`
		UserID   yjiyun.ID      `json:"userId"`
		Status   *yjiyun.Number `json:"status"`
		Tags     []string       `json:"tagList"`
	}
	if err := readOnly(cmd, &fields); err != nil {
		return answered{}, err
	}
	if fields.UserID == "" {
		return answered{}, invalid("execute "+cmd.Type, errors.New("userId: who is asked for has to be said"))
	}
	q := CustomersQuery{RobotKey: robotOf(cmd, fields.RobotKey), UserID: string(fields.UserID), Tags: fields.Tags}
	if fields.Status != nil {
		q.Status = new(fields.Status.Int())
	}
	customers, err := collect(numbered(ctx, c, pathCustomers, q.values(), Walk{}, &rawSchema, identity("userId")))
	return answered{payload: customers}, err
}
