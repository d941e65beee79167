package rule

import (
	"slices"
	"strings"

	"botengine/internal/actions"
	"botengine/internal/diag"
	"botengine/internal/event"
	"botengine/internal/schema"
)

// Values that several keys have, as editors know them.
var (
	spanOrOff = schema.OrWords(aSpan.node, "off")
	stepsNode = schema.List(schema.Of("step"), 1)
	idNode    = schema.Scalar(ruleID.String(), diag.T("编号只用小写字母、数字和 . _ -；中文写在 name 里", "an id has lower-case letters, digits and . _ - only; anything else goes into name"))
)

// cronPattern is five fields: what each may have is for the reader to say.
const cronPattern = `^\s*\S+(?:\s+\S+){4}\s*$`

var cronMessage = diag.T("cron 是五段：分 时 日 月 星期，例如 0 9 * * mon-fri", "cron has five fields: minute hour day month weekday, such as 0 9 * * mon-fri")

// textFieldWords are the texts of an event that a match may look through.
func textFieldWords() []string {
	var out []string
	for _, f := range textFields {
		out = append(out, string(f))
	}
	return out
}

// listsNode is lists by name; file is the group of one that stands in a file.
func listsNode(file *schema.Node) *schema.Node {
	return namedMap(schema.Or(schema.List(schema.Text(), 0), file)).node
}

// labelsNode is labels of groups.
func labelsNode(file *schema.Node) *schema.Node {
	return schema.Map(schema.Or(schema.OrMany(schema.Text(), 1), file))
}

// triggersNode is a trigger or a list of them; fields is the group of those that
// have some.
func triggersNode(fields *schema.Node) *schema.Node {
	words := make([]string, 0, len(triggerDocs))
	var offered []schema.Snippet
	for _, w := range triggerDocs {
		if w.Name == string(event.Schedule) {
			continue // it has fields, and never stands alone
		}
		words = append(words, w.Name)
		offered = append(offered, schema.Snippet{Label: w.Name, Doc: w.Doc, Body: diag.Text{ZH: w.Name, EN: w.Name}})
	}
	pattern := schema.AnyOf(words...) + `|^` + strings.ReplaceAll(emitPrefix, ".", `\.`) + strings.TrimPrefix(actions.EmitPattern, "^")
	one := schema.Matching(pattern, diag.T("不认识这个触发词；可以写的有：%s，以及 emit.名称", "this is no trigger; possible here: %s, and emit.NAME", strings.Join(words, ", ")))
	offered = append(offered, same("schedule", "到了时间", "a time has come", "schedule: {cron: \"${1:0 9 * * mon-fri}\"}"))
	return schema.OrMany(schema.Or(one.With(offered...), fields), 1)
}

// notEmpty is a group with a key at least.
func notEmpty(group *schema.Node) *schema.Node {
	group.MinProps = 1
	return group
}

// daysPattern is a day, a range of days, or one of the words for both.
func daysPattern() string {
	day := "(?:" + strings.Join(anyCase(dayWords...), "|") + ")"
	return `^\s*(?:` + strings.Join(anyCase(slices.Concat(workWords, restWords)...), "|") + "|" + day + `(?:\s*-\s*` + day + `)?)\s*$`
}

// anyCase are patterns of the words in small and capital letters.
func anyCase(words ...string) []string {
	out := make([]string, len(words))
	for i, word := range words {
		for _, r := range word {
			out[i] += "[" + string(r) + strings.ToUpper(string(r)) + "]"
		}
	}
	return out
}
