package rule

import (
	"slices"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"

	"botengine/internal/diag"
)

// places finds where the words of compiled rules stand. Rules don't keep their
// YAML: each file that something was found in is parsed again, once.
type places map[string]*document

// of is where the word stands below the key of the rule; what comes from a template
// or from defaults is told of at the rule's id.
func (p places) of(r *Rule, key, word string) diag.Range {
	if below := p.below(r, key); below != nil {
		if at := scalarOf(below, word); at != nil {
			return p.document(r).at(at)
		}
	}
	return r.idAt
}

// inStep is where the word stands within the step, be it a part of a longer text;
// else it is the step, and the rule's id for what a template wrote.
func (p places) inStep(r *Rule, s *Step, word string) diag.Range {
	do := p.below(r, "do")
	if do == nil {
		return r.idAt
	}
	doc, steps := p.document(r), stepsOn(do, s.Line, nil)
	for _, n := range steps {
		if at := scalarWith(n, word); at != nil {
			before, _, _ := strings.Cut(at.Value, word)
			return doc.piece(at, utf8.RuneCountInString(before), utf8.RuneCountInString(word))
		}
	}
	if len(steps) == 0 {
		return r.idAt
	}
	return doc.at(steps[0])
}

// below is the value of the rule's key, or nil.
func (p places) below(r *Rule, key string) *yaml.Node {
	doc := p.document(r)
	if key == "" || doc == nil || doc.root == nil {
		return nil
	}
	list := childOf(doc.root, "rules")
	if list == nil {
		return nil
	}
	i := slices.IndexFunc(list.Content, func(n *yaml.Node) bool {
		id := childOf(n, "id")
		return id != nil && id.Value == r.ID
	})
	if i < 0 {
		return nil
	}
	return childOf(list.Content[i], key)
}

// document is the rule's file, parsed once.
func (p places) document(r *Rule) *document {
	doc, done := p[r.File]
	if !done {
		if src, ok := r.sources.find(r.File); ok {
			doc, _ = parseDocument(src)
		}
		p[r.File] = doc
	}
	return doc
}

// scalarOf finds the scalar with that value, or nil; "" is the first there is.
func scalarOf(n *yaml.Node, word string) *yaml.Node {
	return firstScalar(n, func(value string) bool { return word == "" || value == word })
}

// scalarWith finds the scalar that the word is a part of, or nil.
func scalarWith(n *yaml.Node, word string) *yaml.Node {
	return firstScalar(n, func(value string) bool { return strings.Contains(value, word) })
}

func firstScalar(n *yaml.Node, wanted func(string) bool) *yaml.Node {
	if n.Kind == yaml.ScalarNode {
		if wanted(n.Value) {
			return n
		}
		return nil
	}
	for _, c := range n.Content {
		if found := firstScalar(c, wanted); found != nil {
			return found
		}
	}
	return nil
}

// stepsOn are the entries of lists below n that begin on the line, outer ones first.
func stepsOn(n *yaml.Node, line int, found []*yaml.Node) []*yaml.Node {
	for _, c := range n.Content {
		if n.Kind == yaml.SequenceNode && c.Line == line {
			found = append(found, c)
		}
		found = stepsOn(c, line, found)
	}
	return found
}
