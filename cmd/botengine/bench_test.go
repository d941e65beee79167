package main

import (
	"bytes"
	"context"
	"strings"
	"testing"
	"time"
)

func TestAnInterruptedBenchPrintsWhatItHas(t *testing.T) {
	for lang, said := range map[string][2]string{"zh": {"被打断", "一个核"}, "en": {"interrupted", "on one core"}} {
		ctx, stop := context.WithTimeout(t.Context(), 200*time.Millisecond) // Ctrl-C ends the context, too
		var out, talk bytes.Buffer
		code := run(ctx, []string{"bench", "--lang", lang, "--duration", "1h", "../../rules"}, strings.NewReader(""), &out, &talk)
		stop()
		if code != exitOK || !strings.Contains(talk.String(), said[0]) || !strings.Contains(out.String(), said[1]) {
			t.Errorf("exit code %d, said %q, printed %q", code, talk.String(), out.String())
		}
	}
}
