package diag

import "fmt"

// Lang is the language findings are shown in.
type Lang string

// The languages every text exists in.
const (
	ZH Lang = "zh"
	EN Lang = "en"
)

// Text is one message in both languages, which are equals: neither is a
// translation made at run time. The zero Text says nothing.
type Text struct {
	ZH string `json:"zh"`
	EN string `json:"en"`
}

// T formats a Text with the verbs of package fmt, both languages from the same
// arguments; where the order of words differs, use indexed verbs such as %[2]s.
// A literal percent sign is written %% even when there are no arguments.
func T(zh, en string, args ...any) Text {
	return Text{ZH: fmt.Sprintf(zh, args...), EN: fmt.Sprintf(en, args...)}
}

// In returns the text in lang; if it does not exist there, the other one.
func (t Text) In(lang Lang) string {
	first, second := t.ZH, t.EN
	if lang == EN {
		first, second = t.EN, t.ZH
	}
	if first == "" {
		return second
	}
	return first
}

// IsZero says whether t says nothing in any language.
func (t Text) IsZero() bool { return t == Text{} }
