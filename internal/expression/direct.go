package expression

import (
	"strings"

	"github.com/expr-lang/expr/ast"

	"botengine/internal/event"
)

// direct is a condition that is decided by comparing fields of the event with
// texts that are known: it is computed without the machine of expr, gives what
// that would give, and can neither fail nor cost more than it may.
type direct struct {
	op    directOp
	field directField
	value string
	set   *wordSet
	parts []direct
}

// directOp is what a direct condition does.
type directOp uint8

const (
	directConstant   directOp = iota // value is not ""
	directAnd                        // of both parts
	directOr                         // of both parts
	directNot                        // of the part
	directFlag                       // the field, which is yes or no
	directEqual                      // the field is value
	directContains                   // value is in the field
	directStartsWith                 //
	directEndsWith                   //
	directIn                         // the field is in set
)

// directField is a field of the event.
type directField uint8

const (
	unknownField directField = iota
	fieldText
	fieldEventType
	fieldMessageType
	fieldChatID
	fieldChatName
	fieldChatPeer
	fieldChatType
	fieldSenderID
	fieldSenderName
	fieldRobotKey
	fieldRobotID
	fieldRobotName
	fieldRobotStatus

	fieldMentionsMe // from here on yes or no
	fieldIsSelf
	fieldIsRobot
	fieldIsMember
)

// directFields are the fields by name; see env.
var directFields = map[string]directField{
	"text": fieldText, "event.type": fieldEventType, "message.type": fieldMessageType,
	"chat.id": fieldChatID, "chat.name": fieldChatName, "chat.peer": fieldChatPeer, "chat.type": fieldChatType,
	"sender.id": fieldSenderID, "sender.name": fieldSenderName,
	"robot.key": fieldRobotKey, "robot.id": fieldRobotID, "robot.name": fieldRobotName, "robot.status": fieldRobotStatus,
	"message.mentions_me": fieldMentionsMe, "sender.is_self": fieldIsSelf, "sender.is_robot": fieldIsRobot, "sender.is_member": fieldIsMember,
}

// directly reads a resolved tree; nil when any of it needs the machine.
func directly(n ast.Node) *direct {
	d, ok := directOf(n)
	if !ok {
		return nil
	}
	return &d
}

func directOf(n ast.Node) (direct, bool) {
	switch n := n.(type) {
	case *ast.BoolNode:
		if n.Value {
			return direct{value: "true"}, true
		}
		return direct{}, true
	case *ast.UnaryNode:
		if n.Operator != "not" && n.Operator != "!" {
			return direct{}, false
		}
		part, ok := directOf(n.Node)
		return direct{op: directNot, parts: []direct{part}}, ok
	case *ast.BinaryNode:
		return directBinary(n)
	case *ast.CallNode:
		return directMembership(n)
	}
	f := fieldOf(n)
	return direct{op: directFlag, field: f}, f >= fieldMentionsMe
}

// directBinary reads what stands around an operator.
func directBinary(n *ast.BinaryNode) (direct, bool) {
	switch n.Operator {
	case "and", "&&":
		return directPair(directAnd, n)
	case "or", "||":
		return directPair(directOr, n)
	case "==":
		return directCompare(directEqual, n.Left, n.Right)
	case "!=":
		equal, ok := directCompare(directEqual, n.Left, n.Right)
		return direct{op: directNot, parts: []direct{equal}}, ok
	case "contains":
		return directText(directContains, n.Left, n.Right)
	case "startsWith":
		return directText(directStartsWith, n.Left, n.Right)
	case "endsWith":
		return directText(directEndsWith, n.Left, n.Right)
	}
	return direct{}, false
}

func directPair(op directOp, n *ast.BinaryNode) (direct, bool) {
	left, ok := directOf(n.Left)
	right, fine := directOf(n.Right)
	return direct{op: op, parts: []direct{left, right}}, ok && fine
}

// directCompare is directText either way round.
func directCompare(op directOp, left, right ast.Node) (direct, bool) {
	if d, ok := directText(op, left, right); ok {
		return d, true
	}
	return directText(op, right, left)
}

// directText sets a field beside a text that is known.
func directText(op directOp, field, value ast.Node) (direct, bool) {
	s, known := value.(*ast.StringNode)
	f := fieldOf(field)
	if !known || f == unknownField || f >= fieldMentionsMe {
		return direct{}, false
	}
	return direct{op: op, field: f, value: s.Value}, true
}

// directMembership reads `field in list`.
func directMembership(n *ast.CallNode) (direct, bool) {
	callee, ok := n.Callee.(*ast.IdentifierNode)
	if !ok || callee.Value != "__in" || len(n.Arguments) != 3 {
		return direct{}, false
	}
	f := fieldOf(n.Arguments[1])
	constant, ok := n.Arguments[2].(*ast.ConstantNode)
	if !ok || f == unknownField || f >= fieldMentionsMe {
		return direct{}, false
	}
	set, ok := constant.Value.(*wordSet)
	return direct{op: directIn, field: f, set: set}, ok
}

// fieldOf is the field that a node names.
func fieldOf(n ast.Node) directField {
	switch n := n.(type) {
	case *ast.ChainNode:
		return fieldOf(n.Node)
	case *ast.IdentifierNode:
		if n.Value == "text" {
			return fieldText
		}
	case *ast.MemberNode:
		base, ok := n.Node.(*ast.IdentifierNode)
		name, constant := n.Property.(*ast.StringNode)
		if ok && constant {
			return directFields[base.Value+"."+name.Value]
		}
	}
	return unknownField
}

// holds computes the condition.
func (d *direct) holds(ev *event.Event) bool {
	switch d.op {
	case directConstant:
		return d.value != ""
	case directAnd:
		return d.parts[0].holds(ev) && d.parts[1].holds(ev)
	case directOr:
		return d.parts[0].holds(ev) || d.parts[1].holds(ev)
	case directNot:
		return !d.parts[0].holds(ev)
	case directFlag:
		return d.field.flag(ev)
	case directEqual:
		return d.field.text(ev) == d.value
	case directContains:
		return strings.Contains(d.field.text(ev), d.value)
	case directStartsWith:
		return strings.HasPrefix(d.field.text(ev), d.value)
	case directEndsWith:
		return strings.HasSuffix(d.field.text(ev), d.value)
	case directIn:
		return d.set.has(d.field.text(ev))
	}
	return false
}

// flag is a field that is yes or no, as env has it.
func (f directField) flag(ev *event.Event) bool {
	switch f {
	case fieldMentionsMe:
		return ev.Kind.HasMessage() && ev.Message.MentionsMe
	case fieldIsSelf:
		return ev.Sender.IsSelf
	case fieldIsRobot:
		return ev.Sender.IsRobot
	case fieldIsMember:
		return ev.Sender.IsMember
	default:
		return false
	}
}

// text is a field that is a text, as env has it.
func (f directField) text(ev *event.Event) string {
	switch f {
	case fieldText, fieldMessageType:
		return f.ofMessage(ev)
	case fieldEventType:
		return typeWord(ev.Kind)
	case fieldChatID:
		return ev.Chat.ID
	case fieldChatName:
		return ev.Chat.Name
	case fieldChatPeer:
		return ev.Chat.Peer
	case fieldChatType:
		return chatType(&ev.Chat)
	case fieldSenderID:
		return ev.Sender.ID
	case fieldSenderName:
		return ev.Sender.Name
	case fieldRobotKey:
		return ev.Robot.Key
	case fieldRobotID:
		return ev.Robot.ID
	case fieldRobotName:
		return ev.Robot.Name
	case fieldRobotStatus:
		return statusWord(ev.Robot.Status)
	default:
		return ""
	}
}

// ofMessage is nothing for an event that is no message.
func (f directField) ofMessage(ev *event.Event) string {
	switch {
	case !ev.Kind.HasMessage():
		return ""
	case f == fieldText:
		return ev.Message.Text
	default:
		return strings.TrimPrefix(string(ev.Kind), "message.")
	}
}
