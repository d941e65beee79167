package app

import (
	"encoding/json"

	"botengine/internal/config"
	"botengine/internal/engine"
	"botengine/internal/event"
	"botengine/internal/rule"
	"botengine/internal/state"
)

// Seen is what the platform said last, to this engine or an earlier one, of the
// robots, groups and tags of all accounts of the configuration. A kind that is not
// known of each of them is left out: what a list does not have is missing only when
// the list is whole.
func Seen(tx state.Tx, cfg *config.Config) *rule.Seen {
	seen := new(rule.Seen)
	for _, a := range cfg.Accounts {
		robots, ok := document[[]event.Robot](tx, robotsDocument(a.Name))
		if !ok || len(robots) == 0 {
			return new(rule.Seen)
		}
		seen.Robots = append(seen.Robots, robots...)
	}
	whole, tagged := true, true
	for _, a := range cfg.Accounts {
		robots, _ := document[[]event.Robot](tx, robotsDocument(a.Name))
		for _, r := range robots {
			groups, ok := document[[]event.Group](tx, groupsDocument(a.Name, r.Key))
			seen.Groups, whole = append(seen.Groups, groups...), whole && ok
			tags := engine.TagsSeen(tx.Fact, r.Key)
			seen.Tags, tagged = append(seen.Tags, tags...), tagged && len(tags) > 0
		}
	}
	if !whole {
		seen.Groups = nil
	}
	if !tagged {
		seen.Tags = nil
	}
	return seen
}

// document reads what was kept under the name; false if there is nothing, or nothing
// that can be read.
func document[T any](tx state.Tx, name string) (out T, ok bool) {
	data, there := tx.Document(name)
	ok = there && json.Unmarshal(data, &out) == nil
	return out, ok
}
