// Package ruleload makes rules and events in bulk, as operators and their
// customers write them, for benchmarks and tests: the same seed gives the same
// load. It refuses to know how rules are matched.
package ruleload

import (
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
	"time"

	"botengine/internal/event"
	"botengine/internal/rule"
)

// Shape is a way rules may be made that is hard on an index.
type Shape string

// The shapes. Mixed is what people write: of ten rules eight look for keywords of
// two to four characters, one for a pattern and one asks who and where.
const (
	Mixed        Shape = "mixed"
	HotWords     Shape = "hot words"     // half of each rule's words are in every second message
	OneWord      Shape = "one word"      // all rules look for one word, each in a chat of its own
	CommonPrefix Shape = "common prefix" // all words begin alike
	OneCharacter Shape = "one character" // each rule has a keyword of one character

)

const (
	fileSize       = 200  // rules of a file, unless somebody wants another
	share          = 0.03 // of the events match a rule
	textCharacters = 30
)

// Shapes are all shapes.
func Shapes() []Shape { return []Shape{Mixed, HotWords, OneWord, CommonPrefix, OneCharacter} }

// Load is a set of rules and the events that come.
type Load struct {
	Sources rule.Sources
	Events  []event.Event
	Now     time.Time
}

// Words that are in many messages, and characters that messages are made of.
var (
	everyday   = []string{"你好", "请问", "怎么", "一下", "谢谢", "这个", "可以", "什么"}
	characters = []rune("的一是了我不在人们有来他这上着个地到大里说就去子得也和那要下看天时过出小么起你都把好还多没为又可家学只以主会样年想生同老中十从自面前头道它后然走很像见两用她国动进成回什边作对开而己些现山民候经发工向事命给长水几义三声于高手知理眼志点心战二问但身方实吃做叫当住听革打呢真全才四已所敌之最光产情路分总条白话东席次亲如被花口放儿常气五第使写军吧文运再果怎定许快明行因别飞外树物活部门无往船望新带队先力完却站代员机更九您每风级跟笑啊孩万少直意夜比阶连车重便斗马哪化太指变社似士者干石满日决百原拿群究各六本思解立河村八难早论吗根共让相研今其书坐接应关信觉步反处记将千找争领或师结块跑谁草越字加脚紧爱等习阵怕月青半火法题建赶位唱海七女任件感准张团屋离色脸片科倒睛利世刚且由送切星导晚表够整认响雪流未场该并底深刻平伟忙提确近亮轻讲农古黑告界拉名呀土清阳照办史改历转画造嘴此治北必服雨穿内识验传业菜爬睡兴形量咱观苦体众通冲合破友度术饭公旁房极南枪读沙岁线野坚空收算至政城劳落钱特围弟胜教热展包歌类渐强数乡呼性音答哥际旧神座章帮啦受系令跳非何牛取入岸敢掉忽种装顶急林停息句区衣般报叶压慢叔背细")
)

// maker makes a load.
type maker struct {
	*rand.Rand
	shape Shape
	words []string // of the rules, for the events that match
}

// New makes n rules and so many events.
func New(seed uint64, shape Shape, n, events int) Load {
	return NewFiles(seed, shape, n, fileSize, events)
}

// NewFiles is New with so many rules to a file.
func NewFiles(seed uint64, shape Shape, n, perFile, events int) Load {
	m := &maker{Rand: rand.New(rand.NewPCG(seed, 7)), shape: shape}
	l := Load{Sources: m.sources(n, perFile), Now: time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)}
	for i := range events {
		l.Events = append(l.Events, m.event(i, l.Now))
	}
	return l
}

// sources writes the rules, so many to a file.
func (m *maker) sources(n, perFile int) rule.Sources {
	var out rule.Sources
	for from := 0; from < n; from += perFile {
		var b strings.Builder
		b.WriteString("rules:\n")
		for i := from; i < min(from+perFile, n); i++ {
			fmt.Fprintf(&b, "  - id: r%d\n    on: message.text\n", i)
			b.WriteString(m.body(i))
			b.WriteString("    do: [{reply: \"您好 {{sender.name}}\"}]\n")
		}
		out = append(out, rule.Source{Path: fmt.Sprintf("rules/%05d.yaml", from), Text: []byte(b.String())})
	}
	return out
}

// body is what tells rule i from the others.
func (m *maker) body(i int) string {
	switch m.shape {
	case HotWords:
		return fmt.Sprintf("    match: {all: [%s, %s]}\n", everyday[i%len(everyday)], m.word())
	case OneWord:
		m.words = append(m.words, "退款")
		return fmt.Sprintf("    scope: {chats: [\"R:%d\"]}\n    match: {any: [退款]}\n", i)
	case CommonPrefix:
		w := fmt.Sprintf("我想问一下%d", i)
		m.words = append(m.words, w)
		return fmt.Sprintf("    match: {any: [%s]}\n", w)
	case OneCharacter:
		return fmt.Sprintf("    match: {any: [%s, %s]}\n", m.word(), string(rune(0x3400+i%6500)))
	case Mixed:
	}
	switch i % 10 {
	case 0:
		return fmt.Sprintf("    match: {regex: '(%s|%s)(第|号)?[0-9]+'}\n", m.word(), m.word())
	case 1:
		return fmt.Sprintf("    when: chat.peer == \"R:%d\" and len(text) < 200 or sender.id == \"%d\"\n", 100_000+i, 7_881_299_000_000_000+i)
	case 2:
		return fmt.Sprintf("    scope: {chat_type: group}\n    when: text contains \"%s\" or text contains \"%s\"\n", m.word(), m.word())
	}
	return fmt.Sprintf("    match: {any: [%s, %s, %s]}\n", m.word(), m.word(), m.word())
}

// word makes up a word of two to four characters, and remembers it.
func (m *maker) word() string {
	runes := make([]rune, 2+m.IntN(3))
	for i := range runes {
		runes[i] = characters[m.IntN(len(characters))]
	}
	if len(runes) == 2 { // random pairs would meet far more often than those of a language
		runes[1] = rune(0x6c00 + m.IntN(0x300))
	}
	m.words = append(m.words, string(runes))
	return string(runes)
}

// event is a message of a group, of about 540 bytes as the platform sends it.
func (m *maker) event(i int, now time.Time) event.Event {
	text := m.text()
	if m.Float64() < share && len(m.words) > 0 {
		text += m.words[m.IntN(len(m.words))] + "12"
	}
	peer := fmt.Sprintf("R:%d", 10_696_052_955_000_000+m.IntN(500))
	if m.shape == OneWord { // every message has the word, few come from a chat that has a rule
		text, peer = text+"退款", fmt.Sprintf("R:%d", m.IntN(400_000))
	}
	return event.Event{
		Kind: event.MessageText, ID: strconv.Itoa(1_700_000_000_000 + i), Time: now, Received: now,
		Robot:   event.Robot{Key: "cfb3", ID: "1688853470427542", Name: "小助手"},
		Chat:    event.Chat{ID: "S:1688853470427542_" + peer, Peer: peer, Name: "产品体验群", Group: true},
		Sender:  event.Person{ID: strconv.Itoa(7_881_299_823_000_000 + m.IntN(9000)), Name: "李四", IsMember: true},
		Message: event.Message{ContentType: 1, Text: text},
	}
}

// text is what somebody says: a greeting, some words, and the punctuation of a
// phone, which folding has to mend.
func (m *maker) text() string {
	var b strings.Builder
	b.WriteString(everyday[m.IntN(len(everyday))])
	b.WriteString("，")
	for range textCharacters {
		b.WriteRune(characters[m.IntN(len(characters))])
	}
	b.WriteString("？")
	return b.String()
}

// Long is a text of so many bytes, at most.
func Long(seed uint64, size int) string {
	m := &maker{Rand: rand.New(rand.NewPCG(seed, 7))}
	var b strings.Builder
	for b.Len() < size-4*textCharacters {
		b.WriteString(m.text())
	}
	return b.String()
}
