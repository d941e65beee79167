package diag

// fileCodes are files that can't be used (BE601 to BE609).
func fileCodes() []Info {
	return []Info{
		{
			Code:    "BE601",
			Title:   T("文件读不出来", "file can't be read"),
			Explain: T("文件不存在，或者没有读取权限。", "The file does not exist or may not be read."),
			Wrong:   "rules: [rule/]",
			Right:   "rules: [rules/]",
		},
		{
			Code:    "BE602",
			Title:   T("找不到名单文件", "list file not found"),
			Explain: T("名单文件的路径相对于规则所在的文件夹，并且不能跑到它外面。", "The path of a list file is relative to the folder of the rules and stays inside it."),
			Wrong:   "lists: {banned: {file: list/banned.txt}}",
			Right:   "lists: {banned: {file: lists/banned.txt}}",
		},
		{
			Code:    "BE603",
			Title:   T("文件太大", "file too large"),
			Explain: T("一个规则文件最大 1 MiB。长名单请放进名单文件。", "A rule file has at most 1 MiB. Long lists go into list files."),
			Wrong:   "lists: {banned: [\"…\", \"…\"]}",
			Right:   "lists: {banned: {file: lists/banned.txt}}",
		},
		{
			Code:    "BE604",
			Title:   T("一条规则也没有", "no rules"),
			Explain: T("文件夹里没有启用的规则。引擎会运行，但什么也不会回答。", "The folder has no enabled rule. The engine runs but will not answer anything."),
			Wrong:   "rules: []",
			Right:   "rules:\n  - {id: hello, on: message.text, match: {any: [您好]}, do: [{reply: 您好}]}",
		},
		{
			Code:    "BE605",
			Title:   T("名单里有一行不能用", "a line of a list file can't be used"),
			Explain: T("名单文件每行一个条目，`#` 开头的是注释。", "A list file has one entry a line; lines that begin with `#` are comments."),
			Wrong:   "加微信,\u202e广告",
			Right:   "加微信\n广告",
		},
		{
			Code:  "BE606",
			Title: T("测试说到一条不存在的规则", "a test speaks of a rule that is not there"),
			Explain: T("`expect` 里写的规则编号在规则文件里找不到：多半是写错了，或者规则改了编号。",
				"A rule that `expect` names is in none of the rule files: most likely it is mistyped, or the rule has another id now."),
			Wrong: "expect: {rules: [refnud]}",
			Right: "expect: {rules: [refund]}",
		},
		{
			Code:  "BE607",
			Title: T("测试的这一步做不到", "a step of a test that can't be"),
			Explain: T("一步只发生一件事：有人说话、进群、申请好友、机器人换状态……`reason`、`url`、`at_me` 只补充说明那一件事。",
				"One thing happens in a step: somebody writes, joins, asks to be a friend, a robot changes its status. `reason`, `url` and `at_me` only say more about that one thing."),
			Wrong: "- {say: 您好, join: [李四], group: 产品群}",
			Right: "- {join: [李四], group: 产品群}\n- {say: 您好, group: 产品群}",
		},
		{
			Code:    "BE609",
			Title:   T("还有更多问题", "more findings"),
			Explain: T("一个文件最多列出 50 个问题。先改好前面的，再检查一次。", "At most 50 findings of a file are listed. Fix those and check again."),
		},
	}
}
