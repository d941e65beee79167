package sim

import (
	"testing"
)

// FuzzFrame: whatever a client sends, the server does not panic and its agenda can be worked off.
func FuzzFrame(f *testing.F) {
	for _, frame := range []string{
		"", "2", "2probe", "1", "4", "40", "40/imchat,", "40/imchat?token=x,", "41/imchat,", "43/imchat,7[]", "451-/imchat,[1]",
		`42/imchat,["message",{"chatId":"` + groupChat() + `","messageId":"1","message":{"contentType":1,"content":"你好🙂"}}]`,
		`42/imchat,["message",{"chatId":"S:_","messageId":"1","message":{"contentType":13,"coverImgFile":"%zz"}}]`,
		`42/imchat,1["action",{"type":"robot.cust.tags","robotKey":"` + botKey + `","messageId":"1","userId":"` + lisi + `","tags":["` + refundTag + `"]}]`,
		`42/imchat,["action",{"type":"robot.delete.group.members","robotKey":"` + botKey + `","messageId":"1","groupId":"` + groupID + `","friends":[1e5,null,{}]}]`,
		`42/imchat,["action",{"type":"robot.create.group","robotKey":"` + botKey + `","messageId":"1","friends":[` + lisi + `]}]`,
		`42/imchat,["action",{"type":"robot.conv.modify.admins","robotKey":"` + botKey + `","messageId":"1","opcode":1,"conversationId":"` + groupID + `","admins":[]}]`,
		`42/imchat,["action",{"type":"robot.info.modify","robotKey":"` + botKey + `","messageId":"1","gender":3}]`,
		`42/imchat,["action",{"type":"robot.contacts.inquiry","robotKey":"` + botKey + `","messageId":"1","contacts":["` + groupID + `"]}]`,
		`42/imchat,["chat",null]`, `42["message"]`, `42/imchat,[]`, `42/imchat,["action"]`,
	} {
		f.Add(frame, true)
		f.Add(frame, false)
	}
	f.Fuzz(func(t *testing.T, frame string, four bool) {
		s := New(Options{})
		c := newSession(s, nil, 3+flag(four))
		c.in = true
		_ = c.handle([]byte(frame))
		for {
			next, _ := s.agenda.next()
			if next == nil {
				return
			}
			next()
		}
	})
}
