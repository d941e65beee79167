package sim

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
	"time"
)

// cst is the platform's time zone: its written dates and messageIds are Chinese local time.
var cst = time.FixedZone("CST", 8*60*60)

// mint makes ids that look like the platform's. The same seed and the same calls give the same ids.
type mint struct {
	rng      *rand.Rand
	used     map[string]bool
	messages int
	serial   int
	bare     bool
}

func newMint(seed uint64) *mint {
	return &mint{rng: rand.New(rand.NewPCG(seed, 0x6a09e667f3bcc908)), used: map[string]bool{}} // reproducible on purpose
}

// fresh returns an id made of prefix and digits random digits that was not given out before.
func (m *mint) fresh(prefix string, digits int) string {
	for {
		var b strings.Builder
		b.WriteString(prefix)
		for range digits {
			b.WriteByte(byte('0' + m.rng.IntN(10)))
		}
		if id := b.String(); m.claim(id) {
			return id
		}
	}
}

// claim takes id for good; false means somebody has it.
func (m *mint) claim(id string) bool {
	if m.used[id] {
		return false
	}
	m.used[id] = true
	return true
}

func (m *mint) robotKey() string { return fmt.Sprintf("%016x%016x", m.rng.Uint64(), m.rng.Uint64()) }
func (m *mint) wxid() string     { return m.fresh("16888534", 8) }
func (m *mint) personID() string { return m.fresh("788130", 10) }
func (m *mint) groupID() string  { return m.fresh("R:106960517", 8) }

// labelID is above 2^53 on purpose: a client that reads it as a float has lost it.
func (m *mint) labelID() string { return m.fresh("1407375", 10) }

// messageID is the platform's own: local time to the millisecond and a counter.
func (m *mint) messageID(now time.Time) string {
	m.messages++
	stamp := strings.Replace(now.In(cst).Format("20060102150405.000"), ".", "", 1)
	return fmt.Sprintf("%s%07d", stamp, m.messages%10_000_000)
}

func (m *mint) msgSvrID() string {
	m.serial++
	return strconv.Itoa(1_002_483 + m.serial)
}

// either renders an id as the platform does: now as a bare number, now as a string.
func (m *mint) either(id string) any {
	m.bare = !m.bare
	if m.bare {
		return bareID(id)
	}
	return id
}

// bareID is id as a JSON number, never through a float; an id that is no number stays a string.
func bareID(id string) any {
	if id == "" || strings.Trim(id, "0123456789") != "" || (id[0] == '0' && len(id) > 1) {
		return id
	}
	return json.Number(id)
}

// chatID is the conversation of a robot and its peer (a person's id or a group's "R:…" id).
func chatID(wxid, peer string) string { return "S:" + wxid + "_" + peer }

// splitChatID is the reverse of chatID.
func splitChatID(id string) (wxid, peer string, ok bool) {
	rest, found := strings.CutPrefix(id, "S:")
	if !found {
		return "", "", false
	}
	wxid, peer, ok = strings.Cut(rest, "_")
	return wxid, peer, ok && wxid != "" && peer != ""
}

func isGroupID(id string) bool { return strings.HasPrefix(id, "R:") }

// written is the platform's way to write a date.
func written(t time.Time) string { return t.In(cst).Format(time.DateTime) }

func flag(b bool) int {
	if b {
		return 1
	}
	return 0
}
