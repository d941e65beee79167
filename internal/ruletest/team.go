package ruletest

import (
	"fmt"
	"slices"

	"botengine/internal/event"
)

// team is all robots of a test. Its first is the one that the others' absence makes
// the only one.
type team struct{ robots []*event.Robot }

// newTeam has further robots known by their names, which are their keys too.
func newTeam(first event.Robot, more []Person) *team {
	t := &team{robots: []*event.Robot{&first}}
	for _, p := range more {
		id := p.ID
		if id == "" {
			id = idOf(p.Name)
		}
		t.robots = append(t.robots, &event.Robot{Key: p.Name, ID: id, Name: p.Name, Status: event.StatusOnline})
	}
	return t
}

// hearing are the robots that hear of the step's event: the one that it names, in a
// group all that are online, else the first.
func (t *team) hearing(step *Step) ([]*event.Robot, error) {
	i := t.named(step)
	switch {
	case i < 0:
		return nil, fmt.Errorf("line %d: no robot is called %q: name it under `robots`", step.Line, step.Robot)
	case step.Robot != "" && (!step.AtMe || step.Group == ""):
		return t.robots[i : i+1], nil
	case step.Group == "" || step.Phone != "" || step.Status != "":
		return t.robots[:1], nil
	}
	return slices.DeleteFunc(slices.Clone(t.robots), func(r *event.Robot) bool { return r.Status != event.StatusOnline }), nil
}

// named is the number of the robot that the step names, else of the first; -1 =
// there is none of that name.
func (t *team) named(step *Step) int {
	if step.Robot == "" {
		return 0
	}
	return slices.IndexFunc(t.robots, func(r *event.Robot) bool { return r.Name == step.Robot })
}

// meant is the id of the robot that a message is to mention.
func (t *team) meant(step *Step) string { return t.robots[max(0, t.named(step))].ID }

// become notes a robot's new status.
func (t *team) become(robot event.Robot) {
	for _, r := range t.robots {
		if r.Key == robot.Key {
			*r = robot
		}
	}
}

// Several implements engine.Robots.
func (t *team) Several() bool { return len(t.robots) > 1 }

// Known implements engine.Robots.
func (t *team) Known(_, key string) (r event.Robot, awake bool) {
	for _, r := range t.robots {
		if r.Key == key {
			return *r, r.Status == event.StatusOnline
		}
	}
	return event.Robot{}, false
}

// ByPerson implements engine.Robots.
func (t *team) ByPerson(id string) (account, key string, ok bool) {
	for _, r := range t.robots {
		if r.ID == id {
			return "", r.Key, true
		}
	}
	return "", "", false
}
