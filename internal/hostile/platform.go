package hostile

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"botengine/internal/engine"
	"botengine/internal/event"
	"botengine/internal/rule"
	"botengine/internal/yjiyun"
	"botengine/internal/yjiyun/socket"
)

// frames are texts that come in a frame of the socket.
func frames() []Case {
	var all []Case
	for _, c := range []bomb{
		{"nothing", func() string { return "" }, Refused},
		{"a NUL", func() string { return "\x00" }, Refused},
		{"a type that is none", func() string { return "9[]" }, Refused},
		{"an open packet of nothing", func() string { return "0" }, Refused},
		{"an open packet of a megabyte", func() string { return `0{"sid":"` + strings.Repeat("a", 1<<20) + `"}` }, Handled},
		{"an open packet with times of 10^30", func() string { return `0{"sid":"a","pingInterval":1e30,"pingTimeout":1e30}` }, Refused},
		{"an open packet with times below nothing", func() string { return `0{"sid":"a","pingInterval":-9223372036854775808,"pingTimeout":-1}` }, Handled},
		{"an open packet that is deep", func() string { return "0" + strings.Repeat(`{"a":`, 100_000) }, Refused},
		{"a packet without a type", func() string { return "4" }, Refused},
		{"a namespace without an end", func() string { return "42/" + strings.Repeat("a", 1<<20) }, Refused},
		{"a namespace of queries", func() string { return "40/imchat?" + strings.Repeat("a=b&", 200_000) + "," }, ""},
		{"an ack number of a million digits", func() string { return "42" + strings.Repeat("9", 1<<20) + `["message",{}]` }, ""},
		{"a packet with attachments", func() string { return "4599999999999-[\"message\",{\"_placeholder\":true,\"num\":0}]" }, ""},
		{"an event that is an object", func() string { return `42{"message":1}` }, Refused},
		{"an event that is a number", func() string { return "421e999999" }, Refused},
		{"an event without a name", func() string { return "42[]" }, Refused},
		{"an event named by an object", func() string { return `42[{"message":1},{}]` }, Refused},
		{"an event with a million arguments", func() string { return `42["message"` + strings.Repeat(",1", 500_000) + "]" }, ""},
		{"an event that does not end", func() string { return `42["message",{"a":"` }, Refused},
		{"an event with more behind it", func() string { return `42["message",{}]]]]]` }, Refused},
		{"an event 500,000 deep", func() string { return `42["message",` + strings.Repeat("[", 500_000) }, Refused},
		{"an event 500,000 deep that closes", func() string {
			return `42["message",` + strings.Repeat("[", 250_000) + strings.Repeat("]", 250_000) + "]"
		}, Refused},
		{"an event named by invalid UTF-8", func() string { return "42[\"\xff\xfe\",{}]" }, ""},
		{"an event named by a lone surrogate", func() string { return `42["\ud800",{}]` }, ""},
		{"an event named by a megabyte", func() string { return `42["` + strings.Repeat("a", 1<<20) + `",{}]` }, ""},
		{"an event of blanks", func() string { return "42" + strings.Repeat(" ", 1<<20) }, Refused},
		{"an event in another case", func() string { return `42["MESSAGE",{}]` }, ""},
		{"a connect error that is deep", func() string { return "44" + strings.Repeat("[", 200_000) }, ""},
		{"a connect error of a megabyte", func() string { return `44{"message":"` + strings.Repeat("错", 300_000) + `"}` }, Handled},
		{"a connect error that steers a terminal", func() string { return "44\"\x1b[2J\x1b]0;x\x07\"" }, Handled},
		{"a ping of a megabyte", func() string { return "2" + strings.Repeat("a", 1<<20) }, Handled},
		{"a payload of polling", func() string { return "97:0{\"sid\":\"a\"}2:40" }, Refused},
	} {
		all = append(all, Case{Group: "frame", Name: c.name, Want: c.want, Make: func() (int, func() Verdict) {
			text := []byte(c.text())
			return len(text), func() Verdict { return frame(text) }
		}})
	}
	return all
}

// frame does with a frame what a session does.
func frame(text []byte) Verdict {
	kind, data, err := socket.ParseFrame(text)
	if err != nil {
		return Refused
	}
	if kind == socket.FrameOpen {
		_, err := socket.ParseOpen(data)
		return verdict(err != nil)
	}
	if kind != socket.FrameMessage {
		return Handled
	}
	p, err := socket.ParsePacket(text)
	if err != nil {
		return Refused
	}
	switch p.Type {
	case socket.PacketConnectError:
		return verdict(strings.ContainsAny(socket.Refusal(p).Error(), "\x1b\x07"))
	case socket.PacketEvent:
		name, args, err := p.Event()
		if err != nil || len(args) == 0 {
			return Refused
		}
		_, err = yjiyun.Decode("a", name, args[0], start)
		return verdict(err != nil)
	default: // it says nothing that anybody reads
		return Handled
	}
}

// The beginnings of payloads that are whole but for what follows.
const (
	messageHead = `{"messageId":"202003241342304979","robotKey":"cfb3e2c2","chatId":"S:1688850000000000_R:10696050000000000","isGroupChat":1,"timestamp":1585024550000,"from":{"contactId":"1688850285583026","nickName":"张三"},`
	membersHead = `{"type":"robot.group.members.changed","robotKey":"cfb3e2c2","conversationId":"R:10696050000000000","dts":1608974161609,`
	friendHead  = `{"type":"robot.on.new.friend.request","messageId":"1","robotKey":"cfb3e2c2","userId":"7881300922264508",`
)

// textOf is the payload of a message with that text, as JSON writes it.
func textOf(text string) string {
	quoted, err := json.Marshal(text)
	if err != nil {
		panic(err) //nolint:forbidigo // the corpus itself is broken
	}
	return messageHead + `"content":{"contentType":1,"content":` + string(quoted) + `}}`
}

// rawText is the payload of a message whose text is JSON already.
func rawText(quoted string) string {
	return messageHead + `"content":{"contentType":1,"content":` + quoted + `}}`
}

func repeated(piece string, n int) string {
	return strings.TrimSuffix(strings.Repeat(piece+",", n), ",")
}

// payload is what an event carries.
type payload struct {
	name, event string
	text        func() string
	want        Verdict
}

// hostilePayloads are payloads of events, by the event's name.
func hostilePayloads() []payload { //nolint:funlen // a table
	return []payload{
		{"an event nobody knows", "exec", func() string { return `{"a":1}` }, Refused},
		{"nothing", "message", func() string { return `` }, Refused},
		{"null", "message", func() string { return `null` }, Refused},
		{"a list", "message", func() string { return `[1]` }, Refused},
		{"an object of nothing", "message", func() string { return `{}` }, Refused},
		{"65 levels", "message", func() string {
			return messageHead + `"x":` + strings.Repeat("[", 65) + strings.Repeat("]", 65) + `,"content":{"contentType":1,"content":"a"}}`
		}, Refused},
		{"100,000 levels", "action", func() string {
			return membersHead + `"x":` + strings.Repeat("[", 100_000) + strings.Repeat("]", 100_000) + "}"
		}, Refused},
		{"100,000 levels that do not end", "action", func() string { return membersHead + `"x":` + strings.Repeat(`{"a":`, 100_000) }, Refused},
		{"300,000 keys", "message", func() string {
			return messageHead + `"content":{"contentType":1,"content":"a"},` + numberedKeys(60_000) + "}"
		}, ""},
		{"the same key 100,000 times", "message", func() string {
			return messageHead + repeated(`"a":1`, 100_000) + `,"content":{"contentType":1,"content":"a"}}`
		}, ""},
		{"a megabyte of blanks", "message", func() string { return strings.Repeat(" ", 1<<20) + textOf("a") }, ""},
		{"16 MiB", "message", func() string { return textOf(strings.Repeat("a", 16<<20)) }, Refused},
		{"a text of a megabyte", "message", func() string { return textOf(strings.Repeat("退", 300_000)) }, Handled},
		{"a text of a megabyte of escapes", "message", func() string { return rawText(`"` + strings.Repeat(`\u9000`, 170_000) + `"`) }, Handled},
		{"a text of a megabyte of marks", "message", func() string { return textOf("e" + strings.Repeat("\u0301", 500_000)) }, Handled},
		{"a text of joiners", "message", func() string { return textOf(strings.Repeat("👩\u200d", 100_000)) }, Handled},
		{"a text turned around", "message", func() string { return textOf("\u202e" + strings.Repeat("\u2066a\u2069", 10_000)) }, Handled},
		{"a text of zero width", "message", func() string { return textOf(strings.Repeat("\u200b\ufeff\u2060", 50_000)) }, Handled},
		{"a text of NUL", "message", func() string { return rawText(`"` + strings.Repeat(`\u0000`, 100_000) + `"`) }, Handled},
		{"a raw NUL", "message", func() string { return rawText("\"\x00\"") }, Refused},
		{"a raw line break", "message", func() string { return rawText("\"\n\"") }, Refused},
		{"a lone surrogate", "message", func() string { return rawText(`"\ud83d"`) }, Handled},
		{"surrogates the wrong way round", "message", func() string { return rawText(`"\ude00\ud83d"`) }, Handled},
		{"100,000 lone surrogates", "message", func() string { return rawText(`"` + strings.Repeat(`\ud83d`, 100_000) + `"`) }, Handled},
		{"a surrogate in UTF-8", "message", func() string { return rawText("\"\xed\xa0\x80\"") }, Handled},
		{"invalid UTF-8", "message", func() string { return rawText("\"\xff\xfe\xc0\x80\xf8\x88\x80\x80\x80\"") }, Handled},
		{"a megabyte of invalid UTF-8", "message", func() string { return rawText(`"` + strings.Repeat("\xff", 1<<20) + `"`) }, Handled},
		{"a text that is a number", "message", func() string { return rawText("1e400") }, ""},
		{"a text that is an object", "message", func() string { return rawText(`{"content":"a"}`) }, Refused},
		{"a type of 10^400", "message", func() string { return messageHead + `"content":{"contentType":1e400,"content":"a"}}` }, ""},
		{"a type of a million digits", "message", func() string {
			return messageHead + `"content":{"contentType":` + strings.Repeat("9", 1<<20) + `,"content":"a"}}`
		}, ""},
		{"a type with an exponent of 10^9", "message", func() string { return messageHead + `"content":{"contentType":1e1000000000,"content":"a"}}` }, ""},
		{"ids of a million digits", "message", func() string {
			return strings.Replace(textOf("a"), `"202003241342304979"`, strings.Repeat("9", 1<<20), 1)
		}, Refused},
		{"an id as a fraction", "message", func() string {
			return strings.Replace(textOf("a"), `"202003241342304979"`, "2.02003241342304979e17", 1)
		}, ""},
		{"an id below nothing", "message", func() string { return strings.Replace(textOf("a"), `"202003241342304979"`, "-1", 1) }, ""},
		{"an id of 2^64", "message", func() string { return strings.Replace(textOf("a"), `"202003241342304979"`, "18446744073709551616", 1) }, ""},
		{"an id that is a path", "message", func() string { return strings.Replace(textOf("a"), "cfb3e2c2", "../../etc/passwd", 1) }, ""},
		{"an id that is a text of a megabyte", "message", func() string { return strings.Replace(textOf("a"), "cfb3e2c2", strings.Repeat("k", 1<<20), 1) }, Refused},
		{"a chat of no shape", "message", func() string {
			return strings.Replace(textOf("a"), "S:1688850000000000_R:10696050000000000", "S:__R:R:", 1)
		}, ""},
		{"a time of 10^30", "message", func() string { return strings.Replace(textOf("a"), "1585024550000", "1e30", 1) }, ""},
		{"a time below nothing", "message", func() string { return strings.Replace(textOf("a"), "1585024550000", "-9223372036854775808", 1) }, ""},
		{"a time of 2^63-1", "message", func() string { return strings.Replace(textOf("a"), "1585024550000", "9223372036854775807", 1) }, ""},
		{"a million mentions", "message", func() string {
			return messageHead + `"content":{"contentType":1,"content":"a","atUserList":[` + repeated("1", 400_000) + `]}}`
		}, ""},
		{"a million mentions in a text", "message", func() string {
			return messageHead + `"content":{"contentType":1,"content":"a","atUserList":"` + repeated("1", 400_000) + `"}}`
		}, ""},
		{"a name of a megabyte", "message", func() string { return strings.Replace(textOf("a"), "张三", strings.Repeat("名", 300_000), 1) }, Handled},
		{"a name that steers a terminal", "message", func() string { return strings.Replace(textOf("a"), "张三", `\u001b[2J\u001b]0;x\u0007`, 1) }, Handled},
		{"a link of a megabyte", "message", func() string {
			return messageHead + `"content":{"contentType":13,"title":"a","link":"https://a.example.com/` + strings.Repeat("a", 1<<20) + `"}}`
		}, ""},
		{"a link that is code", "message", func() string {
			return messageHead + `"content":{"contentType":13,"title":"<script>","link":"javascript:alert(1)"}}`
		}, Handled},
		{"a file that is a path", "message", func() string { return messageHead + `"content":{"contentType":8,"fileName":"../../../../etc/passwd"}}` }, Handled},
		{"10^6 new members", "action", func() string { return membersHead + `"newMembers":[` + repeated(`{}`, 1_000_000) + "]}" }, ""},
		{"10^6 new members with ids", "action", func() string { return membersHead + `"newMembers":[` + numberedMembers(1_000_000) + "]}" }, Refused},
		{"as many new members as a frame holds", "action", func() string { return membersHead + `"newMembers":[` + numberedMembers(50_000) + "]}" }, ""},
		{"new members that are numbers", "action", func() string { return membersHead + `"newMembers":[` + repeated("1", 100_000) + "]}" }, Refused},
		{"new members that are a map", "action", func() string { return membersHead + `"newMembers":{"a":{}}}` }, Refused},
		{"a reason of a megabyte", "action", func() string { return friendHead + `"reason":"` + strings.Repeat("加", 300_000) + `"}` }, Handled},
		{"a reason with a template in it", "action", func() string { return friendHead + `"reason":"{{text}}${x}%s#{x}"}` }, Handled},
		{"a result of a megabyte", "action", func() string {
			return `{"type":"robot.labels.modify","messageId":"1","robotKey":"k","code":"0","x":"` + strings.Repeat("a", 1<<20) + `"}`
		}, ""},
		{"a result whose code is an object", "action", func() string { return `{"type":"robot.labels.modify","messageId":"1","robotKey":"k","code":{"a":1}}` }, Refused},
		{"an action of an empty type", "action", func() string { return `{"type":"","robotKey":"k"}` }, ""},
		{"a chat of a megabyte", "chat", func() string {
			return `{"chatId":"S:1_2","chatUser":"2","chatName":"` + strings.Repeat("群", 300_000) + `","botInfo":{"wxid":"1","robotKey":"k","robotStatus":1}}`
		}, ""},
		{"a status that is no number", "chat", func() string {
			return `{"chatId":"S:1_2","chatUser":"2","botInfo":{"wxid":"1","robotKey":"k","robotStatus":{}}}`
		}, Refused},
	}
}

func numberedKeys(n int) string {
	return strings.TrimSuffix(numbered(`"k%d":%d,`, n), ",")
}

func numberedMembers(n int) string {
	return strings.TrimSuffix(numbered(`{"userId":"%d"},`, n), ",")
}

// payloads are what events carry, handed to the decoder.
func payloads() []Case {
	var all []Case
	for _, c := range hostilePayloads() {
		all = append(all, Case{Group: "payload", Name: c.name, Want: c.want, Make: func() (int, func() Verdict) {
			payload := []byte(c.text())
			return len(payload), func() Verdict {
				_, err := yjiyun.Decode("a", c.event, payload, start)
				return verdict(err != nil)
			}
		}})
	}
	return all
}

// busyRules are rules that do with a text all that rules do.
const busyRules = `
version: 1
lists: {bad: [代购, 刷单]}
rules:
  - {id: any, on: message, match: {any: [退款, aaaa], fold: [width, case, zero, space, variant, pinyin]}, do: [{reply: "{{sender.name}} {{text}}"}]}
  - {id: regex, on: message, match: {regex: "(退|货)+(.*)(a|aa)+$", fields: [text, file_name, link.title, link.url, sender.name]}, do: [{reply: "{{hit.word}}"}]}
  - {id: list, on: message, match: {list: bad}, do: [{reply: x}]}
  - {id: cond, on: message.text, when: 'len(fold(text)) > 3 and (text contains "a" or text matches "(x+x+)+y")', do: [{set: {chat.last: "{{text}}"}}, {log: "{{text}}"}]}
  - {id: join, on: member.join, do: [{reply: {text: "欢迎 {{names(members)}}", at: members}}]}
  - {id: friend, on: friend.request, when: 'friend.reason contains "加"', do: [accept_friend, {remark: "{{friend.name}}"}]}
  - {id: link, on: message.link, do: [{reply: "{{message.link.title}} {{message.link.url}}"}]}
  - {id: all, on: message, do: [{reply: {text: "{{text}}", at: sender}}, {tag: {add: [售后/退款]}}, {count: chat.n}]}
`

// decisions are the same payloads, as far as they can be read, taken in by rules.
func decisions() []Case {
	set, found := rule.Compile(rule.Sources{{Path: "a.yaml", Text: []byte(busyRules)}})
	if found.HasErrors() {
		panic(fmt.Sprintf("the rules of the corpus have findings: %v", found)) //nolint:forbidigo // the corpus itself is broken
	}
	var all []Case
	for _, c := range hostilePayloads() {
		all = append(all, Case{Group: "decision", Name: c.name, Want: "", Make: func() (int, func() Verdict) {
			payload := []byte(c.text())
			events, err := yjiyun.Decode("a", c.event, payload, start)
			return len(payload), func() Verdict {
				for i := range events {
					decide(set, &events[i])
				}
				return verdict(err != nil)
			}
		}})
	}
	return all
}

func decide(set *rule.Set, ev *event.Event) {
	engine.Decide(engine.Input{Set: set, Event: ev, Matches: set.Match(ev, start, false), Now: start, Facts: noPast{}})
}

// noPast is an engine that began this moment.
type noPast struct{}

func (noPast) Fact(string) ([]byte, time.Time, bool) { return nil, time.Time{}, false }
func (noPast) RunData(string) ([]byte, bool)         { return nil, false }
func (noPast) Archive(string) ([]byte, bool)         { return nil, false }
