package diag

// valueCodes are values that can't be understood (BE120 to BE139).
func valueCodes() []Info {
	return []Info{
		{
			Code:  "BE120",
			Title: T("时长写法不对", "bad duration"),
			Explain: T("时长写成数字加单位：`30s`、`10m`、`2h`、`7d`，可以连写：`1h30m`。",
				"A duration is numbers with units: `30s`, `10m`, `2h`, `7d`, also together: `1h30m`."),
			Wrong: "cooldown: {for: 30秒}",
			Right: "cooldown: {for: 30s}",
		},
		{
			Code:  "BE121",
			Title: T("正则表达式有误", "bad regular expression"),
			Explain: T("用的是 RE2 语法：没有回溯引用和前后断言。反斜杠建议放在单引号里。",
				"The syntax is RE2: no back-references, no look-around. Single quotes keep backslashes as they are."),
			Wrong: "regex: '(退款|退货'",
			Right: "regex: '(退款|退货)'",
		},
		{
			Code:  "BE122",
			Title: T("时间段写法不对", "bad time window"),
			Explain: T("时间段写成 `开始-结束`，24 小时制，可以跨过零点。",
				"A window is `start-end` on the 24-hour clock and may cross midnight."),
			Wrong: "active: {hours: [\"9点-18点\"]}",
			Right: "active: {hours: [\"09:00-18:00\"]}",
		},
		{
			Code:    "BE123",
			Title:   T("未知时区", "unknown time zone"),
			Explain: T("时区用 IANA 名称，例如 `Asia/Shanghai`。", "A time zone has its IANA name, such as `Asia/Shanghai`."),
			Wrong:   "active: {timezone: Beijing}",
			Right:   "active: {timezone: Asia/Shanghai}",
		},
		{
			Code:  "BE124",
			Title: T("通配写法不对", "bad pattern"),
			Explain: T("通配里 `*` 代表任意多个字符，`?` 代表一个字符，`[…]` 要成对。",
				"In a pattern `*` stands for any characters, `?` for one, and `[…]` has to be closed."),
			Wrong: "scope: {chats: [\"[产品*\"]}",
			Right: "scope: {chats: [\"产品*\"]}",
		},
		{
			Code:    "BE125",
			Title:   T("这里是空的", "empty"),
			Explain: T("这个字段写了，但没有内容。", "The field is there but has nothing in it."),
			Wrong:   "match: {any: []}",
			Right:   "match: {any: [退款]}",
		},
		{
			Code:    "BE126",
			Title:   T("数值超出范围", "out of range"),
			Explain: T("数值必须在说明的范围之内。", "The value has to lie within the limits named."),
			Wrong:   "priority: -1",
			Right:   "priority: 100",
		},
		{
			Code:    "BE127",
			Title:   T("不认识的版本", "unknown version"),
			Explain: T("文件开头的 `version` 说明规则语言的版本，目前是 1。", "`version` at the top says which version of the rule language it is, now 1."),
			Wrong:   "version: 2",
			Right:   "version: 1",
		},
		{
			Code:    "BE128",
			Title:   T("字段已过时", "deprecated field"),
			Explain: T("这个字段还能用，但以后会取消，请改用提示里的写法。", "The field still works but will go; use what the hint names."),
			Wrong:   "then: [{reply: 您好}]",
			Right:   "do: [{reply: 您好}]",
		},
		{
			Code:    "BE129",
			Title:   T("日期或星期写法不对", "bad date or day"),
			Explain: T("日期写成 `2026-10-01`，星期写成 `mon` 到 `sun`，可以写范围 `mon-fri`。", "A date is `2026-10-01`, a day `mon` to `sun`, a range of days `mon-fri`."),
			Wrong:   "active: {days: [周一]}",
			Right:   "active: {days: [mon]}",
		},
		{
			Code:  "BE130",
			Title: T("两个字段不能同时用", "fields that exclude each other"),
			Explain: T("这两个字段说的是同一件事，只能留一个。",
				"Both fields say the same thing; keep one."),
			Wrong: "match: {list: banned, any: [广告]}",
			Right: "match: {list: banned}",
		},
		{
			Code:    "BE131",
			Title:   T("不支持 YAML 引用", "YAML aliases are not taken"),
			Explain: T("这里不能用 YAML 的锚点和引用，请写在 `vars`、`macros` 或 `defaults` 里。", "YAML anchors and aliases are not taken here; use `vars`, `macros` or `defaults`."),
			Wrong:   "a: &x 您好\nb: *x",
			Right:   "vars: {x: 您好}",
		},
		{
			Code:    "BE132",
			Title:   T("一个文件里有多个 YAML 文档", "several documents in one file"),
			Explain: T("`---` 之后的内容不会被读到，请放进另一个文件。", "What follows a second `---` would not be read; put it into a file of its own."),
			Wrong:   "rules: []\n---\nrules: []",
			Right:   "rules: []",
		},
	}
}
