package engine

import (
	"testing"
	"time"
)

// What is kept as a fact is read back as it was, and what is no fact is an error or
// nothing, never a panic.
func FuzzDecodeFact(f *testing.F) {
	for _, seed := range []string{`1`, `1.0`, `"甲"`, `true`, `14073751575621261`, `1e400`, `-0`, `{}`, `[1]`, ``, `[{"robot":"a","until":"2026-03-02T09:00:00Z"}]`, `nul`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		for _, at := range decodeTimes(raw) {
			_ = left(at, time.Time{})
		}
		for _, l := range decodeLoops(raw) {
			_ = l.Until.String()
		}
		value, err := decodeFact(raw)
		if err != nil {
			return
		}
		again, err := encodeFact(value)
		if err != nil {
			return // infinite
		}
		if back, err := decodeFact(again); err != nil || back != value {
			t.Errorf("%q is %v, and comes back as %v, %v", raw, value, back, err)
		}
	})
}
