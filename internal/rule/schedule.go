package rule

import (
	"slices"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"botengine/internal/actions"
	"botengine/internal/calendar"
	"botengine/internal/diag"
	"botengine/internal/event"
)

// Schedule is a trigger's schedule.
type Schedule struct {
	*calendar.Schedule
	Missed Missed
}

// Missed says what becomes of an instant at which the engine did not run.
type Missed string

// What it may be. Skip is the default.
const (
	MissedSkip Missed = "skip" // it is left out, unless it was just now
	MissedOnce Missed = "once" // the last of those that were missed happens late
)

// triggerList reads `on`: one trigger or a list of them, each a name or, of a
// schedule, `schedule: {…}`.
func (b *builder) triggerList(n *yaml.Node) []Trigger {
	nodes := []*yaml.Node{n}
	if n.Kind == yaml.SequenceNode {
		b.someTriggers(n)
		nodes = n.Content
	}
	var out []Trigger
	for _, one := range nodes {
		t, ok := b.trigger(one)
		if ok && (t.Schedule != nil || !slices.ContainsFunc(out, func(o Trigger) bool { return o.Name == t.Name })) {
			out = append(out, t)
		}
	}
	return out
}

func (b *builder) someTriggers(n *yaml.Node) {
	if len(n.Content) == 0 {
		b.fail(n, "BE125", diag.T("这个列表是空的", "the list is empty"), diag.T("写上内容，或去掉这个字段", "put something in, or take the field out"))
	}
}

// trigger reads one trigger.
func (b *builder) trigger(n *yaml.Node) (Trigger, bool) {
	if n.Kind == yaml.MappingNode {
		return b.triggerWithFields(n)
	}
	name, ok := b.text(n)
	switch {
	case !ok:
		return Trigger{}, false
	case name == string(event.Schedule):
		b.fail(n, "BE103", diag.T("缺少 `cron` 或 `every`", "`cron` or `every` is missing"), scheduleHint)
		return Trigger{}, false
	case name == strings.TrimSuffix(emitPrefix, "."):
		b.fail(n, "BE106", diag.T("`emit` 后面要有事件的名称", "`emit` needs the name of an event"), diag.T("例如 `on: emit.报名成功`", "such as `on: emit.signed-up`"))
		return Trigger{}, false
	case name == "friend.added":
		b.noFriendAdded(n)
		return Trigger{}, false
	case strings.HasPrefix(name, emitPrefix):
		return b.emitTrigger(n, name)
	case !b.oneOf(item{n, name}, triggerWords):
		return Trigger{}, false
	}
	return newTrigger(name), true
}

var scheduleHint = diag.T("写成 `on: {schedule: {cron: \"0 9 * * mon-fri\"}}`，或 `on: {schedule: {every: 2h}}`",
	"write `on: {schedule: {cron: \"0 9 * * mon-fri\"}}`, or `on: {schedule: {every: 2h}}`")

// noFriendAdded is the finding on a trigger that one looks for in vain.
func (b *builder) noFriendAdded(n *yaml.Node) {
	b.fail(n, "BE107", diag.T("没有 `friend.added`：平台不通知好友已经添加成功", "there is no `friend.added`: the platform does not tell when somebody has become a friend"),
		diag.T("监听 `friend.request`，把要做的步骤写在 `accept_friend` 后面：它成功了才会往下做", "listen to `friend.request` and put the steps behind `accept_friend`: they are done once it succeeded"))
}

// triggerWithFields reads `schedule: {…}`, the only trigger that has any.
func (b *builder) triggerWithFields(n *yaml.Node) (Trigger, bool) {
	pairs, _ := b.pairs(n, triggerForm)
	if len(pairs) != 1 {
		if len(pairs) > 1 {
			b.fail(pairs[1].key, "BE104", diag.T("一个触发事件只能有一个名字", "a trigger has one name"), diag.T("几个触发事件写成列表，每个前面加「- 」", "write several triggers as a list, each with a `- ` before it"))
		}
		return Trigger{}, false
	}
	p := pairs[0]
	name := p.key.Value
	switch {
	case name == string(event.Schedule):
		s, ok := b.schedule(p)
		return Trigger{Name: name, Kinds: []event.Kind{event.Schedule}, Schedule: s}, ok
	case slices.Contains(triggerWords.known, name):
		b.fail(p.key, "BE104", diag.T("`%s` 后面不写内容", "`%s` takes nothing behind it", name), diag.T("写成 `on: %s`", "write `on: %s`", name))
	case name == "cron", name == "every":
		b.fail(p.key, "BE107", diag.T("`%s` 写在 `schedule` 里", "`%s` stands within `schedule`", name), scheduleHint)
	default:
		b.fail(p.key, "BE107", diag.T("不认识 `%s`", "`%s` is not one of the choices", name), choiceHint(name, []string{string(event.Schedule)}))
	}
	return Trigger{}, false
}

// schedule reads what stands under `schedule`.
func (b *builder) schedule(p field) (*Schedule, bool) {
	if isNull(p.value) {
		b.fail(p.key, "BE125", diag.T("`schedule` 是空的", "`schedule` is empty"), scheduleHint)
		return nil, false
	}
	f, ok := b.fields(p.value, scheduleForm, keysOf("schedule"))
	if !ok {
		return nil, false
	}
	s := &Schedule{Missed: MissedSkip}
	if n := f.get("missed"); n != nil {
		if word, ok := b.choice(n, choicesOf("schedule", "missed")); ok {
			s.Missed = Missed(word)
		}
	}
	zone := b.zone(f.get("timezone"))
	switch cron, every := f.get("cron"), f.get("every"); {
	case cron != nil && every != nil:
		b.fail(f.key("every"), "BE130", diag.T("`cron` 和 `every` 不能同时用", "`cron` and `every` exclude each other"), diag.T("只留一个，或写成两个 `schedule`", "keep one, or write two `schedule`s"))
	case cron != nil:
		s.Schedule = b.cron(cron, zone)
	case every != nil:
		s.Schedule = b.every(every, zone)
	case !f.written("cron") && !f.written("every"):
		b.fail(p.value, "BE103", diag.T("缺少 `cron` 或 `every`", "`cron` or `every` is missing"), scheduleHint)
	}
	return s, s.Schedule != nil
}

// every reads how often; it returns nil when there is something wrong with it.
func (b *builder) every(n *yaml.Node, zone *time.Location) *calendar.Schedule {
	d, err := actions.ParseDuration(n.Value)
	switch {
	case n.Kind != yaml.ScalarNode || err != nil:
		b.duration(n) // for its finding
	case d < calendar.MinEvery:
		b.fail(n, "BE136", diag.T("太频繁：最短是 1 分钟", "too often: at least a minute lies between"), diag.T("写成 `every: 1m` 或更长", "write `every: 1m` or more"))
	case d > calendar.MaxEvery:
		b.fail(n, "BE126", diag.T("`every` 最长 24h", "`every` is at most 24h"), diag.T("更长的间隔用 `cron`，例如每周一 9 点：`cron: \"0 9 * * mon\"`", "for longer ones use `cron`, such as Mondays at 9: `cron: \"0 9 * * mon\"`"))
	default:
		return calendar.Every(d, zone)
	}
	return nil
}

// cron reads a cron expression; it returns nil when there is something wrong with it.
func (b *builder) cron(n *yaml.Node, zone *time.Location) *calendar.Schedule {
	text, ok := b.text(n)
	if !ok {
		return nil
	}
	s, fault := calendar.Cron(text, zone)
	if fault != nil {
		b.badCron(n, text, fault)
		return nil
	}
	return s
}

// Scheduled returns the rules that are on and have a schedule, in walk order.
func (s *Set) Scheduled() []*Rule { return s.scheduled }

// ListensTo says whether a rule that is on has that trigger.
func (s *Set) ListensTo(k event.Kind) bool { return s.index.listen[k].bit != 0 }

// scheduledOf are the rules of a set that are on and have a schedule.
func scheduledOf(rules []*Rule) []*Rule {
	var out []*Rule
	for _, r := range rules {
		if r.on() && len(r.Schedules()) > 0 {
			out = append(out, r)
		}
	}
	return out
}

// Schedules returns the rule's schedules.
func (r *Rule) Schedules() []*Schedule {
	var out []*Schedule
	for i := range r.On {
		if s := r.On[i].Schedule; s != nil {
			out = append(out, s)
		}
	}
	return out
}

// Timetable is equal for rules whose schedules have the same instants.
func (r *Rule) Timetable() string {
	var all []string
	for _, s := range r.Schedules() {
		all = append(all, s.String())
	}
	slices.Sort(all)
	return strings.Join(slices.Compact(all), "; ")
}

// PerChat says whether the rule's scheduled events happen in chats: in each that
// its scope names. Else they happen to robots, each once.
func (r *Rule) PerChat() bool {
	return r.scope != nil && (len(r.scope.chats) > 0 || r.scope.onlyGroups())
}

// Chats returns what the rule's scope names its chats by and what may be an id.
func (r *Rule) Chats() []string {
	var out []string
	if r.scope == nil {
		return nil
	}
	for _, p := range r.scope.chats {
		if !p.glob {
			out = append(out, p.text)
		}
	}
	return out
}

// aim gives the triggers of schedules the kind of event they are, which follows
// from the rule's scope.
func (r *Rule) aim() {
	for i := range r.On {
		if r.On[i].Schedule != nil && r.PerChat() {
			r.On[i].Kinds = []event.Kind{event.ScheduleChat}
		}
	}
}

// matchScheduled is Match for the one rule that a scheduled event is for.
func (s *Set) matchScheduled(w *walk) []Match {
	r, ok := s.byID[w.ev.Schedule.Rule]
	if !ok {
		return nil
	}
	if m := w.look(r); m.Outcome == "" || m.Outcome == Inactive || m.Outcome == ConditionError {
		return []Match{m}
	}
	return nil
}
