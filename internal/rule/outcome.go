package rule

import "botengine/internal/diag"

// Outcome says what became of a rule for one event. The empty Outcome means that
// nothing speaks against the rule so far.
type Outcome string

// The outcomes. The list is closed: the trace, explain, metrics and tests know
// these and no others.
const (
	Fired          Outcome = "fired"
	Shadow         Outcome = "shadow"          // would have fired, but only watches
	Canary         Outcome = "canary"          // changed a short while ago, and does not act in this chat yet
	Withheld       Outcome = "withheld"        // lost its right to act after a change
	Off            Outcome = "off"             // mode: off, or enabled: false
	Quarantined    Outcome = "quarantined"     // panicked too often, and is set aside until the rules are loaded again
	OtherTrigger   Outcome = "other_trigger"   // listens to other kinds of event
	OutOfScope     Outcome = "out_of_scope"    // another robot, chat or kind of chat
	NoKeyword      Outcome = "no_keyword"      // match did not find what it looks for
	ConditionFalse Outcome = "condition_false" // when is false
	ConditionError Outcome = "condition_error" // when could not be computed
	Excepted       Outcome = "excepted"        // an exception under unless holds
	Inactive       Outcome = "inactive"        // outside its hours or days
	Outside        Outcome = "outside"         // outside its hours, and did what it does then
	TooOld         Outcome = "too_old"         // the event is older than max_age
	OwnMessage     Outcome = "own_message"     // written by the robot itself
	OtherRobot     Outcome = "other_robot"     // written by another robot of ours
	OtherResponder Outcome = "other_responder" // another robot in the group answers
	Paused         Outcome = "paused"          // a `pause` step silenced the chat, the robot or everything
	TakenOver      Outcome = "taken_over"      // a person is answering in this chat
	PingPong       Outcome = "ping_pong"       // who wrote answers like a machine: the fuse is open
	ChatFuse       Outcome = "chat_fuse"       // rules answered too often in this chat: the fuse is open
	HopLimit       Outcome = "hop_limit"       // too many rules led to rules
	Running        Outcome = "running"         // a run of the rule is under way, and leaves no room
	Answered       Outcome = "answered"        // the message was an answer to a rule that waited for it
	OnCooldown     Outcome = "on_cooldown"     // fired a short while ago
	LoopGuard      Outcome = "loop_guard"      // fired too often in this chat: the fuse is open
	Stopped        Outcome = "stopped"         // a rule before it said stop
	BelowThreshold Outcome = "below_threshold" // too few such events so far
	OnceOnly       Outcome = "once"            // has fired, and does so only once
	OverLimit      Outcome = "over_limit"      // fired as often as its limit allows
	Queued         Outcome = "queued"          // will fire when its limit has room
	Gathering      Outcome = "gathering"       // waits for more such events, to answer all at once
)

// Outcomes returns all outcomes in the order in which they are decided.
func Outcomes() []Outcome {
	return []Outcome{
		Off, Quarantined, OtherTrigger, OwnMessage, OtherRobot, OutOfScope, NoKeyword, TooOld, Inactive,
		ConditionFalse, Excepted, ConditionError, Stopped, HopLimit, Answered, OtherResponder, Paused, TakenOver, PingPong, ChatFuse, BelowThreshold, OnceOnly, OnCooldown, LoopGuard, Running, OverLimit,
		Queued, Gathering, Shadow, Canary, Withheld, Outside, Fired,
	}
}

// Takes says whether the rule took the event for itself: it answered, or it will.
func (o Outcome) Takes() bool { return o == Fired || o == Queued || o == Gathering || o == Outside }

// outcomeTexts says every outcome in words.
var outcomeTexts = map[Outcome]diag.Text{
	"":             {ZH: "可以触发", EN: "may fire"},
	Fired:          {ZH: "已触发", EN: "fired"},
	Shadow:         {ZH: "影子模式：只记录，不发送", EN: "shadow: recorded, nothing sent"},
	Canary:         {ZH: "改后试用中，还不在这个会话生效", EN: "changed a short while ago, and does not act in this chat yet"},
	Withheld:       {ZH: "改后表现异常，已停止生效，只记录", EN: "did badly after it was changed: recorded, nothing sent"},
	Off:            {ZH: "已停用", EN: "switched off"},
	Quarantined:    {ZH: "内部连续出错，已隔离，重新加载规则后恢复", EN: "panicked too often: set aside until the rules are loaded again"},
	OtherTrigger:   {ZH: "不是它监听的事件", EN: "listens to other events"},
	OutOfScope:     {ZH: "不在适用范围内", EN: "out of scope"},
	NoKeyword:      {ZH: "关键词不符", EN: "keywords do not match"},
	ConditionFalse: {ZH: "条件不成立", EN: "condition is false"},
	ConditionError: {ZH: "条件计算出错", EN: "condition could not be computed"},
	Excepted:       {ZH: "属于例外", EN: "an exception holds"},
	Inactive:       {ZH: "不在生效时间内", EN: "outside its active time"},
	Outside:        {ZH: "不在生效时间内，做了 outside 里的步骤", EN: "outside its active time, did the steps for that"},
	TooOld:         {ZH: "事件太旧", EN: "event is too old"},
	OwnMessage:     {ZH: "机器人自己发的消息", EN: "the robot's own message"},
	OtherRobot:     {ZH: "自己的其他机器人发的消息", EN: "a message of another robot of ours"},
	OtherResponder: {ZH: "由同群的另一个机器人回答", EN: "another robot in the group answers"},
	Paused:         {ZH: "已暂停", EN: "paused"},
	TakenOver:      {ZH: "有人在人工回复", EN: "a person is answering here"},
	PingPong:       {ZH: "像是在和机器对答，已熔断", EN: "the other side answers like a machine, the fuse is open"},
	ChatFuse:       {ZH: "在这个会话里回答太频繁，已熔断", EN: "rules answered too often in this chat, the fuse is open"},
	Answered:       {ZH: "被当作对提问的回答", EN: "taken for the answer to a question"},
	OnCooldown:     {ZH: "冷却中", EN: "on cooldown"},
	LoopGuard:      {ZH: "触发太频繁，已熔断", EN: "fired too often, the fuse is open"},
	BelowThreshold: {ZH: "次数还不够", EN: "too few so far"},
	OnceOnly:       {ZH: "只触发一次，已经触发过", EN: "fires once only, and has"},
	HopLimit:       {ZH: "规则引出规则太多层", EN: "rules led to rules too many times over"},
	Running:        {ZH: "还在执行", EN: "still runs"},
	OverLimit:      {ZH: "超过次数上限", EN: "over its limit"},
	Queued:         {ZH: "排队等候", EN: "waits for its turn"},
	Gathering:      {ZH: "正在合并，稍后一起处理", EN: "gathers more, to answer all at once"},
	Stopped:        {ZH: "前面的规则已经停止了后续匹配", EN: "a rule before it stopped the walk"},
}

// insideText is why a rule that panicked has no answer. What it panicked with may hold
// what people wrote.
var insideText = diag.Text{ZH: "内部错误", EN: "internal error"}

// Text says the outcome in words.
func (o Outcome) Text() diag.Text {
	if t, ok := outcomeTexts[o]; ok {
		return t
	}
	return diag.Text{ZH: string(o), EN: string(o)}
}
