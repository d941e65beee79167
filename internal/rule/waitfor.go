package rule

import (
	"regexp"
	"slices"
	"time"

	"go.yaml.in/yaml/v3"

	"botengine/internal/actions"
	"botengine/internal/diag"
	"botengine/internal/event"
	"botengine/internal/expression"
)

// OpWait waits for a message. Targets: the steps of `on_timeout`, if it has some.
const OpWait Op = "wait_for"

// How long a `wait_for` lasts that does not say so, and how long one may last.
const (
	defaultWait = 10 * time.Minute
	maxWait     = 30 * 24 * time.Hour
)

// WaitFor is a `wait_for`: a message in the event's chat that the run waits for.
type WaitFor struct {
	From      string               // FromSender, FromAnyone, or "" for the person that Who names
	Who       *expression.Template // an id; nil unless From is ""
	When      *expression.Condition
	Timeout   time.Duration
	OnTimeout OnError // Stop, Continue, or Rescued: the steps at Targets[0], which then end the run
	Consume   bool    // rules of the same or a lower priority do not see the message

	ear *Rule // a rule that hears what the step waits for
}

// From whom a wait_for takes a message.
const (
	FromSender = "sender" // whom the event was about: the sender, the friend, any of the new members
	FromAnyone = "anyone" // whoever writes in the chat
)

// Hears says whether the message is one that the step waits for, but for its When.
// The answer's Outcome is "" when it is.
func (wf *WaitFor) Hears(ev *event.Event, now time.Time) Match {
	w := walk{ev: ev, now: now}
	m := w.look(wf.ear)
	m.Rule = nil
	return m
}

// allDigits is what an id looks like.
var allDigits = regexp.MustCompile(`^[0-9]+$`)

var waitForm = formOf("wait_for", "wait_for: {timeout: 10m}")

var waitFields = keysOf("wait_for")

// readWait reads `wait_for`.
func (p *program) readWait(f field, s *Step, opts *expression.Options) []inside {
	wf := &WaitFor{From: FromSender, Timeout: defaultWait, OnTimeout: Stop, Consume: true}
	s.Wait = wf
	wf.ear = &Rule{Enabled: true, Mode: ModeLive, MaxAge: maxDuration, On: []Trigger{newTrigger("message")}}
	p.checkChat(f.key)
	if isNull(f.value) {
		return nil
	}
	in, ok := p.fields(f.value, waitForm, waitFields)
	if !ok {
		return nil
	}
	if on := in.get("on"); on != nil {
		p.waitTriggers(on, wf.ear)
	}
	if m := in.get("match"); m != nil {
		wf.ear.match = p.matcher(m)
		p.adviseTexts(m, in.key("match"), wf.ear.match, wf.ear)
	}
	if w := in.get("when"); w != nil {
		own := *opts
		own.Kinds, own.HasHit = wf.ear.kinds(), in.written("match")
		wf.When = p.condition(w, &own)
	}
	if from := in.get("from"); from != nil {
		p.readFrom(from, wf, opts)
	} else {
		p.checkPerson(f.key)
	}
	if t := in.get("timeout"); t != nil {
		p.waitTimeout(t, wf)
	}
	if c := in.get("consume"); c != nil {
		wf.Consume = p.flag(c, true)
	}
	return p.onTimeout(in.get("on_timeout"), wf, s)
}

// waitTriggers reads what kinds of message the step waits for.
func (p *program) waitTriggers(n *yaml.Node, ear *Rule) {
	ear.On = nil
	for _, name := range p.choices(n, names{known: waitWords()}) {
		ear.On = append(ear.On, newTrigger(name))
	}
}

// waitWords are the triggers that are messages of people.
func waitWords() []string {
	return []string{
		"message", "message.text", "message.image", "message.file", "message.video", "message.voice", "message.link",
		"message.sticker", "message.miniprogram", "mention",
	}
}

// readFrom reads whose message it is.
func (p *program) readFrom(n *yaml.Node, wf *WaitFor, opts *expression.Options) {
	text, ok := p.text(n)
	switch {
	case !ok:
	case text == FromSender:
		p.checkPerson(n)
	case text == FromAnyone:
		wf.From = FromAnyone
	default:
		template, problems := expression.CompileTemplate(text, opts)
		for _, problem := range problems {
			p.problem(n, problem)
		}
		if template != nil && template.IsLiteral() && !allDigits.MatchString(text) {
			p.fail(n, "BE107", diag.T("不认识 `%s`", "`%s` is not one of the choices", text),
				diag.T("写 `sender`、`anyone`，或一个人的 id，例如 `\"{{members[0].id}}\"`", "write `sender`, `anyone`, or a person's id such as `\"{{members[0].id}}\"`"))
		}
		wf.From, wf.Who = "", template
	}
}

// checkChat holds that the rule's events happen in chats.
func (p *program) checkChat(at *yaml.Node) { p.needs(at, "BE305", actions.Chat) }

// checkPerson holds that the rule's events are about somebody.
func (p *program) checkPerson(at *yaml.Node) {
	kinds := slices.DeleteFunc(p.rule.kinds(), func(k event.Kind) bool { return k == event.MemberJoin || !actions.Chat.MetBy(k) })
	p.lacks(at, "BE305", actions.Person, kinds)
}

func (p *program) needs(at *yaml.Node, code string, need actions.Need) {
	p.lacks(at, code, need, p.rule.kinds())
}

// lacks is the finding on triggers that do not give what `wait_for` needs.
func (p *program) lacks(at *yaml.Node, code string, need actions.Need, kinds []event.Kind) {
	for _, k := range kinds {
		if !need.MetBy(k) {
			p.fail(at, code, diag.T("`wait_for` 需要%[1]s，`%[2]s` 给不了", "`wait_for` needs %[3]s, which `%[2]s` can't give", need.In(diag.ZH), k.Trigger(), need.In(diag.EN)),
				waitHint(k, need))
			return
		}
	}
}

// waitHint says what to do about events that do not give what `wait_for` needs.
func waitHint(k event.Kind, need actions.Need) diag.Text {
	switch {
	case k == event.Schedule && need == actions.Chat:
		return diag.T("在 `scope` 里写明 `chats` 或 `chat_type: group`，到时间就在每个群里做一次", "name `chats` or `chat_type: group` in `scope`, and it is done once in each of them")
	case need == actions.Person:
		return diag.T("写 `from: anyone`，或用 `on` 把规则限定在有人的事件上", "write `from: anyone`, or narrow the rule with `on` to events of somebody")
	}
	return diag.T("用 `on` 把规则限定在满足条件的事件上", "narrow the rule with `on` to events that have it")
}

func (p *program) waitTimeout(n *yaml.Node, wf *WaitFor) {
	d := p.duration(n)
	if d > maxWait {
		p.fail(n, "BE126", diag.T("等待时间要在 0 到 30 天之间", "a wait is more than nothing and at most 30 days"), diag.Text{})
		return
	}
	if d > 0 {
		wf.Timeout = d
	}
}

// onTimeout reads what becomes of the run when nobody answers.
func (p *program) onTimeout(n *yaml.Node, wf *WaitFor, s *Step) []inside {
	switch {
	case n == nil:
		return nil
	case n.Kind == yaml.SequenceNode:
		wf.OnTimeout, s.Targets = Rescued, []int{End}
		return []inside{{block: block{node: n, word: "on_timeout", path: s.Path + ".on_timeout."}, slot: 0, ends: true}}
	}
	if word, ok := p.choice(n, names{known: errorWords}); ok {
		wf.OnTimeout = OnError(word)
	}
	return nil
}
