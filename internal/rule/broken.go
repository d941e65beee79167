package rule

import (
	"errors"

	"botengine/internal/diag"
	"botengine/internal/expression"
)

// Broken says why a condition had no value, in both languages where it can.
func Broken(c *expression.Condition, err error) diag.Text {
	reason := diag.Text{ZH: err.Error(), EN: err.Error()}
	var known *expression.RunError
	if errors.As(err, &known) && !known.Reason.IsZero() {
		reason = known.Reason
	}
	return diag.Text{
		ZH: "条件 `" + c.Source() + "` 计算出错：" + reason.In(diag.ZH),
		EN: "condition `" + c.Source() + "`: " + reason.In(diag.EN),
	}
}
