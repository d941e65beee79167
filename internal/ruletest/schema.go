package ruletest

import (
	"slices"

	"botengine/internal/actions"
	"botengine/internal/diag"
	"botengine/internal/schema"
)

// Schema is the schema of `*_test.yaml` for editors.
func Schema() *schema.Node {
	file := group(slices.Concat(headKeys(), []schema.Prop{testsKey()})...)
	file.Title = diag.T("botengine 规则测试", "botengine tests of rules")
	file.Required = []string{"tests"}
	file.Snippets = []schema.Snippet{{Label: "tests", Doc: diag.T("一个测试", "one test"), Body: diag.Text{
		ZH: "tests:\n  - name: ${1:问退款}\n    steps:\n      - say: ${2:怎么退款}\n        expect:\n          rules: [\"${3:refund}\"]\n",
		EN: "tests:\n  - name: ${1:asks for a refund}\n    steps:\n      - say: ${2:refund please}\n        expect:\n          rules: [\"${3:refund}\"]\n",
	}}}
	file.Defs = Definitions()
	return file
}

// TestsKey is the key `tests` of a rule file; Definitions are what it refers to.
func TestsKey() schema.Prop { return testsKey() }

// Definitions are the groups that the schemas of tests name.
func Definitions() []schema.Prop {
	test := group(slices.Concat([]schema.Prop{
		prop("name", schema.Text(), "测试的名字，不写就是第几个", "the test's name; its number if not said"),
		prop("steps", schema.List(schema.Of("test_step"), 0), "依次发生的事", "what happens, one after the other"),
	}, headKeys())...)
	return []schema.Prop{{Name: "test", Node: test}, {Name: "test_step", Node: stepNode()}}
}

func testsKey() schema.Prop {
	return prop("tests", schema.List(schema.Of("test"), 1), "测试的列表", "a list of tests")
}

// headKeys are the world that tests begin in.
func headKeys() []schema.Prop {
	person := group(prop("name", schema.Text(), "名字", "the name"), prop("id", schema.Text(), "id；不写就由名字得出", "the id; made from the name if not said"))
	tag := group(prop("name", schema.Text(), "组/标签", "GROUP/TAG"), prop("id", schema.Text(), "平台上的 id", "the platform's id"))
	known := group(
		prop("id", schema.Text(), "R: 开头的群 id；不写就由名字得出", "R: and digits; made from the name if not said"),
		prop("owner", schema.Text(), "群主的名字", "the owner's name"),
		prop("size", schema.Whole(0, 1_000_000), "人数", "how many members"),
		prop("labels", schema.List(schema.Text(), 0), "规则给的之外，还有哪些群标签", "labels beside those that the rules give"),
	)
	return []schema.Prop{
		prop("start", schema.Text(), "几点开始，如 `2026-03-02 10:00`", "when it begins, such as `2026-03-02 10:00`"),
		prop("seed", schema.Text(), "随机（`choose`、`delay`）按它来，不写也每次相同", "what is drawn (`choose`, `delay`) goes by it; the same each time if not said"),
		prop("account", schema.Text(), "机器人的账号", "the robot's account"),
		prop("robot", person, "机器人", "the robot"),
		prop("robots", schema.List(person, 0), "群里的其他机器人", "further robots in every group"),
		prop("tags", schema.List(tag, 0), "机器人的客户标签", "the robot's tags"),
		prop("changed", schema.List(schema.Text(), 0), "刚改过的规则，按它们的 `rollout` 试用", "rules that changed just now: they are tried as their `rollout` says"),
		prop("groups", schema.Map(known), "已知的群：`群名: {…}`", "groups that are known: `NAME: {…}`"),
	}
}

// stepNode is one thing that happens, and what must come of it.
func stepNode() *schema.Node {
	fail := group(prop("type", schema.Text(), "哪种命令", "which commands"), prop("code", schema.Text(), "错误号", "the code"), prop("msg", schema.Text(), "说明", "the message"),
		prop("send_status", schema.Or(schema.Matching(schema.AnyOf(sendStatuses...), diag.T("写 0 或 2", "write 0 or 2")), &schema.Node{Types: []string{schema.Integer}}), "聊天记录怎么说：0 没有发出，2 没有送达", "what the history says: 0 = not sent, 2 = not delivered"),
		prop("never", schema.YesNo(), "一直没有结果", "no result ever comes"),
		prop("times", schema.Whole(0, 1_000_000), "这一步里只有前几次；不写就是全部", "only so many of them in the step; all if not said"),
	)
	fail.Required = []string{"type"}
	answer := group(prop("type", schema.Text(), "哪种命令", "which commands"), prop("fields", &schema.Node{Types: []string{schema.Object}}, "回答的字段", "the fields of the answer"))
	expect := group(
		prop("rules", schema.List(schema.Text(), 0), "触发的规则，按顺序；`[]` 一条也没有", "the rules that fired, in order; `[]` for none"),
		prop("commands", schema.List(&schema.Node{Types: []string{schema.Object}}, 0), "发出的命令，按顺序；字段可以只写一部分", "the commands, in order; some of their fields are enough"),
		prop("facts", schema.Map(&schema.Node{Types: []string{schema.String, schema.Number, schema.Boolean, schema.Null}}), "`表达式: 值`，例如 `user.score: 5`；没有就写 `null`", "`EXPRESSION: value`, such as `user.score: 5`; `null` for nothing"),
		prop("outcomes", schema.Map(schema.OneOf(schema.Words(outcomeNames()...)...)), "`规则: 结果`", "`RULE: outcome`"),
	)
	duration := `^\+?` + actions.DurationPattern[1:]
	return group(
		prop("at", schema.Scalar(duration, diag.T("写成 +30s、+10m、+3h 或 +1d", "write +30s, +10m, +3h or +1d")), "上一步之后多久", "how long after the step before"),
		prop("say", schema.Text(), "说的话", "what is said"),
		prop("by", schema.Text(), "谁，默认 张三", "who; 张三 if not said"),
		prop("group", schema.Text(), "在哪个群；不写就是私聊", "in which group; a private chat if not said"),
		prop("robot", schema.Text(), "哪个机器人", "which robot"),
		prop("at_me", schema.YesNo(), "@ 了机器人", "the message mentions the robot"),
		prop("phone", schema.Text(), "有人用机器人的手机手动发的话", "what a person writes by hand on the robot's phone"),
		prop("friend", schema.Text(), "谁申请加好友", "who asks to be a friend"),
		prop("reason", schema.Text(), "申请里写的话", "what the request says"),
		prop("join", schema.List(schema.Text(), 1), "谁进群", "who joins the group"),
		prop("media", schema.OneOf(schema.Words(mediaNames...)...), "消息的种类；`say` 是文件名或链接标题", "the kind of message; `say` is the file's name or the link's title"),
		prop("url", schema.Text(), "图片、文件等的地址", "the address of the picture, the file, …"),
		prop("status", schema.OneOf(schema.Words(statusNames...)...), "机器人上线、掉线、被封", "the robot goes online or offline, or is banned"),
		prop("start", schema.YesNo(), "引擎启动", "the engine starts"),
		prop("updated", schema.YesNo(), "平台说这个会话变了", "the platform says that the chat changed"),
		prop("fail", schema.List(fail, 1), "这一步里失败的命令", "commands that end badly in this step"),
		prop("answer", schema.List(answer, 1), "这一步里查询得到的回答", "what commands that ask are told in this step"),
		prop("expect", schema.Or(expect, &schema.Node{Types: []string{schema.Null}}), "应该怎样", "what must come of it"),
	)
}

func group(props ...schema.Prop) *schema.Node { return schema.Group(nil, props...) }

func prop(name string, node *schema.Node, zh, en string) schema.Prop {
	return schema.Prop{Name: name, Node: node.Saying(diag.Text{ZH: zh, EN: en}, diag.Text{})}
}
