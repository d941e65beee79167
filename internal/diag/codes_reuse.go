package diag

// reuseCodes are about what is written once and used in many places: labels of
// groups, templates, library files (BE140 to BE149).
func reuseCodes() []Info {
	return []Info{
		{
			Code:  "BE140",
			Title: T("没有这个群标签", "no such label of groups"),
			Explain: T("群标签在文件开头的 `labels:` 里定义：标签名，和有这个标签的群（编号或群名通配），也可以放在名单文件里。",
				"Labels of groups are defined under `labels:` at the head of the file: the name, and the groups that have it, by id or a pattern of the name; a list file will do, too."),
			Wrong: "labels: {VIP群: [\"VIP*\"]}\nscope: {labels: [VIP]}",
			Right: "labels: {VIP群: [\"VIP*\"]}\nscope: {labels: [VIP群]}",
		},
		{
			Code:  "BE141",
			Title: T("没有这个模板", "no such template"),
			Explain: T("模板在文件开头的 `templates:` 里定义，或在 `use:` 引入的库文件里。",
				"Templates are defined under `templates:` at the head of the file, or in a library file that `use:` names."),
			Wrong: "templates: {回复: {rule: {on: message.text, match: {any: [您好]}, do: [{reply: 您好}]}}}\ntemplate: 回覆",
			Right: "templates: {回复: {rule: {on: message.text, match: {any: [您好]}, do: [{reply: 您好}]}}}\ntemplate: 回复",
		},
		{
			Code:  "BE142",
			Title: T("模板的输入不对", "wrong inputs of a template"),
			Explain: T("`with` 里要写模板要求的输入，名称和类型都要对：text 文字，number 数字，duration 时长，list 列表，bool 真假，choice 选项之一。",
				"`with` has the inputs that the template asks for, by their names and of their types: text, number, duration, list, bool, or choice: one of its options."),
			Wrong: "templates: {回复: {inputs: {words: {type: list, required: true}}, rule: {on: message.text, match: {any: {input: words}}, do: [{reply: 您好}]}}}\ntemplate: 回复\nwith: {word: 退款}",
			Right: "templates: {回复: {inputs: {words: {type: list, required: true}}, rule: {on: message.text, match: {any: {input: words}}, do: [{reply: 您好}]}}}\ntemplate: 回复\nwith: {words: [退款]}",
		},
		{
			Code:  "BE143",
			Title: T("输入不能放在这里", "an input can't stand here"),
			Explain: T("`{input: 名称}` 只代替一个值。条件和 `{{ }}` 里写 `inputs.名称`：输入在那里是一个值，永远不会成为代码。",
				"`{input: NAME}` takes the place of a value. Conditions and `{{ }}` name it as `inputs.NAME`: there it is a value and never becomes code."),
			Wrong: "templates: {短: {inputs: {longest: {type: number, default: 20}}, rule: {on: message.text, match: {any: [退款]}, when: {input: longest}, do: [{reply: 您好}]}}}\ntemplate: 短",
			Right: "templates: {短: {inputs: {longest: {type: number, default: 20}}, rule: {on: message.text, match: {any: [退款]}, when: len(text) < inputs.longest, do: [{reply: 您好}]}}}\ntemplate: 短",
		},
		{
			Code:  "BE144",
			Title: T("库文件用不了", "a library file can't be used"),
			Explain: T("库文件是规则文件夹里没有 `rules` 的 YAML 文件，只有 `vars`、`lists`、`macros`、`templates`、`labels` 和 `use`。路径从当前文件所在的文件夹算起，不能互相引用成一圈。",
				"A library is a YAML file in the folder of the rules that has no `rules`, only `vars`, `lists`, `macros`, `templates`, `labels` and `use`. Its path begins at the folder of the file that names it; libraries must not use each other in a circle."),
			Wrong: "use: [other-rules.yaml]",
			Right: "use: [common/lib.yaml]",
		},
		{
			Code:  "BE145",
			Title: T("名称和库里的重复", "a name that a library has already"),
			Explain: T("同一个名称在库文件和这里都有定义，用的时候分不清是哪一个。",
				"The name is defined in a library and here, or in two libraries: nobody could say which one is meant."),
			Wrong: "use: [common/lib.yaml]\nvars: {url: a}",
			Right: "use: [common/lib.yaml]\nvars: {my_url: a}\ndo:\n  - reply: \"{{vars.url}} {{vars.my_url}}\"",
		},
	}
}
