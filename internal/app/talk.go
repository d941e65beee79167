package app

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"

	"botengine/internal/command"
	"botengine/internal/diag"
	"botengine/internal/event"
	"botengine/internal/intake"
	"botengine/internal/rule"
)

// talker tells people, line by line, what came in, what the robots answered and
// why. It is called from many goroutines and writes whole lines.
type talker struct {
	mu     sync.Mutex // guards out and prompt
	out    io.Writer
	prompt string // what stands in the last line while somebody types
	lang   diag.Lang
	pen    pen
}

// pen colours, or does not.
type pen struct{ on bool }

func (p pen) dim(s string) string   { return p.paint("2", s) }
func (p pen) green(s string) string { return p.paint("32", s) }
func (p pen) red(s string) string   { return p.paint("31", s) }
func (p pen) bold(s string) string  { return p.paint("1", s) }

func (p pen) paint(code, s string) string {
	if !p.on {
		return s
	}
	return "\x1b[" + code + "m" + s + "\x1b[0m"
}

func (t *talker) say(zh, en string) string { return diag.Text{ZH: zh, EN: en}.In(t.lang) }

func (t *talker) line(format string, args ...any) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.prompt == "" {
		fmt.Fprintf(t.out, format+"\n", args...)
		return
	}
	fmt.Fprintf(t.out, "\r\x1b[K"+format+"\n", args...)
	fmt.Fprint(t.out, t.prompt)
}

// ask shows a prompt, which later lines push down; "" takes it for answered.
func (t *talker) ask(prompt string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.prompt = prompt
	fmt.Fprint(t.out, prompt)
}

// findings tells what is wrong with the rules, as check would.
func (t *talker) findings(list diag.List, sources rule.Sources) {
	text := func(file string) ([]byte, bool) {
		i := slices.IndexFunc(sources, func(s rule.Source) bool { return s.Path == file })
		if i < 0 {
			return nil, false
		}
		return sources[i].Text, true
	}
	var b strings.Builder
	if err := diag.Print(&b, list, text, diag.Options{Lang: t.lang, Color: t.pen.on}); err != nil {
		return // a strings.Builder takes everything
	}
	if list.HasErrors() {
		b.WriteString(t.say("旧的规则继续运行", "the old rules keep running"))
	}
	t.line("%s", strings.TrimRight(b.String(), "\n"))
}

// report tells of one event that was taken in.
func (t *talker) report(r intake.Report) {
	ev := r.Event
	switch {
	case r.Duplicate:
	case ev.IsEcho():
		t.line("%s  %s %s", t.stamp(ev), t.pen.green("◀"), t.answered(ev))
	case ev.Kind == event.Result:
		t.result(r)
	case ev.Kind == event.ChatUpdated || ev.Kind == event.Timer:
	default:
		t.line("%s  ▶ %s", t.stamp(ev), t.pen.bold(t.came(ev)))
	}
	t.verdicts(r)
}

func (t *talker) stamp(ev *event.Event) string {
	return t.pen.dim(ev.Received.Format("15:04:05.000"))
}

// came says what happened, in words.
func (t *talker) came(ev *event.Event) string {
	switch ev.Kind {
	case event.FriendRequest:
		return fmt.Sprintf(t.say("%s 申请加好友：%s", "%s asks to be a friend: %s"), visible(ev.Friend.Name), visible(ev.Friend.Reason))
	case event.MemberJoin:
		names := make([]string, len(ev.Members))
		for i, m := range ev.Members {
			names[i] = visible(m.Name)
		}
		return fmt.Sprintf(t.say("[%s] 新成员：%s", "[%s] new members: %s"), visible(ev.Chat.Name), strings.Join(names, "、"))
	case event.ScheduleChat:
		return fmt.Sprintf(t.say("[%s] 到时间了：%s", "[%s] the time of %s has come"), t.where(ev), ev.Schedule.Rule)
	case event.Schedule:
		return fmt.Sprintf(t.say("%s 到时间了：%s", "%s: the time of %s has come"), visible(ev.Robot.Name), ev.Schedule.Rule)
	case event.Start:
		return fmt.Sprintf(t.say("%s：引擎启动了", "%s: the engine has started"), visible(ev.Robot.Name))
	default:
		return fmt.Sprintf("[%s] %s：%s", t.where(ev), visible(ev.Sender.Name), said(ev))
	}
}

func (t *talker) answered(ev *event.Event) string {
	return fmt.Sprintf("[%s] %s：%s", t.where(ev), visible(ev.Robot.Name), said(ev))
}

func (t *talker) where(ev *event.Event) string {
	if ev.Chat.Group {
		return visible(ev.Chat.Name)
	}
	return t.say("私聊 ", "with ") + visible(ev.Chat.Name)
}

// said is what a message says, in a line.
func said(ev *event.Event) string {
	m := &ev.Message
	for _, s := range []string{m.Text, m.Link.Title, m.FileName, m.URL} {
		if s != "" {
			return visible(s)
		}
	}
	return string(ev.Kind)
}

// result tells of a command that ended without being a message.
func (t *talker) result(r intake.Report) {
	if r.Settled == nil {
		return
	}
	c, end := &r.Settled.Command, &r.Event.Result
	if end.Code == event.CodeOK {
		t.line("%s  %s %s %s", t.stamp(r.Event), t.pen.green("◀"), t.deed(c), t.pen.green("✓"))
		return
	}
	t.line("%s  %s %s %s %s", t.stamp(r.Event), t.pen.red("✗"), t.deed(c), end.Code, visible(end.Msg))
}

// deed names what a command does.
func (t *talker) deed(c *command.Command) string {
	names := map[string]diag.Text{
		"robot.accept.friend.request":     {ZH: "通过好友申请", EN: "accepted the friend request"},
		"robot.cust.tags":                 {ZH: "打标签", EN: "tagged"},
		"robot.tags.sync":                 {ZH: "读取标签列表", EN: "read the list of tags"},
		"robot.delete.group.members":      {ZH: "移出群", EN: "removed from the group"},
		"robot.invite.friends.join.group": {ZH: "邀请入群", EN: "invited to the group"},
	}
	name, ok := names[c.Type]
	if !ok {
		return c.Type
	}
	return name.In(t.lang)
}

// verdicts says why: each rule that fired, and each that would have but for a
// limit. Rules that have nothing to do with the event are not worth a line.
func (t *talker) verdicts(r intake.Report) {
	for _, v := range r.Decision.Verdicts {
		if v.Outcome == "" || quiet[v.Outcome] {
			continue
		}
		said := v.Outcome.Text().In(t.lang)
		if why := v.Detail.In(t.lang); why != "" {
			said += " — " + why
		}
		t.line("              %s", t.pen.dim(fmt.Sprintf("↳ %s: %s", v.Rule, said)))
	}
	for _, l := range r.Decision.Logs {
		t.line("              %s", t.pen.dim(fmt.Sprintf("↳ %s/%s: %s", l.Rule, l.Step, visible(l.Text))))
	}
}

// quiet are the outcomes of rules that an event does not concern.
var quiet = map[rule.Outcome]bool{
	rule.Off: true, rule.OtherTrigger: true, rule.OutOfScope: true, rule.NoKeyword: true, rule.OwnMessage: true, rule.OtherResponder: true,
	rule.Inactive: true,
}

// visible keeps text that people wrote from steering the terminal.
func visible(s string) string {
	return strings.Map(func(r rune) rune {
		if r < 0x20 || r == 0x7f || r >= 0x80 && r < 0xa0 || r >= 0x202a && r <= 0x202e || r >= 0x2066 && r <= 0x2069 {
			return ' '
		}
		return r
	}, s)
}
