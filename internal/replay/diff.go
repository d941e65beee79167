package replay

import (
	"cmp"
	"slices"

	"botengine/internal/event"
)

// Class says in which way an event is answered differently.
type Class string

// The classes of changes, in the order in which they are told.
const (
	Gone      Class = "no_longer"
	Different Class = "differently"
	New       Class = "newly"
)

// Change is one command of an event that only one side has, or that the two sides
// have in different ways.
type Change struct {
	Class Class   `json:"class"`
	Rule  string  `json:"rule"` // of the old command, if there is one
	Event *Origin `json:"event"`
	Old   *Answer `json:"old,omitempty"`
	New   *Answer `json:"new,omitempty"`
}

// diff is what the sides make of one event that is not the same.
func (b *book) diff(o *Origin) []Change {
	fresh, old := o.answers[0], o.answers[1]
	if b.recorded {
		if o.Position == 0 || o.Kind == event.Result {
			return nil // of what comes later the journal does not say from which event
		}
		fresh = slices.DeleteFunc(slices.Clone(fresh), func(a Answer) bool { return !a.direct })
	}
	old, fresh = without(old, fresh, (*Answer).same)
	var changes []Change
	for _, alike := range []func(a, b *Answer) bool{sameStep, sameRule, anything} {
		for i := 0; i < len(old); i++ {
			j := slices.IndexFunc(fresh, func(a Answer) bool { return alike(&old[i], &a) })
			if j < 0 {
				continue
			}
			changes = append(changes, change(Different, o, &old[i], &fresh[j]))
			old, fresh = dropped(old, i), dropped(fresh, j)
			i--
		}
	}
	for i := range old {
		changes = append(changes, change(Gone, o, &old[i], nil))
	}
	for i := range fresh {
		changes = append(changes, change(New, o, nil, &fresh[i]))
	}
	return changes
}

func sameStep(a, b *Answer) bool { return a.Rule == b.Rule && a.Step == b.Step }
func sameRule(a, b *Answer) bool { return a.Rule == b.Rule }
func anything(_, _ *Answer) bool { return true }

// without leaves out of both what both have, each as often as it is in both.
func without(a, b []Answer, same func(x, y *Answer) bool) (restA, restB []Answer) {
	restB = slices.Clone(b)
	for i := range a {
		if j := slices.IndexFunc(restB, func(y Answer) bool { return same(&a[i], &y) }); j >= 0 {
			restB = slices.Delete(restB, j, j+1)
		} else {
			restA = append(restA, a[i])
		}
	}
	return restA, restB
}

func dropped(list []Answer, i int) []Answer { return slices.Delete(slices.Clone(list), i, i+1) }

func change(class Class, o *Origin, old, fresh *Answer) Change {
	c := Change{Class: class, Event: o}
	if old != nil {
		one := *old
		c.Old, c.Rule = &one, old.Rule
	}
	if fresh != nil {
		one := *fresh
		c.New, c.Rule = &one, cmp.Or(c.Rule, fresh.Rule)
	}
	return c
}

// classes is the order of the classes.
var classes = []Class{Gone, Different, New}

// inOrder sorts changes as they are told: by class, by rule, by chat, by time.
func inOrder(changes []Change) {
	slices.SortStableFunc(changes, func(a, b Change) int {
		return cmp.Or(
			cmp.Compare(slices.Index(classes, a.Class), slices.Index(classes, b.Class)),
			cmp.Compare(a.Rule, b.Rule), cmp.Compare(a.Event.ChatName, b.Event.ChatName), cmp.Compare(a.Event.Chat, b.Event.Chat),
			a.Event.At.Compare(b.Event.At), cmp.Compare(a.Event.Position, b.Event.Position), cmp.Compare(a.Event.Key, b.Event.Key),
		)
	})
}
