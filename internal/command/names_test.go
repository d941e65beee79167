package command_test

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"

	"botengine/internal/command"
)

// Keys and message ids of commands that wait in a store are compared with those that
// are made anew: they must never be made in another way.
func TestNamesAreMadeAsTheyAlwaysWere(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		parts := rapid.SliceOfN(rapid.OneOf(rapid.String(), rapid.StringN(0, 900, -1)), 4, 4).Draw(rt, "parts")
		at := time.Unix(rapid.Int64Range(-1<<35, 1<<37).Draw(rt, "seconds"), rapid.Int64Range(0, 999_999_999).Draw(rt, "nanoseconds"))
		h := sha256.New()
		for _, part := range parts {
			h.Write(binary.BigEndian.AppendUint32(nil, uint32(len(part)))) //nolint:gosec // no part is that long
			h.Write([]byte(part))
		}
		key := hex.EncodeToString(h.Sum(nil)[:20])
		if got := command.Key(parts[0], parts[1], parts[2], parts[3]); got != key {
			rt.Fatalf("key %s, want %s", got, key)
		}
		sum, utc := sha256.Sum256([]byte(key)), at.UTC()
		id := fmt.Sprintf("%s%03d%015d", utc.Format("20060102150405"), utc.Nanosecond()/1e6, binary.BigEndian.Uint64(sum[:8])%1_000_000_000_000_000)
		if got := command.MessageID(at, key); got != id {
			rt.Fatalf("message id %s, want %s", got, id)
		}
	})
}
