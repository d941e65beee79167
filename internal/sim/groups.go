package sim

import (
	"slices"
	"strings"
)

// maxAdmins is how many admins a group may have besides its owner (§3.17).
const maxAdmins = 3

// ownGroup is the group a command names, if the robot is in it.
func (x *execution) ownGroup(field, otherwise string) (*Group, error) {
	id, err := x.c.str(field)
	if err != nil {
		return nil, err
	}
	g := x.r.groupByID(id)
	if g == nil || !slices.Contains(g.Members, x.robot.Wxid) {
		return nil, refuse("%s", otherwise)
	}
	return g, nil
}

// ledGroup is the group a command names, if the robot is its owner or an admin.
func (x *execution) ledGroup() (*Group, error) {
	g, err := x.ownGroup("groupId", "group not found")
	if err != nil {
		return nil, err
	}
	if g.Owner != x.robot.Wxid && !slices.Contains(g.Admins, x.robot.Wxid) {
		return nil, refuse("no permission")
	}
	return g, nil
}

func (x *execution) names(ids []string) string {
	all := make([]string, len(ids))
	for i, id := range ids {
		all[i] = x.r.peerName(id)
	}
	return strings.Join(all, "、")
}

// kick takes members out of a group (§3.15, inferred).
func (x *execution) kick() error {
	g, err := x.ledGroup()
	if err != nil {
		return err
	}
	ids, err := x.c.ids("friends")
	if err != nil {
		return err
	}
	for _, id := range ids {
		if id == g.Owner || !slices.Contains(g.Members, id) {
			return refuse("member not found: %s", id)
		}
	}
	if len(ids) == 0 {
		return refuse("parameter error: friends")
	}
	entry := Entry{Chat: g.ID, Kind: "kick", Text: x.names(ids), Fields: map[string]string{"friends": strings.Join(ids, ",")}}
	x.effect(entry, func() { g.leave(ids) })
	return nil
}

// invite brings friends into a group; those who were not there are announced to every robot in it (§3.18, §3.22).
func (x *execution) invite() error {
	g, err := x.ownGroup("groupId", "group not found")
	if err != nil {
		return err
	}
	ids, err := x.friends()
	if err != nil {
		return err
	}
	entry := Entry{Chat: g.ID, Kind: "invite", Text: x.names(ids), Fields: map[string]string{"friends": strings.Join(ids, ",")}}
	x.effect(entry, func() { x.s.admit(x.r, g, ids) })
	return nil
}

// friends reads the people a command names; the robot must know them all.
func (x *execution) friends() ([]string, error) {
	ids, err := x.c.ids("friends")
	if err != nil {
		return nil, err
	}
	if len(ids) == 0 {
		return nil, refuse("parameter error: friends")
	}
	for _, id := range ids {
		if isGroupID(id) || !x.r.reaches(x.robot, id) {
			return nil, refuse("friend not found: %s", id)
		}
	}
	return ids, nil
}

// admit lets people into a group and tells the robots in it about those who are new.
func (s *Server) admit(r *realm, g *Group, ids []string) {
	joined := g.join(ids)
	if len(joined) == 0 {
		return
	}
	for _, b := range r.robotsIn(g) {
		if b.Status != StatusOnline {
			continue
		}
		s.publish(push{
			event: "action", typ: "robot.group.members.changed", robot: b.Key,
			payload: r.membersChanged(b, g, joined), passesFilter: true,
		})
	}
}

// createGroup makes a group of friends with the robot as its owner (§3.20, inferred).
func (x *execution) createGroup() error {
	ids, err := x.friends()
	if err != nil {
		return err
	}
	name, _ := x.c.str("name")
	if name == "" {
		name = x.names(ids)
	}
	g := &Group{ID: x.r.mint.groupID(), Name: name, Owner: x.robot.Wxid, Created: x.r.clock()}
	g.Members = append([]string{x.robot.Wxid}, ids...)
	x.out["groupId"], x.out["conversationId"] = g.ID, g.ID
	entry := Entry{Chat: g.ID, Kind: "create_group", Text: name, Fields: map[string]string{"friends": strings.Join(ids, ",")}}
	x.effect(entry, func() {
		x.r.groups = append(x.r.groups, g)
		x.s.publish(push{event: "chat", robot: x.robot.Key, payload: x.r.wireChat(x.robot, g.ID)})
	})
	return nil
}

// renameGroup changes a group's name (§3.19).
func (x *execution) renameGroup() error {
	g, err := x.ownGroup("groupId", "group not found")
	if err != nil {
		return err
	}
	name, err := x.c.str("newName")
	if err != nil || strings.TrimSpace(name) == "" {
		return refuse("parameter error: newName")
	}
	x.effect(Entry{Chat: g.ID, Kind: "rename_group", Text: name}, func() { g.Name = name })
	return nil
}

// announce sets a group's announcement (§3.23).
func (x *execution) announce() error {
	g, err := x.ledGroup()
	if err != nil {
		return err
	}
	notice, err := x.c.str("notice")
	if err != nil {
		return err
	}
	all := ""
	if x.c.body["isAll"] != nil {
		if all, err = x.c.integer("isAll"); err != nil {
			return err
		}
	}
	entry := Entry{Chat: g.ID, Kind: "announce", Text: notice, Fields: map[string]string{"isAll": all}}
	x.effect(entry, func() { g.Notice = notice })
	return nil
}

// listAdmins answers with a group's admins, the owner not among them (§3.16).
func (x *execution) listAdmins() error {
	g, err := x.ownGroup("conversationId", "invalid conversion id")
	if err != nil {
		return err
	}
	x.out["admins"] = append([]string{}, g.Admins...)
	return nil
}

// modifyAdmins adds or removes admins, members of the company only (§3.17).
func (x *execution) modifyAdmins() error {
	g, err := x.ownGroup("conversationId", "invalid conversion id")
	if err != nil {
		return err
	}
	opcode, err := x.c.integer("opcode")
	if err != nil || (opcode != "1" && opcode != "2") {
		return refuse("parameter error: opcode")
	}
	ids, err := x.admins(g)
	if err != nil {
		return err
	}
	if g.Owner != x.robot.Wxid {
		return refuse("no permission")
	}
	next := g.withAdmins(ids, opcode == "1")
	if len(next) > maxAdmins {
		return refuse("admins more than %d", maxAdmins)
	}
	fields := map[string]string{"opcode": opcode, "admins": strings.Join(ids, ",")}
	x.effect(Entry{Chat: g.ID, Kind: "admins", Text: x.names(ids), Fields: fields}, func() { g.Admins = next })
	return nil
}

func (x *execution) admins(g *Group) ([]string, error) {
	ids, err := x.c.ids("admins")
	if err != nil {
		return nil, err
	}
	for _, id := range ids {
		c, ok := x.r.contact(id)
		if !ok || !c.staff || !slices.Contains(g.Members, id) {
			return nil, refuse("admins invalid")
		}
	}
	if len(ids) == 0 {
		return nil, refuse("admins invalid")
	}
	return ids, nil
}

func (g *Group) withAdmins(ids []string, add bool) []string {
	next := slices.DeleteFunc(slices.Clone(g.Admins), func(id string) bool { return slices.Contains(ids, id) })
	if !add {
		return next
	}
	for _, id := range ids {
		if id != g.Owner && !slices.Contains(next, id) {
			next = append(next, id)
		}
	}
	return next
}

func (r *realm) groupProfile(g *Group) fields {
	members := []fields{}
	for _, id := range g.Members {
		c, _ := r.contact(id)
		members = append(members, fields{
			"userId": bareID(id), "name": c.name, "nickName": "", "avatorUrl": c.headImg, "wechatImgUrl": c.headImg,
			"gender": c.gender, "mobile": c.mobile, "isOuterUser": flag(!c.staff), "isExternalUser": flag(!c.staff),
			"realRemarks": "", "remarks": "", "isDelete": 0,
		})
	}
	notices := []string{}
	if g.Notice != "" {
		notices = append(notices, g.Notice)
	}
	return fields{
		"conversationId": g.ID, "name": g.Name, "creatorId": bareID(g.Owner), "memberCount": len(g.Members),
		"normalMemberCount": len(g.Members), "outerUserCount": r.outsiders(g), "groupNotices": notices,
		"isOuterGroupConversation": flag(r.outsiders(g) > 0), "createTime": written(g.Created), "memberList": members,
	}
}

// outsiders counts the members that are not of the company.
func (r *realm) outsiders(g *Group) int {
	n := 0
	for _, id := range g.Members {
		if c, ok := r.contact(id); ok && !c.staff {
			n++
		}
	}
	return n
}
