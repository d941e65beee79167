package rule

import (
	"slices"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"botengine/internal/calendar"
	"botengine/internal/diag"
)

// The lists that say which days people work on, where a file has them.
const (
	holidayList = "holidays" // nobody works
	workdayList = "workdays" // a weekend's day that is worked to make up for a holiday
)

// days are the days on which a rule is at work.
type days struct {
	week    [7]bool // by time.Weekday
	workday bool    // the workdays of the calendar too
	restday bool    // and its other days
	dates   *calendar.Dates
	except  *calendar.Dates
	work    *calendar.Workdays
}

// has says whether the rule is at work on the day that t has in its own zone.
func (d *days) has(t time.Time) bool {
	if d.dates != nil && !d.dates.Has(t) || d.except.Has(t) {
		return false
	}
	return d.week[t.Weekday()] || (d.workday || d.restday) && d.workday == d.work.Has(t) || d.workday && d.restday
}

// The words for the days that people work on, and for the others.
var (
	workWords = []string{"workday", "workdays"}
	restWords = []string{"restday", "restdays"}
)

// day reads one word of `days` that is none of the week; false when it is unknown.
func (b *builder) day(d *days, word string) bool {
	switch name := strings.ToLower(strings.TrimSpace(word)); {
	case slices.Contains(workWords, name):
		d.workday = true
	case slices.Contains(restWords, name):
		d.restday = true
	default:
		return false
	}
	b.checkWorkdays()
	d.work = b.workdays()
	return true
}

// dates reads `dates` or `except_dates`: dates as they are written, or
// `{list: name}` for those of a list. What was written is for people.
func (b *builder) dates(n *yaml.Node) (d *calendar.Dates, written string) {
	if n.Kind != yaml.MappingNode {
		items := b.someTexts(n)
		texts := make([]string, len(items))
		for i, it := range items {
			texts[i] = it.text
		}
		d, bad := calendar.ParseDates(texts)
		for _, i := range bad {
			b.badDate(items[i].node, items[i].text)
		}
		return d, joined(items)
	}
	f, ok := b.fields(n, datesForm, keysOf("dates"))
	named := f.get("list")
	if named == nil {
		if ok {
			b.missing(f, "list", diag.T("写成 `{list: holidays}`，名单写在文件开头的 `lists:` 下面", "write `{list: holidays}`; the list stands under `lists:` at the top of the file"))
		}
		return nil, ""
	}
	name, ok := b.text(named)
	if !ok {
		return nil, ""
	}
	return b.datesOf(named, name), name
}

// datesOf reads the dates of a list.
func (b *builder) datesOf(at *yaml.Node, name string) *calendar.Dates {
	entries, ok := b.lists[name]
	if !ok {
		var known []string
		for other := range b.lists {
			known = append(known, other)
		}
		slices.Sort(known)
		hint := choiceHint(name, known)
		if _, near := diag.Suggest(name, known); !near {
			hint = diag.T("在文件开头写 `lists: {%s: [\"2026-10-01..2026-10-07\"]}`", "write `lists: {%s: [\"2026-10-01..2026-10-07\"]}` at the top of the file", name)
		}
		b.fail(at, "BE212", diag.T("没有名单 `%s`", "there is no list `%s`", name), hint)
		return nil
	}
	d, bad := calendar.ParseDates(entries)
	b.badDatesIn(at, name, entries, bad)
	return d
}

// badDatesIn is the finding on entries of a list that are no dates.
func (b *builder) badDatesIn(at *yaml.Node, list string, entries []string, bad []int) {
	if len(bad) == 0 {
		return
	}
	b.fail(at, "BE129", diag.T("名单 `%s` 的第 %d 项 `%s` 不是日期", "entry %[2]d of the list `%[1]s`, `%[3]s`, is no date", list, bad[0]+1, entries[bad[0]]), dateHint(entries[bad[0]]))
}

func (b *builder) badDate(n *yaml.Node, written string) {
	hint := dateHint(written)
	if strings.ContainsAny(written, "节假") {
		hint = diag.T("日期放进名单，这里写 `{list: holidays}`", "put the dates into a list, and write `{list: holidays}` here")
	}
	b.fail(n, "BE129", diag.T("`%s` 不是日期", "`%s` is no date", written), hint)
}

// dateWords are other ways of writing dates.
var dateWords = strings.NewReplacer("年", "-", "月", "-", "日", "", "号", "", "/", "-", ".", "-", "~", "..", "到", "..", "至", "..", "—", "..", " ", "")

// dateHint says how the date that was probably meant is written.
func dateHint(written string) diag.Text {
	half := halfWidth(written)
	for _, meant := range []string{dateWords.Replace(half), dateWords.Replace(strings.ReplaceAll(half, " - ", ".."))} {
		if _, bad := calendar.ParseDates([]string{meant}); len(bad) == 0 {
			return diag.T("写成 \"%s\"", "write \"%s\"", meant)
		}
	}
	return diag.T("写成 \"2026-10-01\"，一段写成 \"2026-10-01..2026-10-07\"，每年都有的写成 \"10-01\"",
		"write \"2026-10-01\", a range as \"2026-10-01..2026-10-07\", one of each year as \"10-01\"")
}

// workdays is the calendar of the file: Monday to Friday, but for its list of
// holidays and with its list of days that are worked instead.
func (b *builder) workdays() *calendar.Workdays {
	if b.calendar == nil {
		holidays, _ := calendar.ParseDates(b.lists[holidayList])
		makeup, _ := calendar.ParseDates(b.lists[workdayList])
		b.calendar = &calendar.Workdays{Holidays: holidays, Makeup: makeup}
	}
	return b.calendar
}

// checkWorkdays finds, once for a file that uses them, the entries of the two lists
// that are no dates.
func (b *builder) checkWorkdays() {
	if b.calendarChecked {
		return
	}
	b.calendarChecked = true
	for _, name := range []string{holidayList, workdayList} {
		entries := b.lists[name]
		_, bad := calendar.ParseDates(entries)
		at := valueOf(valueOf(b.doc.root, "lists"), name)
		if at == nil {
			at = b.doc.root // the list is another file's
		}
		b.badDatesIn(at, name, entries, bad)
	}
}
