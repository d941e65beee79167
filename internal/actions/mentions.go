package actions

import (
	"errors"
	"strings"

	"go.yaml.in/yaml/v3"

	"botengine/internal/diag"
	"botengine/internal/event"
)

// The words that `at` takes besides ids.
const (
	atSender  = "sender"
	atMembers = "members"
)

// Mentions says who is @-ed. It is the only source of atUserList (§3.4): nothing
// in a text ever becomes a mention.
type Mentions struct {
	sender, members bool
	ids             []Text
}

func (*Mentions) kind() Kind { return KindMentions }

func (m *Mentions) read(n *yaml.Node, b *Binder) {
	for _, item := range items(n, b) {
		m.readOne(resolve(item), b)
	}
}

func (m *Mentions) readOne(n *yaml.Node, b *Binder) {
	var text Text
	text.read(n, b)
	literal, isLiteral := text.Literal()
	switch {
	case !text.Given():
	case literal == atSender:
		m.sender = true
	case literal == atMembers:
		m.members = true
	case text.template.Said():
		b.fail(n, "BE304", diag.T("@ 谁不能来自别人写的话", "whom to @ must not come from what people write"),
			diag.T("写 `sender`、`members`、成员 id，或 `{{sender.id}}`、`{{vars.名称}}` 这样的值", "write `sender`, `members`, a member's id, or a value such as `{{sender.id}}` and `{{vars.NAME}}`"))
	case isLiteral && !isDecimal(literal):
		b.fail(n, "BE107", diag.T("`at` 不认识 `%s`", "`at` does not know `%s`", literal),
			diag.T("写 `sender`（发送者）、`members`（新成员）或成员 id；平台没有 @所有人", "write `sender`, `members` (who just joined) or a member's id; the platform cannot @ everyone"))
	default:
		m.ids = append(m.ids, text)
	}
}

// needs is what mentioning takes of the event.
func (m Mentions) needs() []Need {
	var needs []Need
	if m.sender {
		needs = append(needs, Sender)
	}
	if m.members {
		needs = append(needs, Members)
	}
	return needs
}

// list returns the ids to @, joined as the platform wants them. A private chat has
// nobody to @, so the list is empty there.
func (m Mentions) list(env Env) (string, error) {
	ev := env.Scope.Event
	if !inGroup(ev) {
		return "", nil
	}
	ids := m.ofEvent(ev)
	for _, text := range m.ids {
		id, err := text.Render(env)
		if err != nil {
			return "", err
		}
		if !isDecimal(id) {
			return "", errors.New("at: not a member's id")
		}
		ids = append(ids, id)
	}
	return strings.Join(unique(ids), ","), nil
}

func (m Mentions) ofEvent(ev *event.Event) []string {
	var ids []string
	if m.sender && isDecimal(ev.Sender.ID) {
		ids = append(ids, ev.Sender.ID)
	}
	if m.members {
		for _, p := range ev.Members {
			if isDecimal(p.ID) {
				ids = append(ids, p.ID)
			}
		}
	}
	return ids
}
