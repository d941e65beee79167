package sim

import (
	"slices"
	"strconv"
	"strings"
)

// listRobots answers §2.2.
func (s *Server) listRobots(params) (fields, error) {
	all := []fields{}
	s.world.with(func(r *realm) {
		for _, b := range r.robots {
			all = append(all, fields{
				"robotKey": b.Key, "wxid": b.Wxid, "nickName": b.NickName, "aliasName": orNull(b.Alias),
				"headImg": b.HeadImg, "robotStatus": int(b.Status), "lastLoginTime": written(founded),
				"clientCode": assignTo, "masterClientCode": assignTo, "corpid": "ww5484f5410f7f5445",
				"officialUserId": b.NickName, "color": nil, "serviceCode": nil,
			})
		}
	})
	return fields{"total": len(all), "data": all}, nil
}

func orNull(s string) any {
	if s == "" {
		return nil
	}
	return s
}

// ofRobot runs f with the robot the request names, as every list but §2.2 must.
func (s *Server) ofRobot(p params, f func(r *realm, b *Robot) ([]fields, error)) (fields, error) {
	var all []fields
	err := error(errNoRobot)
	s.world.with(func(r *realm) {
		if b := r.robotByKey(p.get("robotKey")); b != nil {
			all, err = f(r, b)
		}
	})
	if err != nil {
		return nil, err
	}
	return page(all, p)
}

// wanted says whether a filter that is given lets value pass.
func wanted(filter, value string) bool { return filter == "" || filter == value }

// alike says whether a fuzzy filter lets a name pass: a part of it will do, in either case.
func alike(filter, name string) bool {
	return strings.Contains(strings.ToLower(name), strings.ToLower(filter))
}

// listCustomers answers §2.3: those who are customers (status 1) and those who were (0).
func (s *Server) listCustomers(p params) (fields, error) {
	return s.ofRobot(p, func(r *realm, b *Robot) ([]fields, error) {
		var all []fields
		for _, who := range r.people {
			f := r.everFriend(b.Key, who.ID)
			if f != nil && r.customerWanted(p, who, f) {
				all = append(all, customer(b, who, f))
			}
		}
		return all, nil
	})
}

func (r *realm) customerWanted(p params, who *Person, f *friendship) bool {
	name := p.get("name")
	if !wanted(p.get("userId"), who.ID) || !statusWanted(p, f.state() == stateNormal) {
		return false
	}
	if !alike(name, who.Name) && !alike(name, f.remark) {
		return false
	}
	tags := p.list("tagList")
	return len(tags) == 0 || slices.ContainsFunc(f.tags, func(id string) bool {
		full, _ := r.label(id)
		_, short, _ := strings.Cut(full, "/")
		return slices.Contains(tags, short) || slices.Contains(tags, full)
	})
}

// statusWanted says whether the status filter lets something pass that is there (1), or was (0).
func statusWanted(p params, there bool) bool {
	return wanted(p.get("status"), strconv.Itoa(flag(there)))
}

func customer(b *Robot, who *Person, f *friendship) fields {
	there := f.state() == stateNormal
	return fields{
		"robotKey": b.Key, "userId": bareID(who.ID), "name": who.Name, "realRemarks": f.remark, "remarks": f.description,
		"avatorUrl": who.HeadImg, "status": flag(there), "isOuterUser": flag(!who.Staff), "isExternalUser": 1, "isDelete": flag(!there),
		"mobile": who.Mobile, "gender": who.Gender, "gmtCreate": written(f.since), "gmtModify": written(f.since),
		"flag": f.flag(), "state": f.state(), "corpid": "ww5484f5410f7f5445",
	}
}

// listGroups answers §2.4: the groups the robot is in (status 1) and those it was in (0).
func (s *Server) listGroups(p params) (fields, error) {
	return s.ofRobot(p, func(r *realm, b *Robot) ([]fields, error) {
		var all []fields
		for _, g := range r.groups {
			if g.knows(b.Wxid) && wanted(p.get("conversationId"), g.ID) && wanted(p.get("creatorId"), g.Owner) &&
				statusWanted(p, slices.Contains(g.Members, b.Wxid)) && alike(p.get("name"), g.Name) {
				all = append(all, r.groupRow(b, g))
			}
		}
		return all, nil
	})
}

func (r *realm) groupRow(b *Robot, g *Group) fields {
	return fields{
		"robotKey": b.Key, "conversationId": g.ID, "name": g.Name, "creatorId": bareID(g.Owner),
		"creatorName": r.peerName(g.Owner), "memberCount": len(g.Members), "outerUserCount": r.outsiders(g),
		"status":                   flag(slices.Contains(g.Members, b.Wxid)),
		"isOuterGroupConversation": flag(r.outsiders(g) > 0), "createTime": written(g.Created),
		"gmtCreate": written(g.Created), "gmtModify": written(g.Created),
	}
}

// listMembers answers §2.6: the members (status 1) and those who were (0).
func (s *Server) listMembers(p params) (fields, error) {
	return s.ofRobot(p, func(r *realm, b *Robot) ([]fields, error) {
		g := r.groupByID(p.get("conversationId"))
		if g == nil || !slices.Contains(g.Members, b.Wxid) {
			return nil, refuse("group not found")
		}
		var all []fields
		for _, id := range slices.Concat(g.Members, g.left) {
			c, _ := r.contact(id)
			there := slices.Contains(g.Members, id)
			if wanted(p.get("memberUserId"), id) && statusWanted(p, there) && alike(p.get("memberName"), c.name) {
				all = append(all, memberRow(b, g, c, there))
			}
		}
		return all, nil
	})
}

func memberRow(b *Robot, g *Group, c contact, there bool) fields {
	row := fields{
		"robotKey": b.Key, "conversationId": g.ID, "conversationName": g.Name, "userId": bareID(c.id), "name": c.name,
		"avatorUrl": c.headImg, "status": flag(there), "isOuterUser": flag(!c.staff), "isExternalUser": flag(!c.staff),
		"gmtCreate": written(g.Created), "gmtModify": written(g.Created),
	}
	if c.id == g.Owner {
		row["isCreator"] = "1"
	}
	return row
}

// syncContacts answers §2.13: there is nothing to do, the world is always in step, but a robot that is not online can't.
func (s *Server) syncContacts(p params) (fields, error) {
	kind, err := p.number("syncType", 0)
	if err != nil || kind > 4 {
		return nil, refuse("parameter error: syncType")
	}
	_, err = s.ofRobot(p, func(_ *realm, b *Robot) ([]fields, error) {
		if b.Status != StatusOnline {
			return nil, refuse("robot offline")
		}
		return nil, nil
	})
	return nil, err
}
