package diag_test

import (
	"testing"

	"botengine/internal/diag"
)

func TestSuggestKnowsWordsOfOtherLanguagesAndTools(t *testing.T) {
	steps, per := []string{"delay", "kick", "reply", "wait_for"}, []string{"chat", "member", "robot"}
	for _, c := range []struct {
		word string
		of   []string
		want string
	}{
		{"回复", steps, "reply"}, {"踢人", steps, "kick"}, {"等待", steps, "delay"}, {"Sleep", steps, "delay"},
		{"群", per, "chat"}, {"每人", per, "member"}, {"user", per, "member"}, {"回复", per, ""}, {"天气", steps, ""},
	} {
		if got, ok := diag.Suggest(c.word, c.of); got != c.want || ok != (c.want != "") {
			t.Errorf("Suggest(%q, %q) = %q, %v; want %q", c.word, c.of, got, ok, c.want)
		}
	}
}
