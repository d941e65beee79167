package diag

import (
	"slices"
	"strings"
)

// meanings are words that people write for those of the rule language and that no
// typing error leads to: in Chinese, or in the words of other tools. Of several
// meanings the first that is a candidate is taken.
var meanings = map[string][]string{
	// whom and where
	"群": {"group", "chat", "chats"}, "群聊": {"group", "chat"}, "会话": {"chat", "chats"}, "每个群": {"chat"},
	"群名": {"chats", "name"}, "私聊": {"private"}, "单聊": {"private"}, "机器人": {"robot", "robots"}, "规则": {"rule", "rules"},
	"人": {"member", "user", "members"}, "每人": {"member", "user"}, "每个人": {"member", "user"}, "用户": {"member", "user", "members"},
	"成员": {"member", "members", "user"}, "客户": {"user", "member"}, "发送者": {"sender", "member"}, "发送人": {"sender", "member"},
	"任何人": {"anyone"}, "所有人": {"anyone", "all"}, "全局": {"global"}, "账号": {"accounts"}, "群主": {"owners", "owner"}, "人数": {"size"},
	"群标签": {"labels"}, "除了": {"exclude", "unless"}, "例外": {"unless", "exclude"}, "user": {"member", "members"}, "person": {"member", "user"},
	"group": {"chat", "chats", "group"}, "groups": {"chats"}, "room": {"chat", "chats", "group"}, "channel": {"chat", "chats"}, "everyone": {"anyone", "all"}, "bot": {"robot", "robots"},
	// events
	"消息": {"message"}, "文字": {"message.text", "text"}, "文本": {"message.text", "text"}, "文字消息": {"message.text"}, "文本消息": {"message.text"},
	"图片": {"message.image", "reply_image", "image"}, "文件": {"message.file", "reply_file", "file"}, "视频": {"message.video", "reply_video", "video"},
	"语音": {"message.voice"}, "链接": {"message.link", "reply_link", "link", "url"}, "表情": {"message.sticker"}, "小程序": {"message.miniprogram", "miniprogram"},
	"好友申请": {"friend.request"}, "加好友": {"add_friend", "friend.request"}, "friend.added": {"friend.request"}, "入群": {"member.join"}, "进群": {"member.join"}, "新人入群": {"member.join"},
	"定时": {"schedule"}, "启动": {"start"}, "上线": {"robot.online"}, "掉线": {"robot.offline"}, "被封": {"robot.banned"}, "cron": {"schedule", "cron"},
	// fields
	"编号": {"id"}, "名称": {"name", "as"}, "名字": {"name", "as"}, "触发": {"on"}, "事件": {"on"}, "范围": {"scope"}, "匹配": {"match"},
	"关键词": {"any", "match"}, "关键字": {"any", "match"}, "包含": {"any", "contains"}, "完全": {"exact"}, "等于": {"exact"}, "开头": {"prefix"}, "结尾": {"suffix"},
	"正则": {"regex"}, "名单": {"list", "lists"}, "条件": {"when"}, "优先级": {"priority"}, "冷却": {"cooldown"}, "限制": {"limit"}, "限流": {"limit"},
	"次数": {"count", "times"}, "时间": {"hours", "within", "for"}, "时长": {"for", "within", "duration"}, "日期": {"dates"}, "星期": {"days"}, "时区": {"timezone"},
	"动作": {"do"}, "步骤": {"do"}, "执行": {"do"}, "内容": {"text", "do"}, "变量": {"vars"}, "模板": {"template", "templates"}, "引用": {"use"}, "输入": {"with", "inputs"},
	"权重": {"weight"}, "超时": {"timeout"}, "标题": {"link.title", "title"}, "网址": {"link.url", "url"}, "地址": {"url"}, "文件名": {"file_name"}, "昵称": {"sender.name"}, "申请理由": {"friend.reason"},
	"times": {"count", "times"}, "time": {"hours"}, "in": {"within"}, "per_time": {"within"}, "window": {"within"}, "during": {"within"}, "period": {"within"}, "max": {"count"}, "number": {"count"},
	"interval": {"every"}, "duration": {"for", "within"}, "at": {"cron"}, "message": {"text"}, "content": {"text"}, "msg": {"text"}, "word": {"any"}, "words": {"any"},
	// steps
	"回复": {"reply"}, "回答": {"reply"}, "发送": {"send"}, "发消息": {"send"}, "转发": {"forward"}, "等待": {"delay", "wait_for"}, "延迟": {"delay"}, "等": {"delay", "wait_for"},
	"踢": {"kick"}, "踢人": {"kick"}, "移出": {"kick"}, "邀请": {"invite"}, "拉群": {"invite"}, "标签": {"tag", "labels"}, "打标签": {"tag"}, "备注": {"remark"}, "公告": {"announce"}, "群公告": {"announce"},
	"改群名": {"rename_group"}, "通过": {"accept_friend"}, "同意好友": {"accept_friend"}, "通过好友": {"accept_friend"}, "记录": {"log", "set"}, "日志": {"log"}, "记住": {"set"}, "计数": {"count"}, "通知": {"notify"}, "暂停": {"pause"}, "调用": {"call"},
	"如果": {"if"}, "那么": {"then"}, "否则": {"else"}, "循环": {"repeat"}, "重复": {"repeat"}, "随机": {"choose"}, "选择": {"choose"}, "停止": {"stop"}, "结束": {"stop"}, "继续": {"continue"}, "重试": {"retry"}, "核实": {"verify"},
	"sleep": {"delay"}, "wait": {"delay", "wait_for"}, "http": {"call"}, "ban": {"kick"}, "alert": {"notify"}, "random": {"choose"}, "loop": {"repeat"}, "for": {"repeat", "within"}, "foreach": {"repeat"}, "return": {"stop"}, "exit": {"stop"}, "print": {"log"}, "debug": {"log"}, "say": {"reply"},
	// choices
	"影子": {"shadow"}, "试运行": {"shadow"}, "启用": {"live", "enabled"}, "开启": {"live"}, "开": {"live"}, "关": {"off"}, "关闭": {"off"}, "停用": {"off"},
	"丢弃": {"drop"}, "不做": {"drop", "single", "skip"}, "丢掉": {"drop"}, "排队": {"queue", "queued"}, "单个": {"single"}, "一个": {"one", "single"}, "并行": {"parallel"}, "同时": {"parallel"}, "重来": {"restart"}, "重新开始": {"restart"},
	"全部": {"all"}, "都": {"all"}, "每个": {"all"}, "跳过": {"skip"}, "补": {"once"}, "补发": {"once"}, "补一次": {"once"}, "一次": {"once"}, "不补": {"skip"}, "自己": {"self"}, "其他机器人": {"robots"},
	"拼音": {"pinyin"}, "繁体": {"variant"}, "大小写": {"case"}, "全角": {"width"}, "空格": {"space"}, "数字": {"number"}, "列表": {"list"}, "是否": {"bool"}, "选项": {"options", "choice"}, "必填": {"required"}, "默认": {"default"},
}

// meaning is the candidate that the word stands for, or "".
func meaning(word string, candidates []string) string {
	for _, m := range meanings[strings.ToLower(strings.TrimSpace(word))] {
		if slices.Contains(candidates, m) {
			return m
		}
	}
	return ""
}
