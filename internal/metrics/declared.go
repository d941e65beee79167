package metrics

import "botengine/internal/diag"

// The metrics, by what they are about.
var (
	BuildInfo = gauge("build_info", diag.T("程序的版本，值总是 1", "the version of the program; its value is always 1"), "version", "go_version")
	Ready     = gauge("ready", diag.T("1 = 没有让引擎不能工作的情况，和 /readyz 一样", "1 = nothing keeps the engine from its work, as /readyz says"))
	Troubles  = gauge("condition_troubles", diag.T("每种情况有几处不正常；名字见 ctl status", "how many places have the trouble; the names are those of ctl status"), "condition")
	LogLines  = counter("log_lines_dropped_total", diag.T("没有写出的日志行：读日志的一方太慢", "lines of the log that were dropped: whoever reads it is too slow"))

	Connected     = gauge("account_connected", diag.T("1 = 已连接平台", "1 = connected to the platform"), "account")
	Sessions      = counter("account_sessions_total", diag.T("连上平台的次数", "how often a connection came up"), "account")
	Dials         = counter("account_dials_total", diag.T("尝试连接平台的次数", "attempts to connect"), "account")
	Malformed     = counter("account_malformed_frames_total", diag.T("读不懂的帧", "frames that could not be read"), "account")
	Skew          = gauge("account_clock_skew_seconds", diag.T("平台的时钟比我们快多少；一分钟以内算 0", "how far the platform's clock is ahead; below a minute it is 0"), "account")
	TokenExpires  = gauge("token_expires_timestamp_seconds", diag.T("token 到什么时候为止；没有就没有这一项", "when the token expires; nothing while there is none"), "account")
	TokenFailures = gauge("token_renewal_failures", diag.T("连续几次续期失败", "renewals in a row that failed"), "account")
	TokenRefused  = gauge("token_refused", diag.T("1 = 平台拒绝了密钥", "1 = the platform refuses the key or the secret"), "account")

	Robots      = gauge("robots", diag.T("机器人有几个，按状态", "how many robots, by status"), "account", "status")
	RobotOnline = gauge("robot_online", diag.T("1 = 平台没有说它离线、被封或被踢", "1 = the platform has not said that it is offline, banned or kicked"), "account", "robot")

	Events      = counter("events_total", diag.T("收下的事件，重复的也算", "events taken in, duplicates included"), "kind")
	Duplicates  = counter("events_duplicate_total", diag.T("其中重复的", "of these, duplicates"))
	Decided     = counter("events_decided_total", diag.T("其中交给规则决定的", "of these, those that rules decided about"))
	SetAside    = counter("rules_set_aside_total", diag.T("内部连续出错、隔离起来的规则", "rules set aside because they panicked over and over"))
	Poisoned    = counter("events_poisoned_total", diag.T("处理时出了程序错误、放到一边的事件", "events put aside because handling them hit a bug"))
	Retries     = counter("events_store_retries_total", diag.T("状态文件写不进去、重试的次数", "tries again after the state file could not be written"))
	LateResults = counter("results_late_total", diag.T("没有人等的结果", "results that nobody waited for"))
	Intake      = times("event_intake_seconds", diag.T("事件从收到到落盘", "from receiving an event until it is durable"))
	Reply       = times("event_reply_seconds", diag.T("回复从决定到发出；规则要求等待的不算", "from deciding a reply until it leaves; not those that a rule delays"))
	Verdicts    = counter("verdicts_total", diag.T("规则对事件的判断，按结果", "what became of rules for events, by outcome"), "outcome")

	Rules         = gauge("rules", diag.T("生效的规则数", "rules that are live"))
	RulesLoads    = counter("rules_loads_total", diag.T("规则生效的次数", "how often rules became live"))
	RulesRefused  = counter("rules_refused_total", diag.T("改过的规则因为有错没有采用的次数", "how often changed rules were refused for their errors"))
	RulesLoadedAt = gauge("rules_loaded_timestamp_seconds", diag.T("规则什么时候生效", "when the live rules became so"))
	RulesStale    = gauge("rules_stale", diag.T("1 = 文件里的规则有错，生效的是旧的", "1 = the rules in the files have errors, and older ones are live"))

	QueueDepth   = gauge("queue_depth", diag.T("没有结束的命令", "commands that have not ended"), "account", "robot", "urgency")
	QueueAge     = most("queue_oldest_age_seconds", diag.T("其中最老的一条等了多久", "how long the oldest of them has been there"), "account", "robot", "urgency")
	QueueEntries = gauge("queue_entries", diag.T("没有结束的命令，按状态", "commands that have not ended, by state"), "state")
	Letters      = gauge("dead_letters", diag.T("等人处理的命令，见 ctl dead", "commands that wait for a person, see ctl dead"), "state")
	Paused       = gauge("paused", diag.T("有几处暂停：全部，或者某个机器人", "pauses that hold: of everything, or of a robot"), "scope")

	Breakers  = gauge("breakers_open", diag.T("断开的断路器", "breakers that are open or half open"))
	Broken    = counter("breakers_opened_total", diag.T("断路器断开的次数", "how often a breaker opened"))
	Probes    = counter("breaker_probes_total", diag.T("断路器放出去试探的命令", "commands that breakers let out to try"))
	Sends     = counter("sends_total", diag.T("发送的尝试，按结果：sent 发出了，not_sent 肯定没有发出，invalid 发不了，in_doubt 不知道", "attempts to send, by result: sent; not_sent, surely; invalid, it never can be; in_doubt, nobody knows"), "kind", "result")
	Ended     = counter("commands_ended_total", diag.T("结束的命令，按结局", "commands that ended, by how"), "kind", "state")
	Ambiguous = counter("commands_ambiguous_total", diag.T("一时不知道发出没有、去查聊天记录的命令", "commands of which nobody knew whether they happened, so that the history is asked"))

	CatchUps       = counter("catchup_runs_total", diag.T("补读聊天记录的次数，按结果", "readings of the history, by result"), "account", "result")
	CatchUpTime    = times("catchup_duration_seconds", diag.T("一次补读用了多久", "how long a reading of the history took"), "account")
	CatchUpRunning = gauge("catchup_running", diag.T("1 = 正在补读，或等着补读", "1 = the history is being read, or is about to be"), "account")
	Audits         = counter("audit_runs_total", diag.T("其中定时的对账", "of these, audits by the clock"), "account")
	Recovered      = counter("catchup_recovered_messages_total", diag.T("补回来的消息", "messages that were recovered"), "account")
	SilentLoss     = counter("silent_loss_messages_total", diag.T("连着的时候平台漏推的消息，已补回", "messages that were never pushed though the connection was up, since recovered"), "account")
	Truncated      = counter("catchup_truncated_chats_total", diag.T("太长没能读完的会话：最老的缺了", "chats that had more than is read at once: the oldest is missing"), "account")
	Skipped        = counter("catchup_skipped_chats_total", diag.T("反复失败、先跳过的会话：里面的消息还欠着", "chats that failed again and again, so that the others went on: they are owed"), "account")
	OwedChats      = gauge("catchup_owed_chats", diag.T("读不出来、还欠着的会话，会隔一阵再读", "chats that cannot be read and are owed: they are asked for again"), "account")
	LostChats      = counter("catchup_lost_chats_total", diag.T("一直欠着、里面有消息补不回来了的会话", "chats that were owed and of which messages are lost"), "account")
	Gaps           = counter("gaps_total", diag.T("断线的次数；期间的好友申请补不回来", "times without a connection; friend requests made in one are lost"), "account")
	GapSeconds     = counter("gap_seconds_total", diag.T("断线的总时长", "how long these were in all"), "account")
	Suspends       = counter("suspends_total", diag.T("整个进程停顿的次数", "times the process stood still"), "account")
	Inferred       = counter("members_inferred_total", diag.T("比较成员列表才发现的新成员", "members who joined unheard"), "account")
	Undelivered    = counter("undelivered_messages_total", diag.T("发出以后平台说没有送到的消息", "messages that the platform could not deliver after all"), "account")

	StateSize      = gauge("state_size_bytes", diag.T("状态文件的大小", "the size of the state file"))
	StateFree      = gauge("state_free_bytes", diag.T("它所在的磁盘还剩多少", "room left on its disk"))
	Commits        = counter("state_commits_total", diag.T("提交的次数", "commits"))
	Updates        = counter("state_updates_total", diag.T("其中的修改：一次提交有许多", "updates that shared them"))
	CommitFailures = counter("state_commit_failures_total", diag.T("失败的提交", "commits that failed"))
	CommitTime     = times("state_commit_seconds", diag.T("一次提交用了多久，包括 fsync", "how long a commit took, fsync included"))
)

// All are all metrics, in the order in which they are documented.
func All() []*Metric {
	return []*Metric{
		BuildInfo, Ready, Troubles, LogLines,
		Connected, Sessions, Dials, Malformed, Skew, TokenExpires, TokenFailures, TokenRefused, Robots, RobotOnline,
		Events, Duplicates, Decided, Poisoned, SetAside, Retries, LateResults, Intake, Reply, Verdicts,
		Rules, RulesLoads, RulesRefused, RulesLoadedAt, RulesStale,
		QueueDepth, QueueAge, QueueEntries, Letters, Paused, Breakers, Broken, Probes, Sends, Ended, Ambiguous,
		CatchUps, CatchUpTime, CatchUpRunning, Audits, Recovered, SilentLoss, Truncated, Skipped, OwedChats, LostChats, Gaps, GapSeconds, Suspends, Inferred, Undelivered,
		StateSize, StateFree, Commits, Updates, CommitFailures, CommitTime,
	}
}

// prefix begins the name of every metric.
const prefix = "botengine_"

func counter(name string, help diag.Text, labels ...string) *Metric {
	return &Metric{Name: prefix + name, Type: Counter, Help: help, Labels: labels}
}

func gauge(name string, help diag.Text, labels ...string) *Metric {
	return &Metric{Name: prefix + name, Type: Gauge, Help: help, Labels: labels}
}

func most(name string, help diag.Text, labels ...string) *Metric {
	m := gauge(name, help, labels...)
	m.Most = true
	return m
}

func times(name string, help diag.Text, labels ...string) *Metric {
	return &Metric{Name: prefix + name, Type: Histogram, Help: help, Labels: labels}
}
