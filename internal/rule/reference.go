package rule

import (
	"slices"

	"botengine/internal/diag"
)

// Field is one key of a rule file, for the reference and for editors.
type Field struct {
	Form    string // the group of keys it stands in: "file", "rule", "match", "limit", …
	Name    string
	Takes   diag.Text // what its value looks like
	Default string    // what holds when it is not written; "" = nothing
	Doc     diag.Text
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

// keysOf are the keys that a group may have: those that are described, and those
// that the language will have later.
func keysOf(form string, later ...string) names {
	return names{known: formKeys[form], later: later}
}

// Word is a word that a field may have, for the reference and for editors.
type Word struct {
	Name string
	Doc  diag.Text
}

// Triggers describes every word of `on`, in the order of the page.
func Triggers() []Word { return triggerDocs }

// What values look like, in words that recur.
var (
	oneText   = diag.Text{ZH: "文字", EN: "text"}
	texts     = diag.Text{ZH: "文字或列表", EN: "text or list"}
	yesOrNo   = diag.Text{ZH: "`true` 或 `false`", EN: "`true` or `false`"}
	aSpan     = diag.Text{ZH: "时长，如 `30s`、`10m`、`7d`", EN: "a span of time such as `30s`, `10m`, `7d`"}
	wholeNo   = diag.Text{ZH: "整数", EN: "whole number"}
	condition = diag.Text{ZH: "表达式", EN: "expression"}
	keyValues = diag.Text{ZH: "一组 `键: 值`", EN: "a group of `key: value`"}
	stepList  = diag.Text{ZH: "步骤的列表", EN: "a list of steps"}
)

// choice is one of some words.
func oneOf(words string) diag.Text {
	return diag.Text{ZH: words + " 之一", EN: "one of " + words}
}

// someOf is some of some words.
func someOf(words string) diag.Text {
	return diag.Text{ZH: words + " 中的几个", EN: "some of " + words}
}

func trigger(name, zh, en string) Word { return Word{Name: name, Doc: diag.Text{ZH: zh, EN: en}} }

// group describes the keys of one form.
func group(form string, fields ...Field) []Field {
	for i := range fields {
		fields[i].Form = form
	}
	return fields
}

func key(name string, takes diag.Text, standard, zh, en string) Field {
	return Field{Name: name, Takes: takes, Default: standard, Doc: diag.Text{ZH: zh, EN: en}}
}
