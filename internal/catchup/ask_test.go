package catchup_test

import (
	"context"
	"iter"
	"testing"
	"time"

	"botengine/internal/catchup"
	"botengine/internal/command"
	"botengine/internal/dispatch"
	"botengine/internal/yjiyun/rest"
)

// asked is a history that has nothing, and remembers from when on it was asked.
type asked struct{ from time.Time }

func (h *asked) Messages(_ context.Context, q rest.MessagesQuery) ([]rest.HistoryMessage, error) {
	h.from = q.From
	return nil, nil
}

func (h *asked) Chats(context.Context, rest.ChatsQuery) iter.Seq2[rest.Chat, error] {
	return func(func(rest.Chat, error) bool) {}
}

func TestAMessageIsLookedForFromTheEventOnThatItAnswers(t *testing.T) {
	event := time.Date(2026, 3, 2, 10, 0, 0, 0, time.UTC)
	c := command.Command{Chat: "S:16888500000001_R:1", MessageID: command.MessageID(event, "k")}
	for name, moment := range map[string]struct{ sent, want time.Time }{
		"a day later, by a clock that was put on": {event.Add(24 * time.Hour), event.Add(-dispatch.LookBack)},
		"by a clock that was put back":            {event.Add(-time.Hour), event.Add(-time.Hour - dispatch.LookBack)},
	} {
		var history asked
		late := func() time.Time { return moment.sent.Add(2 * catchup.HistoryLag) }
		got, err := catchup.Lookup{History: &history, Clock: &catchup.Clock{}, Now: late}.Ask(t.Context(), c, moment.sent)
		if got != dispatch.Absent || err != nil || !history.from.Equal(moment.want) {
			t.Errorf("%s: %s, %v, looked for from %v, want %v", name, got, err, history.from, moment.want)
		}
	}
}
