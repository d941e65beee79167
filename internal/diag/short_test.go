package diag_test

import (
	"testing"
	"time"

	"botengine/internal/diag"
)

func TestAShortDurationHasNoPartsThatAreZero(t *testing.T) {
	for d, want := range map[time.Duration]string{
		0: "0s", 30 * time.Second: "30s", 10 * time.Minute: "10m", 90 * time.Second: "1m30s", time.Hour: "1h", 90 * time.Minute: "1h30m",
		time.Hour + time.Second: "1h0m1s", 20 * time.Hour: "20h", 1500 * time.Millisecond: "1.5s", -time.Hour: "-1h",
	} {
		if got := diag.Short(d); got != want {
			t.Errorf("%v is written %q, want %q", d, got, want)
		}
	}
}
