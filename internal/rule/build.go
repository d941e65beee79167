package rule

import (
	"regexp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"botengine/internal/diag"
	"botengine/internal/event"
	"botengine/internal/expression"
)

var ruleFields = names{known: formKeys["rule"], old: map[string]string{"then": "do"}}

// ruleID is what an id may be.
var ruleID = regexp.MustCompile(`^[a-z0-9._-]{1,100}$`)

// rule compiles one entry of `rules`. It returns nil when that is no rule at all;
// a rule with mistakes is returned, for its id.
func (b *builder) rule(n *yaml.Node) *Rule {
	f, ok := b.fields(n, ruleForm, ruleFields)
	if !ok {
		return nil
	}
	r := &Rule{File: b.doc.path, Line: n.Line, Outside: End}
	b.identity(r, f)
	b.triggers(r, f)
	s := b.settings(f, b.defaults)
	b.apply(r, s)
	r.aim()
	if m := f.get("match"); m != nil {
		r.match = b.matcher(m)
	}
	opts := expression.Options{Kinds: r.kinds(), Vars: b.vars, Inputs: b.inputs, Lists: b.lists, Changing: b.changing, Workdays: b.workdays(), Labels: b.groupLabels, Macros: b.macros, HasHit: f.written("match"), Memo: &b.memo}
	b.checks(r, f.get("when"), s.unless, &opts)
	r.Stop = b.flag(f.get("stop"), false)
	r.Version = b.versionOf(n)
	opts.Gather = r.Coalesce != nil
	if do := f.get("do"); do != nil {
		b.compileBlock(r, do, "", opts)
	} else {
		b.missing(f, "do", diag.T("`do` 说明要做什么，例如 `do: [{reply: 您好}]`", "`do` says what to do, such as `do: [{reply: 您好}]`"))
	}
	b.outside(r, opts)
	b.guards(r)
	b.advise(r, f)
	b.advisePer(r, f)
	b.adviseSlow(r, f)
	return r
}

// identity reads who the rule is.
func (b *builder) identity(r *Rule, f fields) {
	r.Enabled = b.flag(f.get("enabled"), true)
	if n := f.get("id"); n != nil {
		if id, ok := b.text(n); ok && b.isRuleID(n, id) {
			r.ID, r.Line, r.idAt = id, n.Line, b.doc.at(n)
		}
	} else {
		b.missing(f, "id", diag.T("每条规则要有唯一的编号，例如 `id: refund`", "every rule has an id of its own, such as `id: refund`"))
	}
	if n := f.get("name"); n != nil {
		r.Name, _ = b.text(n)
	}
	if n := f.get("owner"); n != nil {
		r.Owner, _ = b.text(n)
	}
	if n := f.get("labels"); n != nil {
		r.Labels = b.labels(n)
	}
}

func (b *builder) isRuleID(n *yaml.Node, id string) bool {
	if ruleID.MatchString(id) {
		return true
	}
	b.fail(n, "BE106", diag.T("编号 `%s` 写法不对", "bad id `%s`", id),
		diag.T("只用小写字母、数字和 `.` `_` `-`，最多 100 个；中文写在 `name` 里", "lower-case letters, digits and `.` `_` `-` only, at most 100; anything else goes into `name`"))
	return false
}

// labels reads texts by name.
func (b *builder) labels(n *yaml.Node) map[string]string {
	out := map[string]string{}
	pairs, _ := b.pairs(n, labelsForm)
	for _, p := range pairs {
		if text, ok := b.text(p.value); ok {
			out[p.key.Value] = text
		}
	}
	return out
}

// messageKinds are what `message` stands for.
var messageKinds = []event.Kind{
	event.MessageText, event.MessageImage, event.MessageFile, event.MessageVideo, event.MessageVoice, event.MessageLink,
	event.MessageSticker, event.MessageMiniProgram, event.MessagePhone, event.MessageOther,
}

// triggerWords are the names that `on` may have.
var triggerWords = func() names {
	var out names
	for _, w := range triggerDocs {
		out.known = append(out.known, w.Name)
	}
	return out
}()

// triggers reads `on`.
func (b *builder) triggers(r *Rule, f fields) {
	if n := f.get("on"); n != nil {
		r.On = b.triggerList(n)
		return
	}
	b.missing(f, "on", diag.T("`on` 说明监听什么，例如 `on: message.text`", "`on` says what the rule listens to, such as `on: message.text`"))
}

func newTrigger(name string) Trigger {
	switch name {
	case "message":
		return Trigger{Name: name, Kinds: messageKinds}
	case "mention":
		return Trigger{Name: name, Kinds: []event.Kind{event.MessageText}, Mention: true}
	case event.Result.Trigger():
		return Trigger{Name: name, Kinds: []event.Kind{event.Result}}
	}
	return Trigger{Name: name, Kinds: []event.Kind{event.Kind(name)}}
}

// kinds are all kinds of event the rule listens to, each once.
func (r *Rule) kinds() []event.Kind {
	var out []event.Kind
	for _, t := range r.On {
		for _, k := range t.Kinds {
			if !slices.Contains(out, k) {
				out = append(out, k)
			}
		}
	}
	return out
}

// apply gives the rule its settings.
func (b *builder) apply(r *Rule, s settings) {
	r.Run, r.Rollout = s.run, s.rollout
	r.Mode, r.Priority, r.MaxAge, r.Cooldown, r.LoopGuard = s.mode, s.priority, s.maxAge, s.cooldown, s.loopGuard
	r.scope, r.active, r.include, r.Gates = s.scope, s.active, s.include, s.gates
	r.Takeover, r.Responder, r.staff = s.takeover, s.responder, b.lists[staffList]
}

// advise warns of rules that are sound and yet hardly meant.
func (b *builder) advise(r *Rule, f fields) {
	if len(r.On) == 0 {
		return
	}
	on := f.get("on")
	b.adviseTexts(f.get("match"), f.key("match"), r.match, r)
	if !f.written("match") && !f.written("when") && slices.ContainsFunc(r.On, func(t Trigger) bool { return t.Name == "message" || t.Name == "message.text" }) {
		b.warn(on, "BE410", diag.T("这条规则对每一条消息都会触发", "this rule fires on every message"),
			diag.T("加上 `match` 或 `when`；确实要这样就写 `when: true`", "add `match` or `when`; if you mean it, write `when: true`"))
	}
	if slices.ContainsFunc(r.On, func(t Trigger) bool { return t.Name == string(event.MessagePhone) }) && !r.include.self {
		b.warn(on, "BE411", diag.T("手机上手动发的消息算机器人自己的，这条规则看不到", "what is sent by hand on the phone is the robot's own message, which this rule does not see"),
			diag.T("加上 `include: [self]`", "add `include: [self]`"))
	}
	if s := r.scope; s != nil && s.kind == privateChat && slices.ContainsFunc(r.On, func(t Trigger) bool { return t.Schedule != nil }) && !r.PerChat() {
		b.warn(f.key("scope"), "BE411", diag.T("定时规则不知道有哪些私聊，按私聊限定的 `scope` 永远不成立", "a schedule knows of no private chats, so a `scope` of them never holds"),
			diag.T("在 `chats` 里写上对方的 id，或者用 `send` 指定会话", "name people's ids in `chats`, or the chat by `send`"))
	}
	if s := r.scope; s != nil && (len(s.chats) > 0 || s.onlyGroups()) && !r.hears(hasChat) {
		b.warn(f.key("scope"), "BE411", diag.T("`%s` 不在任何群里发生，按群限定的 `scope` 永远不成立", "`%s` happens in no group, so a `scope` of groups never holds", r.On[0].Name),
			diag.T("只用 `robots` 限定", "limit it by `robots` only"))
	}
}

// adviseSlow warns of a rule that no index can find, so that every message costs
// a look at it.
func (b *builder) adviseSlow(r *Rule, f fields) {
	everyText := slices.ContainsFunc(r.On, func(t Trigger) bool { return !t.Mention && slices.Contains(t.Kinds, event.MessageText) })
	mistyped := r.match == nil && f.written("match")
	if !everyText || mistyped || len(r.finders()) > 0 {
		return
	}
	switch {
	case r.match != nil && r.match.regex != nil:
		b.slowRegex(f.get("match"))
	case r.When != nil && !meansEvery(r.When.Source()):
		b.warn(f.get("when"), "BE406", diag.T("条件里没有一定会出现的词，每条消息都要计算，约 0.5 µs", "the condition has no word that is always there, so it is computed for every message: about 0.5 µs each"),
			diag.T("加上 `and text contains \"…\"`、`match` 或 `scope`", "add `and text contains \"…\"`, a `match` or a `scope`"))
	}
}

// meansEvery says whether a condition says itself that it is meant for every
// message: it is `true`, or begins with it.
func meansEvery(source string) bool {
	rest, ok := strings.CutPrefix(strings.TrimSpace(source), "true")
	return ok && (rest == "" || strings.HasPrefix(strings.TrimSpace(rest), "and "))
}

// slowRegex warns of the pattern of a match, unless that was done already.
func (b *builder) slowRegex(match *yaml.Node) {
	i := slices.IndexFunc(match.Content, func(n *yaml.Node) bool { return n.Value == "regex" })
	if i < 0 || i+1 >= len(match.Content) {
		return
	}
	n := match.Content[i+1]
	if slices.ContainsFunc(b.findings, func(f diag.Finding) bool { return f.Code == "BE406" && f.Range == b.doc.at(n) }) {
		return
	}
	b.warn(n, "BE406", diag.T("正则里没有一定会出现的文字，每条消息都要完整检查，约 0.8 µs", "the pattern has no text that is always there, so every message is checked in full: about 0.8 µs each"),
		diag.T("加上一定会出现的词，或加一个 `any`", "add a word that is always there, or an `any`"))
}

// hears says whether any of the rule's kinds is of that sort.
func (r *Rule) hears(sort func(event.Kind) bool) bool { return slices.ContainsFunc(r.kinds(), sort) }

// hasText says whether events of the kind come with a text.
func hasText(k event.Kind) bool {
	return k == event.MessageText || k == event.MessagePhone || k == event.MessageOther
}

// hasChat says whether events of the kind happen in a chat that has a name.
func hasChat(k event.Kind) bool {
	return k.HasMessage() || k == event.MemberJoin || k == event.ChatUpdated || k == event.ScheduleChat
}
