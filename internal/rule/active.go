package rule

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	_ "time/tzdata" // rules name time zones, and machines without a zone database must read them alike

	"go.yaml.in/yaml/v3"

	"botengine/internal/diag"
)

// active says when a rule is at work.
type active struct {
	windows []window // empty = all day
	days    days
	zone    *time.Location
	written string     // the hours and days as written, for people
	outside *yaml.Node // the steps for other times; nil = none
}

// window is a part of the day in minutes after midnight; one that ends before it
// begins goes on into the next day.
type window struct{ from, to int }

const defaultZone = "Asia/Shanghai"

var activeFields = keysOf("active")

// active reads `active`.
func (b *builder) active(n *yaml.Node) *active {
	if n.Kind == yaml.ScalarNode {
		if hours, ok := meantWindow(n.Value); ok {
			b.fail(n, "BE104", diag.T("`active` 要写成一组 `键: 值`", "`active` is a group of `key: value`"), diag.T("写成 `active: {hours: \"%s\"}`", "write `active: {hours: \"%s\"}`", hours))
			return nil
		}
	}
	f, ok := b.fields(n, activeForm, activeFields)
	if !ok {
		return nil
	}
	a := &active{days: days{week: everyDay()}, zone: b.zone(f.get("timezone"))}
	var written []string
	if d := f.get("days"); d != nil {
		items := b.someTexts(d)
		a.days = b.days(items)
		written = append(written, joined(items))
	}
	if d := f.get("dates"); d != nil {
		var text string
		a.days.dates, text = b.dates(d)
		written = append(written, text)
	}
	if d := f.get("except_dates"); d != nil {
		var text string
		a.days.except, text = b.dates(d)
		written = append(written, "× "+text)
	}
	if h := f.get("hours"); h != nil {
		items := b.someTexts(h)
		a.windows = b.windows(items)
		written = append(written, joined(items))
	}
	a.outside = b.outsideSteps(f)
	a.written = strings.Join(append(written, a.zone.String()), " ")
	return a
}

func everyDay() [7]bool { return [7]bool{true, true, true, true, true, true, true} }

// joined lists what was written.
func joined(items []item) string {
	var out []string
	for _, it := range items {
		out = append(out, it.text)
	}
	return strings.Join(out, ", ")
}

// zone reads an IANA name.
func (b *builder) zone(n *yaml.Node) *time.Location {
	name := defaultZone
	if n != nil {
		name, _ = b.text(n)
	}
	zone, err := time.LoadLocation(name)
	if err != nil || name == "" || name == "Local" {
		if name != "" {
			b.fail(n, "BE123", diag.T("不认识时区 `%s`", "unknown time zone `%s`", name), zoneHint(name))
		}
		return time.UTC
	}
	return zone
}

// zoneHint names the zone that was meant.
func zoneHint(name string) diag.Text {
	meant := defaultZone
	for word, zone := range map[string]string{"hong": "Asia/Hong_Kong", "香港": "Asia/Hong_Kong", "东京": "Asia/Tokyo", "新加坡": "Asia/Singapore", "taipei": "Asia/Taipei", "台": "Asia/Taipei", "tokyo": "Asia/Tokyo", "singapore": "Asia/Singapore"} {
		if strings.Contains(strings.ToLower(name), word) {
			meant = zone
		}
	}
	return diag.T("用 IANA 名称，例如 `%s`", "use an IANA name, such as `%s`", meant)
}

// windowForm is `09:00-21:00`; the minutes are checked afterwards.
var windowForm = regexp.MustCompile(`^([0-9]{1,2}):([0-9]{2})\s*-\s*([0-9]{1,2}):([0-9]{2})$`)

// windows reads parts of the day.
func (b *builder) windows(items []item) []window {
	var out []window
	for _, it := range items {
		w, ok := parseWindow(it.text)
		if !ok {
			b.fail(it.node, "BE122", diag.T("时间段 `%s` 写法不对", "bad time window `%s`", it.text), windowHint(it.text))
			continue
		}
		out = append(out, w)
	}
	return out
}

func parseWindow(s string) (window, bool) {
	m := windowForm.FindStringSubmatch(s)
	if m == nil {
		return window{}, false
	}
	w := window{from: minutes(m[1], m[2]), to: minutes(m[3], m[4])}
	return w, w.from >= 0 && w.from < 24*60 && w.to >= 0 && w.from != w.to
}

// minutes after midnight, up to 24:00, or -1.
func minutes(hour, minute string) int {
	h, _ := strconv.Atoi(hour) // digits only, as windowForm has it
	m, _ := strconv.Atoi(minute)
	if h > 24 || m > 59 || h == 24 && m > 0 {
		return -1
	}
	return h*60 + m
}

// clockWords are other ways of writing a window.
var clockWords = strings.NewReplacer("点半", ":30", "点", ":00", "时", ":00", "到", "-", "至", "-", "~", "-", "—", "-", "–", "-", "分", "", " ", "")

// bareHour is an hour without minutes.
var bareHour = regexp.MustCompile(`(^|-)([0-9]{1,2})(-|$)`)

// meantWindow is the window that was probably meant.
func meantWindow(written string) (string, bool) {
	meant := clockWords.Replace(halfWidth(written))
	meant = bareHour.ReplaceAllString(bareHour.ReplaceAllString(meant, "$1$2:00$3"), "$1$2:00$3")
	_, ok := parseWindow(meant)
	return meant, ok
}

// windowHint says how the window that was probably meant is written.
func windowHint(written string) diag.Text {
	if meant, ok := meantWindow(written); ok {
		return diag.T("写成 \"%s\"", "write \"%s\"", meant)
	}
	return diag.T("24 小时制，例如 \"09:00-21:00\"，可以跨过零点：\"22:00-02:00\"", "on the 24-hour clock, such as \"09:00-21:00\"; it may cross midnight: \"22:00-02:00\"")
}

// dayWords are the days by time.Weekday.
var dayWords = []string{"sun", "mon", "tue", "wed", "thu", "fri", "sat"}

// days reads days and ranges of days.
func (b *builder) days(items []item) (out days) {
	for _, it := range items {
		if b.day(&out, it.text) {
			continue
		}
		from, to, isRange := strings.Cut(it.text, "-")
		first, last := dayOf(from), dayOf(to)
		if !isRange {
			last = first
		}
		if first < 0 || last < 0 {
			b.fail(it.node, "BE129", diag.T("不认识星期 `%s`", "unknown day `%s`", it.text),
				dayHint(it.text))
			continue
		}
		for d := first; ; d = (d + 1) % 7 {
			out.week[d] = true
			if d == last {
				break
			}
		}
	}
	return out
}

func dayOf(word string) int { return slices.Index(dayWords, strings.ToLower(strings.TrimSpace(word))) }

// covers says whether the rule is at work at that time. The part of a window
// behind midnight belongs to the day on which the window began.
func (a *active) covers(now time.Time) bool {
	if a == nil {
		return true
	}
	now = now.In(a.zone)
	if len(a.windows) == 0 {
		return a.days.has(now)
	}
	minute := now.Hour()*60 + now.Minute()
	for _, w := range a.windows {
		switch {
		case w.from < w.to:
			if minute >= w.from && minute < w.to && a.days.has(now) {
				return true
			}
		case minute >= w.from:
			if a.days.has(now) {
				return true
			}
		case minute < w.to:
			if a.days.has(time.Date(now.Year(), now.Month(), now.Day()-1, 12, 0, 0, 0, a.zone)) {
				return true
			}
		}
	}
	return false
}
