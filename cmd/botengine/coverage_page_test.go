package main

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"botengine/internal/actions"
)

// covered says where one section of the platform's document is carried out. The
// rule steps are not among it: the catalogue of actions knows them.
type covered struct {
	section string
	zh, en  string
	names   []string // Go, as package.Func or package.Type.Method
	command string   // of the command line; "" = none of its own
	test    string   // package.Test, with the subtest's name where there is one
}

const (
	frames   = "yjiyun.TestRecordedFramesBecomeEvents"
	commands = "yjiyun.TestCommandsBecomeTheFramesOfTheDocument"
)

var (
	decode = []string{"yjiyun.Decode"}
	encode = []string{"yjiyun.Encode"}
	both   = []string{"yjiyun.Encode", "yjiyun.Decode"}
)

// coverage is the platform's document, section by section. A test holds it
// complete: every § of docs/protocol.md has a row, every name and test exists.
func coverage() []covered {
	return slices.Concat(requests(), events(), orders())
}

// requests are the REST endpoints (§2).
func requests() []covered {
	return []covered{
		{"§2.1", "鉴权", "sign in", []string{"rest.Client.Auth", "rest.Client.Token"}, "", "rest.TestSigningInAnewProlongsTheToken"},
		{"§2.2", "机器人列表", "robots", []string{"rest.Client.Robots"}, "robots", "rest.TestRobotsAreReadAsTheDocumentShowsThem"},
		{"§2.3", "客户列表", "customers", []string{"rest.Client.Customers"}, "customers", "rest.TestAListingIsFollowedOverAllItsPages"},
		{"§2.4", "群列表", "groups", []string{"rest.Client.Groups"}, "groups", "rest.TestFiltersAreSentAsTheDocumentNamesThem"},
		{"§2.5", "群列表下载", "group list download", []string{"rest.Client.DownloadGroups"}, "groups download", "rest.TestAGroupListIsFetchedWithoutTheToken"},
		{"§2.6", "群成员列表", "members of a group", []string{"rest.Client.Members"}, "members", "rest.TestAllMembersOfAGroupAreGiven"},
		{"§2.7", "群发任务", "broadcast task", []string{"rest.Client.SaveTask"}, "broadcast", "rest.TestATaskIsSpeltAsThePlatformTakesIt"},
		{"§2.8", "同步桥接", "synchronous bridge", []string{"rest.Client.Bridge", "rest.Client.BridgeRaw"}, "command", "rest.TestTheBridgeCarriesTheFrameOfTheSocket"},
		{"§2.9", "复制群设置", "copy group settings", []string{"rest.Client.CopyGroupSettings"}, "group-settings copy", "rest.TestSettingsThatCannotBeCopiedAreSaid"},
		{"§2.10", "会话列表", "recent chats", []string{"rest.Client.Chats"}, "chats", "rest.TestChatsAreFollowedBackInTime"},
		{"§2.11", "聊天记录", "chat history", []string{"rest.Client.History", "rest.Client.Messages"}, "history", "rest.TestHistoryIsWholeWhileTheChatGoesOn"},
		{"§2.12", "清除未读", "clear unread", []string{"rest.Client.ClearUnread"}, "mark-read", "rest.TestEveryRequestGoesToItsEndpoint"},
		{"§2.13", "同步联系人", "contact sync", []string{"rest.Client.SyncContacts"}, "contacts sync", "rest.TestEveryRequestGoesToItsEndpoint"},
	}
}

// events are what the platform pushes (§3).
func events() []covered {
	return []covered{
		{"§3.0", "通用参数", "what all commands carry", both, "", commands},
		{"§3.2", "收到消息", "a message", decode, "", frames},
		{"§3.3", "会话更新", "a chat's summary", decode, "", frames},
		{"§3.22", "群成员变化", "members of a group changed", decode, "", frames},
	}
}

// orders are the commands (§3); their results are decoded by the same table.
func orders() []covered {
	return []covered{
		{"§3.4", "发文本", "text", both, "send", commands},
		{"§3.5", "发图片", "image", encode, "send", commands},
		{"§3.6", "发链接", "link card", encode, "send", commands},
		{"§3.7", "转发", "forward", both, "command", commands},
		{"§3.8", "好友申请与通过", "friend request, accept", both, "command", commands},
		{"§3.9", "手机号加好友", "add by phone", both, "command", commands},
		{"§3.10", "发文件", "file", encode, "send", commands},
		{"§3.11", "打标签", "tag, untag", both, "command", commands},
		{"§3.12", "标签列表", "tag list", both, "tags", commands},
		{"§3.13", "改备注和描述", "remark and description", encode, "command", commands},
		{"§3.14", "改自己的信息", "own profile", both, "command", commands},
		{"§3.15", "移出群", "kick", encode, "command", commands},
		{"§3.16", "群管理员列表", "list admins", both, "command", commands},
		{"§3.17", "设置群管理员", "set admins", both, "command", commands},
		{"§3.18", "拉好友入群", "invite", both, "command", commands},
		{"§3.19", "改群名", "rename", both, "command", commands},
		{"§3.20", "建群", "create a group", encode, "command", commands},
		{"§3.21", "查询联系人", "contacts inquiry", both, "command", commands},
		{"§3.23", "群公告", "announcement", encode, "command", commands},
		{"§3.24", "发视频", "video", both, "send", commands},
	}
}

// stepsOf are the rule steps that carry out a section, from the catalogue.
func stepsOf(section string) []string {
	var steps []string
	for _, a := range actions.All() {
		if slices.ContainsFunc(a.Sends(), func(p actions.Platform) bool { return p.Section == section }) {
			steps = append(steps, a.Name())
		}
	}
	return steps
}

// writeCoverage writes docs/platform.md.
func writeCoverage(w io.Writer) error {
	var b strings.Builder
	b.WriteString("# 平台接口对照 · The platform, section by section\n\n")
	b.WriteString("由 `make generate` 从代码生成；§ 是平台文档的章节，见 [protocol.md](protocol.md)。Generated from the code by `make generate`; § are the sections of the platform's document.\n\n")
	b.WriteString("| § | 是什么 what | Go | 规则步骤 rule step | 命令行 command | 测试 test |\n| --- | --- | --- | --- | --- | --- |\n")
	for _, c := range coverage() {
		fmt.Fprintf(&b, "| %s | %s · %s | %s | %s | %s | %s |\n", c.section, c.zh, c.en, code(c.names), code(stepsOf(c.section)), code([]string{c.command}), code([]string{c.test}))
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func code(words []string) string {
	var out []string
	for _, w := range words {
		if w != "" {
			out = append(out, "`"+w+"`")
		}
	}
	if len(out) == 0 {
		return "–"
	}
	return strings.Join(out, " ")
}
