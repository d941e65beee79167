package engine

import (
	"bytes"
	"encoding/json"
	"slices"
	"time"

	"botengine/internal/event"
)

// tagType is the command that puts tags on a person and takes them off (§3.11).
const tagType = "robot.cust.tags"

// What is remembered of one person's tags.
const (
	maxTagged   = 200                  // tags
	taggedLasts = 366 * 24 * time.Hour // after the last change
)

// taggedKey is tg/<robot>/<person>: the ids of the tags that rules have put on the
// person and not taken off. Tags belong to a robot: WeCom keeps them for each
// employee apart.
func taggedKey(robot, person string) string { return path("tg", robot, person) }

// learnTagged remembers what a tag command of ours did, once the platform said that
// it is done. What people do by hand the platform does not tell; of that nothing
// is known.
func (d *decider) learnTagged() {
	ended := d.in.Ended
	if ended == nil || ended.Type != tagType || d.in.Event.Kind != event.Result || d.in.Event.Result.Code != event.CodeOK {
		return
	}
	var did struct {
		UserID loose   `json:"userId"`
		Add    []loose `json:"tags"`
		Remove []loose `json:"erasingTags"`
	}
	if json.Unmarshal(ended.Fields, &did) != nil || did.UserID == "" {
		return
	}
	key := taggedKey(ended.Robot, string(did.UserID))
	tags := d.ledger.tagsUnder(key)
	d.noteTagged(ended, tags, did.Add, did.Remove)
	for _, id := range did.Remove {
		tags = slices.DeleteFunc(tags, func(t string) bool { return t == string(id) })
	}
	for _, id := range did.Add {
		if !slices.Contains(tags, string(id)) {
			tags = append(tags, string(id))
		}
	}
	tags = tags[max(0, len(tags)-maxTagged):]
	raw, err := json.Marshal(tags)
	if err != nil { // a list of texts: it cannot fail
		return
	}
	d.ledger.write(FactWrite{Key: key, Value: raw, Expires: d.in.Now.Add(taggedLasts), Delete: len(tags) == 0})
}

func (l *ledger) tagsUnder(key string) []string {
	raw, _, ok := l.read(key)
	var tags []string
	if !ok || json.NewDecoder(bytes.NewReader(raw)).Decode(&tags) != nil {
		return nil
	}
	return tags
}

// Tagged implements expression.Past.
func (f factReader) Tagged(tag string) bool {
	person := personOf(f.ev)
	if person == "" {
		return false
	}
	tags := f.ledger.tagsUnder(taggedKey(f.ev.Robot.Key, person))
	if len(tags) == 0 {
		return false
	}
	if slices.Contains(tags, tag) {
		return true
	}
	book := &lazyBook{d: f.d, robot: f.ev.Robot.Key}
	id, ok := book.Label(tag)
	return ok && slices.Contains(tags, id)
}
