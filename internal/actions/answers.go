package actions

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"botengine/internal/expression"
)

// maxFound is how many entries a lookup may have: it is kept with the run.
const maxFound = 5000

// readers make what expressions see of the platform's answers.
var readers = map[expression.Shape]func(asked, answer []byte) (expression.Found, error){
	expression.ShapeIDs:      readAdmins,
	expression.ShapeContacts: readContacts,
	expression.ShapeGroup:    readGroup,
	expression.ShapeMembers:  readMembers,
	expression.ShapeTags:     readTags,
}

// record is an object of an answer. Its numbers keep their digits.
type record map[string]any

// errUnreadable is the error of an answer that is not what was asked for.
var errUnreadable = errors.New("the platform's answer cannot be read")

// decodeAnswer reads any JSON and keeps the digits of its numbers.
func decodeAnswer(raw []byte) (any, error) {
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.UseNumber()
	var v any
	if err := dec.Decode(&v); err != nil {
		return nil, errUnreadable
	}
	return v, nil
}

// listIn finds the list of that name in an answer. An answer may be the list
// itself, or have it in its data.
func listIn(raw []byte, name string) ([]any, error) {
	v, err := decodeAnswer(raw)
	if err != nil {
		return nil, err
	}
	for range 3 {
		switch in := v.(type) {
		case []any:
			if len(in) > maxFound {
				return nil, fmt.Errorf("the platform's answer has more than %d entries", maxFound)
			}
			return in, nil
		case map[string]any:
			if inner, ok := in[name]; ok {
				v = inner
			} else {
				v = in["data"]
			}
		}
	}
	return nil, fmt.Errorf("the platform's answer has no %s", name)
}

// recordsIn finds a list of objects.
func recordsIn(raw []byte, name string) ([]record, error) {
	list, err := listIn(raw, name)
	if err != nil {
		return nil, err
	}
	out := make([]record, len(list))
	for i, v := range list {
		object, ok := v.(map[string]any)
		if !ok {
			return nil, errUnreadable
		}
		out[i] = object
	}
	return out, nil
}

// text is the first of the fields that says something, a number digit by digit.
func (r record) text(names ...string) string {
	for _, name := range names {
		switch v := r[name].(type) {
		case string:
			if v != "" {
				return v
			}
		case json.Number:
			return v.String()
		}
	}
	return ""
}

// id is a text that is the id of a person, a group or a tag; a float is none.
func (r record) id(names ...string) string {
	id := r.text(names...)
	if !isPeer(id) || strings.Trim(id, "0") == "" {
		return ""
	}
	return id
}

// number is a small number, 0 when there is none.
func (r record) number(name string) int {
	n := json.Number(r.text(name))
	i, err := n.Int64()
	if err != nil {
		return 0
	}
	return int(i)
}

// yes reports whether one of the fields is 1 or true.
func (r record) yes(names ...string) bool {
	for _, name := range names {
		if v := r[name]; v == true || r.text(name) == "1" || r.text(name) == "true" {
			return true
		}
	}
	return false
}

func readAdmins(_, answer []byte) (expression.Found, error) {
	list, err := listIn(answer, "admins")
	if err != nil {
		return expression.Found{}, err
	}
	found := expression.Found{Shape: expression.ShapeIDs, IDs: make([]string, 0, len(list))}
	for _, v := range list {
		id := record{"id": v}.id("id")
		if id == "" {
			return expression.Found{}, errUnreadable // an admin left out could be taken for none
		}
		found.IDs = append(found.IDs, id)
	}
	return found, nil
}

func readContacts(_, answer []byte) (expression.Found, error) {
	records, err := recordsIn(answer, "contacts")
	if err != nil {
		return expression.Found{}, err
	}
	found := expression.Found{Shape: expression.ShapeContacts}
	for _, r := range records {
		found.Contacts = append(found.Contacts, expression.Contact{
			ID: r.id("userId", "conversationId"), Name: r.text("name"), Remark: r.text("realRemarks"), Description: r.text("remarks"),
			Phone: r.text("mobile", "phone"), Position: r.text("position"), Avatar: r.text("avatorUrl", "wechatImgUrl"),
			Gender: r.number("gender"), IsExternal: r.yes("isExternalUser", "isOuterUser", "isOuterGroupConversation"),
		})
	}
	return found, nil
}

// readGroup finds the group that was asked for; a list that lacks it is an error.
func readGroup(asked, answer []byte) (expression.Found, error) {
	var q groupQuestion
	if err := json.Unmarshal(asked, &q); err != nil {
		return expression.Found{}, errUnreadable
	}
	records, err := recordsIn(answer, "groups")
	if err != nil {
		v, _ := decodeAnswer(answer)
		object, _ := v.(map[string]any)
		records = []record{object}
	}
	for _, r := range records {
		if r.id("conversationId") == q.ConversationID {
			return expression.Found{Shape: expression.ShapeGroup, Group: expression.Group{
				ID: q.ConversationID, Name: r.text("name"), OwnerID: r.id("creatorId"), OwnerName: r.text("creatorName"),
				MemberCount: r.number("memberCount"), IsExternal: r.yes("isOuterGroupConversation"),
			}}, nil
		}
	}
	return expression.Found{}, errors.New("the platform does not know the group")
}

func readMembers(_, answer []byte) (expression.Found, error) {
	records, err := recordsIn(answer, "members")
	if err != nil {
		return expression.Found{}, err
	}
	found := expression.Found{Shape: expression.ShapeMembers}
	for _, r := range records {
		id := r.id("userId")
		if id == "" {
			return expression.Found{}, errUnreadable
		}
		found.Members = append(found.Members, expression.GroupMember{
			ID: id, Name: r.text("name"), Avatar: r.text("avatorUrl"), IsOwner: r.yes("isCreator"),
			IsExternal: r.yes("isExternalUser", "isOuterUser"),
		})
	}
	return found, nil
}

// readTags takes every object with a labelId, wherever it stands: the document lost
// the name of the list (§3.12).
func readTags(_, answer []byte) (expression.Found, error) {
	v, err := decodeAnswer(answer)
	top, ok := v.(map[string]any)
	if err != nil || !ok {
		return expression.Found{}, errUnreadable
	}
	found := expression.Found{Shape: expression.ShapeTags}
	for _, name := range slices.Sorted(maps.Keys(top)) {
		found.Tags = appendTags(found.Tags, top[name], "")
	}
	if len(found.Tags) > maxFound {
		return expression.Found{}, fmt.Errorf("the platform's answer has more than %d entries", maxFound)
	}
	return found, nil
}

// appendTags adds the tags of a list, a group or a tag; a group is no tag itself.
func appendTags(tags []expression.Tag, v any, group string) []expression.Tag {
	switch v := v.(type) {
	case []any:
		for _, one := range v {
			tags = appendTags(tags, one, group)
		}
	case map[string]any:
		r := record(v)
		below, isGroup := v["subLabelList"].([]any)
		if isGroup && len(below) > 0 || r.yes("isGroupLabel") {
			return appendTags(tags, below, r.text("name"))
		}
		if id := r.id("labelId"); id != "" {
			in := r.text("groupName")
			if in == "" {
				in = group
			}
			tags = append(tags, expression.Tag{ID: id, Name: r.text("name"), Group: in})
		}
	}
	return tags
}
