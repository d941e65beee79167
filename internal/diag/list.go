package diag

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// PerFile is how many findings of one file are worth showing.
const PerFile = 50

// List is the findings of one check, usually over many files.
type List []Finding

// Counts says how many findings there are of each severity.
type Counts struct {
	Errors   int `json:"errors"`
	Warnings int `json:"warnings"`
}

// add counts n findings of severity s.
func (c *Counts) add(s Severity, n int) {
	if s == Warning {
		c.Warnings += n
		return
	}
	c.Errors += n
}

// HasErrors says whether something in l forbids loading.
func (l List) HasErrors() bool { return l.Count().Errors > 0 }

// Count counts l, with what Cap left out.
func (l List) Count() Counts {
	var c Counts
	for _, f := range l {
		if f.Omitted != (Counts{}) {
			c.Errors += f.Omitted.Errors
			c.Warnings += f.Omitted.Warnings
			continue
		}
		c.add(f.Severity, 1)
	}
	return c
}

// Sort orders l by file, line, column and code; equal ones keep their order.
func (l List) Sort() {
	slices.SortStableFunc(l, func(a, b Finding) int {
		return cmp.Or(
			strings.Compare(a.File, b.File),
			compareOmitted(a, b),
			cmp.Compare(a.Range.Start.Line, b.Range.Start.Line),
			cmp.Compare(a.Range.Start.Column, b.Range.Start.Column),
			strings.Compare(a.Code, b.Code),
		)
	})
}

// compareOmitted puts the closing finding of a file behind all others.
func compareOmitted(a, b Finding) int {
	none := Counts{}
	switch {
	case a.Omitted == none && b.Omitted != none:
		return -1
	case a.Omitted != none && b.Omitted == none:
		return 1
	}
	return 0
}

// Dedupe returns l without findings that say the same at the same place; the
// first of them stays.
func (l List) Dedupe() List {
	type key struct {
		code, file string
		start      Position
		message    Text
	}
	seen := make(map[key]bool, len(l))
	out := make(List, 0, len(l))
	for _, f := range l {
		k := key{f.Code, f.File, f.Range.Start, f.Message}
		if !seen[k] {
			seen[k] = true
			out = append(out, f)
		}
	}
	return out
}

// Cap returns l with at most perFile findings of each file. Where some were left
// out, a closing finding says how many, and Count still counts them.
func (l List) Cap(perFile int) List {
	shown := make(map[string]int)
	left := make(map[string]Counts)
	var cut []string // files with something left out, in order
	out := make(List, 0, len(l))
	for _, f := range l {
		if shown[f.File] < perFile {
			shown[f.File]++
			out = append(out, f)
			continue
		}
		c, again := left[f.File]
		if !again {
			cut = append(cut, f.File)
		}
		c.add(f.Severity, 1)
		left[f.File] = c
	}
	for _, file := range cut {
		out = append(out, closing(file, left[file]))
	}
	return out
}

// closing makes the finding that stands for those Cap left out.
func closing(file string, left Counts) Finding {
	n := left.Errors + left.Warnings
	message := T("这个文件还有 %d 个问题没有列出", "%d more findings in this file are not listed", n)
	if n == 1 {
		message.EN = "1 more finding in this file is not listed"
	}
	f := At(file, Range{}).Error("BE609", message)
	if left.Errors == 0 {
		f.Severity = Warning
	}
	f.Omitted = left
	return f.WithHint(T("先改好上面的，再检查一次", "fix the ones above and check again"))
}

// Tidy returns l ready to be shown: without doubles, sorted, PerFile a file.
func (l List) Tidy() List {
	out := l.Dedupe()
	out.Sort()
	out = out.Cap(PerFile)
	out.Sort()
	return out
}

// Summary says in one line how many errors and warnings there are; it is empty
// when there are none.
func (l List) Summary(lang Lang) string {
	c := l.Count()
	var parts []string
	if lang == EN {
		parts = appendCount(parts, c.Errors, "1 error", "%d errors")
		parts = appendCount(parts, c.Warnings, "1 warning", "%d warnings")
		return strings.Join(parts, ", ")
	}
	parts = appendCount(parts, c.Errors, "1 个错误", "%d 个错误")
	parts = appendCount(parts, c.Warnings, "1 个警告", "%d 个警告")
	return strings.Join(parts, "，")
}

// appendCount appends n in words, unless it is zero.
func appendCount(parts []string, n int, one, many string) []string {
	switch n {
	case 0:
		return parts
	case 1:
		return append(parts, one)
	}
	return append(parts, fmt.Sprintf(many, n))
}
