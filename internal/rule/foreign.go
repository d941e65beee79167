package rule

import (
	"go.yaml.in/yaml/v3"

	"botengine/internal/diag"
)

// stride is more lines than any file has. A node of another file, such as a
// template of a library, stands at its own line plus a multiple of stride, so that
// what is found at it can be told where it belongs.
const stride = maxFile + 1

// baseOf returns what is added to the lines of nodes of that document, 0 for this
// one.
func (d *document) baseOf(other *document) int {
	if other == d {
		return 0
	}
	for i, f := range d.foreign {
		if f == other {
			return (i + 1) * stride
		}
	}
	d.foreign = append(d.foreign, other)
	return len(d.foreign) * stride
}

// home returns the document that a node is of, the node as it stands there, and
// what was added to its line.
func (d *document) home(n *yaml.Node) (*document, *yaml.Node, int) {
	i := n.Line / stride
	if i == 0 || i > len(d.foreign) {
		return d, n, 0
	}
	own := *n
	own.Line -= i * stride
	return d.foreign[i-1], &own, i * stride
}

// moved is the range so many lines further down.
func movedLines(r diag.Range, by int) diag.Range {
	if by != 0 && !r.IsZero() {
		r.Start.Line += by
		r.End.Line += by
	}
	return r
}

// sentHome returns the findings in the files that they are about.
func (d *document) sentHome(found diag.List) diag.List {
	for i := range found {
		f := &found[i]
		f.File, f.Range = d.whose(f.File, f.Range)
		for k := range f.Related {
			rel := &f.Related[k]
			rel.File, rel.Range = d.whose(rel.File, rel.Range)
		}
	}
	return found
}

// whose returns the file that a range is in, and where in it.
func (d *document) whose(file string, r diag.Range) (string, diag.Range) {
	i := r.Start.Line / stride
	if file != d.path || i == 0 || i > len(d.foreign) {
		return file, r
	}
	return d.foreign[i-1].path, movedLines(r, -i*stride)
}
