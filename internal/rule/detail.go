package rule

import (
	"strings"
	"time"

	"botengine/internal/diag"
	"botengine/internal/event"
)

// detail says in words why the rule has its outcome.
func (w *walk) detail(m Match) diag.Text {
	r := m.Rule
	switch m.Outcome {
	case Off:
		return r.offDetail()
	case OtherTrigger:
		return w.triggerDetail(r)
	case OwnMessage:
		return diag.T("这是机器人自己发的消息；要处理它，写 `include: [self]`", "the robot wrote this itself; `include: [self]` lets the rule see it")
	case OtherRobot:
		return diag.T("发送者 %s 是自己的机器人；要处理它，写 `include: [robots]`", "the sender %s is a robot of ours; `include: [robots]` lets the rule see it", who(w.ev.Sender))
	case OutOfScope:
		return r.scope.detail(w.ev)
	case TooOld:
		age := w.ev.Age(w.now).Round(time.Second)
		return diag.T("事件已过去 %s，`max_age` 是 %s", "the event is %s old, `max_age` is %s", age, r.MaxAge)
	case Inactive:
		return w.hoursDetail(r)
	case NoKeyword:
		return w.missing(r.match)
	default:
		return m.Passed()
	}
}

// weekdays are the days in Chinese, by time.Weekday.
var weekdays = [...]string{"周日", "周一", "周二", "周三", "周四", "周五", "周六"}

// hoursDetail says what time it is, and when the rule is at work.
func (w *walk) hoursDetail(r *Rule) diag.Text {
	at := w.now.In(r.active.zone)
	zh := at.Format("2006-01-02 ") + weekdays[at.Weekday()] + at.Format(" 15:04")
	return diag.T("现在是 %[1]s，生效时间是 %[3]s", "it is %[2]s, the rule is active %[3]s", zh, at.Format("2006-01-02 Mon 15:04"), r.active.written)
}

// Passed says in words what let the rule through.
func (m Match) Passed() diag.Text {
	t := diag.T("触发事件和范围都符合", "trigger and scope fit")
	if m.Hit.Word != "" {
		t = diag.Text{ZH: "命中「" + strings.Join(m.Hit.Words, "、") + "」", EN: "found " + strings.Join(m.Hit.Words, ", ")}
	}
	if m.Pending {
		t.ZH += "；条件 " + m.Rule.pendingSources() + " 要查状态"
		t.EN += "; condition " + m.Rule.pendingSources() + " needs facts"
	}
	return t
}

func (r *Rule) offDetail() diag.Text {
	if !r.Enabled {
		return diag.T("写了 `enabled: false`", "it has `enabled: false`")
	}
	return diag.T("写了 `mode: off`", "it has `mode: off`")
}

func (w *walk) triggerDetail(r *Rule) diag.Text {
	var on []string
	for _, t := range r.On {
		if t.Mention && w.ev.Kind == event.MessageText {
			return diag.T("这条消息没有 @ 机器人", "the message does not mention the robot")
		}
		on = append(on, t.Name)
	}
	if succeeded(w.ev) {
		return diag.T("它监听 %s，这是成功的结果", "it listens to %s, this is a success", strings.Join(on, ", "))
	}
	return diag.T("它监听 %s，这是 %s", "it listens to %s, this is %s", strings.Join(on, ", "), w.ev.Kind.Trigger())
}

// who names a person as well as is known.
func who(p event.Person) string {
	if p.Name != "" {
		return p.Name
	}
	return p.ID
}

func orID(name, id string) string {
	if name != "" {
		return name
	}
	return id
}

// listed shows patterns as they were written.
func listed(patterns []pattern) string {
	var out []string
	for _, p := range patterns {
		out = append(out, strings.ReplaceAll(p.text, noSlash, "/"))
	}
	return strings.Join(out, ", ")
}

// missing says what of the match was not found, or found although it must not be,
// in the first text that the event has.
func (w *walk) missing(m *matcher) diag.Text {
	f := w.find(m)
	d := m.detail(f.part, w.text(f.view))
	if m.fields != nil {
		d.ZH, d.EN = d.ZH+"（"+string(f.view.field())+"）", d.EN+" ("+string(f.view.field())+")"
	}
	return d
}

// detail says what of the match does not hold for the folded text.
func (m *matcher) detail(part, text string) diag.Text {
	switch part {
	case "exact":
		return diag.T("全文不等于 %s", "the text is none of %s", quoted(m.exact))
	case "prefix":
		return diag.T("开头不是 %s", "the text begins with none of %s", quoted(m.prefix))
	case "suffix":
		return diag.T("结尾不是 %s", "the text ends with none of %s", quoted(m.suffix))
	case "any":
		return diag.T("没有任何一个关键词：%s", "none of the keywords is there: %s", quoted(m.any))
	case "all":
		return diag.T("缺少关键词 %s", "keyword %s is missing", quoted(pick(m.all, text, false)))
	case "list":
		return diag.T("没有名单 `%s` 里的词", "no entry of the list `%s` is there", m.list.name)
	case "none":
		return diag.T("出现了排除词 %s", "the excluded word %s is there", quoted(pick(m.none, text, true)))
	case "regex":
		return diag.T("正则 `%s` 没有匹配", "pattern `%s` does not match", m.pattern)
	}
	return diag.Text{}
}

// pick returns the words that are in the text, or those that are not.
func pick(words []word, text string, there bool) []word {
	var out []word
	for _, w := range words {
		if w.in(text) == there {
			out = append(out, w)
		}
	}
	return out
}

// quoted lists words as the rule has them.
func quoted(words []word) string {
	const most = 8
	var out []string
	for i, w := range words {
		if i == most {
			out = append(out, "…")
			break
		}
		out = append(out, "「"+w.written+"」")
	}
	return strings.Join(out, "")
}
