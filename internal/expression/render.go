package expression

import (
	"strconv"
	"strings"
	"time"
)

// listSeparator stands between the entries of a list in a text.
const listSeparator = "、"

// timeLayout is how a time is shown.
const timeLayout = "2006-01-02 15:04:05"

// render shows a value in a message.
func render(v any) (string, error) {
	switch v := v.(type) {
	case string:
		return v, nil
	case bool:
		return strconv.FormatBool(v), nil
	case int:
		return strconv.Itoa(v), nil
	case int64:
		return strconv.FormatInt(v, 10), nil
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64), nil
	case time.Time:
		return v.In(zone).Format(timeLayout), nil
	case time.Duration:
		return v.String(), nil
	case []string:
		return renderAll(len(v), func(i int) any { return v[i] })
	case []any:
		return renderAll(len(v), func(i int) any { return v[i] })
	case []int:
		return renderAll(len(v), func(i int) any { return v[i] })
	case []float64:
		return renderAll(len(v), func(i int) any { return v[i] })
	case nil:
		return "", because("这里没有值", "there is no value here")
	}
	return "", because("这里的值不能写进文字", "this value cannot be shown in a text")
}

// renderAll shows the entries of a list; a list in a list is not shown.
func renderAll(n int, at func(int) any) (string, error) {
	var b strings.Builder
	for i := range n {
		e := at(i)
		if k := kindOf(e); k == list {
			return "", because("列表里还有列表，不能写进文字", "a list of lists cannot be shown in a text")
		}
		s, err := render(e)
		if err != nil {
			return "", err
		}
		if i > 0 {
			b.WriteString(listSeparator)
		}
		b.WriteString(s)
		if b.Len() > maxString {
			return "", ErrBudget
		}
	}
	return b.String(), nil
}
