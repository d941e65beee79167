package config

import (
	"slices"

	"botengine/internal/diag"
	"botengine/internal/schema"
)

// Schema is the schema of the configuration for editors: what the readers of the
// file take, with the descriptions of settingTexts.
func Schema() *schema.Node {
	d := &decoder{env: func(string) (string, bool) { return "", false }}
	var lang string
	root := d.whole(&Config{}, &lang).node
	root = described("", root)
	root.Title = diag.T("botengine 配置", "botengine configuration")
	root.Required = []string{"accounts"}
	root.Snippets = []schema.Snippet{{Label: "botengine", Doc: diag.T("一个账号", "one account"), Body: diag.Text{ZH: firstAccount, EN: firstAccount}}}
	return root
}

const firstAccount = `accounts:
  - name: ${1:main}
    access_key: "${env:BOTENGINE_ACCESS_KEY}"
    access_secret: "${env:BOTENGINE_ACCESS_SECRET}"
rules: [rules/]
state: {path: data/botengine.db}
`

// needing is the setter, for a group that can't be without those settings.
func (s setter) needing(names ...string) setter {
	node := *s.node
	node.Required = names
	s.node = &node
	return s
}

// described is the node with the texts of all settings below it. Entries of lists
// and of tables count as the list or the table itself.
func described(path string, n *schema.Node) *schema.Node {
	out := *n
	out.Props = slices.Clone(n.Props)
	for i, p := range out.Props {
		below := path + p.Name
		node := described(below+".", p.Node)
		out.Props[i].Node = node.Saying(settingTexts[below], diag.Text{})
	}
	if n.Items != nil {
		out.Items = described(path, n.Items)
	}
	if n.Rest != nil {
		out.Rest = described(path, n.Rest)
	}
	return &out
}

// settingTexts says of every setting what it is. The keys are the places of the
// settings in the file.
var settingTexts = map[string]diag.Text{
	"accounts":                        diag.T("平台的账号，至少一个", "accounts of the platform, at least one"),
	"accounts.name":                   diag.T("账号的名称，规则的 scope.accounts 用它", "the account's name, by which scope.accounts of rules knows it"),
	"accounts.rest_url":               diag.T("REST 接口的地址，默认 https://www.yjiyun.com", "the address of the REST interface; https://www.yjiyun.com if not said"),
	"accounts.socket_url":             diag.T("推送的地址，默认 https://chat.yjiyun.com/imchat", "the address of the events; https://chat.yjiyun.com/imchat if not said"),
	"accounts.access_key":             diag.T("平台的 accessKey：写 `${env:BOTENGINE_ACCESS_KEY}`、`${file:/路径}` 或 `${cred:名称}`", "the platform's accessKey: write `${env:BOTENGINE_ACCESS_KEY}`, `${file:/path}` or `${cred:NAME}`"),
	"accounts.access_secret":          diag.T("平台的 accessSecret，写法同上", "the platform's accessSecret, written the same way"),
	"accounts.protocol":               diag.T("Engine.IO 的版本，默认 auto", "the revision of Engine.IO; auto if not said"),
	"accounts.transport":              diag.T("推送怎样传，默认 auto", "how events are carried; auto if not said"),
	"accounts.msg_filter":             diag.T("让平台先过滤消息，默认 false", "lets the platform filter messages first; false if not said"),
	"accounts.reconnect":              diag.T("断线以后多久再连", "how long to wait before a new connection"),
	"accounts.reconnect.min":          diag.T("第一次等多久，默认 10s", "the first pause; 10s if not said"),
	"accounts.reconnect.max":          diag.T("最多等多久，默认 60s", "the longest pause; 60s if not said"),
	"accounts.commands":               diag.T("平台文档缺漏的命令，在这里更正", "commands that the platform's document lost, corrected"),
	"accounts.commands.kick":          diag.T("移出群的命令", "the command that takes somebody out of a group"),
	"accounts.commands.remark":        diag.T("改备注的命令", "the command that sets a remark"),
	"accounts.commands.create_group":  diag.T("建群的命令", "the command that makes a group"),
	"accounts.facts":                  diag.T("平台文档没有写、由 `botengine probe` 问出来的事", "what the platform's document does not say and `botengine probe` found out"),
	"accounts.facts.probed_at":        diag.T("什么时候问的", "when it was found out"),
	"accounts.facts.dedupes":          diag.T("同一个 messageId 发两次，对方只看到一次", "a message sent twice under one messageId is seen once"),
	"accounts.facts.own_history_id":   diag.T("历史里自己的消息用发送时的 messageId", "the history names an own message by the messageId it was sent with"),
	"accounts.facts.other_history_id": diag.T("历史里别人的消息用推送时的 messageId", "the history names the messages of others by the messageId they came with"),
	"accounts.facts.two_sockets":      diag.T("一个令牌连两次，两边都收到事件", "two sockets with one token both get every event"),
	"accounts.facts.bridge_messages":  diag.T("桥接接口（§2.8）也能发消息", "the bridge (§2.8) takes messages, too"),
	"accounts.facts.same_token":       diag.T("再次登录得到同一个令牌", "signing in again gives the same token"),
	"accounts.facts.history_days":     diag.T("聊天记录至少能查几天", "the chat history goes back so many days at least"),
	"accounts.facts.history_count":    diag.T("一次至少能查几条", "so many messages at least come with one question"),
	"rules":                           diag.T("规则的文件夹或文件，从配置文件所在的文件夹算起", "folders or files with rules, seen from the folder of this file"),
	"state":                           diag.T("引擎把记住的东西放在哪里", "where the engine keeps what it remembers"),
	"state.path":                      diag.T("数据文件，默认 data/botengine.db", "the data file; data/botengine.db if not said"),
	"state.journal":                   diag.T("收到的事件的记录；`off` 不记", "the journal of received events; `off` for none"),
	"state.journal.text":              diag.T("别人写的话怎么记：full 原文（默认），hash 只记摘要和长度，none 不记", "what is kept of what people wrote: full, if not said; hash, its hash and length; none"),
	"state.journal.keep":              diag.T("保留多久，默认 7d", "how long it is kept; 7d if not said"),
	"state.journal.max_size":          diag.T("最大多少，默认 2GiB", "how large it may become; 2GiB if not said"),
	"state.ballast":                   diag.T("占位文件的大小，磁盘满时让出来，好让引擎正常停下；默认 64MiB，小磁盘上更小，`off` 不要", "the size of a file that is given up when the disk is full, for an orderly stop; 64MiB if not said, less on a small disk, `off` for none"),
	"state.snapshots":                 diag.T("引擎给自己留的状态快照，状态文件坏了时用；不含记录（journal）。`off` 不留", "copies of the state that the engine keeps for itself, without the journal, in case the file is damaged; `off` for none"),
	"state.snapshots.every":           diag.T("多久留一份，默认 6h", "how often one is made; 6h if not said"),
	"state.snapshots.keep":            diag.T("留几份，默认 2", "how many are kept; 2 if not said"),
	"limits":                          diag.T("机器人做事的快慢", "how fast robots may act"),
	"limits.robot":                    diag.T("每个机器人", "for each robot"),
	"limits.robot.per_minute":         perMinute,
	"limits.robot.per_hour":           perHour,
	"limits.robot.per_day":            perDay,
	"limits.chat":                     diag.T("每个机器人在每个会话里", "for each robot in each chat"),
	"limits.chat.per_minute":          perMinute,
	"limits.chat.per_hour":            perHour,
	"limits.chat.per_day":             perDay,
	"limits.robots":                   diag.T("个别机器人，按 robotKey 写；写了的代替 `limits.robot` 里的", "for certain robots, by robotKey; what it says holds in place of `limits.robot`"),
	"limits.robots.per_minute":        perMinute,
	"limits.robots.per_hour":          perHour,
	"limits.robots.per_day":           perDay,
	"limits.robots.warm_up":           diag.T("`off`：这是老机器人，不预热", "`off`: it is no new robot, and needs no warm-up"),
	"limits.warm_up":                  diag.T("新机器人先慢后快：从第一次见到它算起。`off` 不预热", "new robots begin slowly, from when they are first seen; `off` for not at all"),
	"limits.warm_up.days":             diag.T("几天以后到全速，默认 7", "after how many days it has all its pace; 7 if not said"),
	"limits.warm_up.start":            diag.T("第一天是全速的多少，默认 25%%", "which share of it on the first day; 25%% if not said"),
	"limits.ceiling":                  diag.T("上限：任何设置和规则都越不过。所有发出的都算，打标签、改备注也算", "what no setting and no rule can go beyond. All that is sent counts, tags and remarks, too"),
	"limits.ceiling.robot":            diag.T("每个机器人的上限", "for each robot"),
	"limits.ceiling.robot.per_minute": diag.T("任何一分钟，默认 60", "in any minute; 60 if not said"),
	"limits.ceiling.robot.per_hour":   diag.T("任何一小时，默认 1500", "in any hour; 1500 if not said"),
	"limits.ceiling.robot.per_day":    diag.T("任何 24 小时，默认 15000", "in any 24 hours; 15000 if not said"),
	"limits.ceiling.all":              diag.T("所有机器人合起来的上限", "for all robots together"),
	"limits.ceiling.all.per_minute":   diag.T("任何一分钟，默认 3000", "in any minute; 3000 if not said"),
	"limits.ceiling.all.per_hour":     diag.T("任何一小时，默认 60000", "in any hour; 60000 if not said"),
	"limits.ceiling.all.per_day":      diag.T("任何 24 小时，默认 600000", "in any 24 hours; 600000 if not said"),
	"limits.jitter":                   diag.T("每次发送之前随机等多久，例如 1s..3s", "how long to wait before each send, drawn by chance, such as 1s..3s"),
	"limits.kick":                     diag.T("规则可以移出多少人；超出的那一步不做（`blast_limit`）。`off` 不限", "how many people rules may remove; a step beyond that is not done (`blast_limit`). `off` for any number"),
	"limits.kick.per_hour":            diag.T("每个机器人一小时最多几个，默认 20", "how many in an hour by each robot; 20 if not said"),
	"limits.kick.per_rule":            diag.T("每条规则一小时最多几个，默认 20", "how many in an hour by each rule; 20 if not said"),
	"limits.kick.group_share":         diag.T("24 小时内最多移出一个群的多少成员，默认 20%%；至少可以移出一个", "the share of a group's members within 24 h; 20%% if not said, and one at least"),
	"limits.broadcast":                diag.T("规则可以群发几次；超出的那一步不做（`blast_limit`）。`off` 不限", "how many broadcasts rules may begin; a step beyond that is not done (`blast_limit`). `off` for any number"),
	"limits.broadcast.per_hour":       diag.T("每个机器人一小时最多几次，默认 10", "how many in an hour by each robot; 10 if not said"),
	"limits.broadcast.per_rule":       diag.T("每条规则一小时最多几次，默认 5", "how many in an hour by each rule; 5 if not said"),
	"guard":                           diag.T("看护刚改过的规则：表现异常就只记录、不再生效，直到再改或 `botengine ctl rollout resume`。规则自己的 `rollout` 优先；`off` 不看护", "watches rules that were just changed: one that does badly only records until it changes again, or until `botengine ctl rollout resume`. A rule's own `rollout` goes first; `off` for not at all"),
	"guard.new_rule":                  diag.T("改后看护多久，默认 2h", "for how long after a change; 2h if not said"),
	"guard.share":                     diag.T("对它范围内超过这么多的消息都触发，就是异常，默认 60%%。只看有 `match` 或 `when` 的规则；`when: true` 表示有意如此", "firing on more than this share of the messages in its scope is too much; 60%% if not said. Only rules with a `match` or a `when` are looked at; `when: true` says that it is meant"),
	"guard.min":                       diag.T("至少看过这么多条消息才下结论，默认 50", "but not before so many messages were seen; 50 if not said"),
	"guard.errors":                    diag.T("触发中超过这么多失败（至少 5 次），就是异常，默认 20%%", "more failures than this share of its firings, and 5 at least, are too much; 20%% if not said"),
	"fuses":                           diag.T("保险丝：机器人说得太多、或者平台表示不满时停下来", "fuses: what stops a robot that talks too much, or that the platform is not content with"),
	"fuses.chat_per_minute":           diag.T("一个会话里所有规则加起来每分钟最多回答几条，默认 20；不会低于 limits.chat.per_minute。会移出人的规则不受限", "answers in one chat in a minute, of all rules together; 20 if not said, and never below limits.chat.per_minute. Rules that remove people are not held"),
	"fuses.ping_pong":                 diag.T("对方像机器一样应答时，这个人在这个会话里的话暂时不答；员工（名单 staff）除外", "somebody who answers like a machine is not answered in that chat for a while; staff (the list of that name) always are"),
	"fuses.ping_pong.fast":            diag.T("连续几次在 fast_within 以内应答就算，默认 5", "so many answers in a row within fast_within; 5 if not said"),
	"fuses.ping_pong.fast_within":     diag.T("人读不完也打不完字的时间，默认 1s", "too short for a person to read and type; 1s if not said"),
	"fuses.ping_pong.turns":           diag.T("连续几次在 within 以内应答就算，默认 12", "so many answers in a row within `within`; 12 if not said"),
	"fuses.ping_pong.within":          diag.T("多久以内的应答算接着说，默认 10s", "how soon an answer goes on with the talk; 10s if not said"),
	"fuses.ping_pong.same":            diag.T("同一句话连续应答几次就算，默认 3；只停这一句", "the same words so often in a row as an answer; 3 if not said. Only those words are not answered then"),
	"fuses.ping_pong.hold":            diag.T("停多久，默认 10m", "for how long; 10m if not said"),
	"fuses.breaker":                   diag.T("断路器：平台提示风险，或消息连续送不到，就停发；到时间放一条试探，成功才恢复。排队的不丢，期限照算", "the breaker: where the platform hints at risk, or messages do not arrive, sending stops; later one command is tried, and its success ends the pause. What waits stays, and its time runs on"),
	"fuses.breaker.pause":             diag.T("第一次停多久、最多停多久，每次加倍，默认 5m..2h", "the first pause and the longest; it doubles each time. 5m..2h if not said"),
	"fuses.breaker.codes":             diag.T("哪些错误码是风险提示；默认没有：平台文档没有写", "codes that hint at risk; none if not said: the platform's document names none"),
	"fuses.breaker.words":             diag.T("错误说明里有哪些词是风险提示，代替默认的（推断的）那些", "words in the message of an error that hint at risk, in place of those that are inferred"),
	"fuses.breaker.chat_failures":     diag.T("一个会话连续几条送不到（sendStatus 2）就停这个会话，默认 3", "so many messages in a row that did not arrive (sendStatus 2) stop a chat; 3 if not said"),
	"fuses.breaker.robot_failures":    diag.T("连续送不到的消息涉及几个会话就停这个机器人，默认 5", "so many chats in a row that a robot's messages did not arrive in stop the robot; 5 if not said"),
	"catchup":                         diag.T("断线、重启期间错过的消息怎样从聊天记录里补读", "how what was missed while away is read from the chat history"),
	"catchup.look_back":               diag.T("最多补读多久以前的，默认 24h", "the oldest that is read; 24h if not said"),
	"catchup.audit":                   diag.T("连着的时候多久对一次账，找出平台漏推的消息，默认 15m；`off` 不对", "how often the history is compared while connected, for what was never pushed; 15m if not said, `off` for never"),
	"takeover":                        diag.T("有人手动说话以后让多久，默认 10m；`off` 不让", "how long to give way after a person wrote by hand; 10m if not said, `off` for not at all"),
	"call":                            diag.T("`call` 步骤可以做什么", "what `call` steps may do"),
	"call.hosts":                      diag.T("可以调用的主机，例如 crm.example.com", "hosts that may be called, such as crm.example.com"),
	"call.hosts.host":                 diag.T("主机名，可以带端口", "the host, with a port if you like"),
	"call.hosts.private":              diag.T("可以是内网地址，默认 false", "it may have a private address; false if not said"),
	"call.hosts.http":                 diag.T("可以不加密，默认 false", "http will do; false if not said"),
	"call.secrets":                    diag.T("请求头用的密钥，规则里写 `${名称}`", "secrets for headers, which rules write as `${NAME}`"),
	"notify":                          diag.T("`notify` 步骤用名字认识的会话：`名字: 群 id`", "chats that `notify` steps know by name: `NAME: a group's id`"),
	"notify.robot":                    diag.T("由哪个机器人发：robotKey", "the robot that speaks, by its robotKey"),
	"notify.chat":                     diag.T("人、群或会话的 id", "the id of a person, a group or a chat"),
	"console":                         diag.T("控制台", "the console"),
	"console.listen":                  diag.T("监听地址，例如 127.0.0.1:8787；`off` 不开", "where it listens, such as 127.0.0.1:8787; `off` for not at all"),
	"metrics":                         diag.T("指标和健康状态：/metrics、/healthz、/readyz；不写或写 `off` 不开", "metrics and health: /metrics, /healthz, /readyz; not at all if not said, or `off`"),
	"metrics.listen":                  diag.T("监听地址，例如 127.0.0.1:9464", "where it listens, such as 127.0.0.1:9464"),
	"metrics.expose":                  diag.T("可以监听别的机器也连得到的地址，默认 false", "it may listen where other machines can connect; false if not said"),
	"metrics.hosts":                   diag.T("还可以用哪些主机名访问它；localhost 和 IP 地址总是可以", "names under which it may be asked, besides localhost and IP addresses"),
	"log":                             diag.T("日志", "the log"),
	"log.format":                      diag.T("写成什么样，默认 auto", "what it looks like; auto if not said"),
	"log.text":                        diag.T("别人写的话在日志里怎么写：hash 只写摘要和长度（默认），full 原文，none 不写", "how the log shows what people wrote: hash, its hash and length, if not said; full; none"),
	"log.level":                       diag.T("写多细，默认 info", "how much it says; info if not said"),
	"lang":                            diag.T("说中文还是英文", "Chinese or English"),
	"accounts.commands.kick.type":     commandType,
	"accounts.commands.kick.fields":   commandFields,
	"accounts.commands.remark.type":   commandType,
	"accounts.commands.remark.fields": commandFields,

	"accounts.commands.create_group.type":   commandType,
	"accounts.commands.create_group.fields": commandFields,
}

var (
	perMinute = diag.T("任何一分钟最多几次：合计 `20`，或按动作 `{all: 20, kick: 5}`", "how often in any minute at most: in all, `20`, or by action, `{all: 20, kick: 5}`")
	perHour   = diag.T("任何一小时最多几次：合计，或按动作", "how often in any hour at most: in all, or by action")
	perDay    = diag.T("任何 24 小时最多几次：合计，或按动作，例如 `{accept_friend: 80}`", "how often in any 24 hours at most: in all, or by action, such as `{accept_friend: 80}`")
)

var (
	commandType   = diag.T("命令的类型", "the command's type")
	commandFields = diag.T("字段在平台那边叫什么：`我们的名字: 平台的名字`", "what its fields are called there: `OUR NAME: THEIRS`")
)
