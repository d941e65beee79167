package catchup

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"botengine/internal/event"
	"botengine/internal/state"
	"botengine/internal/yjiyun/rest"
)

const (
	comparedMost = 100 // groups per reading whose number of members did not change
	joinedMost   = 50  // members that one event names

	comparedEvery = time.Minute // the least time between two comparisons: each reading after a gap is followed by others
)

// snapshot is a group's list of members as it was read last. It is durable.
type snapshot struct {
	No  uint64    `json:"no"` // counts up with each list
	At  time.Time `json:"at"` // our clock, before it was read
	IDs []string  `json:"ids"`
}

// snapshotOf is where a robot's last list of a group's members is kept.
func snapshotOf(account, robot, group string) string {
	return "members/" + account + "/" + robot + "/" + group
}

// members finds who joined a group unheard. It is done after the messages, and a
// list that cannot be read is for the next time; so are all that are left when
// somebody waits for messages.
func (r *Runner) members(ctx context.Context) {
	now := r.o.Now()
	if !r.compared.IsZero() && now.Sub(r.compared) < comparedEvery {
		return
	}
	r.compared = now
	for _, robot := range r.o.Robots() {
		if r.isAsked() {
			return
		}
		if err := r.membersOf(ctx, robot); err != nil && ctx.Err() == nil {
			r.o.Log.Warn("lists of members could not be compared: the next reading does", "robot", robot.Key, "error", err)
			return
		}
	}
}

// groupState is a group as the platform lists it now, and as its members were.
type groupState struct {
	group rest.Group
	was   snapshot
}

func (r *Runner) membersOf(ctx context.Context, robot event.Robot) error {
	groups, err := r.groupsOf(ctx, robot.Key)
	if err != nil {
		return err
	}
	changed := func(g *groupState) bool { return g.was.No == 0 || g.group.Members != len(g.was.IDs) }
	slices.SortStableFunc(groups, func(a, b groupState) int { // what changed first, then what was looked at long ago
		if x, y := changed(&a), changed(&b); x != y {
			return cmp.Compare(rank(x), rank(y))
		}
		return a.was.At.Compare(b.was.At)
	})
	same := 0
	for i := range groups {
		if r.isAsked() {
			return nil
		}
		if !changed(&groups[i]) {
			if same++; same > comparedMost {
				return nil
			}
		}
		if err := r.compare(ctx, robot, &groups[i]); err != nil {
			return err
		}
	}
	return nil
}

func rank(changed bool) int {
	if changed {
		return 0
	}
	return 1
}

// groupsOf lists a robot's groups with what is remembered of their members.
func (r *Runner) groupsOf(ctx context.Context, robot string) (groups []groupState, err error) {
	there := 1
	for g, err := range r.o.Platform.Groups(ctx, rest.GroupsQuery{RobotKey: robot, Status: &there}) {
		if err != nil {
			return nil, err
		}
		groups = append(groups, groupState{group: g})
	}
	err = r.o.Store.View(ctx, func(tx state.Tx) error {
		for i := range groups {
			data, ok := tx.Document(snapshotOf(r.o.Account, robot, groups[i].group.ID))
			if !ok {
				continue
			}
			if err := json.Unmarshal(data, &groups[i].was); err != nil {
				return fmt.Errorf("read the members of a group: %w", err)
			}
		}
		return nil
	})
	return groups, err
}

// compare reads a group's members and tells of those who were not there before.
func (r *Runner) compare(ctx context.Context, robot event.Robot, g *groupState) error {
	now := snapshot{No: g.was.No + 1, At: r.o.Now()}
	var news []event.Person
	there := 1
	for m, err := range r.o.Platform.Members(ctx, rest.MembersQuery{RobotKey: robot.Key, GroupID: g.group.ID, Status: &there}) {
		if err != nil {
			return err
		}
		now.IDs = append(now.IDs, m.UserID)
		if m.UserID != robot.ID && !slices.Contains(g.was.IDs, m.UserID) {
			news = append(news, event.Person{ID: m.UserID, Name: m.Name, Avatar: m.Avatar, IsMember: true})
		}
	}
	r.count.lists.Add(1)
	if len(now.IDs) == 0 {
		return nil // not even the robot is there: that is no list
	}
	if g.was.No > 0 {
		if err := r.infer(ctx, robot, g, news, &now); err != nil {
			return err
		}
	}
	return r.keep(ctx, robot.Key, g.group.ID, &now)
}

// infer hands in the new members as events. Those of a comparison that was cut
// short, and is made again, are known by their keys.
func (r *Runner) infer(ctx context.Context, robot event.Robot, g *groupState, news []event.Person, now *snapshot) error {
	chat := event.Chat{Peer: g.group.ID, Name: g.group.Name, Group: true}
	at := r.clock.Platform(now.At)
	for members := range slices.Chunk(news, joinedMost) {
		ev := event.OfMembers(r.o.Account, robot, chat, members, now.No, g.was.At, at)
		ev.Skew = r.clock.Beyond()
		if ev.Members = r.unheard(ctx, ev); len(ev.Members) == 0 {
			continue
		}
		fresh, err := r.o.TakeIn(ctx, []event.Event{ev})
		if err != nil {
			return fmt.Errorf("take in new members: %w", err)
		}
		if fresh[0] {
			r.count.inferred.Add(uint64(len(ev.Members)))
			r.o.Log.Info("people joined a group unheard", "robot", robot.Key, "group", g.group.ID, "members", len(ev.Members))
		}
	}
	return nil
}

// unheard leaves those out who were told of with the same list.
func (r *Runner) unheard(ctx context.Context, ev event.Event) []event.Person {
	keys := ev.Keys()
	members := slices.Clone(ev.Members)
	_ = r.o.Store.View(ctx, func(tx state.Tx) error { // if it fails, taking in fails, too
		i := -1
		members = slices.DeleteFunc(members, func(event.Person) bool {
			i++
			return tx.Seen(keys[i : i+1])
		})
		return nil
	})
	return members
}

func (r *Runner) keep(ctx context.Context, robot, group string, s *snapshot) error {
	data, err := json.Marshal(s)
	if err == nil {
		err = r.o.Store.Update(ctx, func(tx state.Tx) error {
			tx.PutDocument(snapshotOf(r.o.Account, robot, group), data)
			return nil
		})
	}
	if err != nil {
		return fmt.Errorf("keep the members of a group: %w", err)
	}
	return nil
}
