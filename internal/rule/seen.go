package rule

import (
	"slices"
	"strings"

	"botengine/internal/actions"
	"botengine/internal/diag"
	"botengine/internal/event"
)

// Seen is what was seen on the platform, of all accounts together. Of a kind of which
// nothing was seen, nothing is said.
type Seen struct {
	Robots []event.Robot
	Groups []event.Group // of every robot; empty unless all of their lists are known
	Tags   []Tag
}

// Tag is a tag of some robot: its id and its name, with and without its group, as
// actions.TagName has them.
type Tag struct{ ID, Full, Bare string }

// unseen warns of names that the platform does not have: robots, groups and tags
// that are called otherwise, or are gone. They are warnings, since what was seen may
// be old.
func (s *Set) unseen(seen *Seen) diag.List {
	u := &unseen{seen: seen, places: places{}, known: map[string]bool{}, groupsOf: map[string][]string{}}
	for _, g := range seen.Groups {
		u.groups = append(u.groups, g.Name)
	}
	for _, r := range seen.Robots {
		u.robots = append(u.robots, r.Name, r.Key)
	}
	for _, t := range seen.Tags {
		if !slices.Contains(u.groupsOf[t.Bare], t.Full) {
			u.groupsOf[t.Bare] = append(u.groupsOf[t.Bare], t.Full)
		}
		u.tags = append(u.tags, t.Full)
		u.known[t.ID], u.known[t.Full] = true, true
	}
	for _, r := range s.Rules {
		if r.on() {
			u.scope(r, r.scope)
			u.steps(r)
		}
	}
	return u.found
}

// unseen is the search for names that nobody has.
type unseen struct {
	seen *Seen
	places
	robots, groups, tags []string            // for suggestions
	known                map[string]bool     // tags by id and by full name
	groupsOf             map[string][]string // the full names of a bare one
	found                diag.List
}

func (u *unseen) warn(r *Rule, at diag.Range, message diag.Text, name string, all []string) {
	hint := diag.T("改成平台上的名字；刚刚才有的，过几分钟再查一次", "write the name that the platform has; what is new is known in some minutes")
	if near, ok := diag.Suggest(name, all); ok {
		hint = diag.T("是不是想写 `%s`?", "did you mean `%s`?", near)
	}
	u.found = append(u.found, diag.At(r.File, at).Warning("BE405", message).WithHint(hint))
}

// scope looks at the robots and groups that a scope names, and those it excludes.
func (u *unseen) scope(r *Rule, s *scope) {
	if s == nil {
		return
	}
	for _, p := range s.robots {
		fits := func(one event.Robot) bool { return p.matches(one.Key) || p.matches(one.ID) || p.matches(one.Name) }
		if len(u.seen.Robots) > 0 && !slices.ContainsFunc(u.seen.Robots, fits) {
			name := listed([]pattern{p})
			u.warn(r, u.of(r, "scope", name), diag.T("平台上没有叫 `%s` 的机器人", "the platform has no robot called `%s`", name), name, u.robots)
		}
	}
	for _, p := range s.chats {
		fits := func(g event.Group) bool {
			_, peer, whole := event.SplitChatID(p.text)
			return p.matches(g.ID) || p.matches(g.Name) || whole && peer == g.ID
		}
		if len(u.seen.Groups) > 0 && s.kind != privateChat && !isPerson(p.text) && !slices.ContainsFunc(u.seen.Groups, fits) {
			name := listed([]pattern{p})
			u.warn(r, u.of(r, "scope", name), diag.T("平台上没有叫 `%s` 的群", "the platform has no group called `%s`", name), name, u.groups)
		}
	}
	if s.exclude != nil {
		u.scope(r, &scope{kind: s.exclude.kind, robots: inFull(s.exclude.robots), chats: inFull(s.exclude.chats)})
	}
}

// inFull are the patterns that are names. Others exclude what there may be one day.
func inFull(patterns []pattern) []pattern {
	return slices.DeleteFunc(slices.Clone(patterns), func(p pattern) bool { return p.glob })
}

// isPerson says whether a chat's id is that of a private one.
func isPerson(chat string) bool {
	if _, peer, whole := event.SplitChatID(chat); whole {
		chat = peer
	}
	return chat != "" && strings.Trim(chat, "0123456789") == ""
}

// steps looks at the robots and tags that steps name.
func (u *unseen) steps(r *Rule) {
	for i := range r.Steps {
		s := &r.Steps[i]
		named := actions.Named(s.Action)
		for _, key := range named.Robots {
			fits := func(one event.Robot) bool { return one.Key == key }
			if len(u.seen.Robots) > 0 && !slices.ContainsFunc(u.seen.Robots, fits) {
				u.warn(r, u.inStep(r, s, key), diag.T("平台上没有 robotKey 为 `%s` 的机器人", "the platform has no robot with the key `%s`", key), key, u.robots)
			}
		}
		for _, tag := range named.Tags {
			u.tag(r, s, tag)
		}
	}
}

// tag looks at a tag that a step names.
func (u *unseen) tag(r *Rule, s *Step, tag string) {
	name := actions.TagName(tag)
	if len(u.seen.Tags) == 0 || u.known[tag] || u.known[name] {
		return
	}
	switch all := u.groupsOf[name]; len(all) {
	case 0:
		u.warn(r, u.inStep(r, s, tag), diag.T("平台上没有 `%s` 这个标签", "the platform has no tag `%s`", tag), tag, u.tags)
	case 1:
	default:
		f := diag.At(r.File, u.inStep(r, s, tag)).Warning("BE405", diag.T("平台上不止一个组有 `%s` 这个标签", "more than one group of the platform has a tag `%s`", tag))
		u.found = append(u.found, f.WithHint(diag.T("写上组名：`%s`", "name its group: `%s`", all[0])))
	}
}
