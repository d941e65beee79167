package sim

import (
	"fmt"
	"slices"
)

// A reference is an id or a name. Names are for people who write scripts and tests, so an ambiguous one is an error.

// find returns the one item that match says is meant.
func find[T any](items []*T, kind, ref string, match func(*T) bool) (*T, error) {
	var found *T
	for _, it := range items {
		if !match(it) {
			continue
		}
		if found != nil {
			return nil, fmt.Errorf("find %s %q: more than one has that name, use the id", kind, ref)
		}
		found = it
	}
	if found == nil {
		return nil, fmt.Errorf("find %s %q: not in this world", kind, ref)
	}
	return found, nil
}

func (r *realm) robot(ref string) (*Robot, error) {
	return find(r.robots, "robot", ref, func(b *Robot) bool { return b.Key == ref || b.Wxid == ref || b.NickName == ref })
}

// robotByKey is the wire's lookup: keys only.
func (r *realm) robotByKey(key string) *Robot {
	i := slices.IndexFunc(r.robots, func(b *Robot) bool { return b.Key == key })
	if i < 0 {
		return nil
	}
	return r.robots[i]
}

func (r *realm) robotByWxid(wxid string) *Robot {
	i := slices.IndexFunc(r.robots, func(b *Robot) bool { return b.Wxid == wxid })
	if i < 0 {
		return nil
	}
	return r.robots[i]
}

func (r *realm) person(ref string) (*Person, error) {
	return find(r.people, "person", ref, func(p *Person) bool { return p.ID == ref || p.Name == ref })
}

func (r *realm) group(ref string) (*Group, error) {
	return find(r.groups, "group", ref, func(g *Group) bool { return g.ID == ref || g.Name == ref })
}

// groupByID is the wire's lookup: "R:…" ids only.
func (r *realm) groupByID(id string) *Group {
	i := slices.IndexFunc(r.groups, func(g *Group) bool { return g.ID == id })
	if i < 0 {
		return nil
	}
	return r.groups[i]
}

// contact is what anybody in a chat looks like: a person or a robot.
type contact struct {
	id, name, headImg, mobile string
	gender                    int
	staff                     bool
}

func (r *realm) contact(id string) (contact, bool) {
	if b := r.robotByWxid(id); b != nil {
		return contact{b.Wxid, b.NickName, b.HeadImg, b.Mobile, b.Gender, true}, true
	}
	for _, p := range r.people {
		if p.ID == id {
			return contact{p.ID, p.Name, p.HeadImg, p.Mobile, p.Gender, p.Staff}, true
		}
	}
	return contact{}, false
}

// contactID turns a reference to a person or robot into a contact's id.
func (r *realm) contactID(ref string) (string, error) {
	if b, err := r.robot(ref); err == nil {
		return b.Wxid, nil
	}
	p, err := r.person(ref)
	if err != nil {
		return "", err
	}
	return p.ID, nil
}

// robotsIn lists the robots that are members of g.
func (r *realm) robotsIn(g *Group) []*Robot {
	var in []*Robot
	for _, b := range r.robots {
		if slices.Contains(g.Members, b.Wxid) {
			in = append(in, b)
		}
	}
	return in
}

// label finds a label and the name people use for it: group/label.
func (r *realm) label(id string) (name string, ok bool) {
	for _, g := range r.tagGroups {
		for _, l := range g.Labels {
			if l.ID == id {
				return g.Name + "/" + l.Name, true
			}
		}
	}
	return "", false
}

// peerName is the name a chat carries.
func (r *realm) peerName(peer string) string {
	if g := r.groupByID(peer); g != nil {
		return g.Name
	}
	c, _ := r.contact(peer)
	return c.name
}

// Name is what people call a robot (by key or wxid), a person or a group; an id nobody has is its own name.
func (w *World) Name(id string) (name string) {
	w.with(func(r *realm) {
		name = r.peerName(id)
		if b := r.robotByKey(id); b != nil {
			name = b.NickName
		}
	})
	if name == "" {
		return id
	}
	return name
}

// Robots returns a copy of all robots, in the order they were added.
func (w *World) Robots() (all []Robot) {
	w.with(func(r *realm) {
		for _, b := range r.robots {
			all = append(all, *b)
		}
	})
	return all
}

// Robot finds a robot by key, wxid or nickname.
func (w *World) Robot(ref string) (robot Robot, err error) {
	w.with(func(r *realm) {
		var b *Robot
		if b, err = r.robot(ref); err == nil {
			robot = *b
		}
	})
	return robot, err
}

// Person finds a person by id or name.
func (w *World) Person(ref string) (person Person, err error) {
	w.with(func(r *realm) {
		var p *Person
		if p, err = r.person(ref); err == nil {
			person = *p
		}
	})
	return person, err
}

// Group finds a group by id or name.
func (w *World) Group(ref string) (group Group, err error) {
	w.with(func(r *realm) {
		var g *Group
		if g, err = r.group(ref); err == nil {
			group = g.clone()
		}
	})
	return group, err
}

// People returns a copy of all people, in the order they were added.
func (w *World) People() (all []Person) {
	w.with(func(r *realm) {
		for _, p := range r.people {
			all = append(all, *p)
		}
	})
	return all
}

// Groups returns a copy of all groups, in the order they were added.
func (w *World) Groups() (all []Group) {
	w.with(func(r *realm) {
		for _, g := range r.groups {
			all = append(all, g.clone())
		}
	})
	return all
}

// TagGroups returns a copy of all tag groups, in the order they were added.
func (w *World) TagGroups() (all []TagGroup) {
	w.with(func(r *realm) {
		for _, g := range r.tagGroups {
			c := *g
			c.Labels = slices.Clone(g.Labels)
			all = append(all, c)
		}
	})
	return all
}

// Label finds the id of a label by its "group/label" name.
func (w *World) Label(name string) (string, error) {
	for _, g := range w.TagGroups() {
		for _, l := range g.Labels {
			if g.Name+"/"+l.Name == name {
				return l.ID, nil
			}
		}
	}
	return "", fmt.Errorf("find label %q: not in this world", name)
}

// TagsOf returns the "group/label" names a robot has put on a person, in the order they were put on.
func (w *World) TagsOf(robot, person string) (names []string) {
	w.with(func(r *realm) {
		f := r.friendOf(robot, person)
		if f == nil {
			return
		}
		for _, id := range f.tags {
			name, _ := r.label(id)
			names = append(names, name)
		}
	})
	return names
}

// AreFriends says whether person is a customer of robot.
func (w *World) AreFriends(robot, person string) (yes bool) {
	w.with(func(r *realm) { yes = r.friendOf(robot, person) != nil })
	return yes
}

// FriendRequests returns the applications nobody has accepted yet, oldest first.
func (w *World) FriendRequests() (open []FriendRequest) {
	w.with(func(r *realm) { open = slices.Clone(r.requests) })
	return open
}

func (r *realm) friendOf(robot, person string) *friendship {
	b, errRobot := r.robot(robot)
	p, errPerson := r.person(person)
	if errRobot != nil || errPerson != nil {
		return nil
	}
	return r.friends[pair{b.Key, p.ID}]
}
