package rule

import (
	"regexp"
	"slices"

	"go.yaml.in/yaml/v3"

	"botengine/internal/diag"
)

// has says whether one of the keys stands beside the step.
func (w written) has(names ...string) bool {
	return slices.ContainsFunc(names, func(name string) bool {
		_, ok := w.beside[name]
		return ok
	})
}

// isWhole says whether the node is a whole number.
func isWhole(n *yaml.Node) bool { return n.Kind == yaml.ScalarNode && wholeNumber.MatchString(n.Value) }

// thenWord is a `then` within an expression.
var thenWord = regexp.MustCompile(`\bthen\b`)

// thenInside says whether the condition of an `if` goes on with `then`, as it does
// in other languages: the expression has its finding.
func (p *program) thenInside(n *yaml.Node) bool {
	return n.Kind == yaml.ScalarNode && n.Style == 0 && thenWord.MatchString(n.Value)
}

// withoutSteps is what stands behind `repeat` without the steps that somebody put
// into it, which is said.
func (p *program) withoutSteps(n *yaml.Node) *yaml.Node {
	if n.Kind != yaml.MappingNode || valueOf(n, "do") == nil {
		return n
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value == "do" {
			p.fail(n.Content[i], "BE309", diag.T("`do` 写在 `repeat` 旁边，不写在里面", "`do` stands beside `repeat`, not inside"), controlHints["repeat"])
		}
	}
	return without(n, "do")
}
