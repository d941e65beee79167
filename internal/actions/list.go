package actions

import (
	"errors"
	"maps"
	"slices"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"botengine/internal/diag"
)

type listParams struct {
	Add    ListName `yaml:"add" zh:"加进哪个名单（lists 里的名字）" en:"the list to put it on, by its name under lists"`
	Remove ListName `yaml:"remove" zh:"从哪个名单去掉" en:"the list to take it off"`
	Value  Text     `yaml:"value" zh:"哪一项，最长 256 字节" en:"what is put on or taken off, at most 256 bytes" required:"true"`
	TTL    Duration `yaml:"ttl" zh:"多久以后自动去掉，默认不去掉" en:"when it goes by itself; by default never"`
}

// maxEntry is the longest entry that a rule may put on a list, in bytes.
const maxEntry = 256

// ListWrite is a change of a list.
type ListWrite struct {
	List, Value string
	Remove      bool
	TTL         time.Duration // 0 = for ever
}

var changeList = define(spec[listParams]{
	Name:    "list",
	Summary: diag.T("把一项加进名单，或从名单去掉。", "Puts an entry on a list, or takes it off."),
	Note: diag.T("`in_list(\"banned\", sender.id)` 和 `sender.id in lists.banned` 马上看得到，重启和改规则都不丢。规则文件或名单文件里写的那些不受影响：去掉它们要改文件。遍历名单（`any(lists.banned, …)`、`contains_any`）只看文件里写的。同名的名单各文件共用规则加的那些；只看不改的文件要在 `lists` 里写 `{dynamic: true}`。一个名单最多由规则加 10000 项，满了这一步以 `list_full` 结束。",
		"`in_list(\"banned\", sender.id)` and `sender.id in lists.banned` see it at once; it outlives restarts and reloads. What the files have on the list stays: that is changed in the files. Walking a list (`any(lists.banned, …)`, `contains_any`) sees what the files have. Lists of one name share what rules put on them, in all files; a file that only asks says `{dynamic: true}` under `lists`. Rules can put 10,000 entries on a list; then the step ends with `list_full`."),
	Example: `list: {add: banned, value: "{{sender.id}}", ttl: 30d}`,
	Check: func(p *listParams) []fault {
		switch {
		case (p.Add.name == "") == (p.Remove.name == ""):
			return []fault{{Message: diag.T("`add` 和 `remove` 要正好写一个", "exactly one of `add` and `remove` is wanted"), Hint: diag.T("例如 `list: {add: banned, value: \"{{sender.id}}\"}`", "such as `list: {add: banned, value: \"{{sender.id}}\"}`")}}
		case p.Remove.name != "" && p.TTL.d > 0:
			return []fault{{Param: "ttl", Message: diag.T("去掉的时候没有 `ttl`", "there is no `ttl` when an entry is taken off"), Hint: diag.T("去掉 `ttl`", "take `ttl` out")}}
		}
		return nil
	},
	Plan: func(env Env, p *listParams) (Effect, error) {
		value, err := p.Value.Render(env)
		if err != nil {
			return Effect{}, err
		}
		switch value = strings.TrimSpace(value); {
		case value == "":
			return Effect{}, errors.New("value is empty after rendering")
		case len(value) > maxEntry:
			return Effect{}, errors.New("value is longer than 256 bytes")
		}
		return Effect{List: &ListWrite{List: p.Add.name + p.Remove.name, Value: value, Remove: p.Remove.name != "", TTL: p.TTL.d}}, nil
	},
})

// ListName is the name of a list of the rule file.
type ListName struct{ name string }

func (*ListName) kind() Kind { return KindList }

func (l *ListName) read(n *yaml.Node, b *Binder) {
	source, ok := b.scalar(n)
	if !ok {
		return
	}
	if b.opts == nil {
		l.name = source
		return
	}
	if _, known := b.opts.Lists[source]; !known {
		b.fail(n, "BE212", diag.T("没有名单 `%s`", "there is no list `%s`", source), listHint(source, slices.Sorted(maps.Keys(b.opts.Lists))))
		return
	}
	l.name = source
}

// listHint names the list that was meant, or says how one is made.
func listHint(name string, known []string) diag.Text {
	if near, ok := diag.Suggest(name, known); ok {
		return diag.T("是不是想写 `%s`?", "did you mean `%s`?", near)
	}
	return diag.T("在文件开头写 `lists: {%s: []}`", "write `lists: {%s: []}` at the top of the file", name)
}
