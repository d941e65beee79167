package actions

import (
	"time"

	"go.yaml.in/yaml/v3"

	"botengine/internal/diag"
)

// china is the time of day that rules speak of.
var china = time.FixedZone("Asia/Shanghai", 8*60*60)

// Moment is a day and a time of day in China.
type Moment struct{ at time.Time }

func (*Moment) kind() Kind { return KindMoment }

func (m *Moment) read(n *yaml.Node, b *Binder) {
	source, ok := b.scalar(n)
	if !ok {
		return
	}
	at, err := time.ParseInLocation("2006-01-02 15:04", source, china)
	if err != nil {
		b.fail(n, "BE304", diag.T("时间 `%s` 写法不对", "`%s` is no date and time", source),
			diag.T("写成 `2026-03-02 10:00`", "write it like `2026-03-02 10:00`"))
		return
	}
	m.at = at
}

func (m Moment) given() bool { return !m.at.IsZero() }

// Clock is a time of day, such as 09:30.
type Clock struct{ text string }

func (*Clock) kind() Kind { return KindClock }

func (c *Clock) read(n *yaml.Node, b *Binder) {
	source, ok := b.scalar(n)
	if !ok {
		return
	}
	if _, err := time.Parse("15:04", source); err != nil || len(source) != len("09:30") {
		b.fail(n, "BE304", diag.T("钟点 `%s` 写法不对", "`%s` is no time of day", source),
			diag.T("写成 `\"09:30\"`", "write it like `\"09:30\"`"))
		return
	}
	c.text = source
}

func (c Clock) given() bool { return c.text != "" }
