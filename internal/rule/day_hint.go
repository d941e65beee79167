package rule

import (
	"strings"

	"botengine/internal/diag"
)

// chineseDays are the days as people write them, longer words first.
var chineseDays = strings.NewReplacer(
	"工作日", "workday", "上班日", "workday", "休息日", "restday", "周末", "sat-sun", "每天", "mon-sun",
	"星期", "", "礼拜", "", "周", "", "到", "-", "至", "-", "~", "-", "—", "-", "..", "-",
	"一", "mon", "二", "tue", "三", "wed", "四", "thu", "五", "fri", "六", "sat", "日", "sun", "天", "sun",
	"1", "mon", "2", "tue", "3", "wed", "4", "thu", "5", "fri", "6", "sat", "7", "sun", " ", "",
)

// dayHint says how the days that were probably meant are written.
func dayHint(written string) diag.Text {
	meant := chineseDays.Replace(halfWidth(written))
	from, to, isRange := strings.Cut(meant, "-")
	switch {
	case meant == "workday", meant == "restday",
		dayOf(from) >= 0 && (!isRange || dayOf(to) >= 0):
		return diag.T("写成 `%s`", "write `%s`", meant)
	}
	return diag.T("用 mon tue wed thu fri sat sun，范围写成 mon-fri；工作日写 workday，休息日写 restday", "use mon tue wed thu fri sat sun; a range is mon-fri; the days people work on are workday, the others restday")
}
