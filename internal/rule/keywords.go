package rule

import (
	"go.yaml.in/yaml/v3"

	"botengine/internal/diag"
)

// allFolds are the folds of a match that names none: all but pinyin.
const allFolds = foldWidth | foldCase | foldZero | foldSpace | foldVariant

// foldWords are the folds by name.
var foldWords = map[string]foldSet{"width": foldWidth, "case": foldCase, "zero": foldZero, "space": foldSpace, "variant": foldVariant, "pinyin": foldPinyin}

// foldList are the folds in the order of the page.
var foldList = []string{"width", "case", "zero", "space", "variant", "pinyin"}

// wordFields are the parts of a match that are lists of keywords.
var wordFields = []string{"any", "all", "none", "exact", "prefix", "suffix"}

var matchFields = keysOf("match")

// matcher reads `match`.
func (b *builder) matcher(n *yaml.Node) *matcher {
	if n.Kind != yaml.MappingNode {
		b.notAMatch(n)
		return nil
	}
	f, _ := b.fields(n, matchForm, matchFields)
	m := &matcher{folds: b.folds(f.get("fold"))}
	if fields := f.get("fields"); fields != nil {
		m.fields = b.fieldsOf(fields)
	}
	parts := map[string]*[]word{"any": &m.any, "all": &m.all, "none": &m.none, "exact": &m.exact, "prefix": &m.prefix, "suffix": &m.suffix}
	looks := false
	for _, name := range wordFields {
		if list := f.get(name); list != nil {
			*parts[name] = b.words(list, m.folds)
			looks = true
		}
	}
	if re := f.get("regex"); re != nil {
		if m.pattern, m.regex = b.regex(re, m.folds); m.regex != nil {
			m.starts = newStarter(m.regex)
		}
		looks = true
	}
	if list := f.get("list"); list != nil {
		m.list = b.listed(list, m.folds)
		looks = true
	}
	if !looks && len(n.Content) == 0 || !looks && len(f.entries) > 0 {
		b.fail(n, "BE125", diag.T("`match` 里没有要找的内容", "`match` looks for nothing"), diag.T("写成 `match: {any: [退款]}`", "write `match: {any: [退款]}`"))
	}
	return m
}

// notAMatch is the finding on keywords that stand right behind `match`.
func (b *builder) notAMatch(n *yaml.Node) {
	if n.Kind == yaml.ScalarNode && n.Style == 0 {
		if _, ok := diag.NotAMapping(b.doc.path, n.Line, n.Column, n.Value); ok {
			b.notAMapping(n, matchForm)
			return
		}
	}
	b.fail(n, "BE104", diag.T("`match` 要说明怎么找", "`match` says how to look"), diag.T("写成 `match: {any: [退款, 怎么退]}`", "write `match: {any: [退款, 怎么退]}`"))
}

// folds reads `fold`.
func (b *builder) folds(n *yaml.Node) foldSet {
	if n == nil {
		return allFolds
	}
	if n.Kind == yaml.SequenceNode && len(n.Content) == 0 {
		return 0 // none at all, on purpose
	}
	var set foldSet
	for _, w := range b.choices(n, choicesOf("match", "fold")) {
		set |= foldWords[w]
	}
	return set
}

// words reads keywords and folds them as the text will be.
func (b *builder) words(n *yaml.Node, folds foldSet) []word {
	var out []word
	first := map[string]item{}
	for _, it := range b.someTexts(n) {
		folded := folders[folds]().Words(it.text)
		if folded[0] == "" {
			b.fail(it.node, "BE125", diag.T("这个关键词只有空白或看不见的字符", "this keyword is nothing but blanks or invisible characters"),
				diag.T("换一个关键词，或用 `fold: []` 原样比较", "take another keyword, or compare as written with `fold: []`"))
			continue
		}
		if before, twice := first[folded[0]]; twice {
			b.sameWord(it, before)
			continue
		}
		first[folded[0]] = it
		out = append(out, word{written: it.text, folded: folded})
	}
	return out
}

// sameWord warns of a keyword that is there already.
func (b *builder) sameWord(it, before item) {
	message := diag.T("关键词 `%s` 重复", "keyword `%s` is there twice", it.text)
	if it.text != before.text {
		message = diag.T("关键词 `%s` 和 `%s` 找到的东西一样", "the keywords `%s` and `%s` find the same", it.text, before.text)
	}
	f := diag.At(b.doc.path, b.doc.at(it.node)).Warning("BE409", message).
		WithHint(diag.T("去掉一个", "take one of them out")).
		WithRelated(b.doc.path, b.doc.at(before.node), diag.T("另一个在这里", "the other one is here"))
	b.findings = append(b.findings, f)
}
