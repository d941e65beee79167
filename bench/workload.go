package main

import (
	"fmt"
	"math/rand/v2"
	"strings"

	"botengine/internal/event"
	"botengine/internal/rule"
)

// The account's robot in all frames.
const (
	robotKey = "cfb3e2c2686d437ab1109cd63b87ea48"
	robotID  = "1688853440227542"
)

// The shape of the workload.
const (
	perFile  = 10   // rules of one YAML file
	frames   = 1024 // different frames, sent over and over
	answered = 3    // of a hundred frames
	chats    = 64   // that speak at the same time
)

// asked is one rule, as every engine compared here is given it.
type asked struct {
	id      string
	words   []string // one of them is in the folded text
	literal string   // what each text that fits the pattern holds
	pattern string
	chat    string // "" = any
}

// workload is the same for the same seed and number of rules.
type workload struct {
	rules   []asked
	sources rule.Sources
	frames  [][]byte // as they stand on the wire: 42/imchat,["message",{…}]
	chats   []string // of the frames
}

// newWorkload makes n rules (eight of ten look for words, one for a pattern, one
// for words in one chat) and frames of which three in a hundred make one fire.
func newWorkload(n int, seed uint64) *workload {
	r := rand.New(rand.NewPCG(seed, uint64(n)))
	w := &workload{}
	for i := range n {
		w.rules = append(w.rules, askedFor(r, i))
	}
	w.sources = sourcesOf(w.rules)
	for i := range frames {
		chat, text := chatOf(i%chats), sentence(r, 28)
		if i*answered%100 < answered {
			rule := w.rules[r.IntN(n)]
			text = sentence(r, 12) + "，" + rule.said(r) + sentence(r, 10)
			if rule.chat != "" {
				chat = rule.chat
			}
		}
		w.chats = append(w.chats, chat)
		w.frames = append(w.frames, frameOf(i, chat, text))
	}
	return w
}

func askedFor(r *rand.Rand, i int) asked {
	a := asked{id: fmt.Sprintf("rule-%d", i)}
	switch i % 10 {
	case 8:
		a.literal = han(r, 3)
		a.pattern = a.literal + "[0-9]{1,4}(号|单)"
	case 9:
		a.words, a.chat = []string{han(r, 2)}, chatOf(r.IntN(500))
	default:
		for range 2 + r.IntN(3) {
			a.words = append(a.words, han(r, 3+r.IntN(2)))
		}
	}
	return a
}

// said is a text that the rule asks for.
func (a *asked) said(r *rand.Rand) string {
	if a.pattern != "" {
		return fmt.Sprintf("%s%d单", a.literal, r.IntN(1000))
	}
	return a.words[r.IntN(len(a.words))]
}

func sourcesOf(rules []asked) rule.Sources {
	var sources rule.Sources
	var b strings.Builder
	for i, a := range rules {
		fmt.Fprintf(&b, "  - id: %s\n    on: message.text\n    loop_guard: off\n", a.id)
		if a.chat != "" {
			fmt.Fprintf(&b, "    scope: {chats: [%q]}\n", a.chat)
		}
		if a.pattern != "" {
			fmt.Fprintf(&b, "    match: {regex: '%s'}\n", a.pattern)
		} else {
			fmt.Fprintf(&b, "    match: {any: [%s]}\n", strings.Join(a.words, ", "))
		}
		b.WriteString("    do: [{reply: \"您好 {{sender.name}}，已经收到\"}]\n")
		if i%perFile == perFile-1 || i == len(rules)-1 {
			path := fmt.Sprintf("rules/%05d.yaml", i/perFile)
			sources = append(sources, rule.Source{Path: path, Text: []byte("version: 1\nrules:\n" + b.String())})
			b.Reset()
		}
	}
	return sources
}

// usual are the characters of the workload: those of 2,500 that folding leaves as
// they are, as it does nearly all that people write. So the words of the rules are
// the same for all engines compared here, whether they fold or not.
var usual = func() (out []rune) {
	for r := rune(0x4e00); r < 0x4e00+2500; r++ {
		if folder.String(string(r)) == string(r) {
			out = append(out, r)
		}
	}
	return out
}()

// han is n of the usual characters, as often as each other.
func han(r *rand.Rand, n int) string {
	text := make([]rune, n)
	for i := range text {
		text[i] = usual[r.IntN(len(usual))]
	}
	return string(text)
}

func sentence(r *rand.Rand, n int) string {
	text := han(r, n/2) + "，" + han(r, n-n/2)
	if r.IntN(4) == 0 {
		text += "😊"
	}
	return text
}

func chatOf(i int) string { return event.ChatID(robotID, fmt.Sprintf("78813008%08d", i)) }

// idAt is where the 20 digits of the messageId stand in a frame.
const idAt = len(`42/imchat,["message",{"messageId":"`)

func frameOf(i int, chat, text string) []byte {
	return fmt.Appendf(nil, `42/imchat,["message",{"messageId":"%020d","msgSvrID":"140737515756%05d","timestamp":1585024550000,`+
		`"robotKey":"%s","chatId":"%s","chatName":"客户服务","from":{"contactId":"7881300883899745","nickName":"李四",`+
		`"headImg":"https://wework.qpic.cn/wwhead/nMl9ssowtibVGyrmvBiaibzDqfwf4ASlPqRQpYtJfXbLLbQs0KV8lHA/0","isGroupContact":0},`+
		`"isGroupChat":0,"content":{"contentType":1,"content":"%s","atUserList":""},"assignTo":"xiaohong"}]`, i, i, robotKey, chat, text)
}
