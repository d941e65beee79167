package metrics

import (
	"botengine/internal/diag"
	"botengine/internal/event"
	"botengine/internal/rule"
	"botengine/internal/state"
)

// The results of a send.
const (
	SendSent    = "sent"     // it left
	SendNotSent = "not_sent" // surely not a byte did
	SendInvalid = "invalid"  // none ever can
	SendInDoubt = "in_doubt" // nobody knows
)

// The results of a reading of the history.
const (
	CatchUpOK     = "ok"
	CatchUpFailed = "failed"
)

// The scopes of a pause.
const (
	PausedAll   = "all"
	PausedRobot = "robot"
)

// Labels returns what each label may say. conditions are the names of the engine's
// conditions, kinds those by which limits know commands, urgencies how urgent these are.
func Labels(conditions, kinds, urgencies []string) []Label {
	return []Label{
		{Name: "account", Most: mostAccounts, Help: diag.T("账号，配置里的名称", "the account, as the configuration names it")},
		{Name: "robot", Most: mostRobots, Help: diag.T("机器人的 robotKey", "the robot's robotKey")},
		{Name: "urgency", Values: urgencies, Help: diag.T("急缓，急的先走", "how urgent; what is urgent leaves first")},
		{Name: "condition", Values: conditions, Help: diag.T("情况，名字和 ctl status 里的一样", "the condition, named as by ctl status")},
		{Name: "kind", Values: append(texts(event.Kinds()), kinds...), Help: diag.T("事件或命令的种类", "the kind of event or command")},
		{Name: "outcome", Values: texts(rule.Outcomes()), Help: diag.T("规则的结果，和 explain 里的一样", "what became of a rule, as explain says it")},
		{Name: "state", Values: texts([]state.EntryState{
			state.Pending, state.Sending, state.Ambiguous, state.Confirmed, state.Failed, state.Expired, state.Unknown,
		}), Help: diag.T("命令的状态", "the state of a command")},
		{Name: "status", Values: []string{"initial", "online", "offline", "banned", "kicked", "unknown"}, Help: diag.T("机器人的状态", "the status of a robot")},
		{Name: "result", Values: []string{SendSent, SendNotSent, SendInvalid, SendInDoubt, CatchUpOK, CatchUpFailed}, Help: diag.T("结果", "the result")},
		{Name: "scope", Values: []string{PausedAll, PausedRobot}, Help: diag.T("暂停的范围：全部，或者某个机器人", "what is paused: everything, or a robot")},
	}
}

func texts[T ~string](words []T) []string {
	out := make([]string, len(words))
	for i, w := range words {
		out[i] = string(w)
	}
	return out
}
