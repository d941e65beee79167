package diag

// actionCodes are faults in steps and their parameters (BE301 to BE319).
func actionCodes() []Info {
	return []Info{
		{
			Code:    "BE301",
			Title:   T("未知动作", "unknown action"),
			Explain: T("没有叫这个名字的动作。", "There is no action of this name."),
			Wrong:   "do: [{repyl: 您好}]",
			Right:   "do: [{reply: 您好}]",
		},
		{
			Code:    "BE302",
			Title:   T("未知参数", "unknown parameter"),
			Explain: T("这个动作没有这个参数。", "The action has no such parameter."),
			Wrong:   "do: [{reply: {txt: 您好}}]",
			Right:   "do: [{reply: {text: 您好}}]",
		},
		{
			Code:    "BE303",
			Title:   T("缺少参数", "missing parameter"),
			Explain: T("这个动作少了必填的参数。", "The action lacks a parameter that it needs."),
			Wrong:   "do: [{reply: {at: sender}}]",
			Right:   "do: [{reply: {text: 您好, at: sender}}]",
		},
		{
			Code:    "BE304",
			Title:   T("参数的值不能用", "parameter not acceptable"),
			Explain: T("参数的值写法对，但平台或动作不接受，比如太长。", "The value is well formed, but the platform or the action does not take it: too long, for instance."),
			Wrong:   "do: [{reply: \"\"}]",
			Right:   "do: [{reply: 您好}]",
		},
		{
			Code:  "BE305",
			Title: T("触发条件满足不了这个动作", "the trigger can't give what the action needs"),
			Explain: T("有些动作只能用在群里、有发送者时，或收到好友申请时。请用 `on` 和 `scope` 限定。",
				"Some actions need a group, a sender, or a friend request. Narrow the rule with `on` and `scope`."),
			Wrong: "on: message.text\nscope: {chat_type: private}\ndo: [kick]",
			Right: "on: message.text\nscope: {chat_type: group}\ndo: [kick]",
		},
		{
			Code:    "BE306",
			Title:   T("一个步骤只能有一个动作", "one action a step"),
			Explain: T("每个步骤写一个动作；要做几件事就写几个步骤，按顺序执行。", "Each step has one action; write several steps, they run in order."),
			Wrong:   "do:\n  - reply: 您好\n    tag: {add: [\"售后/退款\"]}",
			Right:   "do:\n  - reply: 您好\n  - tag: {add: [\"售后/退款\"]}",
		},
		{
			Code:    "BE307",
			Title:   T("步骤里没有动作", "a step without an action"),
			Explain: T("步骤里只有公共字段，没有说要做什么。", "The step has common fields only and does not say what to do."),
			Wrong:   "do: [{timeout: 10s}]",
			Right:   "do: [{reply: 您好, timeout: 10s}]",
		},
		{
			Code:    "BE308",
			Title:   T("规则里写了密钥", "a secret in a rule"),
			Explain: T("规则会显示在控制台里，不要把密钥写在规则里。", "Rules are shown in the console; a secret does not belong there."),
			Wrong:   "vars: {token: sk-0123456789abcdef0123456789abcdef}\ndo:\n  - call: {url: \"https://crm.example.com\", query: {token: \"{{vars.token}}\"}}",
			Right:   "do:\n  - call: {url: \"https://crm.example.com\", headers: {Authorization: \"Bearer ${crm}\"}}",
		},
		{
			Code:  "BE309",
			Title: T("控制步骤的字段放错了地方", "a key of a control step in the wrong place"),
			Explain: T("`then`、`else` 写在 `if` 旁边，`do` 写在 `repeat` 旁边，`sticky` 写在 `choose` 旁边；别的步骤没有这些字段。",
				"`then` and `else` stand beside `if`, `do` beside `repeat`, `sticky` beside `choose`; no other step has them."),
			Wrong: "do:\n  - if: text contains \"退款\"\n  - then: [{reply: 请回复订单号}]",
			Right: "do:\n  - if: text contains \"退款\"\n    then: [{reply: 请回复订单号}]",
		},
		{
			Code:  "BE310",
			Title: T("没有办法核实的动作", "an action that can't be verified"),
			Explain: T("`verify` 在动作成功之后向平台查一次，看结果是不是真的；平台查不到的动作不能写。",
				"`verify` asks the platform, after the action went well, whether it is really so. That works only for what the platform can be asked about."),
			Wrong: "do: [{reply: 您好, verify: true}]",
			Right: "do: [{kick: {}, verify: true}]",
		},
		{
			Code:  "BE318",
			Title: T("配置里没有", "not in the configuration"),
			Explain: T("步骤用到的主机、密钥或通知的会话，配置里没有：`call` 的主机写在 `call.hosts`，密钥写在 `call.secrets`，`notify` 的名称写在 `notify`。执行到这一步会失败。",
				"The configuration lacks a host, a secret or a chat that a step uses: hosts of `call` stand under `call.hosts`, secrets under `call.secrets`, names of `notify` under `notify`. The step would fail."),
			Wrong: "do: [{notify: {to: 客服裙, text: 有人找}}]",
			Right: "do: [{notify: {to: 客服群, text: 有人找}}]",
		},
	}
}
