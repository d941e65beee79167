package rule

import (
	"slices"
	"strings"

	"botengine/internal/actions"
	"botengine/internal/diag"
	"botengine/internal/schema"
)

// Field is one key of a rule file, for the reference and for editors.
type Field struct {
	Form    string // the group of keys it stands in: "file", "rule", "match", "limit", …
	Name    string
	Takes   diag.Text // what its value looks like
	Default string    // what holds when it is not written; "" = nothing
	Doc     diag.Text
	Needed  bool // its group can't be without it

	takes takes
}

// Fields describes every key that rule files have but the parameters of actions,
// group by group in the order of the page.
func Fields() []Field { return slices.Clone(allFields) }

var allFields = slices.Concat(fieldDocs, gateDocs, stepDocs)

// formKeys are the keys of each group.
var formKeys = func() map[string][]string {
	out := map[string][]string{}
	for _, f := range allFields {
		out[f.Form] = append(out[f.Form], f.Name)
	}
	return out
}()

// keysOf are the keys that a group may have: those that are described.
func keysOf(form string) names { return names{known: formKeys[form]} }

// Word is a word that a field may have, for the reference and for editors.
type Word struct {
	Name string
	Doc  diag.Text
}

// Triggers describes every word of `on`, in the order of the page.
func Triggers() []Word { return triggerDocs }

// takes is what a value looks like: for people, and for editors.
type takes struct {
	text diag.Text
	node *schema.Node // nil: the group of that form alone
	form string       // the group of keys that may stand there instead; "" = none
	make func(group *schema.Node) *schema.Node
}

// What values look like, in words that recur.
var (
	oneText   = takes{text: diag.Text{ZH: "文字", EN: "text"}, node: schema.Text()}
	texts     = takes{text: diag.Text{ZH: "文字或列表", EN: "text or list"}, node: schema.OrMany(schema.Text(), 1)}
	yesOrNo   = takes{text: diag.Text{ZH: "`true` 或 `false`", EN: "`true` or `false`"}, node: schema.YesNo()}
	aSpan     = takes{text: diag.Text{ZH: "时长，如 `30s`、`10m`、`7d`", EN: "a span of time such as `30s`, `10m`, `7d`"}, node: schema.Matching(actions.DurationPattern, actions.DurationMessage())}
	wholeNo   = takes{text: diag.Text{ZH: "整数", EN: "whole number"}, node: wholeNode}
	condition = takes{text: diag.Text{ZH: "表达式", EN: "expression"}, node: schema.Text()}
	keyValues = takes{text: diag.Text{ZH: "一组 `键: 值`", EN: "a group of `key: value`"}, node: &schema.Node{Types: []string{schema.Object}}}
	stepList  = takes{text: diag.Text{ZH: "步骤的列表", EN: "a list of steps"}, node: schema.Of("steps")}
)

// wholeNode is a whole number, in quotes or not.
var wholeNode = &schema.Node{
	Types: []string{schema.Integer, schema.String}, Pattern: wholeNumber.String(), Message: diag.T("这里要写整数", "a whole number is wanted here"),
}

// wholeIn is a whole number within limits.
func wholeIn(least, most int) takes {
	node := *wholeNode
	node.Minimum, node.Maximum = &least, &most
	node.Message = diag.T("这里要写整数，%d 到 %d", "a whole number is wanted here, %d to %d", least, most)
	return takes{text: wholeNo.text, node: &node}
}

// told is a value that is told by words of its own.
func told(zh, en string, node *schema.Node) takes {
	return takes{text: diag.Text{ZH: zh, EN: en}, node: node}
}

// or says that a group of that form may stand there as well.
func (t takes) or(form string) takes {
	t.form = form
	return t
}

// groupOf is a group of the keys of a form.
func groupOf(form string) takes { return takes{text: keyValues.text, form: form} }

// mapOf is a group whose keys people choose.
func mapOf(of *schema.Node) takes { return takes{text: keyValues.text, node: schema.Map(of)} }

// namedMap is a group whose keys expressions can name.
func namedMap(of *schema.Node) takes {
	t := mapOf(of)
	t.node.Names = schema.NamesLike(identifier.String(), diag.T("名字用字母、数字和下划线，不以数字开头", "a name has letters, digits and underscores and does not begin with a digit"))
	return t
}

// worded are words as people read them.
func worded(words []string) string { return "`" + strings.Join(words, "`, `") + "`" }

// oneOf is one of some words.
func oneOf(words ...string) takes {
	list := worded(words)
	return told(list+" 之一", "one of "+list, schema.OneOf(schema.Words(words...)...))
}

// someOf is some of some words.
func someOf(words ...string) takes {
	list := worded(words)
	return told(list+" 中的几个", "some of "+list, schema.OrMany(schema.OneOf(schema.Words(words...)...), 1))
}

// choicesOf are the words that a field may have: what readers take is what is
// described.
func choicesOf(form, name string) names { return fieldChoices[form+"."+name] }

var fieldChoices = func() map[string]names {
	out := map[string]names{}
	for _, f := range allFields {
		if node := f.takes.node; node != nil && node.Items != nil {
			out[f.Form+"."+f.Name] = names{known: node.Items.WordNames()}
		} else if node != nil {
			out[f.Form+"."+f.Name] = names{known: node.WordNames()}
		}
	}
	return out
}()

func trigger(name, zh, en string) Word { return Word{Name: name, Doc: diag.Text{ZH: zh, EN: en}} }

// group describes the keys of one form.
func group(form string, fields ...Field) []Field {
	for i := range fields {
		fields[i].Form = form
	}
	return fields
}

func key(name string, takes takes, standard, zh, en string) Field {
	return Field{Name: name, Takes: takes.text, Default: standard, Doc: diag.Text{ZH: zh, EN: en}, takes: takes}
}

// needed is a key that its group can't be without.
func needed(f Field) Field {
	f.Needed = true
	return f
}
