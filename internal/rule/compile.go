package rule

import (
	"cmp"
	"slices"
	"strings"

	"botengine/internal/diag"
)

// Compile makes a set of the sources, or says everything that is wrong with
// them. It is pure: the same sources give the same set and the same findings,
// whatever their order. The findings are ready to be shown; the set is nil when
// any of them is an error.
func Compile(sources Sources) (*Set, diag.List) { return new(Compiler).Compile(sources) }

// compileFile compiles one rule file with the files it names.
func compileFile(src Source, files *shelf) ([]*Rule, diag.List) {
	if !src.Problem.IsZero() {
		return nil, diag.List{diag.At(src.Path, diag.Range{}).Error("BE601",
			diag.Text{ZH: "文件读不出来：" + src.Problem.ZH, EN: "the file can't be read: " + src.Problem.EN})}
	}
	doc, found := parseDocument(src)
	if doc == nil {
		return nil, found
	}
	b := &builder{doc: doc, all: files, used: Sources{src}, broken: map[string]bool{}}
	rules := b.file()
	used := b.used.sorted()
	used = slices.CompactFunc(used, func(x, y Source) bool { return x.Path == y.Path })
	hash := used.Hash()
	for _, r := range rules {
		r.Hash, r.sources = hash, used
	}
	own := doc.sentHome(b.findings)
	return rules, append(saidBelow(found, own), beside(found, own)...)
}

// saidBelow returns the traps without the warnings of comments that cut off what
// has its own finding.
func saidBelow(traps, findings diag.List) diag.List {
	return slices.DeleteFunc(traps, func(t diag.Finding) bool {
		return t.Code == "BE113" && t.Severity == diag.Warning && slices.ContainsFunc(findings, func(f diag.Finding) bool {
			return f.Code == t.Code && f.File == t.File && f.Range.Start.Line == t.Range.Start.Line
		})
	})
}

// beside returns the findings that do not stand on a line with a trap: what YAML
// made of that line is not what was meant.
func beside(traps, findings diag.List) diag.List {
	return slices.DeleteFunc(findings, func(f diag.Finding) bool {
		return slices.ContainsFunc(traps, func(t diag.Finding) bool {
			return t.Severity == diag.Error && t.File == f.File && t.Range.Start.Line == f.Range.Start.Line
		})
	})
}

// duplicates finds ids that several rules have; the first one keeps it.
func duplicates(rules []*Rule) diag.List {
	var found diag.List
	first := map[string]*Rule{}
	for _, r := range rules {
		f, twice := first[r.ID]
		switch {
		case r.ID == "":
		case !twice:
			first[r.ID] = r
		default:
			found = append(found, diag.At(r.File, r.idAt).Error("BE105",
				diag.T("规则编号 `%s` 重复，第一次出现在 %s:%d:%d", "rule id `%s` is there twice, first at %s:%d:%d", r.ID, f.File, f.idAt.Start.Line, f.idAt.Start.Column)).
				WithHint(diag.T("换一个编号；冷却和计数都记在编号名下", "take another id; cooldowns and counters belong to it")).
				WithRelated(f.File, f.idAt, diag.T("第一次出现在这里", "first here")))
		}
	}
	return found
}

// nothingToDo warns that the whole set will not answer anything.
func nothingToDo(sources Sources) diag.Finding {
	file := ""
	if i := slices.IndexFunc(sources, func(s Source) bool { return isRuleFile(s.Path) }); i >= 0 {
		file = sources[i].Path
	}
	return diag.At(file, diag.Range{}).Warning("BE604", diag.T("没有启用的规则，什么也不会回答", "no rule is enabled: nothing will be answered")).
		WithHint(diag.T("在规则文件夹里放一个 *.yaml 文件", "put a *.yaml file into the folder of the rules"))
}

// on says whether the rule is switched on.
func (r *Rule) on() bool { return r.Enabled && r.Mode != ModeOff }

// newSet puts rules without mistakes into walk order.
func newSet(rules []*Rule, sources Sources) *Set {
	slices.SortFunc(rules, func(a, b *Rule) int {
		return cmp.Or(cmp.Compare(b.Priority, a.Priority), strings.Compare(a.File, b.File), cmp.Compare(a.place, b.place))
	})
	s := &Set{Rules: rules, Hash: sources.Hash(), Sources: sources, byID: make(map[string]*Rule, len(rules)), index: newIndex(rules), scheduled: scheduledOf(rules)}
	s.staff = staffOf(rules)
	for _, r := range rules {
		s.byID[r.ID] = r
	}
	return s
}
