package rest

import (
	"context"

	"botengine/internal/event"
	"botengine/internal/yjiyun"
)

// Robot is one robot of the account (§2.2).
type Robot struct {
	Key              string // robotKey
	ID               string // wxid, the id it has as a person
	Name             string
	Alias            string
	Avatar           string
	Status           event.Status // StatusUnknown when the answer does not say
	LastLogin        string       // as the platform writes it, in its own time zone
	ClientCode       string
	MasterClientCode string
	CorpID           string
	OfficialUserID   string
}

// Robots lists the robots of the account.
func (c *Client) Robots(ctx context.Context) ([]Robot, error) {
	var answer struct {
		Data []wireRobot `json:"data"`
	}
	if err := c.call(ctx, "/wxworkapi/robot/list", nil, &answer); err != nil {
		return nil, err
	}
	robots := make([]Robot, 0, len(answer.Data))
	for _, r := range answer.Data {
		if r.RobotKey == "" {
			return nil, &AnswerError{Field: "data.robotKey", Reason: "is missing"}
		}
		robots = append(robots, r.robot())
	}
	return robots, nil
}

type wireRobot struct {
	RobotKey         yjiyun.ID      `json:"robotKey"`
	WxID             yjiyun.ID      `json:"wxid"`
	NickName         yjiyun.Text    `json:"nickName"`
	AliasName        yjiyun.Text    `json:"aliasName"`
	HeadImg          yjiyun.Text    `json:"headImg"`
	RobotStatus      *yjiyun.Number `json:"robotStatus"`
	LastLoginTime    yjiyun.Text    `json:"lastLoginTime"`
	ClientCode       yjiyun.Text    `json:"clientCode"`
	MasterClientCode yjiyun.Text    `json:"masterClientCode"`
	CorpID           yjiyun.Text    `json:"corpid"`
	OfficialUserID   yjiyun.Text    `json:"officialUserId"`
	OfficailUserID   yjiyun.Text    `json:"officailUserId"` // the document spells it both ways
}

func (r *wireRobot) robot() Robot {
	status := event.StatusUnknown
	if r.RobotStatus != nil {
		status = event.Status(r.RobotStatus.Int())
	}
	official := r.OfficialUserID
	if official == "" {
		official = r.OfficailUserID
	}
	return Robot{
		Key:              string(r.RobotKey),
		ID:               string(r.WxID),
		Name:             string(r.NickName),
		Alias:            string(r.AliasName),
		Avatar:           string(r.HeadImg),
		Status:           status,
		LastLogin:        string(r.LastLoginTime),
		ClientCode:       string(r.ClientCode),
		MasterClientCode: string(r.MasterClientCode),
		CorpID:           string(r.CorpID),
		OfficialUserID:   string(official),
	}
}
