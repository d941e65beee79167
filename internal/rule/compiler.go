package rule

import (
	"bytes"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"botengine/internal/diag"
)

// Compiler compiles one version of the rules after the other and reads anew only
// the files that changed, or that name a file that did: what a file gives depends
// on nothing else. Its sets and findings are those of Compile. The zero Compiler is
// ready; one goroutine may use it at a time. It keeps what the newest sources gave,
// and nothing of older ones.
type Compiler struct {
	files map[string]*compiledFile // by path
}

// compiledFile is what a rule file gave, and what it was made of.
type compiledFile struct {
	src      Source
	asked    []answer
	rules    []*Rule
	findings diag.List
}

// answer is what a file found when it looked for another: nothing, or its source.
type answer struct {
	path  string
	src   Source
	there bool
}

// Compile is like the function of that name. Sets share the rules of files that
// did not change between them.
func (c *Compiler) Compile(sources Sources) (*Set, diag.List) {
	set, findings := c.compile(sources)
	return set, hide(findings).Tidy()
}

// compile returns the findings as they came.
func (c *Compiler) compile(sources Sources) (*Set, diag.List) {
	sources = sources.sorted()
	files := make(map[string]*compiledFile, len(c.files))
	var rules []*Rule
	var findings diag.List
	for _, f := range c.filesOf(sources) {
		files[f.src.Path] = f
		rules, findings = append(rules, f.rules...), append(findings, f.findings...)
	}
	c.files = files
	findings = append(findings, duplicates(rules)...)
	findings = append(findings, unusedLibraries(files)...)
	if len(findings) == 0 && !slices.ContainsFunc(rules, (*Rule).on) {
		findings = append(findings, nothingToDo(sources))
	}
	if findings.HasErrors() {
		return nil, findings
	}
	return newSet(rules, sources), findings
}

// filesOf compiles the rule files among sorted sources, in their order, unless they
// are known. Files do not see each other's rules, so as many are compiled at a time as
// there are processors.
func (c *Compiler) filesOf(sources Sources) []*compiledFile {
	paths := slices.DeleteFunc(slices.Clone(sources), func(src Source) bool { return !isRuleFile(src.Path) })
	out := make([]*compiledFile, len(paths))
	var stale []int
	for i, src := range paths {
		if f := c.files[src.Path]; f != nil && f.fresh(src, sources) {
			out[i] = f
		} else {
			stale = append(stale, i)
		}
	}
	var next atomic.Int64
	work := func() {
		for n := int(next.Add(1)); n <= len(stale); n = int(next.Add(1)) {
			i := stale[n-1]
			out[i] = newCompiledFile(paths[i], sources)
		}
	}
	var workers sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), len(stale)) - 1 {
		workers.Go(work)
	}
	work()
	workers.Wait()
	return out
}

func newCompiledFile(src Source, all Sources) *compiledFile {
	s := &shelf{all: all}
	f := &compiledFile{src: src}
	f.rules, f.findings = compileFile(src, s)
	f.asked = s.asked
	if f.findings.HasErrors() {
		return f // nothing is indexed
	}
	for _, r := range f.rules {
		r.found = r.finders()
	}
	return f
}

// fresh says whether the file would give the same again.
func (f *compiledFile) fresh(src Source, all Sources) bool {
	return f.src.equal(src) && !slices.ContainsFunc(f.asked, func(a answer) bool {
		now, there := all.find(a.path)
		return there != a.there || !now.equal(a.src)
	})
}

func (s Source) equal(t Source) bool {
	return s.Path == t.Path && s.Problem == t.Problem && bytes.Equal(s.Text, t.Text)
}

// shelf is where a file finds those that it names. It notes every question, since
// another answer would make another file of it.
type shelf struct {
	all   Sources // sorted
	asked []answer
}

// find returns the source of that path.
func (s *shelf) find(path string) (Source, bool) {
	src, there := s.all.find(path)
	s.asked = append(s.asked, answer{path: path, src: src, there: there})
	return src, there
}

// find returns the source of that path; s is sorted.
func (s Sources) find(path string) (Source, bool) {
	i, there := slices.BinarySearchFunc(s, path, func(src Source, path string) int { return strings.Compare(src.Path, path) })
	if !there {
		return Source{}, false
	}
	return s[i], true
}
