package sim

import (
	"fmt"
	"slices"
	"sync"
	"time"
)

// RobotStatus is a robot's login state (§2.2).
type RobotStatus int

// The states a robot can be in (§2.2).
const (
	StatusInitial RobotStatus = iota
	StatusOnline
	StatusOffline
	StatusBanned
	StatusKicked
)

// Robot is one hosted WeCom account. Empty ids are minted when it is added.
type Robot struct {
	Key, Wxid, NickName, Alias, HeadImg string
	Status                              RobotStatus
	Gender                              int
	Phone, Mobile, Position             string
}

// Person is somebody a robot can talk to: a WeChat user, or (Staff) a member of the robot's company.
type Person struct {
	ID, Name, HeadImg, Mobile string
	Gender                    int
	Staff                     bool
}

// Group is a group chat. Owner, Members and Admins are people's ids and robots' wxids; the owner is a member.
type Group struct {
	ID, Name, Owner, Notice string
	Members, Admins         []string
	Created                 time.Time

	left []string // those who were members once
}

// TagGroup is a group of customer labels; Personal ones belong to the robot, the others to the company.
type TagGroup struct {
	ID, Name string
	Personal bool
	Labels   []Label
}

// Label is one customer tag.
type Label struct{ ID, Name string }

// FriendRequest is an application a robot has not accepted yet.
type FriendRequest struct{ RobotKey, Person, Reason string }

// World is everything the platform knows. Its methods are safe for concurrent use.
type World struct {
	mu    sync.Mutex // guards realm
	realm realm
}

// realm is the world's content; whoever holds one holds the world's lock.
type realm struct {
	clock     func() time.Time
	mint      *mint
	robots    []*Robot
	people    []*Person
	groups    []*Group
	tagGroups []*TagGroup
	friends   map[pair]*friendship
	former    map[pair]*friendship // those that ended
	requests  []FriendRequest
	chats     map[pair]*chat
	settings  map[pair]Settings // of groups, by robot
}

// pair is a robot's key and the id of its peer.
type pair struct{ robot, peer string }

type friendship struct {
	tags                []string
	remark, description string
	since               time.Time
	ended               ending
}

// ending says who ended a friendship.
type ending struct{ byCustomer, byRobot bool }

// founded dates what a world is built with, so that two worlds of one seed are equal.
var founded = time.Date(2026, 3, 2, 9, 0, 0, 0, cst)

// NewWorld returns an empty world whose minted ids depend on seed and the order of the calls only.
func NewWorld(seed uint64) *World {
	return &World{realm: realm{
		clock:    time.Now,
		mint:     newMint(seed),
		friends:  map[pair]*friendship{},
		former:   map[pair]*friendship{},
		chats:    map[pair]*chat{},
		settings: map[pair]Settings{},
	}}
}

// with runs f alone with the world.
func (w *World) with(f func(r *realm)) {
	w.mu.Lock()
	defer w.mu.Unlock()
	f(&w.realm)
}

// AddRobot adds a robot and returns it with the ids it got. Without a status it is online.
func (w *World) AddRobot(robot Robot) Robot {
	w.with(func(r *realm) {
		robot.Key = orMinted(r, robot.Key, r.mint.robotKey)
		robot.Wxid = orMinted(r, robot.Wxid, r.mint.wxid)
		if robot.Status == StatusInitial {
			robot.Status = StatusOnline
		}
		if robot.HeadImg == "" {
			robot.HeadImg = "https://wework.qpic.cn/wwhead/" + robot.Wxid + "/0"
		}
		stored := robot
		r.robots = append(r.robots, &stored)
	})
	return robot
}

// AddPerson adds somebody no robot knows yet and returns them with the id they got.
func (w *World) AddPerson(p Person) Person {
	w.with(func(r *realm) {
		p.ID = orMinted(r, p.ID, r.mint.personID)
		if p.HeadImg == "" {
			p.HeadImg = "http://wx.qlogo.cn/mmhead/" + p.ID + "/0"
		}
		stored := p
		r.people = append(r.people, &stored)
	})
	return p
}

// AddGroup adds a group; Owner, Members and Admins may be ids or names of people and robots. It panics on a name nobody
// has: a world is written by a programmer.
func (w *World) AddGroup(g Group) Group {
	w.with(func(r *realm) {
		g.ID = orMinted(r, g.ID, r.mint.groupID)
		g.Owner = must(r.contactID(g.Owner))
		g.Members = mustAll(r, g.Members)
		g.Admins = mustAll(r, g.Admins)
		if !slices.Contains(g.Members, g.Owner) {
			g.Members = append([]string{g.Owner}, g.Members...)
		}
		if g.Created.IsZero() {
			g.Created = founded
		}
		stored := g.clone()
		r.groups = append(r.groups, &stored)
	})
	return g
}

// AddTagGroup adds a group of the company's labels with minted ids.
func (w *World) AddTagGroup(name string, labels ...string) TagGroup {
	g := TagGroup{Name: name}
	for _, l := range labels {
		g.Labels = append(g.Labels, Label{Name: l})
	}
	return w.AddTags(g)
}

// AddTags adds a tag group; empty ids are minted, all above 2^53.
func (w *World) AddTags(g TagGroup) TagGroup {
	g.Labels = slices.Clone(g.Labels)
	w.with(func(r *realm) {
		g.ID = orMinted(r, g.ID, r.mint.labelID)
		for i := range g.Labels {
			g.Labels[i].ID = orMinted(r, g.Labels[i].ID, r.mint.labelID)
		}
		stored := g
		stored.Labels = slices.Clone(g.Labels)
		r.tagGroups = append(r.tagGroups, &stored)
	})
	return g
}

// Befriend makes people (ids or names) customers of a robot. It panics on a name nobody has.
func (w *World) Befriend(robot string, people ...string) {
	w.with(func(r *realm) {
		bot := must(r.robot(robot))
		for _, name := range people {
			r.befriend(bot.Key, must(r.person(name)).ID, founded)
		}
	})
}

func (r *realm) befriend(robotKey, person string, since time.Time) {
	key := pair{robotKey, person}
	if r.friends[key] == nil {
		r.friends[key] = &friendship{since: since}
		delete(r.former, key)
	}
}

func orMinted(r *realm, id string, mint func() string) string {
	if id == "" {
		return mint()
	}
	r.mint.claim(id)
	return id
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(fmt.Sprintf("sim: build world: %v", err)) //nolint:forbidigo // documented: a world is written by a programmer
	}
	return v
}

func mustAll(r *realm, refs []string) []string {
	ids := make([]string, len(refs))
	for i, ref := range refs {
		ids[i] = must(r.contactID(ref))
	}
	return ids
}

func (g *Group) clone() Group {
	c := *g
	c.Members, c.Admins, c.left = slices.Clone(g.Members), slices.Clone(g.Admins), slices.Clone(g.left)
	return c
}
