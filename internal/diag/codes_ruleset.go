package diag

// ruleSetCodes are faults that show only between rules (BE401 to BE419).
func ruleSetCodes() []Info {
	return []Info{
		{
			Code:    "BE401",
			Title:   T("规则永远轮不到", "a rule that can never fire"),
			Explain: T("前面的规则条件更宽，又写了 `stop`，所以走不到这条。", "A rule before it is wider and says `stop`, so the walk never comes here."),
			Wrong:   "- {id: a, match: {any: [退]}, stop: true}\n- {id: b, match: {any: [退款]}}",
			Right:   "- {id: b, match: {any: [退款]}, priority: 200}\n- {id: a, match: {any: [退]}, stop: true}",
		},
		{
			Code:    "BE402",
			Title:   T("同一个关键词有不同的回答", "one keyword, different answers"),
			Explain: T("同一范围内两条规则用了相同的关键词，两条都会回答。", "Two rules of one scope have the same keyword; both will answer."),
			Wrong:   "- {id: a, match: {any: [退款]}, do: [{reply: 甲}]}\n- {id: b, match: {any: [退款]}, do: [{reply: 乙}]}",
			Right:   "- {id: a, match: {any: [退款]}, do: [{reply: 甲}], stop: true}",
		},
		{
			Code:    "BE403",
			Title:   T("回复会触发规则", "a reply that fires a rule"),
			Explain: T("这条回复的文字会触发同一个聊天里的规则，可能没完没了。", "The text of this reply fires a rule in the same chat and may go round for ever."),
			Wrong:   "match: {any: [您好]}\ninclude: [self]\ndo: [{reply: 您好}]",
			Right:   "match: {any: [您好]}\ndo: [{reply: 您好}]",
		},
		{
			Code:    "BE404",
			Title:   T("同一个标签又加又删", "a tag added and removed"),
			Explain: T("同一个步骤里，一个标签不能既加又删；同样的触发条件下，也不要一条规则加、另一条删。", "One step can't add and remove the same tag; nor should one rule add what another removes on the same events."),
			Wrong:   "tag: {add: [\"售后/退款\"], remove: [\"售后/退款\"]}",
			Right:   "tag: {add: [\"售后/退款\"]}",
		},
		{
			Code:    "BE405",
			Title:   T("平台上没有这个名字", "a name the platform does not have"),
			Explain: T("连接后看到的机器人、群或标签里没有这个名字。", "No robot, group or tag seen on the platform has this name."),
			Wrong:   "tag: {add: [\"售后/退欵\"]}",
			Right:   "tag: {add: [\"售后/退款\"]}",
		},
		{
			Code:    "BE406",
			Title:   T("规则会拖慢每条消息", "a rule that slows every message down"),
			Explain: T("规则靠一定会出现的词、聊天或发送者找到，所以一万条和十条一样快；没有这些的规则每条消息都要单独检查（正则约 0.8 µs，条件约 0.5 µs）。以 `.*` 开头的正则要从头试到尾；去掉它，结果一样。确实要看每条消息的条件写成 `true and …`。", "Rules are found by words that have to be there, by the chat or by the sender, so ten thousand cost what ten do; a rule without any is checked for every message (a pattern about 0.8 µs, a condition about 0.5 µs). A pattern that begins with `.*` is tried all along every message; without it the result is the same. A condition that is meant for every message is written `true and …`."),
			Wrong:   "regex: '.*退款'",
			Right:   "regex: '退款'",
		},
		{
			Code:    "BE407",
			Title:   T("额度装不下计划", "a quota that can't hold the schedule"),
			Explain: T("按计划要发的数量超过了额度，多出来的会一直排队。", "The schedule sends more than the quota lets through; the rest queues for ever."),
			Wrong:   "on: {schedule: {every: 1m}}\nlimit: {count: 10, within: 1h}",
			Right:   "on: {schedule: {every: 10m}}\nlimit: {count: 10, within: 1h}",
		},
		{
			Code:    "BE408",
			Title:   T("定义了但没有用到", "defined but not used"),
			Explain: T("这个变量、宏、名单或库文件没有被任何规则用到，可能是名字写错了，或者忘了写 `rules:`。", "No rule uses this variable, macro, list or library; perhaps its name is mistyped, or `rules:` was forgotten."),
			Wrong:   "vars: {refund_url: \"https://example.com\"}\ndo:\n  - reply: 退款请看官网",
			Right:   "vars: {refund_url: \"https://example.com\"}\ndo:\n  - reply: \"退款请看 {{vars.refund_url}}\"",
		},
		{
			Code:    "BE409",
			Title:   T("关键词重复", "a keyword twice"),
			Explain: T("两个关键词折叠（全角半角、大小写等）之后是一样的，只要留一个。", "Two keywords are the same once width, case and the like are folded; one of them is enough."),
			Wrong:   "match: {any: [VIP, vip]}",
			Right:   "match: {any: [vip]}",
		},
		{
			Code:    "BE410",
			Title:   T("对每条消息都会触发", "a rule that fires on every message"),
			Explain: T("规则没有关键词、条件和范围，会回答每一条消息。确实需要时，写上 `when: true`。", "The rule has no keywords, no condition and no scope and answers every message. If that is meant, write `when: true`."),
			Wrong:   "- {id: a, on: message.text, do: [{reply: 您好}]}",
			Right:   "- {id: a, on: message.text, match: {any: [您好]}, do: [{reply: 您好}]}",
		},
		{
			Code:    "BE411",
			Title:   T("条件永远不成立", "something that can never hold"),
			Explain: T("这个条件单独看没有错，但和触发条件或别的设置放在一起，永远不会成立。", "It is right in itself, but together with the trigger or another setting it can never hold."),
			Wrong:   "on: friend.request\nscope: {chat_type: group}",
			Right:   "on: friend.request",
		},
		{
			Code:    "BE412",
			Title:   T("永远轮不到的步骤", "a step that no run comes to"),
			Explain: T("前面的步骤（例如 `stop`）一定会结束这次执行，后面的就不会做了。", "The step before it, such as `stop`, always ends the run, so that what follows is never done."),
			Wrong:   "do: [stop, {reply: 再见}]",
			Right:   "do: [{reply: 再见}, stop]",
		},
		{
			Code:    "BE413",
			Title:   T("正则里的 `\\b` 不认汉字", "`\\b` does not know Chinese"),
			Explain: T("`\\b` 是英文单词的边界，中文没有这样的边界：`\\b退款\\b` 在汉字之间从不成立，在汉字和字母之间又总是成立。", "`\\b` is where an English word begins or ends, and Chinese has no such place: between Chinese characters `\\b退款\\b` never holds, and between one of them and a letter it always does."),
			Wrong:   "regex: '\\b退款\\b'",
			Right:   "any: [退款]",
		},
		{
			Code:    "BE414",
			Title:   T("按名单找词，名单却会变", "words of a list that rules change"),
			Explain: T("`match.list` 找的是文件里写的那些词，和关键词一样编入索引；规则用 `list` 步骤加进去的不在其中，去掉的也照样找。要看名单现在有谁，用 `in_list`。", "`match.list` looks for the words that the file has, indexed like any keyword; what rules add by a `list` step is not among them, and what they remove still is. `in_list` asks for the list as it is now."),
			Wrong:   "lists: {banned: {dynamic: true}}\nmatch: {list: banned}",
			Right:   "lists: {banned: {dynamic: true}}\nwhen: in_list(\"banned\", sender.id)",
		},
	}
}
