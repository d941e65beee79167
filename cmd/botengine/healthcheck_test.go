package main

import (
	"bytes"
	"errors"
	"os"
	"testing"

	"botengine/internal/app"
)

func TestAnAccountThatIsAwayIsNotHealthy(t *testing.T) {
	var out, talk bytes.Buffer
	c := &cli{out: &out, err: &talk, env: os.LookupEnv, langFlag: "en"}
	err := c.healthy(&app.Status{Accounts: []app.AccountStatus{{Name: "main", Connected: true}, {Name: "second"}}})
	var code exitError
	if !errors.As(err, &code) || int(code) != exitUnreachable || out.Len() > 0 {
		t.Errorf("it ends with %v and says %q", err, out.String())
	}
	if got := talk.String(); got != "accounts that are not connected to the platform: second\n" {
		t.Errorf("it says %q", got)
	}
}
