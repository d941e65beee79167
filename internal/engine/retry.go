package engine

import (
	"time"

	"botengine/internal/command"
	"botengine/internal/event"
)

// again has the step in hand done once more after a pause, if its `retry` says so
// and it does no harm: the run then waits.
func (r *runner) again(code string) bool {
	s := r.inHand()
	if s.Retry == nil || r.run.Try >= s.Retry.Times || !r.repeatable(code) {
		return false
	}
	r.run.Try++
	r.run.Pausing = true
	r.run.Await, r.run.Due = "", dueAt(r.d.in.Now, s.Retry.Every)
	r.run.Tags, r.run.Asked, r.run.Look = false, false, nil
	return true
}

// repeatable says whether a step that ended so may be done again: surely nothing
// happened, or it is no matter if it happens twice.
func (r *runner) repeatable(code string) bool {
	switch code {
	case event.CodeOK, event.CodeInvalid, event.CodeExpired, event.CodeTakenOver, event.CodePaused, CodeEndless, CodeBlast:
		return false // it is done, or would end the same way
	case CodeNotVerified:
		return r.inHand().Retry.Doubtful // the platform said that it happened, or it may have
	case event.CodeTimeout, event.CodeUnknown:
		ended := r.d.in.Ended
		return r.inHand().Retry.Doubtful || ended != nil && ended.Class == command.Idempotent
	}
	return true
}

// tryAgain ends the pause before another try.
func (r *runner) tryAgain() {
	r.run.Pausing, r.run.Due = false, time.Time{}
}
