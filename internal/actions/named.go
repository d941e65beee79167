package actions

import "strings"

// NamesUsed are what a step calls by name on the platform, as far as it is written out.
type NamesUsed struct {
	Robots []string // robotKeys
	Tags   []string
}

// Named says which robots and tags of the platform the step names.
func Named(step Bound) NamesUsed {
	switch b := step.(type) {
	case *bound[sendParams]:
		return robots(b.params.Robot)
	case *bound[notifyParams]:
		return robots(b.params.Robot)
	case *bound[broadcastParams]:
		return robots(b.params.Robot)
	case *bound[syncContactsParams]:
		return robots(b.params.Robot)
	case *bound[copyGroupSettingsParams]:
		return robots(b.params.FromRobot)
	case *bound[tagParams]:
		return NamesUsed{Tags: append(b.params.Add.literals(), b.params.Remove.literals()...)}
	}
	return NamesUsed{}
}

func robots(c Constant) NamesUsed {
	if !c.Given() {
		return NamesUsed{}
	}
	return NamesUsed{Robots: []string{c.text}}
}

// tagSeparators are the ways in which the platform and people part group and tag.
var tagSeparators = strings.NewReplacer("：", "/", "／", "/", ":", "/")

// TagName brings the ways of writing one tag together: "组: 标签", "组：标签" and
// "组/标签" are equal.
func TagName(s string) string {
	parts := strings.Split(tagSeparators.Replace(s), "/")
	for i, p := range parts {
		parts[i] = strings.TrimSpace(p)
	}
	return strings.Join(parts, "/")
}
