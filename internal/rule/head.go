package rule

import (
	"path"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"

	"botengine/internal/diag"
	"botengine/internal/expression"
)

var fileFields = names{known: []string{"version", "vars", "lists", "macros", "defaults", "rules"}}

// file compiles what the document holds.
func (b *builder) file() []*Rule {
	if isNull(b.doc.root) {
		b.noRules(diag.Span(1, 1, 1))
		return nil
	}
	f, ok := b.fields(b.doc.root, fileForm, fileFields)
	if !ok {
		return nil
	}
	b.version(f.get("version"))
	b.vars = b.readVars(f.get("vars"))
	b.lists = b.readLists(f.get("lists"))
	b.macros = b.readMacros(f.get("macros"))
	b.defaults = b.readDefaults(f.get("defaults"))
	return b.rules(f)
}

// noRules warns that a file answers nothing.
func (b *builder) noRules(rng diag.Range) {
	b.findings = append(b.findings, diag.At(b.doc.path, rng).Warning("BE604",
		diag.T("这个文件里一条规则也没有", "there is no rule in this file")).
		WithHint(diag.T("在 `rules:` 下面写规则", "rules stand under `rules:`")))
}

// rules compiles the entries of `rules`.
func (b *builder) rules(f fields) []*Rule {
	n := f.get("rules")
	switch {
	case n == nil:
		b.missing(f, "rules", diag.T("规则写在 `rules:` 下面", "rules stand under `rules:`"))
		return nil
	case isNull(n) || n.Kind == yaml.SequenceNode && len(n.Content) == 0:
		b.noRules(b.doc.at(f.key("rules")))
		return nil
	case n.Kind != yaml.SequenceNode:
		b.fail(n, "BE104", diag.T("`rules` 要写成列表", "`rules` is a list"), diag.T("每条规则以「- 」开头", "every rule begins with `- `"))
		return nil
	}
	var out []*Rule
	for i, c := range n.Content {
		if r := b.rule(c); r != nil {
			r.place = i
			out = append(out, r)
		}
	}
	return out
}

// version checks the version of the language, which may be left out.
func (b *builder) version(n *yaml.Node) {
	if n != nil && (n.Kind != yaml.ScalarNode || n.Value != "1") {
		b.fail(n, "BE127", diag.T("不认识这个版本", "unknown version"), diag.T("写成 `version: 1`", "write `version: 1`"))
	}
}

// identifier is what expressions can name.
var identifier = regexp.MustCompile(`^[\p{L}_][\p{L}\p{N}_]*$`)

// named returns the entries of a mapping whose keys expressions can name.
func (b *builder) named(n *yaml.Node, what form) []field {
	if n == nil {
		return nil
	}
	pairs, _ := b.pairs(n, what)
	out := pairs[:0]
	for _, p := range pairs {
		if !identifier.MatchString(p.key.Value) {
			b.fail(p.key, "BE106", diag.T("`%s` 不能当名字用", "`%s` can't be a name", p.key.Value),
				diag.T("用字母、数字和下划线，不以数字开头", "letters, digits and underscores, not beginning with a digit"))
			continue
		}
		out = append(out, p)
	}
	return out
}

// readVars reads variables: texts, and groups of texts.
func (b *builder) readVars(n *yaml.Node) map[string]any {
	out := map[string]any{}
	for _, p := range b.named(n, varsForm) {
		if p.value.Kind != yaml.MappingNode {
			if text, ok := b.variable(p); ok {
				out[p.key.Value] = text
			}
			continue
		}
		group := map[string]any{}
		for _, q := range b.named(p.value, groupForm) {
			if text, ok := b.variable(q); ok {
				group[q.key.Value] = text
			}
		}
		out[p.key.Value] = group
	}
	return out
}

// variable reads one text.
func (b *builder) variable(p field) (string, bool) {
	if p.value.Kind == yaml.SequenceNode {
		b.fail(p.value, "BE104", diag.T("变量不能是列表", "a variable can't be a list"), diag.T("列表写在 `lists:` 下面", "lists stand under `lists:`"))
		return "", false
	}
	return b.text(p.value)
}

// readLists reads named lists, inline or from a file.
func (b *builder) readLists(n *yaml.Node) map[string][]string {
	out := map[string][]string{}
	for _, p := range b.named(n, listsForm) {
		if p.value.Kind == yaml.MappingNode {
			out[p.key.Value] = b.listFile(p.value)
			continue
		}
		entries := []string{}
		for _, it := range b.list(p.value) {
			entries = append(entries, it.text)
		}
		out[p.key.Value] = entries
	}
	return out
}

// listFile reads the entries of a list file.
func (b *builder) listFile(n *yaml.Node) []string {
	f, _ := b.fields(n, listForm, names{known: []string{"file"}})
	named := f.get("file")
	if named == nil {
		b.missing(f, "file", diag.T("写成 `{file: lists/名单.txt}`", "write `{file: lists/name.txt}`"))
		return nil
	}
	name, ok := b.text(named)
	if !ok {
		return nil
	}
	src, problem := b.lookUp(name)
	if !problem.IsZero() {
		b.fail(named, "BE602", diag.Text{ZH: "名单文件用不了：" + problem.ZH, EN: "the list file can't be used: " + problem.EN},
			diag.T("路径从规则文件所在的文件夹算起", "the path begins at the folder of the rule file"))
		return nil
	}
	b.used = append(b.used, src)
	if len(src.Text) > maxFile {
		b.fail(named, "BE603", diag.T("名单文件超过 1 MiB", "the list file is larger than 1 MiB"), diag.T("分成几个名单", "split it"))
		return nil
	}
	entries, bad := parseList(src)
	b.findings = append(b.findings, bad...)
	return entries
}

// lookUp finds the list file among the sources, or says why there is none.
func (b *builder) lookUp(name string) (Source, diag.Text) {
	full, ok := listPath(b.doc.path, name)
	if !ok {
		return Source{}, diag.T("必须在规则文件的文件夹里，并且不是 YAML 文件", "it has to lie in the folder of the rule file and not be a YAML file")
	}
	src, ok := b.all.find(full)
	switch {
	case !ok:
		return Source{}, diag.T("没有 %s 这个文件", "there is no file %s", full)
	case !src.Problem.IsZero():
		return Source{}, src.Problem
	}
	return src, diag.Text{}
}

// listPath is the path of a list file that a rule file names; ok is false when it
// would lie outside of the rule file's folder.
func listPath(ruleFile, name string) (full string, ok bool) {
	clean := path.Clean(name)
	outside := path.IsAbs(clean) || clean == ".." || strings.HasPrefix(clean, "../") || strings.Contains(name, `\`)
	if outside || clean == "." || isRuleFile(clean) {
		return "", false
	}
	return path.Join(path.Dir(ruleFile), clean), true
}

// parseList reads one entry a line. A `#` begins a comment at the beginning of a
// line or behind white space.
func parseList(src Source) ([]string, diag.List) {
	entries := []string{}
	var bad diag.List
	for i, line := range newLines(string(src.Text)) {
		if column := unprintable(line); column >= 0 {
			bad = append(bad, diag.At(src.Path, diag.Span(i+1, column+1, 1)).Error("BE605",
				diag.T("这一行有看不见的控制字符，或者不是 UTF-8", "this line has an invisible control character or is not UTF-8")).
				WithHint(diag.T("删掉它，或另存为 UTF-8", "delete it, or save the file as UTF-8")))
			continue
		}
		if entry := strings.TrimSpace(beforeComment(string(line))); entry != "" {
			entries = append(entries, entry)
		}
	}
	return entries, bad
}

// beforeComment cuts a comment off.
func beforeComment(line string) string {
	for i, r := range line {
		before, _ := utf8.DecodeLastRuneInString(line[:i])
		if r == '#' && (i == 0 || unicode.IsSpace(before)) {
			return line[:i]
		}
	}
	return line
}

// unprintable is the column of a rune that no list can mean, or -1: a control or
// direction character, or a byte that is no UTF-8.
func unprintable(line []rune) int {
	for i, r := range line {
		direction := r >= 0x202a && r <= 0x202e || r >= 0x2066 && r <= 0x2069
		if r != '\t' && unicode.IsControl(r) || r == utf8.RuneError || direction {
			return i
		}
	}
	return -1
}

// readMacros reads named expressions and checks each where it is defined.
func (b *builder) readMacros(n *yaml.Node) map[string]string {
	out := map[string]string{}
	nodes := map[string]*yaml.Node{}
	for _, p := range b.named(n, macrosForm) {
		if _, ok := b.text(p.value); ok {
			out[p.key.Value], nodes[p.key.Value] = b.source(p.value).text, p.value
		}
	}
	opts := &expression.Options{Vars: b.vars, Lists: b.lists, Macros: out, HasHit: true}
	for _, node := range nodes {
		b.checkMacro(node, opts)
	}
	return out
}

// checkMacro compiles a macro as a value, since it need not be a condition.
func (b *builder) checkMacro(n *yaml.Node, opts *expression.Options) {
	const before = "{{ "
	_, problems := expression.CompileValue(before+b.source(n).text+" }}", opts)
	for _, p := range problems {
		p.Offset -= len(before)
		b.problem(n, p)
	}
}
