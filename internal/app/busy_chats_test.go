package app

import (
	"fmt"
	"testing"
	"time"

	"botengine/internal/sim"
	"botengine/internal/yjiyun/rest"
)

// A platform that lists chats as they were at the time that is asked for gives the same
// ones on every page where all are busy: that is no reason not to read the history.
func TestChatsThatAreAllBusyAreListed(t *testing.T) {
	s := serve(t, sim.Options{})
	client := rest.New(rest.Options{BaseURL: s.URL(), AccessKey: sim.DefaultAccessKey, AccessSecret: sim.DefaultAccessSecret, RequestsPerSecond: 1e6})
	t.Cleanup(client.Close)
	const groups = 30
	for i := range groups {
		s.World().AddGroup(sim.Group{Name: fmt.Sprintf("群 %d", i), Owner: "李四", Members: []string{"小助手", "李四"}})
	}
	begun := s.Now()
	for range 60 {
		for i := range groups {
			must(s.Say(fmt.Sprintf("群 %d", i), "李四", "早"))
		}
		s.Advance(time.Second)
	}
	for i := range groups / 2 { // and some a little later than the others
		must(s.Say(fmt.Sprintf("群 %d", i), "李四", "早"))
	}
	for name, since := range map[string]time.Time{"all of them": {}, "those of a while ago": begun.Add(-time.Minute), "those of now": s.Now().Add(-3 * time.Second)} {
		t.Run(name, func(t *testing.T) {
			seen := map[string]bool{}
			for chat, err := range client.Chats(t.Context(), rest.ChatsQuery{Since: since}) {
				if err != nil {
					t.Fatal(err)
				}
				seen[chat.ID] = true
			}
			if len(seen) != groups {
				t.Errorf("%d of %d chats are listed", len(seen), groups)
			}
		})
	}
}
