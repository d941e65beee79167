package expression

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"botengine/internal/diag"
)

// How much of a part is shown.
const (
	maxShownSource = 200 // characters of its source
	maxKeptText    = 200 // characters of a text in Value
	maxShownText   = 40  // characters of a text in words
	maxShownList   = 10  // entries of a list
)

// presentable is a value as a Tree keeps it: plain data, of bounded size.
func presentable(value any, depth int) any {
	switch v := value.(type) {
	case nil, bool, int, int64, float64:
		return v
	case string:
		return cutRunes(strings.ToValidUTF8(v, "�"), maxKeptText)
	case time.Time:
		return v.Format(time.RFC3339)
	case time.Duration:
		return v.String()
	case *wordSet:
		return "…"
	}
	if v := reflect.ValueOf(value); depth < 3 {
		switch v.Kind() { //nolint:exhaustive // any other has no plain form
		case reflect.Slice, reflect.Array:
			return presentableList(v, depth)
		case reflect.Map:
			return presentableMap(v, depth)
		case reflect.Struct:
			return presentableView(v, depth)
		}
	}
	return "…"
}

func presentableList(v reflect.Value, depth int) []any {
	out := []any{}
	for i := range v.Len() {
		if i == maxShownList {
			return append(out, "…")
		}
		out = append(out, presentable(v.Index(i).Interface(), depth+1))
	}
	return out
}

func presentableMap(v reflect.Value, depth int) map[string]any {
	all := map[string]reflect.Value{}
	for key, value := range v.Seq2() {
		all[fmt.Sprint(key.Interface())] = value
	}
	out := map[string]any{}
	for i, key := range slices.Sorted(maps.Keys(all)) {
		if i == maxShownList {
			out["…"] = "…"
			break
		}
		out[cutRunes(key, maxShownText)] = presentable(all[key].Interface(), depth+1)
	}
	return out
}

// presentableView is something with fields, such as a member.
func presentableView(v reflect.Value, depth int) map[string]any {
	out := map[string]any{}
	for i := range v.NumField() {
		if name := v.Type().Field(i).Tag.Get("expr"); name != "" && !strings.HasPrefix(name, hiddenPrefix) && v.Type().Field(i).IsExported() {
			out[name] = presentable(v.Field(i).Interface(), depth+1)
		}
	}
	return out
}

// Text draws the tree, a part on each line with its value behind it, every line
// after indent. It ends with a line break and cannot steer a terminal.
func (t *Tree) Text(lang diag.Lang, indent string) string {
	var b strings.Builder
	t.draw(&b, lang, indent, indent)
	return b.String()
}

func (t *Tree) draw(b *strings.Builder, lang diag.Lang, first, others string) {
	b.WriteString(first + visibleSource(t.Source) + t.outcome(lang) + "\n")
	for i, child := range t.Children {
		if i < len(t.Children)-1 {
			child.draw(b, lang, others+"├ ", others+"│ ")
		} else {
			child.draw(b, lang, others+"└ ", others+"  ")
		}
	}
}

// outcome is what stands behind the source of a part.
func (t *Tree) outcome(lang diag.Lang) string {
	switch {
	case !t.Evaluated:
		return diag.T(" （未计算）", " (not evaluated)").In(lang)
	case !t.Problem.IsZero():
		return diag.T(" ✗ %[1]s", " ✗ %[2]s", t.Problem.ZH, t.Problem.EN).In(lang)
	}
	return " = " + inWords(t.Value).In(lang)
}

// inWords says a value in words.
func inWords(value any) diag.Text {
	switch v := value.(type) {
	case nil:
		return diag.T("没有", "nothing")
	case bool:
		if v {
			return diag.T("真", "true")
		}
		return diag.T("假", "false")
	case string:
		return same(strconv.Quote(cutRunes(v, maxShownText)))
	case []any:
		return listInWords(v)
	case map[string]any:
		var zh, en []string
		for _, key := range slices.Sorted(maps.Keys(v)) {
			word := inWords(v[key])
			zh, en = append(zh, visibleSource(key)+": "+word.ZH), append(en, visibleSource(key)+": "+word.EN)
		}
		return diag.Text{ZH: cutRunes("{"+strings.Join(zh, ", ")+"}", maxShownSource), EN: cutRunes("{"+strings.Join(en, ", ")+"}", maxShownSource)}
	}
	return same(fmt.Sprint(value))
}

func listInWords(list []any) diag.Text {
	var zh, en []string
	for _, entry := range list {
		word := inWords(entry)
		if entry == "…" {
			word = same("…")
		}
		zh, en = append(zh, word.ZH), append(en, word.EN)
	}
	return diag.Text{ZH: cutRunes("["+strings.Join(zh, ", ")+"]", maxShownSource), EN: cutRunes("["+strings.Join(en, ", ")+"]", maxShownSource)}
}

func same(s string) diag.Text { return diag.Text{ZH: s, EN: s} }

// visibleSource shows characters that could steer a terminal as what they are.
func visibleSource(s string) string {
	var b strings.Builder
	for _, r := range s {
		if strconv.IsPrint(r) {
			b.WriteRune(r)
		} else {
			fmt.Fprintf(&b, "<U+%04X>", r)
		}
	}
	return b.String()
}
