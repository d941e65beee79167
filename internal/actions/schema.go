package actions

import (
	"slices"
	"strings"

	"botengine/internal/diag"
	"botengine/internal/schema"
)

// DurationPattern is what ParseDuration reads, for editors.
const DurationPattern = `^(?:0|(?:[0-9]+(?:\.[0-9]+)?d)?(?:[0-9]+(?:\.[0-9]+)?(?:ms|[smh]))+|[0-9]+(?:\.[0-9]+)?d)$`

// DurationMessage says what a duration looks like.
func DurationMessage() diag.Text {
	return diag.T("这里要写时长，例如 30s（秒）、10m（分）、2h（小时）、7d（天）", "a length of time is wanted here, such as 30s, 10m, 2h or 7d")
}

// spanPattern is a duration or a range of two.
var spanPattern = func() string {
	one := strings.Trim(DurationPattern, "^$")
	return "^" + one + `(?:\.\.` + one + ")?$"
}()

// Schema is what editors may know of the step's value.
func Schema(a Action) *schema.Node {
	node := paramsSchema(a.Params())
	if main := a.Main(); main != "" {
		for _, p := range a.Params() {
			if p.Name == main && !slices.ContainsFunc(a.Params(), func(o Param) bool { return o.Required && o.Name != main }) {
				node = p.short(node)
			}
		}
	}
	if len(node.Required) == 0 {
		node.Types = append(slices.Clone(node.Types), schema.Null)
	}
	return node.Saying(a.Summary(), diag.Text{ZH: "```yaml\n" + a.Example() + "\n```\n\n" + a.Note().ZH, EN: "```yaml\n" + a.Example() + "\n```\n\n" + a.Note().EN})
}

// short adds the short form `action: value`. A main parameter that is a group of
// keys has none that could be told from the parameters.
func (p Param) short(whole *schema.Node) *schema.Node {
	one := p.node()
	if slices.Contains(one.Types, schema.Object) {
		return whole
	}
	one.Snippets = nil
	return schema.Or(one, whole)
}

// paramsSchema is the group of parameters.
func paramsSchema(params []Param) *schema.Node {
	out := schema.Group(nil)
	for _, p := range params {
		if p.Name == "" {
			out.Rest, out.Closed = p.node(), false
			out.Names = schema.NamesLike(factPattern(params), diag.T("写成「范围.名称」，例如 user.等级、chat.轮次", "write SCOPE.NAME, such as user.level or chat.round"))
			continue
		}
		out.Props = append(out.Props, schema.Prop{Name: p.Name, Node: p.node().Saying(p.Doc, p.Kind.text())})
		if p.Required {
			out.Required = append(out.Required, p.Name)
		}
	}
	return out
}

// factScopes is the pattern of the words before the dot.
const factScopes = ScopeUser + "|" + ScopeChat + "|" + ScopeMember + "|" + ScopeRobot + "|" + ScopeGlobal

// factPattern is the keys that stand for facts, and those of the other parameters.
func factPattern(params []Param) string {
	out := []string{`^(?:` + factScopes + `)\..+$`}
	for _, p := range params {
		if p.Name != "" {
			out = append(out, schema.AnyOf(p.Name))
		}
	}
	return strings.Join(out, "|")
}

func (k Kind) text() diag.Text { return kindTexts[k] }

// maxParamCount is the greatest number that countForm takes.
const maxParamCount = 9999

// node is what a value of the parameter looks like.
func (p Param) node() *schema.Node {
	choice := schema.OneOf(schema.Words(p.Choices...)...)
	switch p.Kind {
	case KindText, KindConstant, KindList, KindTarget:
		return schema.Text()
	case KindTexts, KindConstants, KindMentions:
		return schema.OrMany(schema.Text(), 1)
	case KindDuration:
		return schema.OrWords(schema.Matching(DurationPattern, DurationMessage()), p.Choices...)
	case KindSpan:
		return schema.Matching(spanPattern, diag.T("这里要写时长或范围，例如 30s、20s..90s", "a length of time or a range of them is wanted here, such as 30s or 20s..90s"))
	case KindYesNo:
		return schema.Or(schema.YesNo(), schema.Matching(schema.AnyOf("true", "false"), schema.YesNo().Message))
	case KindChoice:
		return choice
	case KindChoices:
		return schema.OrMany(choice, 1)
	case KindCount:
		return schema.Or(schema.Whole(1, maxParamCount), schema.Matching(countForm.String(), schema.Whole(1, maxParamCount).Message))
	case KindMoment:
		return schema.Matching(`^[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{1,2}:[0-9]{2}$`, diag.T("写成 2026-03-02 10:00", "write it like 2026-03-02 10:00"))
	case KindClock:
		return schema.Matching(`^[0-2][0-9]:[0-5][0-9]$`, diag.T("写成 09:30", "write it like 09:30"))
	case KindObject:
		return paramsSchema(p.Inner)
	case KindObjects:
		return schema.OrMany(paramsSchema(p.Inner), 1)
	case KindHeaders:
		return schema.Map(schema.Text())
	case KindFields:
		return schema.Map(&schema.Node{})
	case KindGroups:
		return schema.Or(schema.OrMany(schema.Text(), 1), schema.Map(schema.OrMany(schema.Text(), 1)))
	case KindName:
		return schema.Matching(`^[\p{L}_][\p{L}\p{N}_]*$`, diag.T("名称用字母、数字和下划线，不以数字开头", "a name has letters, digits and underscores and does not begin with a digit"))
	case KindCounter:
		return schema.Matching(`^(?:`+factScopes+`)\..+$`, diag.T("写成「范围.名称」，例如 user.广告次数", "write SCOPE.NAME, such as user.ads"))
	case KindFacts:
		return &schema.Node{Types: []string{schema.String, schema.Number, schema.Boolean, schema.Null}}
	}
	return &schema.Node{}
}
