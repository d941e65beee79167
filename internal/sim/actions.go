package sim

import (
	"slices"
	"strings"
)

// actions are the commands the platform knows (§3.7 to §3.23), by type. Each reads its fields strictly, changes the
// world, and records what people saw of it; what it answers beyond the request's own fields goes into x.out. The types
// and fields of §3.13, §3.15 and §3.20 are lost in the document and inferred here.
var actions = map[string]func(*execution) error{
	"robot.accept.friend.request":     (*execution).acceptFriend,
	"robot.cust.tags":                 (*execution).tag,
	"robot.tags.sync":                 (*execution).listTags,
	"robot.modify.friend.remark":      (*execution).remark,
	"robot.info.modify":               (*execution).modifyInfo,
	"robot.phone.contact.add":         (*execution).addByPhone,
	"robot.contacts.inquiry":          (*execution).inquire,
	"robot.message.forward":           (*execution).forward,
	"robot.delete.group.members":      (*execution).kick,
	"robot.invite.friends.join.group": (*execution).invite,
	"robot.create.group":              (*execution).createGroup,
	"robot.modify.group.name":         (*execution).renameGroup,
	"robot.set.group.announcement":    (*execution).announce,
	"robot.conv.admins":               (*execution).listAdmins,
	"robot.conv.modify.admins":        (*execution).modifyAdmins,
}

// acceptFriend makes the sender of a pending request a customer (§3.8).
func (x *execution) acceptFriend() error {
	id, err := x.c.str("friendWxid")
	if err != nil {
		return err
	}
	i := slices.IndexFunc(x.r.requests, func(q FriendRequest) bool { return q.RobotKey == x.robot.Key && q.Person == id })
	known := x.r.friends[pair{x.robot.Key, id}] != nil
	if i < 0 && !known {
		return refuse("friend request not found")
	}
	reason := ""
	if i >= 0 {
		reason = x.r.requests[i].Reason
	}
	x.effect(Entry{Chat: id, Kind: "accept", Text: x.r.peerName(id), Fields: map[string]string{"reason": reason}}, func() {
		x.r.befriend(x.robot.Key, id, x.r.clock())
		if i >= 0 {
			x.r.requests = slices.Delete(x.r.requests, i, i+1)
		}
	})
	return nil
}

// tag puts labels on a customer and takes labels off (§3.11). Ids are strings there, and only there.
func (x *execution) tag() error {
	id, err := x.c.str("userId")
	if err != nil {
		return err
	}
	on, err := x.labels("tags")
	if err != nil {
		return err
	}
	off, err := x.labels("erasingTags")
	if err != nil {
		return err
	}
	f := x.r.friends[pair{x.robot.Key, id}]
	if f == nil {
		return refuse("customer not found")
	}
	x.effect(Entry{Chat: id, Kind: "tag", Text: x.tagLine(on, off), Fields: map[string]string{
		"tags": strings.Join(on, ","), "erasingTags": strings.Join(off, ","),
	}}, func() { f.retag(on, off) })
	return nil
}

func (x *execution) labels(field string) ([]string, error) {
	ids, err := x.c.stringIDs(field)
	if err != nil {
		return nil, err
	}
	for _, id := range ids {
		if _, ok := x.r.label(id); !ok {
			return nil, refuse("label not found: %s", id)
		}
	}
	return ids, nil
}

func (x *execution) tagLine(on, off []string) string {
	var parts []string
	for _, id := range on {
		name, _ := x.r.label(id)
		parts = append(parts, "+"+name)
	}
	for _, id := range off {
		name, _ := x.r.label(id)
		parts = append(parts, "-"+name)
	}
	return strings.Join(parts, " ")
}

func (f *friendship) retag(on, off []string) {
	f.tags = slices.DeleteFunc(f.tags, func(id string) bool { return slices.Contains(off, id) })
	for _, id := range on {
		if !slices.Contains(f.tags, id) {
			f.tags = append(f.tags, id)
		}
	}
}

// listTags answers with all tag groups, ids as bare numbers above 2^53 (§3.12).
func (x *execution) listTags() error {
	groups := []fields{}
	for _, g := range x.r.tagGroups {
		w := wireTagGroup(g)
		groups = append(groups, w)
		if g.Personal {
			x.out["personLabel"] = w
		}
	}
	x.out["labelList"] = groups
	x.out["companyName"] = "广州有机云计算有限责任公司"
	x.out["companyId"] = "1970325046037717"
	return nil
}

func wireTagGroup(g *TagGroup) fields {
	subs := []fields{}
	for _, l := range g.Labels {
		sub := wireLabel(l, g.Personal)
		sub["isGroupLabel"], sub["labelGroupId"], sub["groupName"] = 0, bareID(g.ID), g.Name
		sub["fullName"] = g.Name + ":" + l.Name
		subs = append(subs, sub)
	}
	w := wireLabel(Label{g.ID, g.Name}, g.Personal)
	w["isGroupLabel"], w["labelGroupId"], w["groupName"] = 1, 0, ""
	w["fullName"], w["isCustomLabelGroup"] = g.Name, flag(g.Personal)
	w["subLabelList"] = subs
	return w
}

func wireLabel(l Label, personal bool) fields {
	return fields{
		"labelId": bareID(l.ID), "name": l.Name, "isCorpLabel": flag(!personal),
		"isCustomLabelGroup": 0, "isFakeAddLabel": 0, "createTime": written(founded),
	}
}

// remark changes a customer's remark and description (§3.13, inferred).
func (x *execution) remark() error {
	id, _, ok := readID(x.c.body["userId"])
	f := x.r.friends[pair{x.robot.Key, id}]
	if !ok || f == nil {
		return refuse("customer not found")
	}
	name, errName := x.c.str("realRemarks")
	text, errText := x.c.str("remarks")
	if errName != nil && errText != nil {
		return errName
	}
	x.effect(Entry{Chat: id, Kind: "remark", Text: name, Fields: map[string]string{"remarks": text}}, func() {
		if errName == nil {
			f.remark = name
		}
		if errText == nil {
			f.description = text
		}
	})
	return nil
}

// modifyInfo changes the robot's own profile (§3.14).
func (x *execution) modifyInfo() error {
	next := *x.robot
	changed := map[string]string{}
	targets := map[string]*string{
		"name": &next.NickName, "alias": &next.Alias, "phone": &next.Phone, "mobile": &next.Mobile, "position": &next.Position,
	}
	for name, to := range targets {
		if x.c.body[name] == nil {
			continue
		}
		v, err := x.c.str(name)
		if err != nil {
			return err
		}
		*to, changed[name] = v, v
	}
	if x.c.body["gender"] != nil {
		gender, err := x.c.integer("gender")
		if err != nil || (gender != "1" && gender != "2") {
			return refuse("parameter error: gender")
		}
		next.Gender, changed["gender"] = int(gender[0]-'0'), gender
	}
	x.out["address"] = "大学城"
	x.effect(Entry{Kind: "info", Text: next.NickName, Fields: changed}, func() { *x.robot = next })
	return nil
}

// addByPhone applies to become somebody's friend (§3.9).
func (x *execution) addByPhone() error {
	phone, err := x.c.str("phone")
	if err != nil {
		return err
	}
	i := slices.IndexFunc(x.r.people, func(p *Person) bool { return phone != "" && p.Mobile == phone })
	if i < 0 {
		return refuse("user not found")
	}
	p := x.r.people[i]
	x.out["userData"] = fields{
		"userId": x.r.mint.either(p.ID), "name": p.Name, "gender": p.Gender,
		"isOuterUser": flag(!p.Staff), "wechatImgUrl": p.HeadImg,
	}
	x.effect(Entry{Chat: p.ID, Kind: "phone_add", Text: p.Name, Fields: map[string]string{"phone": phone}}, func() {})
	return nil
}

// forward sends a message the robot has seen to others (§3.7). Each target gets its own copy; those the robot cannot
// reach are left with sendStatus 2.
func (x *execution) forward() error {
	id, err := x.c.integer("msgSvrID")
	if err != nil {
		return err
	}
	targets, err := x.c.stringIDs("friends")
	if err != nil {
		return err
	}
	m := x.r.bySvrID(x.robot.Key, id)
	if m == nil {
		return refuse("message not found")
	}
	if !slices.Contains([]int{TypeImage, TypeFile, TypeLink, TypeMiniProgram}, m.Content.ContentType) {
		return refuse("message can't be forwarded")
	}
	for _, peer := range targets {
		if !x.r.reaches(x.robot, peer) {
			x.c.content = m.Content
			err = x.unsent(peer, SendFailed, refuse("target not found: %s", peer))
			continue
		}
		x.deliver(peer, m.Content)
	}
	delete(x.out, "msgSvrID") // the request's own stands
	return err
}

// inquire answers with full profiles of people and groups (§3.21). Ids nobody has are left out.
func (x *execution) inquire() error {
	ids, err := x.c.ids("contacts")
	if err != nil {
		return err
	}
	found := []fields{}
	for _, id := range ids {
		if g := x.r.groupByID(id); g != nil {
			found = append(found, x.r.groupProfile(g))
		} else if c, ok := x.r.contact(id); ok {
			found = append(found, x.profile(c))
		}
	}
	x.out["reqContacts"], x.out["contacts"] = x.c.body["contacts"], found
	return nil
}

func (x *execution) profile(c contact) fields {
	f := x.r.friends[pair{x.robot.Key, c.id}]
	if f == nil {
		f = &friendship{}
	}
	return fields{
		"userId": c.id, "name": c.name, "avatorUrl": c.headImg, "wechatImgUrl": c.headImg, "corpanyId": "197032788",
		"namePinyin": "", "phone": "", "officePhone": "", "mobile": c.mobile, "gender": c.gender,
		"realRemarks": f.remark, "remarks": f.description, "isOuterUser": flag(!c.staff), "isExternalUser": flag(!c.staff),
	}
}
