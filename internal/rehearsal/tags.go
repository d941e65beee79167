package rehearsal

import (
	"bytes"
	"encoding/json"
	"hash/fnv"
	"slices"
	"strconv"
	"strings"

	"botengine/internal/actions"
	"botengine/internal/command"
	"botengine/internal/rule"
)

// TagsType is the command whose answer Tags has.
const TagsType = "robot.tags.sync"

// Tags are the tags of a platform that has all tags which the rules name: what is
// rehearsed without a platform would else wait for its list of tags for ever.
type Tags struct {
	// Answer is the payload with which the platform lists them.
	Answer []byte
	names  map[string]string // by id
}

// TagsOf makes the tags of a set. A tag has the same id in every set.
func TagsOf(set *rule.Set) *Tags {
	type label struct {
		ID        json.Number `json:"labelId"`
		Name      string      `json:"name"`
		GroupName string      `json:"groupName"`
	}
	t, list := &Tags{names: map[string]string{}}, []label{}
	for _, written := range set.TagsNamed() {
		id, plain := tagID(written), actions.TagName(written)
		if id != written {
			t.names[id] = written
		}
		group, name, ok := strings.Cut(plain, "/")
		if !ok {
			group, name = "", plain
		}
		list = append(list, label{ID: json.Number(id), Name: name, GroupName: group})
	}
	answer, err := json.Marshal(map[string]any{"code": "0", "labels": list})
	if err != nil {
		return t // digits and texts can always be encoded
	}
	t.Answer = answer
	return t
}

// What the ids of tags have in common: 32 bits change no more than the last ten digits.
const (
	firstTag  = 14073740000000000
	tagDigits = "1407374"
)

// tagID is the id of a tag: itself, if it is written as one.
func tagID(name string) string {
	if len(name) > 4 && strings.Trim(name, "0123456789") == "" {
		return name
	}
	h := fnv.New32a()
	h.Write([]byte(actions.TagName(name)))
	return strconv.Itoa(firstTag + int(h.Sum32()))
}

// Named puts the tags' names where a command has their ids.
func (t *Tags) Named(fields json.RawMessage) json.RawMessage {
	if !bytes.Contains(fields, []byte(tagDigits)) {
		return fields
	}
	for id, name := range t.names {
		if !bytes.Contains(fields, []byte(id)) {
			continue
		}
		quoted, err := json.Marshal(name)
		if err != nil {
			continue // a string can always be encoded
		}
		fields = bytes.ReplaceAll(fields, []byte(`"`+id+`"`), quoted)
		fields = bytes.ReplaceAll(fields, []byte(id), quoted)
	}
	return fields
}

// Asks says whether the command is a `tag` step's question for the list of tags: an
// errand of the robot, which nobody wrote in a rule.
func Asks(set *rule.Set, c *command.Command) bool {
	if c.Type != TagsType {
		return false
	}
	r, ok := set.Rule(c.Rule)
	return ok && slices.ContainsFunc(r.Steps, func(s rule.Step) bool { return s.ID == c.Step && s.Does() == "tag" })
}
