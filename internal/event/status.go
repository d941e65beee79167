package event

import "time"

// statusKinds are the kinds of event that a robot's new status is. The initial
// and the unknown status tell rules nothing.
var statusKinds = map[Status]Kind{
	StatusOnline:  RobotOnline,
	StatusOffline: RobotOffline,
	StatusKicked:  RobotOffline,
	StatusBanned:  RobotBanned,
}

// OfStatus makes the event of a robot whose status has become another one; at is
// when it was noticed. ok is false for a status that rules cannot listen to.
// Whoever calls it knows the status before: the event says nothing of it.
func OfStatus(account string, robot Robot, at time.Time) (ev Event, ok bool) {
	kind, ok := statusKinds[robot.Status]
	if !ok {
		return Event{}, false
	}
	return Event{Kind: kind, Account: account, Robot: robot, Time: at, Received: at}, true
}
