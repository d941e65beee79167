package rule

import "botengine/internal/diag"

// Compile makes a set of the sources, or says everything that is wrong with
// them. It is pure: the same sources give the same set and the same findings.
// The set is nil when any finding is an error.
func Compile(sources Sources) (*Set, diag.List) { return newCompiler(sources).run() }

