package diag

// structureCodes are the faults in the shape of a file (BE101 to BE109).
func structureCodes() []Info {
	return []Info{
		{
			Code:  "BE101",
			Title: T("YAML 写法有误", "YAML syntax"),
			Explain: T("文件不是合法的 YAML，无法读下去，因此只报告第一处。常见原因：括号或引号没有配对，缩进没有对齐。",
				"The file is not valid YAML and can't be read any further, so only the first place is reported. Often a bracket or a quote is not closed, or lines are not aligned."),
			Wrong: "do: [{reply: 您好}",
			Right: "do: [{reply: 您好}]",
		},
		{
			Code:  "BE102",
			Title: T("未知字段", "unknown field"),
			Explain: T("这里没有叫这个名字的字段。未知字段一律报错，这样写错的字段不会悄悄失效。",
				"There is no field of this name here. Unknown fields are errors, so that a mistyped one can't silently do nothing."),
			Wrong: "whne: text contains \"退款\"",
			Right: "when: text contains \"退款\"",
		},
		{
			Code:    "BE103",
			Title:   T("缺少必填字段", "missing field"),
			Explain: T("这个字段必须填写。", "This field has to be there."),
			Wrong:   "- on: message.text\n  match: {any: [您好]}\n  do: [{reply: 您好}]",
			Right:   "- id: hello\n  on: message.text\n  match: {any: [您好]}\n  do: [{reply: 您好}]",
		},
		{
			Code:  "BE104",
			Title: T("值的类型不对", "wrong type"),
			Explain: T("这里要的是另一种值，比如要列表却写成了文字。",
				"Another kind of value is wanted here, such as a list where there is a text."),
			Wrong: "do: 您好",
			Right: "do:\n  - reply: 您好",
		},
		{
			Code:  "BE105",
			Title: T("编号重复", "duplicate id"),
			Explain: T("编号在所有文件里必须唯一，因为冷却、计数等状态都记在编号名下。复制规则后请改掉编号。",
				"An id is unique over all files, because cooldowns, counters and other state belong to it. Change the id of a copied rule."),
			Wrong: "- id: refund\n- id: refund",
			Right: "- id: refund\n- id: refund-late",
		},
		{
			Code:  "BE106",
			Title: T("编号写法不对", "bad id"),
			Explain: T("编号只能用小写字母、数字、点、下划线和连字符；中文名称请写在 `name` 里。",
				"An id has lower-case letters, digits, dots, underscores and hyphens only; a name in any language goes into `name`."),
			Wrong: "id: 退款",
			Right: "id: refund\nname: 退款",
		},
		{
			Code:    "BE107",
			Title:   T("不是可选的值", "not one of the choices"),
			Explain: T("这个字段只能取列出的几个值之一。", "This field takes one of a few values only."),
			Wrong:   "mode: lvie",
			Right:   "mode: live",
		},
		{
			Code:  "BE108",
			Title: T("同一个键写了两次", "duplicate key"),
			Explain: T("同一层里，一个键只能出现一次，否则不知道以哪个为准。",
				"A key may stand only once at one level, else nobody knows which one counts."),
			Wrong: "on: message\non: mention",
			Right: "on: [message, mention]",
		},
		{
			Code:  "BE109",
			Title: T("文字看起来像数字", "a text that looks like a number"),
			Explain: T("YAML 会把 `00123` 读成 83，把 `1.10` 读成 1.1。这里按你写的原样使用；加上引号就不会再提示。",
				"YAML reads `00123` as 83 and `1.10` as 1.1. Here the text is taken as it is written; quote it to say that you mean it."),
			Wrong: "name: 00123",
			Right: "name: \"00123\"",
		},
	}
}
