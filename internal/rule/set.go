package rule

// Set is all rules of one load. It never changes after Compile.
type Set struct {
	Rules   []*Rule // in walk order: priority descending, then file, then place
	Hash    string  // of Sources
	Sources Sources

	byID      map[string]*Rule
	index     *index
	scheduled []*Rule
	staff     map[string]bool   // ids
	trials    map[string]*Trial // of rules that changed, by id; nil = none
	former    []*Rule           // the rules that those were, where they still act
}

// Rule returns the rule of that id.
func (s *Set) Rule(id string) (*Rule, bool) {
	r, ok := s.byID[id]
	return r, ok
}

// SourceOf returns the rule's own file and its list files: enough for Compile to
// give the same rule again, whatever becomes of the other files.
func (s *Set) SourceOf(r *Rule) Sources { return r.sources }
