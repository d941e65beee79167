package actions

import (
	"encoding/json"
	"errors"

	"botengine/internal/command"
	"botengine/internal/diag"
)

type forwardParams struct {
	To Constants `yaml:"to" zh:"转发给谁：人的 id，或群 id（R: 开头）；要写明，不能来自消息" en:"who gets it: people's ids, or groups' (they begin with R:); written out, never from a message" required:"true"`
}

var forward = define(spec[forwardParams]{
	Name:    "forward",
	Summary: diag.T("把这条消息转发给别人或别的群。", "Forwards the message to other people or groups."),
	Note: diag.T("每个对象一条命令，一个接一个：一个失败不影响其余；全部结束后，只要有失败的，这一步就以第一个失败的 `code` 结束。",
		"Each target gets a command of its own, one after the other: a failure does not keep the rest from theirs. When all have ended and some failed, the step ends with the `code` of the first that did."),
	Example: `forward: ["R:1970325038158435", 1688853470829406]`,
	Main:    "to",
	Sends:   Platform{Type: "robot.message.forward", Lane: command.LaneAction, Class: command.Verifiable, Section: "§3.7"},
	Needs:   []Need{Forwardable},
	Check: func(p *forwardParams) []fault {
		for _, to := range p.To.list {
			if !isPeer(to) {
				return []fault{notAPeer("to", to)}
			}
		}
		return nil
	},
	Plan: planForward,
})

// planForward makes the command for one target. Its chat is the one in which the
// echo will come, where the history is asked when it does not.
func planForward(env Env, p *forwardParams) (Effect, error) {
	targets, ev := unique(p.To.list), env.Scope.Event
	switch {
	case env.Attempt >= len(targets):
		return Effect{}, errors.New("no target is left")
	case !number.MatchString(ev.Message.SvrID):
		return Effect{}, errors.New("the message has no msgSvrID to forward it by")
	}
	target := targets[env.Attempt]
	effect, err := act(struct {
		MsgSvrID json.Number `json:"msgSvrID"`
		Friends  []string    `json:"friends"`
	}{json.Number(ev.Message.SvrID), []string{target}})
	if err != nil {
		return Effect{}, err
	}
	if chat, err := chatWith(ev.Robot, target); err == nil {
		effect.Command.Chat = chat
	}
	effect.Next = env.Attempt+1 < len(targets)
	return effect, nil
}
