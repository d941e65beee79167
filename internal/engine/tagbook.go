package engine

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"botengine/internal/actions"
	"botengine/internal/rule"
)

// tagBook finds tags by name. It never changes after parseTags.
type tagBook struct {
	ids  map[string]bool     // every tag's id
	full map[string]string   // group/tag -> id; "" where two tags have that name
	bare map[string][]string // tag -> the full names it has
}

// size is how many tags the book has.
func (b *tagBook) size() int { return len(b.ids) }

// label finds a tag's id by the id, by group/tag, or by a name only one tag has.
func (b *tagBook) label(name string) (string, bool) {
	if b.ids[name] {
		return name, true
	}
	name = plainName(name)
	if id := b.full[name]; id != "" {
		return id, true
	}
	if all := b.bare[name]; len(all) == 1 {
		id := b.full[all[0]]
		return id, id != ""
	}
	return "", false
}

// several lists the full names of all tags of that bare name.
func (b *tagBook) several(name string) []string { return b.bare[plainName(name)] }

// names lists every way to write a tag, sorted.
func (b *tagBook) names() []string {
	return slices.Sorted(maps.Keys(b.full))
}

// add takes a tag in. An id in another form than digits (a float, say) is not the
// id that the platform meant; such a tag is left out.
func (b *tagBook) add(group, name, id string) {
	if strings.Trim(id, "0123456789") != "" || strings.Trim(id, "0") == "" || name == "" {
		return
	}
	full := plainName(name)
	if group != "" {
		full = plainName(group + "/" + name)
	}
	b.ids[id] = true
	if known, ok := b.full[full]; ok && known != id {
		b.full[full] = ""
		return
	}
	b.full[full] = id
	if bare := plainName(name); !slices.Contains(b.bare[bare], full) {
		b.bare[bare] = append(b.bare[bare], full)
	}
}

// plainName brings the ways of writing one name together.
func plainName(s string) string { return actions.TagName(s) }

// TagsSeen returns the tags of a robot as the platform listed them last, which is a
// fact; none where it was never asked.
func TagsSeen(fact func(key string) ([]byte, time.Time, bool), robot string) []rule.Tag {
	payload, _, ok := fact(tagsKey(robot))
	if !ok {
		return nil
	}
	book, err := parseTags(payload)
	if err != nil {
		return nil
	}
	var out []rule.Tag
	for _, bare := range slices.Sorted(maps.Keys(book.bare)) {
		for _, full := range book.bare[bare] {
			out = append(out, rule.Tag{ID: book.full[full], Full: full, Bare: bare})
		}
	}
	return out
}

// tagLabel is a tag or a group of tags, as the platform writes it (§3.12).
type tagLabel struct {
	LabelID      loose      `json:"labelId"`
	Name         loose      `json:"name"`
	GroupName    loose      `json:"groupName"`
	FullName     loose      `json:"fullName"`
	IsGroupLabel loose      `json:"isGroupLabel"`
	SubLabelList []tagLabel `json:"subLabelList"`
}

// loose is a text that may be written as a number or a truth value. A number keeps
// its digits: it never passes through a float.
type loose string

// UnmarshalJSON takes any scalar as it is written.
func (l *loose) UnmarshalJSON(raw []byte) error {
	switch raw[0] {
	case '"':
		return json.Unmarshal(raw, (*string)(l))
	case '{', '[', 'n':
		return nil
	}
	*l = loose(raw)
	return nil
}

// parseTags reads the tags out of a robot.tags.sync result. The document lost the
// name of the list, so every top-level array of objects with a labelId is one.
func parseTags(payload []byte) (*tagBook, error) {
	var top map[string]json.RawMessage
	if err := json.Unmarshal(payload, &top); err != nil {
		return nil, fmt.Errorf("decode tags: %w", err)
	}
	book := &tagBook{ids: make(map[string]bool), full: make(map[string]string), bare: make(map[string][]string)}
	for _, key := range slices.Sorted(maps.Keys(top)) {
		raw := bytes.TrimSpace(top[key])
		if len(raw) == 0 || raw[0] != '[' || !bytes.Contains(raw, []byte(`"labelId"`)) {
			continue
		}
		var labels []tagLabel
		if err := json.Unmarshal(raw, &labels); err != nil {
			return nil, fmt.Errorf("decode tags: %s: %w", key, err)
		}
		book.addAll(labels, "")
	}
	return book, nil
}

// addAll adds labels and, below each group, its tags. A group is no tag itself.
func (b *tagBook) addAll(labels []tagLabel, group string) {
	for _, l := range labels {
		b.addAll(l.SubLabelList, string(l.Name))
		if l.IsGroupLabel == "1" || l.IsGroupLabel == "true" || len(l.SubLabelList) > 0 {
			continue
		}
		in := string(l.GroupName)
		if in == "" {
			in = group
		}
		name := string(l.Name)
		if name == "" {
			in, name = "", string(l.FullName)
		}
		b.add(in, name, string(l.LabelID))
	}
}
