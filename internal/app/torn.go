package app

import (
	"bytes"
	"context"
	"slices"

	"botengine/internal/rule"
)

// torn reports whether a set looks like one that is still being written: the beginning
// of a YAML file often is a valid file with fewer rules, or with less in the last one.
// Such a set is looked at once more, a good while later, before it is taken.
func torn(old, next *rule.Set) bool {
	if shrunk(old, next) {
		return true
	}
	before, now := byFile(old), byFile(next)
	return slices.ContainsFunc(next.Sources, func(is rule.Source) bool {
		at := slices.IndexFunc(old.Sources, func(was rule.Source) bool { return was.Path == is.Path })
		if at < 0 || bytes.Equal(old.Sources[at].Text, is.Text) {
			return false
		}
		return cutOff(old.Sources[at].Text, is.Text) || lostItsEnd(before[is.Path], now[is.Path], lines(is)-lines(old.Sources[at]))
	})
}

// shrunk reports whether more than a fifth of the rules are gone.
func shrunk(old, next *rule.Set) bool { return len(next.Rules)*5 < len(old.Rules)*4 }

// cutOff reports whether a text is but the beginning of what it was, or stops in the
// middle of a line where it did not.
func cutOff(was, is []byte) bool {
	return bytes.HasPrefix(was, is) || bytes.HasSuffix(was, []byte("\n")) && !bytes.HasSuffix(is, []byte("\n"))
}

// lostItsEnd reports whether of a file's rules the first are left and no others, or
// the last one changed in a file that has so many lines more than it had: fewer.
func lostItsEnd(was, is []*rule.Rule, more int) bool {
	sameID := func(a, b *rule.Rule) bool { return a.ID == b.ID }
	if len(is) > len(was) || !slices.EqualFunc(was[:len(is)], is, sameID) {
		return false
	}
	last := len(is) - 1
	return len(is) < len(was) || last >= 0 && more < 0 && was[last].Version != is[last].Version
}

func lines(src rule.Source) int { return bytes.Count(src.Text, []byte("\n")) }

// byFile returns the rules of each file in the order in which they stand there.
func byFile(set *rule.Set) map[string][]*rule.Rule {
	rules := slices.Clone(set.Rules)
	slices.SortStableFunc(rules, func(a, b *rule.Rule) int { return a.Line - b.Line })
	out := make(map[string][]*rule.Rule)
	for _, r := range rules {
		out[r.File] = append(out[r.File], r)
	}
	return out
}

// first reads and checks the rules as they stand at the start. Those that another run
// left are changed with the same care as by a running engine: a file may be on its way.
func (r *reloader) first(ctx context.Context) (checked, error) {
	for {
		c, err := r.readAndCheck(ctx)
		if err != nil {
			return c, err
		}
		kept, err := r.lastSources(ctx)
		if known := err == nil; !known || kept.Hash() == c.sources.Hash() {
			return c, nil // there is nothing to lose, or nothing was changed
		}
		before, _ := rule.Compile(kept)
		wait := secondRead
		if c.set != nil && before != nil && torn(before, c.set) {
			wait = shrunkRead
		}
		if r.same(ctx, c.sources, wait) {
			return c, nil
		}
		if ctx.Err() != nil {
			return c, ctx.Err()
		}
	}
}
