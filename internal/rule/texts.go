package rule

import (
	"slices"

	"go.yaml.in/yaml/v3"

	"botengine/internal/diag"
	"botengine/internal/event"
	"botengine/internal/fold"
)

// textFields are the texts that a match may look through; a view names one by its
// place here.
var textFields = event.TextFields()

// view is one way to look at one of the texts of an event: which, and with which
// folds.
type view uint16

// rawText is the message as it came. Even with no fold at all, folding mends what
// is no UTF-8 and cuts what is too long.
const rawText = view(foldSets)

// messageText is the message with the folds of a match that names none.
const messageText = view(allFolds)

func viewOf(field event.TextField, folds foldSet) view {
	return view(slices.Index(textFields, field))<<8 | view(folds)
}

func (v view) field() event.TextField { return textFields[v>>8] }
func (v view) folds() foldSet         { return foldSet(v & 0xff) }

// views are the texts of one event, folded, each once. Their memory is kept for
// the next event.
type views struct {
	list []foldedText
	n    int // of list, in use
}

// foldedText is a text in one view.
type foldedText struct {
	view   view
	folded fold.View
	buf    fold.Buffer
}

// get returns the text in that view.
func (vs *views) get(v view, ev *event.Event) *foldedText {
	for i := range vs.list[:vs.n] {
		if vs.list[i].view == v {
			return &vs.list[i]
		}
	}
	if vs.n == len(vs.list) {
		vs.list = append(vs.list, foldedText{})
	}
	f := &vs.list[vs.n]
	vs.n++
	f.view, f.folded = v, folders[v.folds()]().Reuse(ev.TextOf(v.field()), &f.buf)
	return f
}

// clear forgets the event and keeps the memory.
func (vs *views) clear() {
	for i := range vs.list[:vs.n] {
		vs.list[i].folded = fold.View{}
	}
	vs.n = 0
}

// text is the event's text in that view.
func (w *walk) text(v view) string { return w.view(v).Text }

// view is the same with the way back to the original. It is valid until the next
// is asked for.
func (w *walk) view(v view) *fold.View { return &w.views().get(v, w.ev).folded }

func (w *walk) views() *views {
	if w.scratch == nil {
		return &w.own
	}
	return &w.scratch.views
}

// in are the texts that the match looks through in an event of that kind: those it
// names, or the main one.
func (m *matcher) in(k event.Kind) []event.TextField {
	if m.fields != nil {
		return m.fields
	}
	i := slices.Index(textFields, k.MainText())
	return textFields[i : i+1]
}

// texts are the views that the match looks at in events of those kinds.
func (m *matcher) texts(kinds []event.Kind) []view {
	var out []view
	for _, k := range kinds {
		for _, f := range m.in(k) {
			if v := viewOf(f, m.folds); !slices.Contains(out, v) {
				out = append(out, v)
			}
		}
	}
	return out
}

// fieldsOf reads `fields`.
func (b *builder) fieldsOf(n *yaml.Node) []event.TextField {
	var out []event.TextField
	for _, w := range b.choices(n, names{known: textFieldWords()}) {
		out = append(out, event.TextField(w))
	}
	return out
}

// adviseTexts warns of a match that looks for words where the events have none.
func (b *builder) adviseTexts(match, at *yaml.Node, m *matcher, r *Rule) {
	on, kinds := r.On, r.kinds()
	if m == nil || len(on) == 0 {
		return
	}
	has := func(f event.TextField) bool {
		return slices.ContainsFunc(kinds, func(k event.Kind) bool { return k.HasText(f) })
	}
	if m.fields == nil {
		if !slices.ContainsFunc(kinds, func(k event.Kind) bool { return k.HasText(k.MainText()) }) {
			b.warn(at, "BE411", diag.T("`%s` 没有文字，`match` 永远不成立", "`%s` has no text, so `match` never holds", on[0].Name),
				diag.T("去掉 `match`，或监听 `message.text`", "take `match` out, or listen to `message.text`"))
		}
		return
	}
	list := childOf(match, "fields")
	for _, n := range append(slices.Clip(list.Content), list) {
		if f := event.TextField(n.Value); slices.Contains(m.fields, f) && !has(f) {
			b.warn(n, "BE411", diag.T("`%[1]s` 没有 `%[2]s`，在那里什么也找不到", "`%[1]s` has no `%[2]s`, so nothing is ever found there", on[0].Name, f),
				diag.T("去掉它，或监听有 `%s` 的事件", "take it out, or listen to events that have a `%s`", f))
		}
	}
}
