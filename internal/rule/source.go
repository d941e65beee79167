package rule

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"path"
	"slices"
	"strings"

	"botengine/internal/diag"
)

// Source is one file that rules are made of: a YAML file, or a list file that a
// YAML file names.
type Source struct {
	Path string // with forward slashes, as findings show it
	Text []byte
	// Problem says why the file could not be read; Text is then empty. Compile
	// makes a finding of it.
	Problem diag.Text
}

// Sources are the files of one set.
type Sources []Source

// Hash names the content of the sources: equal for equal files, whatever their
// order and whatever tests stand beside the rules.
func (s Sources) Hash() string {
	h := sha256.New()
	for _, src := range s.sorted() {
		for _, part := range [][]byte{[]byte(src.Path), src.rulesOnly(), []byte(src.Problem.EN)} {
			h.Write(binary.BigEndian.AppendUint64(nil, uint64(len(part)))) // a hash never fails
			h.Write(part)
		}
	}
	return hex.EncodeToString(h.Sum(nil)[:16])
}

// sorted returns the sources in the order of their paths.
func (s Sources) sorted() Sources {
	out := slices.Clone(s)
	slices.SortStableFunc(out, func(a, b Source) int { return strings.Compare(a.Path, b.Path) })
	return out
}

// isRuleFile says whether the path names a YAML file; every other source is a list.
func isRuleFile(name string) bool {
	switch strings.ToLower(path.Ext(name)) {
	case ".yaml", ".yml":
		return true
	}
	return false
}
