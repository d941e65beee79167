package command_test

import (
	"testing"

	"botengine/internal/command"
)

func TestEndOf(t *testing.T) {
	for name, c := range map[string]struct {
		code, msg string
		want      command.End
	}{
		"zero is success":                          {"0", "ok", command.Done},
		"success may be spelled in letters":        {"OK", "", command.Done},
		"or with a zero for the letter":            {"0K", "", command.Done},
		"or with a letter for the zero":            {"O", "", command.Done},
		"or in the message alone":                  {"", " 0K ", command.Done},
		"space around it does not matter":          {" 0\n", "", command.Done},
		"busy may be tried again":                  {"5000", "系统繁忙", command.Busy},
		"a refused token may be tried again":       {"1000", "认证失败", command.Busy},
		"one is a failure for good":                {"1", "invalid conversion id", command.Refused},
		"a number nobody knows is one too":         {"74213", "", command.Refused},
		"OK beside an error's number is no excuse": {"1", "OK", command.Refused},
		"our own timeout is a failure":             {"timeout", "", command.Refused},
		"our own expiry says so":                   {"expired", "", command.Lapsed},
		"what nobody knows stays in doubt":         {"unknown", "", command.Doubtful},
		"a result that says nothing is in doubt":   {"", "", command.Doubtful},
		"status 2 of the history is for good":      {command.CodeUndelivered, "", command.Refused},
	} {
		t.Run(name, func(t *testing.T) {
			if got := command.EndOf(c.code, c.msg); got != c.want {
				t.Errorf("EndOf(%q, %q) = %s, want %s", c.code, c.msg, got, c.want)
			}
		})
	}
}
