package actions

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"botengine/internal/diag"
)

// everybody are the words behind an @ by which a client may take it for a mention
// of all. Of those in Latin letters none may go on in another word.
var everybody = []string{"所有人", "所有成员", "全体成员", "全体", "全员", "everyone", "everybody", "all", "here", "channel"}

// spareAll makes every @ that could mention everybody a mere character: the full-
// width ＠, which nobody's client takes for a mention. Whatever a text holds and
// whoever wrote it, only the fields made for it mention people. All else stays as
// it is, byte for byte.
func spareAll(text string) string {
	if !strings.Contains(text, "@") {
		return text
	}
	var b strings.Builder
	last := 0
	for i := range len(text) {
		if text[i] == '@' && callsAll(text[:i], text[i+1:]) {
			b.WriteString(text[last:i])
			b.WriteString("＠")
			last = i + 1
		}
	}
	if last == 0 {
		return text
	}
	b.WriteString(text[last:])
	return b.String()
}

// callsAll says whether an @ with these texts around it may mention everybody. An
// address such as a@all.com does not.
func callsAll(before, behind string) bool {
	behind = strings.TrimLeftFunc(behind, func(r rune) bool { return unicode.IsSpace(r) || unicode.In(r, unicode.Cf, unicode.Cc, unicode.Mn) })
	for _, word := range everybody {
		if len(behind) < len(word) || !strings.EqualFold(behind[:len(word)], word) {
			continue
		}
		if word[0] >= utf8.RuneSelf {
			return true
		}
		next, _ := utf8.DecodeRuneInString(behind[len(word):])
		previous, _ := utf8.DecodeLastRuneInString(before)
		address := isWord(previous) && next == '.'
		if !isWord(next) && !address {
			return true
		}
	}
	return false
}

// isWord says whether r belongs to a word in Latin letters.
func isWord(r rune) bool {
	return r == '_' || r < utf8.RuneSelf && (unicode.IsLetter(r) || unicode.IsDigit(r))
}

// adviseAll warns of an @所有人 that somebody wrote into a text: it would mention
// nobody.
func adviseAll(param string, t Text, allowed YesNo) []fault {
	if !t.Given() || allowed.yes || spareAll(t.template.Text()) == t.template.Text() {
		return nil
	}
	return []fault{{Param: param, Advice: true, Message: diag.T("这里的 @所有人 会改成全角的 ＠所有人，谁也不会被提醒", "the @所有人 in it becomes the full-width ＠所有人 and mentions nobody"),
		Hint: diag.T("去掉它；确实要原样发出，就加上 `allow_mention_all: true`", "take it out; to send it as it is, add `allow_mention_all: true`")}}
}
