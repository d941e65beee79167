package sim

import (
	"cmp"
	"slices"
)

// groupOfRobot is one robot's membership in one group.
type groupOfRobot struct {
	robot *Robot
	group *Group
	there bool // still
}

// downloadGroups answers §2.5: a workbook of the groups that are asked for, by their ids or by filters.
func (s *Server) downloadGroups(p params) (fields, error) {
	var all []groupOfRobot
	var rows [][]any
	var name string
	var err error
	s.world.with(func(r *realm) {
		if all, err = r.groupsToDownload(p); err == nil {
			rows = r.groupSheet(all)
		}
		name = "机器人群数据_" + r.mint.messageID(r.clock()) + ".xlsx"
	})
	if err != nil {
		return nil, err
	}
	book, err := writeXLSX(rows)
	if err != nil {
		return nil, err
	}
	path := s.files.add(file{name, xlsxType, book})
	return fields{"downloadUrl": s.URL() + path}, nil
}

func (r *realm) groupsToDownload(p params) ([]groupOfRobot, error) {
	if ids := p.list("conversationIds"); len(ids) > 0 {
		return r.groupsNamed(p.get("robotKey"), ids)
	}
	keys := p.list("robotKeys")
	if len(keys) == 0 {
		return nil, refuse("parameter error: robotKeys")
	}
	filter, err := readGroupFilter(p)
	if err != nil {
		return nil, err
	}
	var all []groupOfRobot
	for _, key := range keys {
		b := r.robotByKey(key)
		if b == nil {
			return nil, errNoRobot
		}
		for _, g := range r.groups {
			if one := (groupOfRobot{b, g, slices.Contains(g.Members, b.Wxid)}); g.knows(b.Wxid) && filter.passes(r, one) {
				all = append(all, one)
			}
		}
	}
	return all, filter.sort(all)
}

// groupsNamed are the groups with those ids, all of them the robot's.
func (r *realm) groupsNamed(robotKey string, ids []string) ([]groupOfRobot, error) {
	b := r.robotByKey(robotKey)
	if b == nil {
		return nil, errNoRobot
	}
	var all []groupOfRobot
	for _, id := range ids {
		g := r.groupByID(id)
		if g == nil || !g.knows(b.Wxid) {
			return nil, refuse("group not found: %s", id)
		}
		all = append(all, groupOfRobot{b, g, slices.Contains(g.Members, b.Wxid)})
	}
	return all, nil
}

// groupFilter is what §2.5 can filter and order by.
type groupFilter struct {
	p            params
	least, most  int64 // members; most negative: no bound
	outer, order int64 // outer negative: both kinds
}

func readGroupFilter(p params) (f groupFilter, err error) {
	f.p = p
	for _, field := range []struct {
		name      string
		to        *int64
		otherwise int64
	}{{"memberCount", &f.least, 0}, {"upmemberCount", &f.most, -1}, {"outerGroupChat", &f.outer, -1}, {"orderBy", &f.order, 4}} {
		if *field.to, err = p.number(field.name, field.otherwise); err != nil {
			return f, err
		}
	}
	if f.outer > 1 {
		return f, refuse("parameter error: outerGroupChat")
	}
	return f, nil
}

func (f groupFilter) passes(r *realm, one groupOfRobot) bool {
	g, n := one.group, int64(len(one.group.Members))
	outer := int64(flag(r.outsiders(g) > 0))
	return statusWanted(f.p, one.there) && alike(f.p.get("name"), g.Name) &&
		wanted(f.p.get("creatorId"), g.Owner) && alike(f.p.get("creatorName"), r.peerName(g.Owner)) &&
		n >= f.least && (f.most < 0 || n <= f.most) && (f.outer < 0 || f.outer == outer)
}

// sort puts the groups into the order asked for: 1 and 2 by name, 3 and 4 by age.
func (f groupFilter) sort(all []groupOfRobot) error {
	byName := func(a, b groupOfRobot) int { return cmp.Compare(a.group.Name, b.group.Name) }
	byAge := func(a, b groupOfRobot) int { return a.group.Created.Compare(b.group.Created) }
	orders := map[int64]func(a, b groupOfRobot) int{
		1: byName, 2: func(a, b groupOfRobot) int { return byName(b, a) },
		3: byAge, 4: func(a, b groupOfRobot) int { return byAge(b, a) },
	}
	order, ok := orders[f.order]
	if !ok {
		return refuse("parameter error: orderBy")
	}
	slices.SortStableFunc(all, order)
	return nil
}

// groupSheet is the table of the document's sample.
func (r *realm) groupSheet(all []groupOfRobot) [][]any {
	rows := [][]any{{"序号", "群名称", "群主", "状态", "群类型", "群人数", "创建时间", "更新时间"}}
	for i, one := range all {
		status, kind := "正常", "内部群"
		if !one.there {
			status = "解散"
		}
		if r.outsiders(one.group) > 0 {
			kind = "外部群"
		}
		created := written(one.group.Created)
		rows = append(rows, []any{
			i, one.group.Name, r.peerName(one.group.Owner), status, kind, len(one.group.Members), created, created,
		})
	}
	return rows
}
