package rule

import (
	"regexp"

	"go.yaml.in/yaml/v3"

	"botengine/internal/actions"
	"botengine/internal/diag"
)

// numberWithWords is a number with something around it: 2次, 50%, 最多 3 个.
var numberWithWords = regexp.MustCompile(`^[^0-9]*([0-9]+)[^0-9]*$`)

// numberHint says how the whole number that was probably meant is written.
func numberHint(n *yaml.Node) diag.Text {
	if n.Kind != yaml.ScalarNode {
		return diag.Text{}
	}
	if m := numberWithWords.FindStringSubmatch(actions.Digits(halfWidth(n.Value))); m != nil {
		return diag.T("只写数字：`%s`", "the number alone: `%s`", m[1])
	}
	return diag.Text{}
}
