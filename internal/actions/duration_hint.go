package actions

import (
	"regexp"
	"strconv"
	"strings"

	"botengine/internal/diag"
)

// timeUnits are the units as people write them, longer words first.
var timeUnits = strings.NewReplacer(
	"milliseconds", "ms", "毫秒", "ms", "seconds", "s", "second", "s", "secs", "s", "sec", "s", "秒钟", "s", "秒", "s",
	"minutes", "m", "minute", "m", "mins", "m", "min", "m", "分钟", "m", "分", "m",
	"hours", "h", "hour", "h", "hrs", "h", "hr", "h", "个小时", "h", "小时", "h", "个钟头", "h", "钟头", "h", "时", "h",
	"days", "d", "day", "d", "天", "d", "日", "d", "个星期", "w", "星期", "w", "礼拜", "w", "周", "w", "个", "", " ", "", "　", "",
)

// rangeWords are other ways of writing `..`.
var rangeWords = strings.NewReplacer("...", "..", "-", "..", "~", "..", "–", "..", "—", "..", "到", "..", "至", "..")

// halves are the half units, which timeUnits would read as words without a number.
var halves = strings.NewReplacer("半个小时", "30m", "半小时", "30m", "半个钟头", "30m", "半分钟", "30s", "半天", "12h", "一刻钟", "15m")

var (
	bareNumber   = regexp.MustCompile(`^[0-9]+$`)
	numerals     = regexp.MustCompile(`[一二两三四五六七八九十百零〇]+`)
	weeks        = regexp.MustCompile(`^([0-9]+)w$`)
	everyUnit    = regexp.MustCompile(`^(每隔|每)`)
	unitAlone    = regexp.MustCompile(`^[smhdw]$`)
	unitlessFrom = regexp.MustCompile(`^([0-9]+)\.\.([0-9]+)([smhd])$`)
)

// DurationHint says how the duration that was probably meant is written: `10m` for
// 十分钟, 10分钟, 10min or １０ｍ.
func DurationHint(written string) diag.Text {
	if bareNumber.MatchString(written) {
		return diag.T("加上单位：`%[1]ss` 是秒，`%[1]sm` 是分钟，`%[1]sh` 是小时", "add a unit: `%[1]ss` seconds, `%[1]sm` minutes, `%[1]sh` hours", written)
	}
	meant := plainDuration(written)
	if d, err := ParseDuration(meant); err == nil && d > 0 {
		return diag.T("写成 `%s`", "write `%s`", meant)
	}
	return diag.T("数字加单位，例如 `30s`、`10m`、`2h`、`7d`", "numbers with units, such as `30s`, `10m`, `2h`, `7d`")
}

// spanHint is DurationHint for a place that takes ranges.
func spanHint(written string) diag.Text {
	meant := rangeWords.Replace(asciiWidth(written))
	if !strings.Contains(meant, "..") {
		return DurationHint(written)
	}
	from, to, _ := strings.Cut(meant, "..")
	meant = plainDuration(from) + ".." + plainDuration(to)
	meant = unitlessFrom.ReplaceAllString(meant, "$1$3..$2$3")
	if _, err := parseSpan(meant); err == nil {
		return diag.T("写成 `%s`", "write `%s`", meant)
	}
	return diag.T("范围写成 `20s..90s`，小的在前", "a range is `20s..90s`, the shorter one first")
}

// plainDuration is the duration in the units and digits of the language.
func plainDuration(written string) string {
	s := everyUnit.ReplaceAllString(strings.ToLower(asciiWidth(strings.TrimSpace(written))), "")
	s = halves.Replace(s)
	s = timeUnits.Replace(Digits(s))
	if unitAlone.MatchString(s) { // 每小时
		s = "1" + s
	}
	if m := weeks.FindStringSubmatch(s); m != nil {
		n, _ := strconv.Atoi(m[1]) // too many become none, which is no duration
		s = strconv.Itoa(n*7) + "d"
	}
	return s
}

// Digits writes the Chinese numbers below a thousand in s in digits: 10次 for 十次.
func Digits(s string) string { return numerals.ReplaceAllStringFunc(s, digits) }

// digits writes one Chinese number in digits.
func digits(chinese string) string {
	total, last := 0, 0
	for _, r := range chinese {
		switch r {
		case '百', '十':
			unit := map[rune]int{'百': 100, '十': 10}[r]
			total, last = total+max(last, 1)*unit, 0
		case '两':
			last = 2
		default:
			last = max(0, strings.IndexRune("〇一二三四五六七八九", r)/len("〇"))
		}
	}
	return strconv.Itoa(total + last)
}

// asciiWidth replaces full-width ASCII.
func asciiWidth(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= '！' && r <= '～' {
			return r - '！' + '!'
		}
		return r
	}, s)
}
