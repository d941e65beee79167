package rule

import (
	"maps"
	"path"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"botengine/internal/diag"
)

// librarySections are what a library may define.
var librarySections = []string{"vars", "lists", "macros", "templates", "labels", "use"}

// isLibrary says whether a file without rules is meant to have none: it only
// defines what others use.
func isLibrary(f fields) bool {
	if f.written("rules") || f.written("defaults") {
		return false
	}
	return slices.ContainsFunc(librarySections, func(name string) bool { return f.get(name) != nil })
}

// names that a file got from its libraries, each with the file that defines it.
type origins map[string]string

// use takes the libraries in that the file names.
func (b *builder) use(n *yaml.Node) {
	b.vars, b.lists, b.macros, b.groupLabels, b.templates = map[string]any{}, map[string][]string{}, map[string]string{}, labelBook{}, map[string]*template{}
	b.from = origins{}
	if n == nil {
		return
	}
	for _, it := range b.someTexts(n) {
		if lib := b.library(it); lib != nil {
			b.takeIn(it, lib)
		}
	}
}

// library reads the head of a library; nil when it can't be used.
func (b *builder) library(it item) *builder {
	full := path.Join(path.Dir(b.doc.path), it.text)
	refuse := func(message, hint diag.Text) { b.fail(it.node, "BE144", message, hint) }
	if path.IsAbs(it.text) || strings.Contains(it.text, `\`) || !isRuleFile(full) {
		refuse(diag.T("库文件是规则文件夹里的 YAML 文件", "a library is a YAML file in the folder of the rules"), diag.T("路径从当前文件算起，用 `/`，例如 `common/lib.yaml`", "its path begins at this file and has `/`, such as `common/lib.yaml`"))
		return nil
	}
	inCircle := func() {
		refuse(diag.T("库文件互相引用成了一圈", "libraries use each other in a circle"), diag.T("%s", "%s", strings.Join(b.circle, " → ")))
	}
	if way := append(slices.Clone(b.users), b.doc.path); slices.Contains(way, full) {
		b.circle = slices.Concat(way[slices.Index(way, full):], []string{full})
		inCircle()
		return nil
	}
	src, ok := b.all.find(full)
	if !ok {
		refuse(diag.T("规则文件夹里没有 %s", "there is no %s in the folder of the rules", full), diag.T("路径从当前文件所在的文件夹算起", "the path begins at the folder of this file"))
		return nil
	}
	b.used = append(b.used, src)
	doc, found := parseDocument(src)
	if doc == nil || doc.root == nil || doc.root.Kind != yaml.MappingNode || found.HasErrors() {
		refuse(diag.T("%s 读不出来", "%s can't be read", full), diag.T("先改好那个文件", "mend that file first"))
		return nil
	}
	if valueOf(doc.root, "rules") != nil || valueOf(doc.root, "defaults") != nil {
		refuse(diag.T("%s 里有规则，不是库文件", "%s has rules: it is no library", full), diag.T("把 `vars`、`lists`、`macros`、`templates`、`labels` 放进没有 `rules` 的文件", "put `vars`, `lists`, `macros`, `templates` and `labels` into a file without `rules`"))
		return nil
	}
	lib := &builder{doc: doc, all: b.all, used: Sources{src}, broken: map[string]bool{}, users: append(slices.Clone(b.users), b.doc.path)}
	lib.head(doc.root)
	if b.circle = lib.circle; slices.Contains(b.circle, b.doc.path) {
		inCircle()
		return nil
	}
	b.used = append(b.used, lib.used...)
	return lib // what is wrong in it is said where it is compiled itself
}

// head reads what a library defines.
func (b *builder) head(root *yaml.Node) {
	f, _ := b.fields(root, fileForm, fileFields)
	b.use(f.get("use"))
	b.define(f)
	b.macros = b.readMacros(f)
	b.noteChanging(f.get("lists"), root)
}

// noteChanging adds the lists that rules may change to those of the libraries.
func (b *builder) noteChanging(lists, root *yaml.Node) {
	own := b.changingLists(lists, root)
	maps.Copy(own, b.changing)
	b.changing = own
}

// define reads what the file itself defines, beside what it got from libraries.
func (b *builder) define(f fields) {
	b.vars = merged(b, "vars", b.vars, b.readVars(f.get("vars")), f)
	b.lists = merged(b, "lists", b.lists, b.readLists(f.get("lists")), f)
	b.groupLabels = merged(b, "labels", b.groupLabels, b.readLabels(f.get("labels")), f)
	b.templates = merged(b, "templates", b.templates, b.readTemplates(f.get("templates")), f)
}

// takeIn adds what a library defines.
func (b *builder) takeIn(it item, lib *builder) {
	b.vars = joinedIn(b, "vars", b.vars, lib.vars, it, lib)
	b.lists = joinedIn(b, "lists", b.lists, lib.lists, it, lib)
	b.macros = joinedIn(b, "macros", b.macros, lib.macros, it, lib)
	b.groupLabels = joinedIn(b, "labels", b.groupLabels, lib.groupLabels, it, lib)
	b.templates = joinedIn(b, "templates", b.templates, lib.templates, it, lib)
	maps.Copy(b.broken, lib.broken)
	if b.changing == nil {
		b.changing = map[string]bool{}
	}
	maps.Copy(b.changing, lib.changing)
}

// joinedIn adds the names of a library to those of others. One name of one file may
// come on several ways; two files may not have the same.
func joinedIn[M ~map[string]V, V any](b *builder, section string, have, more M, it item, lib *builder) M {
	for _, name := range slices.Sorted(maps.Keys(more)) {
		key, file := section+"/"+name, lib.doc.path
		if origin, known := lib.from[key]; known {
			file = origin
		}
		if before, twice := b.from[key]; twice && before != file {
			b.fail(it.node, "BE145", diag.T("`%s` 里的 `%s` 在 %s 和 %s 里都有", "`%[2]s` of `%[1]s` is in %[3]s and in %[4]s", section, name, before, file),
				diag.T("改掉其中一个名称", "rename one of them"))
			continue
		}
		b.from[key], have[name] = file, more[name]
	}
	return have
}

// merged adds the file's own names to those of its libraries.
func merged[M ~map[string]V, V any](b *builder, section string, have, own M, f fields) M {
	for _, name := range slices.Sorted(maps.Keys(own)) {
		if b.clashes(section, name, f) {
			continue
		}
		have[name] = own[name]
	}
	return have
}

// clashes says whether a library has the name already.
func (b *builder) clashes(section, name string, f fields) bool {
	file, twice := b.from[section+"/"+name]
	if !twice {
		return false
	}
	at := f.key(section)
	for i := 0; f.get(section) != nil && i+1 < len(f.get(section).Content); i += 2 {
		if n := f.get(section).Content[i]; n.Value == name {
			at = n
		}
	}
	b.fail(at, "BE145", diag.T("`%s` 在库文件 %s 里已经有了", "the library %[2]s has `%[1]s` already", name, file), diag.T("换一个名称，或去掉这里的", "take another name, or take this one out"))
	return true
}

// unusedLibraries warns of files without rules that no other file uses: perhaps
// their rules were forgotten.
func unusedLibraries(files map[string]*compiledFile) diag.List {
	asked := map[string]bool{}
	for _, f := range files {
		for _, a := range f.asked {
			asked[a.path] = true
		}
	}
	var found diag.List
	for name, f := range files {
		if len(f.rules) == 0 && len(f.findings) == 0 && !asked[name] {
			found = append(found, diag.At(name, diag.Range{}).Warning("BE408",
				diag.T("这个文件没有规则，也没有文件用到它", "this file has no rules, and no file uses it")).
				WithHint(diag.T("在规则文件里写 `use: [它的路径]`，或者在这里补上 `rules:`", "write `use: [its path]` in a rule file, or add `rules:` here")))
		}
	}
	return found
}
