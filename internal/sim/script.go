package sim

import (
	"context"
	"fmt"
	"strings"
	"time"
)

// Step is one thing that somebody does in a scripted conversation.
type Step struct {
	After time.Duration // pause before it
	Who   string        // a person, or the robot for ByHand: an id or a name
	What  Act
}

// Act is what a step does: Says, Sends, Joins, Leaves, Requests or ByHand.
type Act interface {
	perform(s *Server, who string) (messageID string, err error)

	// Parts are what a line about it is made of: a verb (say, send, join, leave, request, by_hand), the chat, group or
	// robot it is done to, by the name the script uses, and the text, if there is one.
	Parts() (verb, chat, text string)
}

// Script is a conversation, step by step.
type Script []Step

// Progress is one step that was done, or could not be.
type Progress struct {
	Index     int // from 0
	Step      Step
	MessageID string // of the event the step caused; empty where it has none
	Err       error
}

// Run does the steps one after the other and tells each to report, which may be nil and runs between the steps. It
// returns at the first step that could not be done, or with ctx's error when that ends.
func (sc Script) Run(ctx context.Context, s *Server, report func(Progress)) error {
	for i, step := range sc {
		if !wait(ctx, step.After) {
			return ctx.Err()
		}
		id, err := step.What.perform(s, step.Who)
		if report != nil {
			report(Progress{i, step, id, err})
		}
		if err != nil {
			return fmt.Errorf("step %d of the script: %w", i+1, err)
		}
	}
	return nil
}

// Says is a text in a chat: a group, or a robot for a private chat with it. At are the contacts it mentions.
type Says struct {
	Chat, Text string
	At         []string
}

func (a Says) perform(s *Server, who string) (string, error) {
	return s.Say(a.Chat, who, a.Text, a.At...)
}

// Parts says what is done, see Act.
func (a Says) Parts() (verb, chat, text string) { return "say", a.Chat, a.Text }

// Sends is a message of any content in a chat.
type Sends struct {
	Chat    string
	Content Content
}

func (a Sends) perform(s *Server, who string) (string, error) {
	return s.SayContent(a.Chat, who, a.Content)
}

// Parts says what is done, see Act.
func (a Sends) Parts() (verb, chat, text string) { return "send", a.Chat, a.Content.Summary() }

// Joins is the entry into a group, alone or with others.
type Joins struct {
	Group string
	With  []string
}

func (a Joins) perform(s *Server, who string) (string, error) {
	return "", s.Join(a.Group, append([]string{who}, a.With...)...)
}

// Parts says what is done, see Act; the text names those who come along.
func (a Joins) Parts() (verb, chat, text string) { return "join", a.Group, strings.Join(a.With, "、") }

// Leaves is the exit from a group.
type Leaves struct{ Group string }

func (a Leaves) perform(s *Server, who string) (string, error) { return "", s.Leave(a.Group, who) }

// Parts says what is done, see Act.
func (a Leaves) Parts() (verb, chat, text string) { return "leave", a.Group, "" }

// Requests is an application to become a robot's friend.
type Requests struct{ Robot, Reason string }

func (a Requests) perform(s *Server, who string) (string, error) {
	return s.RequestFriend(a.Robot, who, a.Reason)
}

// Parts says what is done, see Act.
func (a Requests) Parts() (verb, chat, text string) { return "request", a.Robot, a.Reason }

// ByHand is a text that the robot's human colleague writes from its phone, to a group or a person.
type ByHand struct{ Chat, Text string }

func (a ByHand) perform(s *Server, who string) (string, error) {
	return s.SayByHand(who, a.Chat, a.Text)
}

// Parts says what is done, see Act.
func (a ByHand) Parts() (verb, chat, text string) { return "by_hand", a.Chat, a.Text }

// DemoScript is a conversation for the demo world, one step every pause: a question in a group, small talk nobody need
// answer, a mention, a new member, an application with a source, and a private question.
func DemoScript(pause time.Duration) Script {
	const robot, group = "小助手", "产品体验群1"
	return Script{
		{pause, "李四", Says{Chat: group, Text: "请问怎么退款呀？🙂"}},
		{pause, "张三", Says{Chat: group, Text: "今天天气不错"}},
		{pause, "张三", Says{Chat: group, Text: "@小助手 价格是多少？", At: []string{robot}}},
		{pause, "王五", Joins{Group: group}},
		{pause, "陈晨", Requests{Robot: robot, Reason: "我是陈晨，朋友推荐来的"}},
		{pause, "李四", Says{Chat: robot, Text: "你好，我要退 款！"}},
		{pause, "张三", Sends{Chat: robot, Content: Content{ContentType: TypeImage, Pic: "https://media.example.cn/订单截图.png"}}},
	}
}
