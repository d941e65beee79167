package engine

import (
	"fmt"
	"strings"
	"time"

	"botengine/internal/diag"
	"botengine/internal/event"
)

// tagsSyncType is the command that asks for a robot's tags (§3.12).
const tagsSyncType = "robot.tags.sync"

// learnTags keeps the tags of any robot.tags.sync result that passes, whoever
// asked. A result without a single tag is no list: it replaces nothing.
func (d *decider) learnTags() {
	ev := d.in.Event
	if ev.Kind != event.Result || ev.Result.Type != tagsSyncType || ev.Result.Code != event.CodeOK {
		return
	}
	book, err := d.in.Cache.book(ev.Result.Payload)
	switch {
	case err != nil:
		d.ledger.problem("", "", "the robot's tags cannot be read: "+err.Error())
	case book.size() > 0:
		d.ledger.write(FactWrite{Key: tagsKey(ev.Robot.Key), Value: ev.Result.Payload})
	}
}

// tagsFresh is how long the platform is not asked again for names that its newest
// list did not have. A list that comes for another reason is looked at all the same.
const tagsFresh = 10 * time.Minute

// noteNoTags remembers that the platform was asked for these names in vain.
func (d *decider) noteNoTags(robot string, names []string) {
	for _, name := range names {
		d.ledger.write(FactWrite{Key: noTagKey(robot, name), Value: []byte("1"), Expires: d.in.Now.Add(tagsFresh)})
	}
}

// knowsNoTags reports whether it was asked for all of them a short while ago.
func (d *decider) knowsNoTags(robot string, names []string) bool {
	for _, name := range names {
		_, until, ok := d.ledger.read(noTagKey(robot, name))
		if !ok || until.Sub(d.in.Now) > tagsFresh { // or the clock was set back
			return false
		}
	}
	return true
}

// lazyBook is a robot's tag book, read when a name is first asked for.
type lazyBook struct {
	d     *decider
	robot string
	book  *tagBook
}

// Label implements actions.TagBook.
func (l *lazyBook) Label(name string) (string, bool) { return l.load().label(name) }

func (l *lazyBook) load() *tagBook {
	if l.book != nil {
		return l.book
	}
	l.book = &tagBook{}
	if payload, _, ok := l.d.ledger.read(tagsKey(l.robot)); ok {
		if book, err := l.d.in.Cache.book(payload); err == nil {
			l.book = book
		}
	}
	return l.book
}

// explain says why the names are no tags, with at most one suggestion.
func (l *lazyBook) explain(names []string) string {
	book := l.load()
	text := "unknown tag " + strings.Join(names, ", ")
	for _, name := range names {
		if groups := book.several(name); len(groups) > 1 {
			return fmt.Sprintf("%s: more than one group has it: %s", text, strings.Join(groups, ", "))
		}
	}
	for _, name := range names {
		if near, ok := diag.Suggest(name, book.names()); ok {
			return fmt.Sprintf("%s: did you mean %s?", text, near)
		}
	}
	return text
}
