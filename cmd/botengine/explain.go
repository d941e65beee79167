package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"regexp"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"botengine/internal/command"
	"botengine/internal/engine"
	"botengine/internal/event"
	"botengine/internal/rule"
	"botengine/internal/ruletest"
	"botengine/internal/yjiyun"
)

// explainFlags describe the event to explain.
type explainFlags struct {
	text, file, rule   string
	from, chat, output string
	private, mention   bool
}

func (c *cli) explainCmd() *cobra.Command {
	var f explainFlags
	cmd := &cobra.Command{
		Use:   "explain (--text T | --event FILE) [PATH…]",
		Short: c.say("为什么回答，或为什么不回答：每条规则的结果和原因", "why it would answer, or would not: the verdict on every rule"),
		RunE:  func(_ *cobra.Command, paths []string) error { return c.explain(f, paths) },
	}
	flags := cmd.Flags()
	flags.StringVar(&f.text, "text", "", c.say("一条文本消息", "a text message"))
	flags.StringVar(&f.file, "event", "", c.say("平台推送的事件（JSON 文件，- 为标准输入）", "an event as the platform sends it (JSON file, - for standard input)"))
	flags.StringVar(&f.rule, "rule", "", c.say("只看这一条规则", "this rule only"))
	flags.StringVar(&f.from, "from", "张三", c.say("谁说的（和 --text 一起用）", "who says it (with --text)"))
	flags.StringVar(&f.chat, "chat", "产品体验群1", c.say("在哪个群（和 --text 一起用）", "in which group (with --text)"))
	flags.BoolVar(&f.private, "private", false, c.say("私聊（和 --text 一起用）", "in a private chat (with --text)"))
	flags.BoolVar(&f.mention, "mention", false, c.say("@ 了机器人（和 --text 一起用）", "mentions the robot (with --text)"))
	flags.StringVarP(&f.output, "output", "o", "text", "text | json")
	return cmd
}

func (c *cli) explain(f explainFlags, paths []string) error {
	if (f.text == "") == (f.file == "") {
		return c.nothingToExplain(f, paths)
	}
	if f.output != "text" && f.output != "json" {
		return errors.New(c.say("-o 只能是 text 或 json", "-o is text or json"))
	}
	ev, err := c.eventOf(f)
	if err != nil {
		return err
	}
	set, findings, err := c.compile(paths)
	if err != nil {
		return err
	}
	if set == nil {
		if err := c.print(c.err, findings, "text"); err != nil {
			return err
		}
		return exitError(exitFindings)
	}
	if _, ok := set.Rule(f.rule); f.rule != "" && !ok {
		return c.unknown(c.say("规则", "rule"), f.rule, ruleIDs(set))
	}
	x := ruletest.Explain(set, ev, ev.Time)
	if f.rule != "" {
		x = only(x, f.rule)
	}
	if f.output == "json" {
		return c.explainJSON(x)
	}
	return c.explainText(x)
}

// only keeps what an explanation says of one rule.
func only(x ruletest.Explanation, id string) ruletest.Explanation {
	y := ruletest.Explanation{Event: x.Event}
	for _, v := range x.Verdicts {
		if v.Rule == id {
			y.Verdicts = append(y.Verdicts, v)
		}
	}
	for _, cmd := range x.Commands {
		if cmd.Rule == id {
			y.Commands = append(y.Commands, cmd)
		}
	}
	return y
}

func (c *cli) eventOf(f explainFlags) (event.Event, error) {
	if f.file == "" {
		return textEvent(f), nil
	}
	data, err := c.readFile(f.file)
	if err != nil {
		return event.Event{}, err
	}
	name, payload := frameOf(data)
	events, err := yjiyun.Decode("main", name, payload, time.Now())
	if err != nil {
		return event.Event{}, fmt.Errorf(c.say(
			`%s 不是平台推送的事件，要写它的 JSON 对象，或 ["message", {…}]：%w`,
			`%s is no event of the platform, write its JSON object, or ["message", {…}]: %w`), f.file, err)
	}
	if len(events) == 0 {
		return event.Event{}, fmt.Errorf(c.say("%s 里面没有规则能听到的事件", "%s holds no event that rules could hear"), f.file)
	}
	return withRobot(events[0]), nil
}

// withRobot gives an event that names its robot by key alone the id that the
// engine would know from the robot list: without it nothing can be answered.
func withRobot(ev event.Event) event.Event {
	if ev.Robot.ID == "" {
		ev.Robot.ID = standInRobot
	}
	if ev.Chat.ID == "" && ev.Chat.Peer != "" {
		ev.Chat.ID = event.ChatID(ev.Robot.ID, ev.Chat.Peer)
	}
	return ev
}

// nothingToExplain says what is missing; words where the rules' files stand were
// probably meant as the text.
func (c *cli) nothingToExplain(f explainFlags, paths []string) error {
	if f.text == "" && len(paths) > 0 {
		if _, err := os.Stat(paths[0]); errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf(c.say("要解释一句话，写成 botengine explain --text %q", "to explain a text, write botengine explain --text %q"), paths[0])
		}
	}
	return errors.New(c.say("请给出 --text 或 --event 之一", "give either --text or --event"))
}

func ruleIDs(set *rule.Set) (ids []string) {
	for _, one := range set.Rules {
		ids = append(ids, one.ID)
	}
	return ids
}

// packetHead is what stands before the JSON of a Socket.IO packet as a browser's
// tools show it.
var packetHead = regexp.MustCompile(`^\s*\d+(?:/[^,\[{]*,)?\d*\s*`)

// frameOf takes an event as it was recorded: the object alone, with its name as
// ["message", {…}], or the whole packet.
func frameOf(data []byte) (name string, payload []byte) {
	data = packetHead.ReplaceAll(data, nil)
	var frame []json.RawMessage
	if json.Unmarshal(data, &frame) == nil && len(frame) > 1 && json.Unmarshal(frame[0], &name) == nil {
		return name, frame[1]
	}
	return frameName(data), data
}

func (c *cli) readFile(name string) ([]byte, error) {
	if name == "-" {
		return io.ReadAll(io.LimitReader(c.in, 8<<20))
	}
	return os.ReadFile(name)
}

// frameName says under which Socket.IO event the platform would have sent it.
func frameName(data []byte) string {
	var shape struct {
		Type          string          `json:"type"`
		Content       json.RawMessage `json:"content"`
		LastMsgActive json.RawMessage `json:"lastMsgActive"`
	}
	_ = json.Unmarshal(data, &shape) // what is wrong with it, Decode says
	switch {
	case shape.Type != "" && shape.Content == nil:
		return "action"
	case shape.LastMsgActive != nil && shape.Content == nil:
		return "chat"
	default:
		return "message"
	}
}

// standInRobot is the id of the robot that explanations are about.
const standInRobot = "1688850000000001"

func textEvent(f explainFlags) event.Event {
	const robotID, personID, groupID = standInRobot, "7881300000000001", "R:10696000000000001"
	ev := event.Event{
		Kind: event.MessageText, ID: "explain", Time: time.Now(), Received: time.Now(),
		Robot:   event.Robot{Key: "explain", ID: robotID, Name: "小助手", Status: event.StatusOnline},
		Chat:    event.Chat{ID: event.ChatID(robotID, groupID), Peer: groupID, Name: f.chat, Group: true},
		Sender:  event.Person{ID: personID, Name: f.from, IsMember: !f.private},
		Message: event.Message{ContentType: 1, Text: f.text, MentionsMe: f.mention},
	}
	if f.private {
		ev.Chat = event.Chat{ID: event.ChatID(robotID, personID), Peer: personID, Name: f.from}
	}
	if f.mention {
		ev.Message.At = []string{robotID}
	}
	return ev
}

func (c *cli) explainText(x ruletest.Explanation) error {
	var b strings.Builder
	for _, v := range x.Verdicts {
		fmt.Fprintf(&b, "%s: %s", v.Rule, v.Outcome)
		if detail := v.Detail.In(c.lang()); detail != "" {
			fmt.Fprintf(&b, " — %s", detail)
		} else {
			fmt.Fprintf(&b, " — %s", v.Outcome.Text().In(c.lang()))
		}
		b.WriteByte('\n')
		b.WriteString(c.sentBy(x, v))
	}
	if len(x.Verdicts) == 0 {
		b.WriteString(c.say("没有规则：什么都不会回答\n", "no rules: nothing will be answered\n"))
	}
	_, err := io.WriteString(c.out, b.String())
	return err
}

// sentBy are the commands that a rule sends at once, a line each.
func (c *cli) sentBy(x ruletest.Explanation, v engine.Verdict) string {
	var b strings.Builder
	for _, cmd := range x.Commands {
		if cmd.Rule == v.Rule {
			fmt.Fprintf(&b, "  → %s %s\n", cmd.Type, cmd.Fields)
		}
	}
	if b.Len() == 0 && v.Outcome == rule.Fired {
		b.WriteString(c.say("  → 没有马上要发的：先等一会儿（delay），或没有要发的步骤\n", "  → nothing is sent at once: it waits first (delay), or no step sends\n"))
	}
	return b.String()
}

// The JSON of explain, version 1.
type (
	explanationJSON struct {
		V        int           `json:"v"`
		Event    string        `json:"event"`
		Verdicts []verdictJSON `json:"verdicts"`
		Commands []commandJSON `json:"commands"`
	}
	verdictJSON struct {
		Rule    string `json:"rule"`
		Outcome string `json:"outcome"`
		Detail  string `json:"detail,omitempty"`
	}
	commandJSON struct {
		Rule   string          `json:"rule"`
		Step   string          `json:"step"`
		Type   string          `json:"type"`
		Chat   string          `json:"chat,omitempty"`
		Fields json.RawMessage `json:"fields"`
	}
)

func (c *cli) explainJSON(x ruletest.Explanation) error {
	out := explanationJSON{V: 1, Event: string(x.Event.Kind), Verdicts: []verdictJSON{}, Commands: []commandJSON{}}
	for _, v := range x.Verdicts {
		out.Verdicts = append(out.Verdicts, verdictJSON{v.Rule, string(v.Outcome), v.Detail.In(c.lang())})
	}
	for _, cmd := range x.Commands {
		out.Commands = append(out.Commands, toJSON(cmd))
	}
	enc := json.NewEncoder(c.out)
	enc.SetIndent("", "  ")
	enc.SetEscapeHTML(false)
	return enc.Encode(out)
}

func toJSON(cmd command.Command) commandJSON {
	return commandJSON{Rule: cmd.Rule, Step: cmd.Step, Type: cmd.Type, Chat: cmd.Chat, Fields: cmd.Fields}
}
