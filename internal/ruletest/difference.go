package ruletest

import (
	"maps"
	"slices"
	"strings"

	"botengine/internal/command"
)

// difference is what has to be taken out of the first list ("- ") and put in ("+ ")
// to get the second, with what both have ("  ") between.
func difference(want, got []string) []string {
	return align(len(want), len(got), func(i, j int) bool { return want[i] == got[j] },
		func(i int) string { return want[i] }, func(j int) string { return got[j] })
}

// Difference is what has to be taken out of the lines of one text ("- ") and put in
// ("+ ") to get those of another, with the lines that both have ("  ") between.
func Difference(a, b []string) []string {
	head := 0
	for head < min(len(a), len(b)) && a[head] == b[head] {
		head++
	}
	tail := 0
	for tail < min(len(a), len(b))-head && a[len(a)-1-tail] == b[len(b)-1-tail] {
		tail++
	}
	var out []string
	for _, line := range a[:head] {
		out = append(out, "  "+line)
	}
	out = append(out, difference(a[head:len(a)-tail], b[head:len(b)-tail])...)
	for _, line := range a[len(a)-tail:] {
		out = append(out, "  "+line)
	}
	return out
}

// commandDifference is the same for commands that were expected and those that were
// issued.
func commandDifference(want []map[string]any, got []command.Command) []string {
	return align(len(want), len(got), func(i, j int) bool { return fits(want[i], got[j]) },
		func(i int) string { return wanted(want[i]) }, func(j int) string { return got[j].Type + " " + string(got[j].Fields) })
}

// wanted is an entry of `commands` in one line.
func wanted(fields map[string]any) string {
	if len(fields) == 0 {
		return "{}"
	}
	words := make([]string, 0, len(fields))
	for _, key := range slices.Sorted(maps.Keys(fields)) {
		words = append(words, key+": "+canonical(fields[key]))
	}
	return "{" + strings.Join(words, ", ") + "}"
}

// matching pairs as many entries of two lists as it can, in order; -1 = has no
// partner.
func matching(n, m int, same func(i, j int) bool) (partner []int) {
	if n == 0 || m == 0 {
		return slices.Repeat([]int{-1}, n)
	}
	length := make([][]int, n+1) // of the longest common part of what follows
	for i := range length {
		length[i] = make([]int, m+1)
	}
	for i := n - 1; i >= 0; i-- {
		for j := m - 1; j >= 0; j-- {
			if length[i][j] = max(length[i+1][j], length[i][j+1]); same(i, j) {
				length[i][j] = max(length[i][j], 1+length[i+1][j+1])
			}
		}
	}
	partner = slices.Repeat([]int{-1}, n)
	for i, j := 0, 0; i < n && j < m; {
		switch {
		case same(i, j) && length[i][j] == 1+length[i+1][j+1]:
			partner[i] = j
			i, j = i+1, j+1
		case length[i+1][j] >= length[i][j+1]:
			i++
		default:
			j++
		}
	}
	return partner
}

func align(n, m int, same func(i, j int) bool, want, got func(int) string) (lines []string) {
	partner, j := matching(n, m, same), 0
	for i := range n {
		if partner[i] < 0 {
			lines = append(lines, "- "+want(i))
			continue
		}
		for ; j < partner[i]; j++ {
			lines = append(lines, "+ "+got(j))
		}
		lines = append(lines, "  "+want(i))
		j++
	}
	for ; j < m; j++ {
		lines = append(lines, "+ "+got(j))
	}
	return lines
}
