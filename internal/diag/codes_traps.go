package diag

// trapCodes are what YAML and Chinese input methods do together (BE110 to BE119).
func trapCodes() []Info {
	return []Info{
		{
			Code:  "BE110",
			Title: T("全角冒号、横线或括号", "full-width colon, dash or brackets"),
			Explain: T("键后面的冒号必须是半角「:」，后面再加一个空格。中文输入法打出的「：」只是普通文字。列表的横线「-」、括号「[ ]」「{ }」也必须是半角。",
				"After a key comes a half-width colon and a space. The full-width colon of a Chinese input method is ordinary text. The dash of a list and the brackets `[ ]` and `{ }` are half-width, too."),
			Wrong: "id：refund\non: message",
			Right: "id: refund\non: message",
		},
		{
			Code:  "BE111",
			Title: T("全角空格缩进", "indentation with full-width spaces"),
			Explain: T("缩进只能用半角空格。全角空格会被当成字段名的一部分，而且 YAML 不会报错。",
				"Only half-width spaces indent. A full-width one becomes part of the field's name, and YAML does not complain."),
			Wrong: "scope:\n　chat_type: group",
			Right: "scope:\n  chat_type: group",
		},
		{
			Code:    "BE112",
			Title:   T("用 Tab 缩进", "indentation with tabs"),
			Explain: T("YAML 的缩进不能用 Tab，请换成空格。", "YAML does not allow tabs as indentation; use spaces."),
			Wrong:   "scope:\n\tchat_type: group",
			Right:   "scope:\n  chat_type: group",
		},
		{
			Code:  "BE113",
			Title: T("`#` 后面成了注释", "the text became a comment"),
			Explain: T("值以 `#` 开头，或者 `#` 前面有空格时，后面都是注释，不会发出去。需要 `#` 时请给整句加引号。",
				"After a `#` at the beginning of a value, or behind a space, everything is a comment and is never sent. Quote the text if the `#` belongs to it."),
			Wrong: "reply: #退款",
			Right: "reply: \"#退款\"",
		},
		{
			Code:  "BE114",
			Title: T("文字里有「: 」", "a colon and a space inside a text"),
			Explain: T("没有引号的文字里不能有冒号加空格，YAML 会把它当成又一个键。请给整句加引号。",
				"A text without quotes can't contain a colon and a space: YAML takes it for one more key. Quote the whole text."),
			Wrong: "reply: 价格: 5元",
			Right: "reply: \"价格: 5元\"",
		},
		{
			Code:  "BE115",
			Title: T("文字不能以这个字符开头", "a text can't begin like this"),
			Explain: T("没有引号的文字不能以 `@`、`` ` ``、`%%` 等符号开头，请加引号。",
				"A text without quotes can't begin with `@`, `` ` ``, `%%` and some others; quote it."),
			Wrong: "reply: @张三 您好",
			Right: "reply: \"@张三 您好\"",
		},
		{
			Code:  "BE116",
			Title: T("`*`、`!`、`&` 在 YAML 里另有含义", "`*`, `!` and `&` mean something to YAML"),
			Explain: T("以 `*` 开头是引用，以 `!` 开头是类型标记，以 `&` 开头是锚点。普通文字请加引号。",
				"A value that begins with `*` is an alias, with `!` a tag, with `&` an anchor. Quote an ordinary text."),
			Wrong: "reply: *重要*",
			Right: "reply: \"*重要*\"",
		},
		{
			Code:    "BE117",
			Title:   T("冒号或横线后面没有空格", "no space after the colon or the dash"),
			Explain: T("键的冒号后面要有一个空格，否则整行只是一段文字；列表的「-」后面也一样，`-id` 会成为一个叫这个名字的键。", "After the colon of a key comes a space; without it the line is just a text. So it is with the `-` of a list: `-id` is a key of that name."),
			Wrong:   "id:refund\non: message",
			Right:   "id: refund\non: message",
		},
		{
			Code:  "BE118",
			Title: T("看不见的字符", "invisible character"),
			Explain: T("文件里有控制字符、特殊换行符，或者不是 UTF-8 编码。通常是从网页或别的软件里复制来的。请删掉，或另存为 UTF-8。",
				"The file has control characters or unusual line breaks, or is not UTF-8. They often come with text copied from elsewhere. Delete them, or save the file as UTF-8."),
			Wrong: "reply: 您好\u2028欢迎",
			Right: "reply: \"您好\\n欢迎\"",
		},
		{
			Code:  "BE119",
			Title: T("以 `{{` 开头的文字没有加引号", "a text that begins with `{{` without quotes"),
			Explain: T("YAML 把开头的 `{` 当成映射。以模板开头的文字请整句加引号。",
				"YAML takes a `{` at the beginning for a mapping. Quote a text that begins with a template."),
			Wrong: "reply: {{sender.name}} 您好",
			Right: "reply: \"{{sender.name}} 您好\"",
		},
	}
}
