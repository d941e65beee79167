package rule

import (
	"path"
	"strings"
	"unicode"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"

	"botengine/internal/diag"
)

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
	f, _ := b.fields(n, listForm, keysOf("list"))
	named, dynamic := f.get("file"), b.flag(f.get("dynamic"), false)
	if named == nil {
		if dynamic {
			return []string{}
		}
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
