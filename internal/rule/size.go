package rule

import (
	"regexp"
	"strings"

	"go.yaml.in/yaml/v3"

	"botengine/internal/diag"
)

// maxMembers is more than any group can have.
const maxMembers = 100_000

// sizeRange is how many members a group may have.
type sizeRange struct{ min, max int }

func (s *sizeRange) holds(n int) bool { return s.min <= n && n <= s.max }

// sizeRange reads `{min, max}`, one of which may be left out.
func (b *builder) sizeRange(n *yaml.Node) *sizeRange {
	s := &sizeRange{max: maxMembers}
	if n.Kind == yaml.ScalarNode {
		b.fail(n, "BE104", diag.T("`size` 写成 `{min: 最少人数, max: 最多人数}`", "`size` is `{min: 100, max: 500}`"), sizeHint(n.Value))
		return s
	}
	f, ok := b.fields(n, sizeForm, keysOf("size"))
	if !ok {
		return s
	}
	low, high := f.get("min"), f.get("max")
	if low == nil && high == nil {
		b.missing(f, "min", diag.T("至少写 `min` 和 `max` 中的一个，例如 `size: {min: 100}`", "write one of `min` and `max` at least, such as `size: {min: 100}`"))
	}
	if low != nil {
		s.min = b.integer(low, 0, maxMembers)
	}
	if high != nil {
		s.max = b.integer(high, 0, maxMembers)
		if s.max == 0 && high.Value != "0" { // it has its finding
			s.max = maxMembers
		}
	}
	if low != nil && s.min > s.max {
		b.fail(low, "BE126", diag.T("`min` 比 `max` 大，没有这样的群", "`min` is more than `max`: there is no such group"), diag.Text{})
	}
	return s
}

// comparison is how sizes are written elsewhere.
var comparison = regexp.MustCompile(`^(>=|<=|>|<|=|==)?([0-9]{1,6})(?:(?:-|~|\.\.)([0-9]{1,6}))?(\+)?$`)

// sizeSigns are other ways of writing a comparison.
var sizeSigns = strings.NewReplacer("≥", ">=", "≤", "<=", "至", "-", "到", "-", "人", "", " ", "", "　", "", "以上", "+")

// sizeHint says how the size that was probably meant is written.
func sizeHint(written string) diag.Text {
	m := comparison.FindStringSubmatch(sizeSigns.Replace(halfWidth(written)))
	if m == nil {
		return diag.T("例如 `size: {min: 100}`", "such as `size: {min: 100}`")
	}
	meant := "{min: " + m[2] + "}"
	switch {
	case m[3] != "":
		meant = "{min: " + m[2] + ", max: " + m[3] + "}"
	case m[1] == "<=", m[1] == "<":
		meant = "{max: " + m[2] + "}"
	case (m[1] == "" || m[1] == "=" || m[1] == "==") && m[4] == "":
		meant = "{min: " + m[2] + ", max: " + m[2] + "}"
	}
	return diag.T("写成 `size: %s`", "write `size: %s`", meant)
}
