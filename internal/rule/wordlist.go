package rule

import (
	"slices"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"

	"botengine/internal/diag"
)

// wordList are the entries of a named list as words to look for. Rules that name
// the same list with the same folds share it.
type wordList struct {
	name  string
	words []word
	first map[rune][]listedWord // by the first character of a folding
}

type listedWord struct {
	folded string
	word   int
}

// in says whether an entry stands in the folded text.
func (l *wordList) in(text string) bool {
	for i, r := range text {
		for _, w := range l.first[r] {
			if strings.HasPrefix(text[i:], w.folded) {
				return true
			}
		}
	}
	return false
}

// each calls at with every entry that stands in the text, each once, in the order
// in which they stand there.
func (l *wordList) each(text string, at func(w word, start, end int)) {
	var seen []int
	for i, r := range text {
		for _, w := range l.first[r] {
			if strings.HasPrefix(text[i:], w.folded) && !slices.Contains(seen, w.word) {
				seen = append(seen, w.word)
				at(l.words[w.word], i, i+len(w.folded))
			}
		}
	}
}

// listed reads `list`, the name of a list whose entries are looked for.
func (b *builder) listed(n *yaml.Node, folds foldSet) *wordList {
	name, ok := b.text(n)
	if !ok {
		return nil
	}
	entries, known := b.lists[name]
	if !known {
		var names []string
		for other := range b.lists {
			names = append(names, other)
		}
		slices.Sort(names)
		hint := diag.T("在文件的 `lists:` 下面写 `%s: [...]`", "write `%s: [...]` under `lists:` of the file", name)
		if len(names) > 0 {
			hint = choiceHint(name, names)
		}
		b.fail(n, "BE212", diag.T("没有名单 `%s`", "there is no list `%s`", name), hint)
		return nil
	}
	if b.changing[name] {
		b.warn(n, "BE414", diag.T("名单 `%s` 会被规则修改，`match` 只找文件里写的那些", "rules change the list `%s`, and `match` looks only for what the file has of it", name),
			diag.T("要看后来加进去的，用 `when: in_list(\"%s\", sender.id)` 比较整个值", "for what was added later compare whole values with `when: in_list(\"%s\", sender.id)`", name))
	}
	list := b.wordList(name, entries, folds)
	if len(list.words) == 0 && !b.changing[name] {
		b.warn(n, "BE411", diag.T("名单 `%s` 里没有可以找的词，`match` 永远不成立", "the list `%s` has no words to look for, so `match` never holds", name),
			diag.T("在名单里写上词", "put words on the list"))
	}
	return list
}

// listKey is a list folded in one way.
type listKey struct {
	name  string
	folds foldSet
}

// wordList makes the words of a list, once for all rules of the file.
func (b *builder) wordList(name string, entries []string, folds foldSet) *wordList {
	key := listKey{name, folds}
	if l, ok := b.wordLists[key]; ok {
		return l
	}
	l := &wordList{name: name, first: map[rune][]listedWord{}}
	seen := map[string]bool{}
	for _, entry := range entries {
		folded := folders[folds]().Words(entry)
		if folded[0] == "" || seen[folded[0]] {
			continue // nothing is left of it, or another entry finds the same
		}
		seen[folded[0]] = true
		for _, f := range folded {
			r, _ := utf8.DecodeRuneInString(f)
			l.first[r] = append(l.first[r], listedWord{f, len(l.words)})
		}
		l.words = append(l.words, word{written: entry, folded: folded})
	}
	if b.wordLists == nil {
		b.wordLists = map[listKey]*wordList{}
	}
	b.wordLists[key] = l
	return l
}
