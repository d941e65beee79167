package ruletest

import (
	"strconv"
	"strings"
)

// words are what a group is known by.
func (g *Group) words() (out []string) {
	if g.ID != "" {
		out = append(out, "id: "+scalar(g.ID))
	}
	if g.Size > 0 {
		out = append(out, "size: "+strconv.Itoa(g.Size))
	}
	if len(g.Labels) > 0 {
		out = append(out, "labels: ["+strings.Join(scalars(g.Labels), ", ")+"]")
	}
	return out
}

// lines are the keys of a step, a line each.
func (s *Step) lines() (out []string) {
	add := func(key, text string) {
		if text != "" {
			out = append(out, key+": "+scalar(text))
		}
	}
	add("status", s.Status)
	add("media", s.Media)
	add("say", s.Say)
	add("phone", s.Phone)
	add("friend", s.Friend)
	add("reason", s.Reason)
	if len(s.Join) > 0 {
		out = append(out, "join: ["+strings.Join(scalars(s.Join), ", ")+"]")
	}
	if s.Friend == "" && len(s.Join) == 0 && s.Status == "" && !s.Start {
		add("by", s.By)
	}
	add("group", s.Group)
	if s.AtMe {
		out = append(out, "at_me: true")
	}
	if s.Start {
		out = append(out, "start: true")
	}
	if s.Updated {
		out = append(out, "updated: true")
	}
	return out
}
