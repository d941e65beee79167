package ruletest

import (
	"slices"

	"go.yaml.in/yaml/v3"

	"botengine/internal/diag"
	"botengine/internal/rule"
)

// Check finds what tests say of the rules that is not so: rules that are not there,
// and questions about facts that nobody can answer.
func Check(set *rule.Set, f *File) diag.List {
	if f.doc == nil {
		return nil
	}
	c := checker{decoder: decoder{path: f.Path, doc: f.doc}, book: newFactBook(set)}
	for _, r := range set.Rules {
		c.ids = append(c.ids, r.ID)
	}
	for i := range f.Tests {
		t := &f.Tests[i]
		head := t.over(f.Head)
		for _, one := range head.Changed {
			c.rule(one.node, one.id)
		}
		for k := range t.Steps {
			c.step(&t.Steps[k], &head)
		}
	}
	return c.found.Tidy()
}

// checker holds tests against a set.
type checker struct {
	decoder
	ids  []string
	book *factBook
}

func (c *checker) step(s *Step, h *Head) {
	c.robot(s, h)
	if s.Expect == nil {
		return
	}
	if list := s.Expect.parts["rules"]; list != nil {
		for _, n := range list.Content {
			c.rule(n, n.Value)
		}
	}
	if s.Expect.Outcomes != nil {
		for i, n := 0, s.Expect.parts["outcomes"]; i+1 < len(n.Content); i += 2 {
			c.rule(n.Content[i], n.Content[i].Value)
		}
	}
	for _, fact := range s.Expect.Facts {
		c.fact(fact)
	}
}

// robot finds a robot that the test does not have.
func (c *checker) robot(s *Step, h *Head) {
	names := []string{orElse(h.Robot.Name, "小助手")}
	for _, r := range h.Robots {
		names = append(names, r.Name)
	}
	if s.Robot != "" && !slices.Contains(names, s.Robot) {
		c.fail(valueOf(s.node, "robot"), "BE607", diag.T("没有叫「%s」的机器人", "no robot is called %q", s.Robot), choices(s.Robot, names))
	}
}

func orElse(name, standard string) string {
	if name == "" {
		return standard
	}
	return name
}

// rule finds an id that no rule has.
func (c *checker) rule(n *yaml.Node, id string) {
	if slices.Contains(c.ids, id) {
		return
	}
	hint := diag.Suggestion(id, c.ids)
	if hint.IsZero() {
		hint = diag.T("`botengine check --print` 列出全部规则", "`botengine check --print` lists all rules")
	}
	c.fail(n, "BE606", diag.T("没有编号是 `%s` 的规则", "there is no rule `%s`", id), hint)
}

// fact finds a question that can't be asked.
func (c *checker) fact(f Fact) {
	if m := ofRule.FindStringSubmatchIndex(f.Words); m != nil {
		id := f.Words[m[4]:m[5]]
		if !slices.Contains(c.ids, id) {
			at := c.doc.Piece(f.key, len([]rune(f.Words[:m[4]])), max(1, len([]rune(id))))
			c.found = append(c.found, diag.At(c.path, at).Error("BE606", diag.T("没有编号是 `%s` 的规则", "there is no rule `%s`", id)).WithHint(choices(id, c.ids)))
		}
		return
	}
	_, problems := c.book.compile(f.Words)
	if len(problems) == 0 {
		problems = c.book.unspoken(f.Words)
	}
	for _, p := range problems {
		at := c.doc.Piece(f.key, p.Offset, p.Length)
		c.found = append(c.found, diag.At(c.path, at).Error(p.Code, p.Message).WithHint(p.Hint))
	}
}
