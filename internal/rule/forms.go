package rule

import "botengine/internal/diag"

// form names a group of `key: value` for people, and shows what it looks like.
type form struct{ name, example diag.Text }

// example is the same in both languages.
func example(s string) diag.Text { return diag.T("写成 `%s`", "write `%s`", s) }

// formOf is a form that is named by its own key.
func formOf(key, sample string) form {
	return form{name: diag.T("`%s` ", "`%s`", key), example: example(sample)}
}

// The groups that a rule file is made of.
var (
	fileForm     = form{diag.T("规则文件", "a rule file"), diag.T("规则写在 `rules:` 下面", "rules stand under `rules:`")}
	ruleForm     = form{diag.T("规则", "a rule"), diag.T("每条规则以 `- id: 编号` 开头", "every rule begins with `- id: its-id`")}
	stepForm     = form{diag.T("步骤", "a step"), diag.T("要发文字就写 `- reply: 您好`", "to say something write `- reply: 您好`")}
	groupForm    = form{diag.T("变量", "a variable"), diag.Text{}}
	listForm     = form{diag.T("名单", "a list"), example("{file: lists/staff.txt}")}
	varsForm     = formOf("vars", "vars: {url: \"https://example.com\"}")
	listsForm    = formOf("lists", "lists: {staff: {file: lists/staff.txt}}")
	macrosForm   = formOf("macros", "macros: {short: len(text) < 20}")
	defaultsForm = formOf("defaults", "defaults: {cooldown: 30s}")
	labelsForm   = formOf("labels", "labels: {team: 客服}")
	triggerForm  = formOf("on", "on: {schedule: {cron: \"0 9 * * mon-fri\"}}")
	scheduleForm = formOf("schedule", "schedule: {cron: \"0 9 * * mon-fri\"}")
	scopeForm    = formOf("scope", "scope: {chats: [产品体验群1]}")
	excludeForm  = formOf("exclude", "exclude: {chats: [内部群]}")
	matchForm    = formOf("match", "match: {any: [退款]}")
	activeForm   = formOf("active", "active: {hours: [\"09:00-21:00\"]}")
	datesForm    = form{diag.T("日期", "dates"), diag.T("写成 `{list: holidays}`，或直接写日期：`[\"2026-10-01\"]`", "write `{list: holidays}`, or the dates: `[\"2026-10-01\"]`")}
	cooldownForm = formOf("cooldown", "cooldown: {for: 30s, per: [chat]}")

	limitForm     = formOf("limit", "limit: {count: 20, within: 1h}")
	thresholdForm = formOf("threshold", "threshold: {count: 5, within: 10s, per: [member]}")
	onceForm      = formOf("once", "once: {per: [member]}")
	coalesceForm  = formOf("coalesce", "coalesce: {for: 20s, max: 50}")
	rolloutForm   = formOf("rollout", "rollout: {canary: 5%, for: 2h, abort_if: share > 0.3 or errors >= 3}")
	fuseForm      = formOf("loop_guard", "loop_guard: {count: 6, within: 60s}")
)
