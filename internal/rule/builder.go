package rule

import (
	"slices"

	"go.yaml.in/yaml/v3"

	"botengine/internal/actions"
	"botengine/internal/calendar"
	"botengine/internal/diag"
	"botengine/internal/expression"
)

// builder compiles one file. It collects every finding and never stops at one.
type builder struct {
	doc      *document
	all      *shelf  // where list files are looked up
	used     Sources // the file and its list files
	findings diag.List

	vars            map[string]any
	lists           map[string][]string
	changing        map[string]bool // the lists that rules may change
	wordLists       map[listKey]*wordList
	memo            expression.Memo // of the sets of the lists
	macros          map[string]string
	broken          map[string]bool    // macros with mistakes in them
	calendar        *calendar.Workdays // of the file, once something asked for it
	calendarChecked bool
	defaults        settings
	defaultsNode    *yaml.Node   // as written; nil = none
	defined         []definition // what rules of the file may name, once something asked

	groupLabels labelBook
	templates   map[string]*template
	inputs      map[string]any      // of the template that the rule under way is made from; nil = none
	filled      map[*yaml.Node]bool // nodes that stand in places of templates
	from        origins             // of what came from libraries
	users       []string            // the files that this library is read for
	circle      []string            // the files that use each other, if it is one of those
}

// fail adds an error at the node.
func (b *builder) fail(n *yaml.Node, code string, message, hint diag.Text) {
	b.failAt(b.doc.at(n), code, message, hint)
}

// failAt adds an error at a range.
func (b *builder) failAt(rng diag.Range, code string, message, hint diag.Text) {
	b.findings = append(b.findings, diag.At(b.doc.path, rng).Error(code, message).WithHint(hint))
}

// warn adds a warning at the node.
func (b *builder) warn(n *yaml.Node, code string, message, hint diag.Text) {
	b.findings = append(b.findings, diag.At(b.doc.path, b.doc.at(n)).Warning(code, message).WithHint(hint))
}

// field is one `key: value`.
type field struct{ key, value *yaml.Node }

// fields are the entries of a mapping by name.
type fields struct {
	node    *yaml.Node
	entries map[string]field
	guessed []string // fields that a mistyped key was probably meant to be
}

// get returns the value of that name, or nil.
func (f fields) get(name string) *yaml.Node { return f.entries[name].value }

// key returns the key of that name, or the mapping itself.
func (f fields) key(name string) *yaml.Node {
	if e, ok := f.entries[name]; ok {
		return e.key
	}
	return f.node
}

// names says which keys a mapping may have: those that are known, and those that
// have another name now.
type names struct {
	known []string
	old   map[string]string
}

// fields reads a mapping strictly. ok is false when there is no mapping at all.
func (b *builder) fields(n *yaml.Node, what form, allowed names) (f fields, ok bool) {
	f = fields{node: n, entries: map[string]field{}}
	pairs, ok := b.pairs(n, what)
	for _, p := range pairs {
		name := p.key.Value
		switch {
		case slices.Contains(allowed.known, name):
			f.entries[name] = p
		case allowed.old[name] != "" && valueOf(n, allowed.old[name]) == nil:
			b.renamed(p.key, allowed.old[name])
			f.entries[allowed.old[name]] = p
		default:
			b.fail(p.key, "BE102", diag.T("未知字段 `%s`", "unknown field `%s`", name), b.hintAt(name, allowed.known))
			f.guessed = append(f.guessed, meant(name, allowed.known), homes[name])
		}
	}
	for name, p := range f.entries {
		if isNull(p.value) && name != "rules" {
			b.empty(p.key)
			delete(f.entries, name)
		}
	}
	return f, ok
}

// pairs returns the entries of a mapping whose keys are texts, each key once.
func (b *builder) pairs(n *yaml.Node, what form) (pairs []field, ok bool) {
	if n.Kind != yaml.MappingNode {
		b.notAMapping(n, what)
		return nil, false
	}
	seen := map[string]*yaml.Node{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := n.Content[i], n.Content[i+1]
		if key.Kind != yaml.ScalarNode {
			b.fail(key, "BE104", diag.T("字段名要是一段文字", "the name of a field is a text"),
				diag.T("如果这是以 `{` 或 `[` 开头的文字，请加引号", "quote a text that begins with `{` or `[`"))
			continue
		}
		if first, twice := seen[key.Value]; twice {
			b.twice(key, first)
			continue
		}
		seen[key.Value] = key
		pairs = append(pairs, field{key, value})
	}
	return pairs, true
}

// twice is the finding on a key that stands in one mapping two times.
func (b *builder) twice(key, first *yaml.Node) {
	f := diag.At(b.doc.path, b.doc.at(key)).Error("BE108", diag.T("`%s` 写了两次", "`%s` stands here twice", key.Value)).
		WithHint(diag.T("只留一个", "keep one of them")).
		WithRelated(b.doc.path, b.doc.at(first), diag.T("第一次在这里", "the first one is here"))
	b.findings = append(b.findings, f)
}

// notAMapping is the finding on something else where a mapping is wanted.
func (b *builder) notAMapping(n *yaml.Node, what form) {
	if n.Kind == yaml.ScalarNode && n.Style == 0 {
		if f, ok := diag.NotAMapping(b.doc.path, n.Line, n.Column, n.Value); ok {
			b.findings = append(b.findings, f)
			return
		}
	}
	b.fail(n, "BE104", diag.Text{ZH: what.name.ZH + "要写成一组 `键: 值`", EN: what.name.EN + " is a group of `key: value`"}, what.example)
}

// renamed is the finding on a key that has another name now. It goes on working.
func (b *builder) renamed(key *yaml.Node, now string) {
	b.warn(key, "BE128", diag.T("`%s` 是以前的写法，现在叫 `%s`", "`%s` is called `%s` now", key.Value, now),
		diag.T("改成 `%s`；旧的写法以后会取消", "write `%s`; the old name will go", now))
}

// empty is the finding on a key without a value.
func (b *builder) empty(key *yaml.Node) {
	b.fail(key, "BE125", diag.T("`%s` 是空的", "`%s` is empty", key.Value),
		diag.T("写上内容，或去掉这个字段", "give it a value or take it out"))
}

// missing is the finding on a field that has to be there. It is left out when the
// field is there, but empty or mistyped, because that has its own finding.
func (b *builder) missing(f fields, name string, hint diag.Text) {
	if f.written(name) {
		return
	}
	b.fail(f.node, "BE103", diag.T("缺少 `%s`", "`%s` is missing", name), hint)
}

// synonyms are words that people write for ours and that are not close to them.
var synonyms = map[string]string{
	"then": "do", "actions": "do", "action": "do", "steps": "do", "reply": "do",
	"schedule": "on", "cron": "on", "every": "on", "trigger": "on", "triggers": "on", "event": "on", "events": "on",
	"if": "when", "condition": "when", "conditions": "when",
	"keyword": "match", "keywords": "match", "contains": "any", "include": "any",
	"owner": "owners", "label": "labels", "users": "members", "senders": "members", "except": "unless", "exceptions": "unless",
	"groups": "chats", "rooms": "chats", "time": "hours", "tz": "timezone",
	"title": "name", "description": "name", "disabled": "enabled", "variables": "vars",
}

// meant is the field that a mistyped key was probably meant to be, or "".
func meant(name string, known []string) string {
	if word, ok := synonyms[name]; ok && slices.Contains(known, word) {
		return word
	}
	word, _ := diag.Suggest(name, known)
	return word
}

// manyFindings are more than anybody reads: what follows them comes without advice,
// which takes longer to find than the mistake.
const manyFindings = 200

func (b *builder) hintAt(name string, known []string) diag.Text {
	if len(b.findings) >= manyFindings {
		return diag.Text{}
	}
	return unknownHint(name, known)
}

// unknownHint names the field that was probably meant, or all there are.
func unknownHint(name string, known []string) diag.Text {
	if hint, ok := misplaced(name, known); ok {
		return hint
	}
	if word := meant(name, known); word != "" {
		return diag.T("是不是想写 `%s`?", "did you mean `%s`?", word)
	}
	return diag.Suggestion(name, known)
}

// homes are fields that people write beside the group they belong into.
var homes = map[string]string{
	"outside": "active", "hours": "active", "days": "active", "dates": "active", "except_dates": "active", "timezone": "active",
	"chats": "scope", "robots": "scope", "chat_type": "scope", "owners": "scope", "size": "scope", "members": "scope", "where": "scope",
	"any": "match", "all": "match", "none": "match", "exact": "match", "prefix": "match", "suffix": "match", "regex": "match", "fold": "match",
}

// misplaced says where a field belongs that stands beside that group, and not in it.
func misplaced(name string, known []string) (diag.Text, bool) {
	switch {
	case slices.Contains(known, homes[name]):
		return diag.T("写在 `%[1]s` 里面：`%[1]s: {%[2]s: …}`", "it stands within `%[1]s`: `%[1]s: {%[2]s: …}`", homes[name], name), true
	case slices.Contains(known, "on") && (name == "schedule" || name == "cron" || name == "every"):
		return scheduleHint, true
	case slices.Contains(known, "template") && name == "use":
		return diag.T("是不是想写 `template`?", "did you mean `template`?"), true
	case slices.Contains(known, "on") && slices.Contains(slices.Concat(actions.Names(), controlWords), name):
		return diag.T("动作写在 `do` 下面，前面加「- 」", "actions stand under `do`, each behind a `- `"), true
	}
	return diag.Text{}, false
}

// written says whether somebody tried to write the field: with a value, without
// one, or mistyped.
func (f fields) written(name string) bool {
	for i := 0; i+1 < len(f.node.Content); i += 2 {
		if f.node.Content[i].Value == name {
			return true
		}
	}
	return slices.Contains(f.guessed, name)
}
