package rule_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"botengine/internal/event"
	"botengine/internal/expression"
	"botengine/internal/rule"
)

func TestMatchLooksThroughTheTextsItNames(t *testing.T) {
	file := with(func(e *event.Event) {
		e.Kind, e.Message = event.MessageFile, event.Message{FileName: "2026 報價單.xlsx"}
	})
	link := with(func(e *event.Event) {
		e.Kind = event.MessageLink
		e.Message = event.Message{Link: event.Link{Title: "年终福利，点击领取", URL: "https://u@Bad.Example.com:8443/报价单"}}
	})
	friend := with(func(e *event.Event) {
		e.Kind, e.Message, e.Chat = event.FriendRequest, event.Message{}, event.Chat{}
		e.Friend = event.Friend{ID: "7", Name: "代 开 发票小李", Reason: "我是报价单群里的"}
	})
	hit := func(field event.TextField, word string, start, end int) expression.Hit {
		return expression.Hit{Word: word, Words: []string{word}, Field: field, Start: start, End: end}
	}
	for _, c := range []struct {
		name, fields string
		ev           event.Event
		want         expression.Hit // without a word: it is not found
	}{
		{"a file is known by its name", "on: message.file\nmatch: {any: [报价单]}", file, hit("file_name", "报价单", 5, 14)},
		{"of any message", "on: message\nmatch: {any: [报价单]}", file, hit("file_name", "报价单", 5, 14)},
		{"a link by its title", "on: message.link\nmatch: {any: [点击领取]}", link, hit("link.title", "点击领取", 15, 27)},
		{"not by its address", "on: message.link\nmatch: {any: [example]}", link, expression.Hit{}},
		{"by its host where that is said", "on: message.link\nmatch: {any: [bad.example.com], fields: [link.url]}", link, hit("link.url", "bad.example.com", 0, 15)},
		{"and not by what follows the host", "on: message.link\nmatch: {any: [报价单], fields: [link.url]}", link, expression.Hit{}},
		{"a friend request by what it says", "on: friend.request\nmatch: {any: [报价单群]}", friend, hit("friend.reason", "报价单群", 6, 18)},
		{"or by who asks", "on: friend.request\nmatch: {any: [代开发票], fields: [sender.name]}", friend, hit("sender.name", "代开发票", 0, 14)},
		{"a message by its sender", "on: message.text\nmatch: {any: [李四], fields: [sender.name]}", groupText("退款"), hit("sender.name", "李四", 0, 6)},
		{"the first text that fits counts", "on: message.text\nmatch: {any: [李四, 退款], fields: [text, sender.name]}", groupText("退款"), hit("text", "退款", 0, 6)},
		{"the second does too", "on: message.text\nmatch: {any: [李四], fields: [text, sender.name]}", groupText("退款"), hit("sender.name", "李四", 0, 6)},
		{"all words have to be in one text", "on: message.text\nmatch: {all: [李四, 退款], fields: [text, sender.name]}", groupText("退款"), expression.Hit{}},
		{"an excluded word is in none of them", "on: message.text\nmatch: {any: [退款], none: [李四], fields: [text, sender.name]}", groupText("退款"), expression.Hit{}},
	} {
		t.Run(c.name, func(t *testing.T) {
			set := mustCompile(t, strings.Replace(oneRule(c.fields), "do: [{reply: 您好}]", "do: [{log: 命中}]", 1))
			m := set.Match(&c.ev, noon, true)[0]
			if c.want.Word == "" {
				if m.Outcome != rule.NoKeyword || len(set.Match(&c.ev, noon, false)) > 0 {
					t.Errorf("got %q, %+v", m.Outcome, m.Hit)
				}
				return
			}
			if d := cmp.Diff(c.want, m.Hit); d != "" || m.Outcome != "" {
				t.Errorf("outcome %q, hit (-want +got):\n%s", m.Outcome, d)
			}
			if len(set.Match(&c.ev, noon, false)) != 1 {
				t.Error("the index does not find it")
			}
		})
	}
}

func TestTheHitOfAnExpressionIsInTheTextItNames(t *testing.T) {
	set := mustCompile(t, oneRule("on: message.file\nmatch: {any: [报价单]}\nwhen: hit.field == \"file_name\" and hit.span.start == 5 and hit.span.end == 8"))
	ev := with(func(e *event.Event) {
		e.Kind, e.Message = event.MessageFile, event.Message{FileName: "2026 報價單.xlsx"}
	})
	if m := set.Match(&ev, noon, false); len(m) != 1 || m[0].Outcome != "" {
		t.Errorf("got %+v", m)
	}
}

func TestMatchLooksForTheWordsOfAList(t *testing.T) {
	set := mustCompile(t, "lists: {spam: [加微信, 刷单, 刷單, 兼职]}\n"+oneRule("on: message.text\nmatch: {list: spam, none: [不要]}"))
	for text, want := range map[string][]string{
		"兼职刷 单，加➕V": {"兼职", "刷单"},
		"诚招 ➕·薇·信":  {"加微信"},
		"不要刷单":      nil,
		"大家好":       nil,
	} {
		ev := groupText(text)
		found := set.Match(&ev, noon, false)
		if len(found) == 0 {
			if want != nil {
				t.Errorf("%s: nothing was found", text)
			}
			continue
		}
		if d := cmp.Diff(want, found[0].Hit.Words); d != "" {
			t.Errorf("%s (-want +got):\n%s", text, d)
		}
	}
}

func TestPinyinFindsWhatSoundsAlike(t *testing.T) {
	set := mustCompile(t, oneRule("on: message.text\nmatch: {any: [加微信, 银行], fold: [width, case, zero, space, variant, pinyin]}"))
	for text, want := range map[string]string{
		"佳威新吗": "佳威新", "嘉 薇 芯": "嘉 薇 芯", "去銀行": "銀行", "去银航": "银航", "去音行": "音行", "假未信": "假未信", "今天天气": "",
	} {
		ev := groupText(text)
		found := set.Match(&ev, noon, false)
		switch {
		case len(found) == 0 && want != "":
			t.Errorf("%s: nothing was found", text)
		case len(found) > 0 && text[found[0].Hit.Start:found[0].Hit.End] != want:
			t.Errorf("%s: found %q", text, text[found[0].Hit.Start:found[0].Hit.End])
		}
	}
}
