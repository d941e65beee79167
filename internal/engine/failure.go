package engine

import (
	"slices"

	"botengine/internal/diag"
	"botengine/internal/event"
	"botengine/internal/rule"
)

// unconcerned says why no rule is to hear of a command's end: it was no rule's
// command, or that of a run which another failure began. Failures lead to one
// more run, never to a chain of them.
func (d *decider) unconcerned(r *rule.Rule) (rule.Outcome, diag.Text) {
	ended := d.in.Ended
	switch {
	case r.Answers() && d.ownWords():
		return rule.OwnMessage, diag.T("这是规则发出的消息：写了 include 也不回答它", "a rule sent this: whatever is included, it is not answered")
	case d.in.Event.Kind != event.Result:
		return "", diag.Text{}
	case ended == nil || ended.Rule == "":
		return rule.OtherTrigger, diag.T("这不是规则发的命令", "no rule asked for this command")
	case event.IsHeldBack(d.in.Event.Result.Code):
		return rule.OtherTrigger, diag.T("命令是有意拦下的，不算失败", "the command was held back on purpose: that is no failure")
	case d.causedByFailure():
		return rule.OtherTrigger, diag.T("这条命令本身就是为 result.failed 发的", "the command itself was made on result.failed")
	}
	return "", diag.Text{}
}

// causedByFailure says whether the run of the command that ended was begun by the
// end of another. Where the run is gone, its rule's triggers tell.
func (d *decider) causedByFailure() bool {
	if state, there, err := d.pastRun(d.in.Ended.Run); there && err == nil {
		return state.Event.Kind == event.Result
	}
	if d.in.Set == nil {
		return false
	}
	r, ok := d.in.Set.Rule(d.in.Ended.Rule)
	return ok && slices.ContainsFunc(r.On, func(t rule.Trigger) bool { return slices.Contains(t.Kinds, event.Result) })
}
