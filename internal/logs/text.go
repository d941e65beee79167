// Package logs owns what the engine's log may show and how it is written: secrets
// never, what people wrote only as far as the configuration says, and never at the
// price of the engine waiting for whoever reads the log.
package logs

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"log/slog"
	"unicode/utf8"
)

// Mode says how a log shows what people wrote.
type Mode string

// The modes. Hash is the default: the same text is found again, and honest people do
// not read it; whoever guesses a short text can still check the guess.
const (
	None Mode = "none"
	Hash Mode = "hash"
	Full Mode = "full"
)

// Text is something that people wrote, or that was made of it. Put it into a log as
// it is: the log shows as much of it as it may. A log that knows no modes shows its
// hash.
type Text string

// LogValue implements slog.LogValuer.
func (t Text) LogValue() slog.Value { return slog.StringValue(t.shown(Hash)) }

func (t Text) shown(m Mode) string {
	switch m {
	case Full:
		return string(t)
	case None:
		return hidden
	default:
		sum := sha256.Sum256([]byte(t))
		return fmt.Sprintf("sha256:%s, %d characters", hex.EncodeToString(sum[:6]), utf8.RuneCountInString(string(t)))
	}
}
