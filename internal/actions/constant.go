package actions

import (
	"go.yaml.in/yaml/v3"

	"botengine/internal/diag"
)

// Constant is a text that is the same for every event: written out, or taken from
// the rule file's vars. Who gets a message is one, so that nobody can choose a
// recipient by what they say.
type Constant struct {
	text  string
	given bool
}

func (*Constant) kind() Kind { return KindConstant }

func (c *Constant) read(n *yaml.Node, b *Binder) {
	var text Text
	text.read(n, b)
	if !text.Given() {
		return
	}
	value, ok := text.template.Constant()
	if !ok {
		b.fail(n, "BE304", diag.T("这里要写固定的内容，不能来自消息", "this has to be written out: it must not come from a message"),
			diag.T("直接写出来，或用 `{{vars.名称}}`", "write it out, or use `{{vars.NAME}}`"))
		return
	}
	if value == "" {
		b.fail(n, "BE304", diag.T("这里是空的", "this is empty"), diag.Text{})
		return
	}
	c.text, c.given = value, true
}

// Given reports whether the parameter was written.
func (c Constant) Given() bool { return c.given }

// Constants is a list of constants; one alone will do.
type Constants struct{ list []string }

func (*Constants) kind() Kind { return KindConstants }

func (c *Constants) read(n *yaml.Node, b *Binder) {
	for _, item := range items(n, b) {
		var one Constant
		one.read(item, b)
		if one.Given() {
			c.list = append(c.list, one.text)
		}
	}
}

// Given reports whether the parameter was written.
func (c Constants) Given() bool { return len(c.list) > 0 }
