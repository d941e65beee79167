package actions

import (
	"errors"
	"time"

	"botengine/internal/command"
	"botengine/internal/diag"
)

type broadcastParams struct {
	Name     Text                  `yaml:"name" zh:"任务名，平台后台看得到" en:"the task's name, seen in the platform's console" required:"true"`
	To       Constants             `yaml:"to" zh:"发给谁：都写人的 id，或都写群 id（R: 开头）；要写明，不能来自消息" en:"who gets it: people's ids, or groups' (they begin with R:), not both; written out, never from a message" required:"true"`
	Messages Objects[broadcastMsg] `yaml:"messages" zh:"要发的消息，建议不超过 8 条" en:"what is sent, better no more than 8 messages" required:"true"`
	Robot    Constant              `yaml:"robot" zh:"由哪个机器人发（robotKey），默认是收到事件的机器人" en:"which robot sends it (its robotKey); by default the event's"`
	Start    Moment                `yaml:"start" zh:"什么时候发：2026-03-02 10:00（北京时间）；不写就马上发" en:"when: 2026-03-02 10:00 (China's time); at once if not written"`
	Time     Clock                 `yaml:"time" zh:"定期发：几点，例如 09:30；要同时写 days" en:"again and again: at what time, such as 09:30; takes days beside it"`
	Days     Choices[dayWords]     `yaml:"days" zh:"定期发：星期几" en:"again and again: on which days"`
	Pace     Span                  `yaml:"pace" zh:"每批之间等多久：45s..60s；不写由平台决定（30 秒一个对象）" en:"how long to wait between batches: 45s..60s; if not written the platform takes its own pace (one target per 30 s)"`
	Batch    Count                 `yaml:"batch" zh:"每批几个对象，默认 12" en:"how many targets a batch has, by default 12"`
	Delivery Delivery              `yaml:"delivery" zh:"结果不明时怎么办，默认 at_most_once（不再发，由人决定）" en:"what to do when nobody knows whether it happened; by default at_most_once: nothing, a person decides"`
}

type dayWords struct{}

func (dayWords) words() []string { return []string{"mon", "tue", "wed", "thu", "fri", "sat", "sun"} }

// weekdays are the platform's names (§2.7).
var weekdays = map[string]string{"mon": "MON", "tue": "TUE", "wed": "WED", "thu": "THU", "fri": "FRI", "sat": "SAT", "sun": "SUN"}

const (
	defaultBatch  = 12 // suitCount, as §2.7 has it
	adviceOnCount = 8  // messages of one task
	minPace       = 45 * time.Second
	maxPace       = 60 * time.Second
)

var broadcast = define(spec[broadcastParams]{
	Name:    "broadcast",
	Summary: diag.T("建一个群发任务。", "Makes a broadcast task."),
	Note: diag.T("这里成功只表示任务建好了，发送由平台进行。发得太密会被企业微信限制。",
		"Success means that the task exists; the platform does the sending. WeCom restricts those who send too densely."),
	Example: `broadcast: {name: 三月通知, to: ["R:10696051755024720"], messages: [{text: 系统今晚维护}, {image: "https://example.com/notice.png"}], pace: 45s..60s}`,
	Sends:   Platform{Type: "rest.broadcast", Lane: command.LaneAction, Class: command.Unverifiable, Section: "§2.7"},
	Check:   checkBroadcast,
	Plan:    planBroadcast,
})

func checkBroadcast(p *broadcastParams) []fault {
	faults := append(checkText("name", p.Name), checkRobot("robot", p.Robot)...)
	faults = append(faults, p.checkTo()...)
	if len(p.Messages.list) > adviceOnCount {
		faults = append(faults, fault{Param: "messages", Advice: true, Message: diag.T("平台建议一次群发不超过 %d 条消息", "the platform advises no more than %d messages in a broadcast", adviceOnCount),
			Hint: diag.T("分成几次", "make several of it")})
	}
	if p.Pace.max > 0 && p.Pace.min < time.Second {
		faults = append(faults, fault{Param: "pace", Message: diag.T("间隔至少 1 秒", "the pace is at least a second"), Hint: diag.T("例如 `45s..60s`", "such as `45s..60s`")})
	}
	switch {
	case p.Start.given() && (p.Time.given() || len(p.Days.list) > 0):
		faults = append(faults, fault{Param: "start", Message: diag.T("`start` 发一次，`time` 和 `days` 定期发，不能同时写", "`start` sends once, `time` and `days` again and again: not both"),
			Hint: diag.T("留一种", "keep one of them")})
	case p.Time.given() != (len(p.Days.list) > 0):
		faults = append(faults, fault{Message: diag.T("定期发要同时写 `time` 和 `days`", "`time` and `days` go together"),
			Hint: diag.T("例如 `time: \"09:30\", days: [mon, fri]`", "such as `time: \"09:30\", days: [mon, fri]`")})
	}
	return faults
}

func (p *broadcastParams) checkTo() []fault {
	groups := 0
	for _, to := range p.To.list {
		switch {
		case isGroupID(to):
			groups++
		case !isPeer(to):
			return []fault{notAPeer("to", to)}
		}
	}
	if groups > 0 && groups < len(p.To.list) {
		return []fault{{Param: "to", Message: diag.T("一次群发只能都发给人，或都发给群", "a broadcast goes to people or to groups, not to both"),
			Hint: diag.T("分成两步", "make two steps of it")}}
	}
	return nil
}

// broadcastTask is the body of §2.7.
type broadcastTask struct {
	Name        string        `json:"name"`
	TaskType    string        `json:"taskType"` // a number, in quotes as in the document's sample; so are TaskRule and IsGroupChat
	StartTime   int64         `json:"startTime,omitempty"`
	ExecStart   string        `json:"execStartTime,omitempty"`
	Weekday     []string      `json:"weekday,omitempty"`
	CommandType string        `json:"commandType"`
	TaskRule    string        `json:"taskRule"`
	SuitCount   int           `json:"suitCount"`
	PerSuit     int           `json:"perSuitSecond"`
	PerSuitMost int           `json:"perSuitSecondUpper"`
	TaskData    broadcastData `json:"taskData"`
}

type broadcastData struct {
	Contents     []broadcastContent `json:"contents"`
	AcceptTarget []broadcastTarget  `json:"acceptTarget"`
	IsGroupChat  string             `json:"isGroupChat"`
}

type broadcastTarget struct {
	RobotKey string   `json:"robotKey"`
	ChatUser []string `json:"chatUser"`
}

func planBroadcast(env Env, p *broadcastParams) (Effect, error) {
	name, err := renderText(env, "name", p.Name)
	if err != nil {
		return Effect{}, err
	}
	task := broadcastTask{Name: name, CommandType: "wxwork.robot.batch.send", TaskType: "1", TaskRule: "1", SuitCount: defaultBatch}
	if p.Start.given() {
		task.StartTime = p.Start.at.UnixMilli()
	}
	if p.Time.given() {
		task.TaskType, task.ExecStart = "2", p.Time.text
		for _, day := range p.Days.list {
			task.Weekday = append(task.Weekday, weekdays[day])
		}
	}
	p.pace(&task)
	task.TaskData.IsGroupChat = "1"
	if isGroupID(p.To.list[0]) {
		task.TaskData.IsGroupChat = "2"
	}
	task.TaskData.AcceptTarget = []broadcastTarget{{robotFor(env, p.Robot), unique(p.To.list)}}
	for _, m := range p.Messages.list {
		content, err := m.render(env)
		if err != nil {
			return Effect{}, err
		}
		task.TaskData.Contents = append(task.TaskData.Contents, content)
	}
	effect, err := act(task)
	return withClass(effect, classFor(p.Delivery)), err
}

// pace writes how fast the platform may go; the document wants all its fields,
// whether it takes its own pace or not.
func (p *broadcastParams) pace(task *broadcastTask) {
	low, high := minPace, maxPace
	if p.Pace.max > 0 {
		low, high, task.TaskRule = p.Pace.min, p.Pace.max, "2"
	}
	if p.Batch.n > 0 {
		task.SuitCount = p.Batch.n
	}
	task.PerSuit, task.PerSuitMost = int(low/time.Second), int(high/time.Second)
}

// broadcastMsg is one message of a broadcast.
type broadcastMsg struct {
	Text        Text                    `yaml:"text" zh:"文字" en:"a text"`
	Image       Text                    `yaml:"image" zh:"图片的网址" en:"a picture's web address"`
	File        Text                    `yaml:"file" zh:"文件的网址" en:"a file's web address"`
	Link        Object[replyLinkParams] `yaml:"link" zh:"链接卡片" en:"a link card"`
	MiniProgram Object[miniProgram]     `yaml:"miniprogram" zh:"机器人收到过的小程序" en:"a mini program that the robot has got before"`
}

func (broadcastMsg) label() string { return "messages" }

func (m broadcastMsg) check() []fault {
	given := 0
	for _, yes := range []bool{m.Text.Given(), m.Image.Given(), m.File.Given(), m.Link.Given(), m.MiniProgram.Given()} {
		if yes {
			given++
		}
	}
	if given != 1 {
		return []fault{{Message: diag.T("一条消息要正好写一种内容，这里有 %d 种", "a message has exactly one content, here are %d", given),
			Hint: diag.T("text、image、file、link、miniprogram 选一种", "one of text, image, file, link and miniprogram")}}
	}
	faults := append(checkText("text", m.Text), checkURL("image", m.Image)...)
	return append(faults, checkURL("file", m.File)...)
}

// miniProgram says which of the mini programs the robot has got is meant: the
// platform finds it by title, content and sender (§2.7).
type miniProgram struct {
	Title   Text `yaml:"title" zh:"标题" en:"its title" required:"true"`
	Content Text `yaml:"content" zh:"内容" en:"its content" required:"true"`
	Sender  Text `yaml:"sender" zh:"当时是谁发的（名字）" en:"the name of who sent it then" required:"true"`
	Avatar  Text `yaml:"avatar" zh:"发送者头像的网址" en:"the web address of that person's picture"`
	Logo    Text `yaml:"logo" zh:"小程序图标的网址" en:"the web address of its logo"`
}

func (miniProgram) label() string { return "miniprogram" }

func (m miniProgram) check() []fault {
	return append(checkURL("avatar", m.Avatar), checkURL("logo", m.Logo)...)
}

// The platform's msgType of the messages of a broadcast (§2.7).
const (
	broadcastText        = 1
	broadcastImage       = 3
	broadcastLink        = 16
	broadcastFile        = 49
	broadcastMiniProgram = 78
)

// broadcastContent is one entry of contents.
type broadcastContent struct {
	MsgType       int    `json:"msgType"`
	Content       string `json:"content,omitempty"`
	AppType       int    `json:"appType,omitempty"`
	Link          string `json:"link,omitempty"`
	Title         string `json:"title,omitempty"`
	Description   string `json:"description,omitempty"`
	CoverImgFile  string `json:"coverImgFile,omitempty"`
	SenderName    string `json:"senderName,omitempty"`
	SenderHeadImg string `json:"senderHeadImg,omitempty"`
	Logo          string `json:"logo,omitempty"`
}

func (m *broadcastMsg) render(env Env) (c broadcastContent, err error) {
	switch {
	case m.Text.Given():
		c.MsgType = broadcastText
		c.Content, err = renderText(env, "text", m.Text)
	case m.Image.Given():
		c.MsgType = broadcastImage
		c.Content, err = renderURL(env, "image", m.Image)
	case m.File.Given():
		c.MsgType = broadcastFile
		c.Content, err = renderURL(env, "file", m.File)
	case m.Link.Given():
		var card message
		card, err = m.Link.p.render(env)
		c = broadcastContent{MsgType: broadcastLink, AppType: 1, Link: card.Link, Title: card.Title, Description: card.Description, CoverImgFile: card.CoverImgFile}
	default:
		return m.MiniProgram.p.render(env)
	}
	return c, err
}

func (m *miniProgram) render(env Env) (broadcastContent, error) {
	c := broadcastContent{MsgType: broadcastMiniProgram}
	var errs [5]error
	c.Title, errs[0] = renderText(env, "title", m.Title)
	c.Content, errs[1] = renderText(env, "content", m.Content)
	c.SenderName, errs[2] = renderText(env, "sender", m.Sender)
	c.SenderHeadImg, errs[3] = renderURL(env, "avatar", m.Avatar)
	c.Logo, errs[4] = renderURL(env, "logo", m.Logo)
	return c, errors.Join(errs[:]...)
}
