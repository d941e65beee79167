package rule

import (
	"fmt"
	"regexp"
	"strings"

	"go.yaml.in/yaml/v3"

	"botengine/internal/calendar"
	"botengine/internal/diag"
)

// cronFieldNames are the five fields for people.
var cronFieldNames = [5]diag.Text{
	diag.T("分钟", "minute"), diag.T("小时", "hour"), diag.T("日", "day of the month"), diag.T("月", "month"), diag.T("星期", "day of the week"),
}

// cronFieldHints are how each field is written.
var cronFieldHints = [5]diag.Text{
	diag.T("分钟写 0 到 59，例如 `0`、`0,30`、`*/15`", "a minute is 0 to 59, such as `0`, `0,30`, `*/15`"),
	diag.T("小时写 0 到 23，例如 `9`、`9,18`、`9-18`", "an hour is 0 to 23, such as `9`, `9,18`, `9-18`"),
	diag.T("日写 1 到 31，例如 `1`、`1,15`、`*`", "a day is 1 to 31, such as `1`, `1,15`, `*`"),
	diag.T("月写 1 到 12 或 jan 到 dec", "a month is 1 to 12 or jan to dec"),
	diag.T("星期写 0 到 6（0 是星期天）或 sun 到 sat，例如 `mon-fri`", "a day of the week is 0 to 6 (0 is Sunday) or sun to sat, such as `mon-fri`"),
}

// badCron is the finding on a cron expression, at the field that is wrong.
func (b *builder) badCron(n *yaml.Node, text string, e *calendar.CronError) {
	switch {
	case e.Fault == calendar.NeverComes:
		b.fail(n, "BE136", diag.T("`%s` 的日期永远不会到来", "the date of `%s` never comes", text), diag.T("检查日和月：没有这一天", "check day and month: there is no such day"))
	case e.Field < 0 && e.Fields == 6 && !namesZone(text):
		b.fail(n, "BE135", diag.T("cron 表达式有 6 段，要 5 段：这里没有「秒」", "the cron expression has 6 fields, it takes 5: there are no seconds"),
			diag.T("去掉第一段：`%s`", "take the first one out: `%s`", strings.Join(strings.Fields(text)[1:], " ")))
	case e.Field < 0:
		b.fail(n, "BE135", diag.T("cron 表达式要有 5 段，这里有 %d 段", "a cron expression has 5 fields, here are %d", e.Fields), cronHint(text))
	default:
		name := cronFieldNames[e.Field]
		word := string([]rune(text)[e.Offset : e.Offset+e.Length])
		b.failAt(b.doc.piece(n, e.Offset, e.Length), "BE135", diag.Text{
			ZH: fmt.Sprintf("第 %d 段「%s」写法不对：`%s`%s", e.Field+1, name.ZH, word, cronFaults[e.Fault].ZH),
			EN: fmt.Sprintf("field %d, the %s, is wrong: `%s`%s", e.Field+1, name.EN, word, cronFaults[e.Fault].EN),
		}, cronFieldHint(e.Field, word))
	}
}

var cronFaults = map[calendar.CronFault]diag.Text{
	calendar.OutOfRange: diag.T(" 超出范围", " is out of range"),
	calendar.Backwards:  diag.T(" 从大到小了", " ends before it begins"),
}

// cronFieldHint says how the field that was probably meant is written.
func cronFieldHint(field int, word string) diag.Text {
	switch half := halfWidth(word); {
	case half != word:
		return diag.T("用半角符号：`%s`", "use half-width characters: `%s`", half)
	case field == 4 && strings.Contains(word, "7"):
		return diag.T("星期天写 `0` 或 `sun`", "Sunday is `0` or `sun`")
	}
	return cronFieldHints[field]
}

// namesZone says whether the expression begins with a time zone, as some crons
// have it.
func namesZone(text string) bool {
	return strings.HasPrefix(text, "TZ=") || strings.HasPrefix(text, "CRON_TZ=")
}

// dayTime is a time of day alone.
var dayTime = regexp.MustCompile(`^([0-9]{1,2})[:：]([0-9]{2})$`)

// descriptors are names that other crons have for common schedules.
var descriptors = map[string]string{
	"@hourly": "0 * * * *", "@daily": "0 0 * * *", "@midnight": "0 0 * * *", "@weekly": "0 0 * * sun", "@monthly": "0 0 1 * *", "@yearly": "0 0 1 1 *",
}

// cronHint says how the expression that was probably meant is written.
func cronHint(text string) diag.Text {
	plain := strings.TrimSpace(text)
	if m := dayTime.FindStringSubmatch(plain); m != nil {
		if minute := minutes(m[1], m[2]); minute >= 0 && minute < 24*60 {
			return diag.T("每天这个时间写成 \"%d %d * * *\"", "that time every day is \"%d %d * * *\"", minute%60, minute/60)
		}
	}
	if meant, ok := descriptors[plain]; ok {
		return diag.T("写成 \"%s\"", "write \"%s\"", meant)
	}
	if every, ok := strings.CutPrefix(plain, "@every "); ok {
		return diag.T("写成 `every: %s`", "write `every: %s`", every)
	}
	if namesZone(plain) {
		return diag.T("时区写在 `timezone` 里", "the time zone goes into `timezone`")
	}
	return diag.T("依次是 分 时 日 月 星期，例如工作日 9 点：\"0 9 * * mon-fri\"", "they are minute, hour, day, month, day of the week; weekdays at 9: \"0 9 * * mon-fri\"")
}
