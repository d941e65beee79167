package rest

import (
	"strings"
	"testing"

	"botengine/internal/yjiyun"
)

func TestOnlyAnswersOfAModestSizeAreDecoded(t *testing.T) {
	text := func(n int) string { return `{"a":"` + strings.Repeat("a", n) + `","b":1}` }
	deep := func(n int) string { return strings.Repeat("[", n) + strings.Repeat("]", n) }
	for name, c := range map[string]struct {
		answer string
		want   bool
	}{
		"nothing":                            {"", true},
		"a text as long as one may be":       {text(maxText), true},
		"a longer one":                       {text(maxText + 1), false},
		"a longer one that never ends":       {`"` + strings.Repeat("a", maxText+1), false},
		"a text of quotes that are escaped":  {`["` + strings.Repeat(`\"`, 1000) + `"]`, true},
		"commas and brackets in a text":      {`["` + strings.Repeat("[,", maxValues+1) + `"]`, true},
		"as many values as there may be":     {"[" + strings.Repeat("1,", maxValues) + "1]", true},
		"one more":                           {"[" + strings.Repeat("1,", maxValues+1) + "1]", false},
		"as deep as it may be":               {deep(yjiyun.MaxDepth), true},
		"a level deeper":                     {deep(yjiyun.MaxDepth + 1), false},
		"many lists, none deeper than three": {"[" + strings.Repeat("[[]],", maxValues) + "[]]", true},
	} {
		if got := modest([]byte(c.answer)); got != c.want {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
}
