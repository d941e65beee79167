package app

import (
	"errors"
	"testing"
	"time"

	"botengine/internal/catchup"
	"botengine/internal/command"
	"botengine/internal/dispatch"
	"botengine/internal/event"
	"botengine/internal/sim"
	"botengine/internal/yjiyun/rest"
)

// A history that does not have a message proves that it was not sent only when it
// is known to be up to date: else the message would be sent twice.
func TestWhatTheHistoryDoesNotHaveIsAbsentOnlyWhenItIsUpToDate(t *testing.T) {
	s := serve(t, sim.Options{})
	client := rest.New(rest.Options{BaseURL: s.URL(), AccessKey: sim.DefaultAccessKey, AccessSecret: sim.DefaultAccessSecret})
	t.Cleanup(client.Close)
	robot := must(s.World().Robot("小助手"))
	person := must(s.World().Person("李四"))
	var clock catchup.Clock
	ask := func(sent time.Time) (dispatch.Answer, error) {
		c := command.Command{Robot: robot.Key, Chat: event.ChatID(robot.Wxid, person.ID), MessageID: "20260302100000000000000000000001"}
		return catchup.Lookup{History: client, Clock: &clock, Now: time.Now}.Ask(t.Context(), c, sent)
	}
	must(s.Say("小助手", "李四", "在吗"))
	if got, err := ask(time.Now().Add(10 * time.Second)); !errors.Is(err, catchup.ErrLag) {
		t.Errorf("nothing newer than the send: %s, %v", got, err)
	}
	if got, err := ask(time.Now().Add(-10 * time.Second)); !errors.Is(err, catchup.ErrLag) {
		t.Errorf("something that seems newer, by a clock of which nothing is known: %s, %v", got, err)
	}
	clock.Observe(time.Now(), time.Now())
	if got, err := ask(time.Now().Add(-10 * time.Second)); got != dispatch.Absent || err != nil {
		t.Errorf("something newer than the send: %s, %v", got, err)
	}
	s.Faults().SetHistoryLag(time.Minute)
	if got, err := ask(time.Now().Add(-10 * time.Second)); !errors.Is(err, catchup.ErrLag) {
		t.Errorf("what is newer is hidden by the lag: %s, %v", got, err)
	}
	if got, err := ask(time.Now().Add(-2 * catchup.HistoryLag)); got != dispatch.Absent || err != nil {
		t.Errorf("sent long ago: %s, %v", got, err)
	}
}
