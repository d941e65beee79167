package actions

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"botengine/internal/event"
	"botengine/internal/expression"
)

// texts are parameters that are there to hold what people wrote; about are those that
// say about whom something is done, which staff may say in a message: nothing is said
// to that person by it. No other parameter takes anything from a text.
var (
	texts = []string{
		"announce text", "broadcast name", "call path", "create_group name", "remark description", "remark remark", "rename_group name", "reply text",
		"reply_link description", "reply_link title", "robot_profile alias", "robot_profile mobile", "robot_profile name", "robot_profile phone", "robot_profile position", "send text",
	}
	about = []string{"create_group members", "invite who", "kick user", "remark user", "set_admins add"}
)

// Whatever is put into whatever parameter of whatever action: what people write never
// says who gets something.
func TestNoRecipientComesFromWhatPeopleWrite(t *testing.T) {
	const other = "R:10696059999999999"
	for _, chosen := range []string{other, "7881309999999999", "S:1688850000000000_" + other} {
		ev := groupMessage(chosen)
		for _, a := range All() {
			for _, step := range planted(t, a) {
				bound, _ := bindStep(t, step.text, event.MessageText)
				if bound == nil {
					continue // refused when it was loaded
				}
				effect, err := bound.Plan(Env{Scope: &expression.Scope{Event: ev, Now: ev.Time}})
				if err != nil || effect.Command == nil {
					continue
				}
				c := effect.Command
				if strings.Contains(c.Chat, chosen) || c.Robot == chosen {
					t.Errorf("%s: a message chose where to speak: %s, %s", step.text, c.Chat, c.Robot)
				}
				known := slices.Contains(texts, a.Name()+" "+step.param) || slices.Contains(about, a.Name()+" "+step.param)
				if strings.Contains(string(c.Fields), chosen) && !known {
					t.Errorf("%s: a message chose %s", step.text, c.Fields)
				}
			}
		}
	}
}

type plantedStep struct{ param, text string }

// planted are an action's example with the message's text in one parameter after the
// other, alone and in a list.
func planted(t *testing.T, a Action) []plantedStep {
	t.Helper()
	var doc map[string]any
	if err := yaml.Unmarshal([]byte(a.Example()), &doc); err != nil {
		t.Fatal(err)
	}
	params, ok := doc[a.Name()].(map[string]any)
	if !ok {
		params = map[string]any{}
	}
	var out []plantedStep
	for _, f := range a.Params() {
		for _, value := range []any{"{{text}}", []string{"{{text}}"}} {
			with := maps.Clone(params)
			with[f.Name] = value
			text, err := yaml.Marshal(map[string]any{a.Name(): with})
			if err != nil {
				t.Fatal(err)
			}
			out = append(out, plantedStep{f.Name, string(text)})
		}
	}
	return out
}
