package rule

import (
	"botengine/internal/diag"
	"botengine/internal/schema"
)

// Whole pieces that editors offer. Each compiles as it stands, with the words of its
// places: TestSnippetsCompile.
var (
	fileSnippets = []schema.Snippet{snippet("botengine", "新的规则文件", "a new file of rules",
		"version: 1\nrules:\n  - id: ${1:faq}\n    name: ${2:关键词回复}\n    on: message.text\n    match: {any: [\"${3:退款}\"]}\n    do:\n      - reply: ${4:请稍等}\n",
		"version: 1\nrules:\n  - id: ${1:faq}\n    name: ${2:answer a keyword}\n    on: message.text\n    match: {any: [\"${3:refund}\"]}\n    do:\n      - reply: ${4:one moment please}\n")}

	ruleSnippets = []schema.Snippet{
		snippet("faq", "关键词回复", "answer a keyword",
			"id: ${1:faq}\nname: ${2:关键词回复}\non: message.text\nmatch:\n  any: [\"${3:退款}\"]\ncooldown: {for: 30s, per: [chat, rule]}\ndo:\n  - reply: ${4:请稍等}\n",
			"id: ${1:faq}\nname: ${2:answer a keyword}\non: message.text\nmatch:\n  any: [\"${3:refund}\"]\ncooldown: {for: 30s, per: [chat, rule]}\ndo:\n  - reply: ${4:one moment please}\n"),
		snippet("welcome", "入群欢迎", "welcome new members",
			"id: ${1:welcome}\nname: ${2:入群欢迎}\non: member.join\ncoalesce: {for: 20s, max: 50}\ndo:\n  - reply: {text: \"欢迎 {{names(members)}}！${3:请先看群公告}\", at: members}\n",
			"id: ${1:welcome}\nname: ${2:welcome new members}\non: member.join\ncoalesce: {for: 20s, max: 50}\ndo:\n  - reply: {text: \"Welcome {{names(members)}}! ${3:Please read the notice}\", at: members}\n"),
		snippet("friend", "通过好友申请", "accept friend requests",
			"id: ${1:friend}\nname: ${2:通过好友}\non: friend.request\ndo:\n  - accept_friend\n  - delay: 5s..15s\n  - reply: ${3:您好，有什么可以帮您？}\n",
			"id: ${1:friend}\nname: ${2:accept friends}\non: friend.request\ndo:\n  - accept_friend\n  - delay: 5s..15s\n  - reply: ${3:Hello, what can I do for you?}\n"),
		snippet("schedule", "定时提醒", "a reminder at a time",
			"id: ${1:notice}\nname: ${2:每日提醒}\non: {schedule: {cron: \"${3:0 9 * * mon-fri}\"}}\nscope: {chats: [\"${4:产品体验群*}\"]}\ndo:\n  - reply: ${5:早上好}\n",
			"id: ${1:notice}\nname: ${2:daily reminder}\non: {schedule: {cron: \"${3:0 9 * * mon-fri}\"}}\nscope: {chats: [\"${4:product group*}\"]}\ndo:\n  - reply: ${5:Good morning}\n"),
	}

	stepSnippets = []schema.Snippet{
		same("if", "按条件分两路", "two ways", "if: ${1:sender.is_member}\nthen:\n  - reply: ${2:您好}\nelse:\n  - reply: ${3:请先加群}\n"),
		same("choose", "按权重抽一个", "draw one by weight", "choose:\n  - weight: 70\n    do: [{reply: \"${1:您好}\"}]\n  - weight: 30\n    do: [{reply: \"${2:在的}\"}]\n"),
		same("repeat", "重复几次", "do it again and again", "repeat: 2\ndo:\n  - reply: ${1:在吗？}\n  - delay: ${2:1h}\n"),
		same("wait_for", "等这个人的下一句话", "wait for the next message", "wait_for: {timeout: 10m, on_timeout: [{reply: \"${1:下次再聊}\"}]}\n"),
	}
)

func snippet(label, zh, en, bodyZH, bodyEN string) schema.Snippet {
	return schema.Snippet{Label: label, Doc: diag.Text{ZH: zh, EN: en}, Body: diag.Text{ZH: bodyZH, EN: bodyEN}}
}

// same is a snippet whose words are the same in both languages.
func same(label, zh, en, body string) schema.Snippet { return snippet(label, zh, en, body, body) }
