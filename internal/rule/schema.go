package rule

import (
	"slices"
	"strings"

	"botengine/internal/actions"
	"botengine/internal/diag"
	"botengine/internal/schema"
)

// Schema is the schema of rule files for editors, made of the declarations that the
// readers go by. others are keys of a file that others read, with what they hold, and defs what
// those name.
func Schema(others []schema.Prop, defs []schema.Prop) *schema.Node {
	file := groupNode("file", formKeys["file"])
	file.Title = diag.T("botengine 规则", "botengine rules")
	file.All = libraryOrRules()
	file.Snippets = fileSnippets
	for i, p := range file.Props {
		for _, other := range others {
			if other.Name == p.Name {
				file.Props[i].Node = other.Node.Saying(p.Node.Doc, p.Node.More)
			}
		}
	}
	plain := definitions()
	file.Defs = slices.Concat(plain, inTemplates(plain), defs)
	return file
}

// libraryOrRules says that a file without anything for others to use has rules.
func libraryOrRules() []*schema.Node {
	library := &schema.Node{}
	for _, section := range librarySections {
		library.Any = append(library.Any, &schema.Node{Required: []string{section}})
	}
	return []*schema.Node{
		{If: library, Else: &schema.Node{Required: []string{"rules"}}},
		{If: &schema.Node{Required: []string{"defaults"}}, Then: &schema.Node{Required: []string{"rules"}}},
	}
}

// definitions are the groups that others name.
func definitions() []schema.Prop {
	rule := groupNode("rule", formKeys["rule"])
	rule.All = []*schema.Node{{If: &schema.Node{Required: []string{"template"}}, Else: &schema.Node{Required: []string{"on", "do"}}}}
	body := groupNode("rule", bodyFields.known)
	body.Required = nil
	return []schema.Prop{
		{Name: "rule", Node: rule.With(ruleSnippets...)},
		{Name: "defaults", Node: groupNode("rule", settingFields)},
		{Name: "exclude", Node: groupNode("scope", excludeFields.known)},
		{Name: "template", Node: groupNode("template", formKeys["template"])},
		{Name: "input", Node: groupNode("input", formKeys["input"])},
		{Name: "body", Node: body},
		{Name: "steps", Node: stepsNode},
		{Name: "step", Node: stepNode()},
		{Name: "choose", Node: groupNode("choose", formKeys["choose"])},
	}
}

// groupNode is a group of some keys of a form.
func groupNode(form string, keys []string) *schema.Node {
	out := schema.Group(nil)
	for _, f := range allFields {
		if f.Form != form || !slices.Contains(keys, f.Name) {
			continue
		}
		out.Props = append(out.Props, schema.Prop{Name: f.Name, Node: f.node()})
		if f.Needed {
			out.Required = append(out.Required, f.Name)
		}
	}
	return out
}

// node is what stands under the key.
func (f Field) node() *schema.Node {
	out := f.takes.node
	switch {
	case f.takes.make != nil:
		out = f.takes.make(groupNode(f.takes.form, formKeys[f.takes.form]))
	case f.takes.form != "" && out != nil:
		out = schema.Or(out, groupNode(f.takes.form, formKeys[f.takes.form]))
	case f.takes.form != "":
		out = groupNode(f.takes.form, formKeys[f.takes.form])
	case out == nil:
		out = &schema.Node{}
	}
	return out.Saying(f.Doc, f.more())
}

// more is what the reference says of the field besides.
func (f Field) more() diag.Text {
	out := f.Takes
	if f.Default != "" {
		out.ZH += "；默认 `" + f.Default + "`"
		out.EN += "; `" + f.Default + "` if not said"
	}
	return out
}

// stepNode is one step: an action or a control step, with what may stand beside it.
// That there is one and no more is said at the keys.
func stepNode() *schema.Node {
	beside := slices.Concat(commonKeys, companionWords())
	out := groupNode("step", formKeys["step"])
	var acts []string
	var bare []string
	for _, a := range actions.All() {
		node := actions.Schema(a)
		out.Props = append(out.Props, schema.Prop{Name: a.Name(), Node: node})
		out.Snippets = append(out.Snippets, schema.Snippet{Label: a.Name(), Doc: a.Summary(), Body: diag.Text{ZH: a.Example(), EN: a.Example()}})
		acts = append(acts, a.Name())
		if slices.Contains(node.Types, schema.Null) {
			bare = append(bare, a.Name())
		}
	}
	acts = append(acts, controlWords...)
	out.MinProps = 1
	out.All = append(out.All, &schema.Node{
		If:   &schema.Node{Types: []string{schema.Object}, Names: schema.NamesLike(schema.AnyOf(commonKeys...), diag.Text{}), MinProps: 1},
		Then: &schema.Node{Names: schema.NamesLike(schema.AnyOf(acts...), diag.T("这个步骤没有动作：写上要做什么，例如 reply: 您好", "this step has no action: say what to do, such as reply: 您好"))},
	})
	for _, act := range acts {
		out.All = append(out.All, alone(act, beside))
	}
	for _, word := range companionWords() {
		out.All = append(out.All, &schema.Node{If: &schema.Node{Required: []string{word}}, Then: &schema.Node{Required: []string{companions[word]}}})
	}
	for _, act := range controlWords {
		if owed, ok := owedWords[act]; ok {
			out.All = append(out.All, &schema.Node{If: &schema.Node{Required: []string{act}}, Then: &schema.Node{Required: []string{owed}}})
		}
	}
	bare = append(bare, string(OpStop), string(OpWait))
	words := schema.Matching(schema.AnyOf(bare...), diag.T("步骤要写成「动作: 内容」，例如 reply: 您好；只有 %s 可以单独写", "a step is `action: value`, such as reply: 您好; only %s stand alone", strings.Join(bare, ", ")))
	out.Snippets = append(out.Snippets, stepSnippets...)
	return schema.Or(words, out)
}

// alone says what may stand beside an action.
func alone(act string, beside []string) *schema.Node {
	allowed := []string{act}
	for _, word := range beside {
		if of, isCompanion := companions[word]; !isCompanion || of == act {
			allowed = append(allowed, word)
		}
	}
	return &schema.Node{
		If:   &schema.Node{Required: []string{act}},
		Then: &schema.Node{Names: schema.NamesLike(schema.AnyOf(allowed...), diag.T("一个步骤只有一个动作，这里已经有 %s：另起一行写「- 」，成为下一步", "a step has one action, and here is %s already: begin another line with `- ` for the next step", act))},
	}
}

// inTemplates are the definitions that rules of templates are made of: everywhere in
// them `{input: NAME}` may stand for a value.
func inTemplates(plain []schema.Prop) []schema.Prop {
	const prefix, is, place = "template_", "is_input", "input_place"
	out := []schema.Prop{
		{Name: is, Node: &schema.Node{Types: []string{schema.Object}, Required: []string{"input"}}},
		{Name: place, Node: schema.Group(nil, schema.Prop{Name: "input", Node: schema.Text().Saying(diag.T("模板的输入", "an input of the template"), diag.Text{})})},
	}
	for _, p := range plain {
		switch p.Name {
		case "steps", "step", "choose", "exclude":
			out = append(out, schema.Prop{Name: prefix + p.Name, Node: p.Node.Within(is, place, prefix)})
		case "body":
			*p.Node = *p.Node.Within(is, place, prefix)
		}
	}
	return out
}
