package event_test

import (
	"slices"
	"testing"
	"time"

	"botengine/internal/event"
)

var noticed = time.Date(2026, 11, 23, 9, 0, 0, 250e6, time.UTC)

func TestARobotsNewStatusIsAnEvent(t *testing.T) {
	for name, c := range map[string]struct {
		status event.Status
		want   event.Kind
	}{
		"online":                        {event.StatusOnline, event.RobotOnline},
		"offline":                       {event.StatusOffline, event.RobotOffline},
		"kicked out is offline as well": {event.StatusKicked, event.RobotOffline},
		"banned":                        {event.StatusBanned, event.RobotBanned},
		"the initial status is none":    {event.StatusInitial, ""},
		"nor is one nobody has said":    {event.StatusUnknown, ""},
		"nor one the document lacks":    {event.Status(9), ""},
	} {
		t.Run(name, func(t *testing.T) {
			ev, ok := event.OfStatus("main", event.Robot{Key: "cfb3e2c2", Status: c.status}, noticed)
			if ev.Kind != c.want || ok != (c.want != "") {
				t.Errorf("got %q, %v", ev.Kind, ok)
			}
			if ok && (!ev.Kind.IsRobotStatus() || ev.Account != "main" || !ev.Time.Equal(noticed)) {
				t.Errorf("got %+v", ev)
			}
		})
	}
}

func TestAStatusIsSeenOnceForEachTimeItIsTakenOn(t *testing.T) {
	key := func(robot string, status event.Status, at time.Time) string {
		ev, _ := event.OfStatus("main", event.Robot{Key: robot, Status: status}, at)
		return ev.Key()
	}
	first := key("cfb3e2c2", event.StatusOffline, noticed)
	if first != "s/cfb3e2c2/2/1795424400250" || key("cfb3e2c2", event.StatusOffline, noticed) != first {
		t.Errorf("key %q", first)
	}
	others := []string{
		key("e8ef2eea", event.StatusOffline, noticed), key("cfb3e2c2", event.StatusKicked, noticed),
		key("cfb3e2c2", event.StatusOffline, noticed.Add(time.Second)),
	}
	if slices.Contains(others, first) {
		t.Errorf("%v have the key of another", others)
	}
}

func TestAChatsStateIsKnownByItsHashAlone(t *testing.T) {
	ev := event.Event{Kind: event.ChatUpdated, Robot: event.Robot{Key: "cfb3e2c2"}, Hash: "ab12"}
	if ev.Key() != "a/cfb3e2c2/chat.updated/ab12" {
		t.Errorf("key %q", ev.Key())
	}
	ev.Hash = ""
	if ev.Keys() != nil {
		t.Errorf("keys %v", ev.Keys())
	}
}

func TestTriggersAreNamedAsRulesNameThem(t *testing.T) {
	if got := event.Result.Trigger(); got != "result.failed" {
		t.Errorf("got %s", got)
	}
	if got := event.RobotBanned.Trigger(); got != "robot.banned" {
		t.Errorf("got %s", got)
	}
}
