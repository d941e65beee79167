package diag

import (
	"strings"
	"time"
)

// Short writes a length of time as rules do, without the parts that are zero: 10m, not
// 10m0s.
func Short(d time.Duration) string {
	text := d.String()
	if short, ok := strings.CutSuffix(text, "m0s"); ok {
		text = short + "m"
	}
	if short, ok := strings.CutSuffix(text, "h0m"); ok {
		text = short + "h"
	}
	return text
}
