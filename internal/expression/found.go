package expression

import (
	"maps"
	"reflect"
	"slices"
	"strings"

	"github.com/expr-lang/expr"
	"github.com/expr-lang/expr/ast"
	"github.com/expr-lang/expr/parser/utils"
)

// Found is what a step looked up, under the name that later steps know it by. It
// is plain data: a run keeps it as JSON over every restart. All ids are texts.
type Found struct {
	Shape    Shape         `json:"shape"`
	IDs      []string      `json:"ids,omitempty"`
	Contacts []Contact     `json:"contacts,omitempty"`
	Group    Group         `json:"group,omitzero"`
	Members  []GroupMember `json:"members,omitempty"`
	Tags     []Tag         `json:"tags,omitempty"`
	Text     string        `json:"text,omitempty"`
	Number   int           `json:"number,omitempty"`
	Call     CallAnswer    `json:"call,omitzero"`
}

// Shape says which of its fields a Found has, and so what an expression may do
// with it.
type Shape string

// The shapes of what can be looked up.
const (
	ShapeIDs      Shape = "ids"      // a list of people's ids
	ShapeContacts Shape = "contacts" // a list of Contact
	ShapeGroup    Shape = "group"    // one Group
	ShapeMembers  Shape = "members"  // a list of GroupMember
	ShapeTags     Shape = "tags"     // a list of Tag
	ShapeText     Shape = "text"     // one text
	ShapeNumber   Shape = "number"   // one number
	ShapeCall     Shape = "call"     // one CallAnswer
	ShapeBroken   Shape = "broken"   // the step has mistakes, so that nobody knows: whatever is done with it is no mistake too
)

// Contact is a person or a group that was asked for by id (§3.21).
type Contact struct {
	ID          string `json:"id" expr:"id"`
	Name        string `json:"name,omitempty" expr:"name"`
	Remark      string `json:"remark,omitempty" expr:"remark"`           // the name we gave this person
	Description string `json:"description,omitempty" expr:"description"` // what we noted about this person
	Phone       string `json:"phone,omitempty" expr:"phone"`
	Position    string `json:"position,omitempty" expr:"position"`
	Avatar      string `json:"avatar,omitempty" expr:"avatar"`
	Gender      int    `json:"gender,omitempty" expr:"gender"`
	IsExternal  bool   `json:"is_external,omitempty" expr:"is_external"`
}

// Group is a group as the platform lists it (§2.4).
type Group struct {
	ID          string `json:"id" expr:"id"`
	Name        string `json:"name,omitempty" expr:"name"`
	OwnerID     string `json:"owner_id,omitempty" expr:"owner_id"`
	OwnerName   string `json:"owner_name,omitempty" expr:"owner_name"`
	MemberCount int    `json:"member_count,omitempty" expr:"member_count"`
	IsExternal  bool   `json:"is_external,omitempty" expr:"is_external"`
}

// GroupMember is one of a group's members (§2.6).
type GroupMember struct {
	ID         string `json:"id" expr:"id"`
	Name       string `json:"name,omitempty" expr:"name"`
	Avatar     string `json:"avatar,omitempty" expr:"avatar"`
	IsOwner    bool   `json:"is_owner,omitempty" expr:"is_owner"`
	IsExternal bool   `json:"is_external,omitempty" expr:"is_external"`
}

// Tag is one of a robot's customer tags (§3.12).
type Tag struct {
	ID    string `json:"id" expr:"id"`
	Name  string `json:"name" expr:"name"`
	Group string `json:"group,omitempty" expr:"group"`
}

// CallAnswer is what another server answered to a call.
type CallAnswer struct {
	Status int    `json:"status,omitempty" expr:"status"`
	Text   string `json:"text,omitempty" expr:"text"` // as it came
	// Fields are the values of a JSON answer by their paths, such as data.0.name, all
	// as texts. What is not there is "".
	Fields map[string]string `json:"fields,omitempty" expr:"fields"`
}

// keywords are the words of expr that no name can be.
var keywords = map[string]bool{
	"in": true, "not": true, "and": true, "or": true, "matches": true, "contains": true, "startsWith": true, "endsWith": true,
	"let": true, "if": true, "else": true, "true": true, "false": true, "nil": true, "null": true,
}

// NameProblem says why what a step looks up cannot have this name; ok when it can.
func NameProblem(name string, o *Options) (p Problem, ok bool) {
	if o == nil {
		o = &Options{}
	}
	at := whole(name)
	_, found := o.Found[name]
	switch r := (&resolver{o: o}); {
	case !utils.IsValidIdentifier(name) || keywords[name]:
		return say(at, "BE204", "`%s` 不能作名称", "`%s` can't be a name", name).
			hint("名称由文字、数字和 _ 组成，不以数字开头", "a name has letters, digits and _ and does not begin with a digit"), false
	case found || r.taken(name):
		return say(at, "BE204", "`%s` 这个名字已经有了", "the name `%s` is taken", name).hint("请换一个名字", "choose another one"), false
	}
	return Problem{}, true
}

// foundPrefix begins the functions that read what was looked up, one for each
// shape: the checker knows what a call gives by its name.
const foundPrefix = hiddenPrefix + "found_"

// foundTypes are the types that expressions see.
var foundTypes = map[Shape]reflect.Type{
	ShapeIDs: reflect.TypeFor[[]string](), ShapeContacts: reflect.TypeFor[[]Contact](), ShapeGroup: reflect.TypeFor[Group](),
	ShapeMembers: reflect.TypeFor[[]GroupMember](), ShapeTags: reflect.TypeFor[[]Tag](),
	ShapeText: reflect.TypeFor[string](), ShapeNumber: reflect.TypeFor[int](),
	ShapeCall: reflect.TypeFor[CallAnswer](),
}

// foundFunctions read what was looked up; __found_has is `in` on a list of ids.
func foundFunctions() []expr.Option {
	return []expr.Option{
		expr.Function(foundPrefix+"ids", lookUp(ShapeIDs), new(func(*run, string) []string)),
		expr.Function(foundPrefix+"contacts", lookUp(ShapeContacts), new(func(*run, string) []Contact)),
		expr.Function(foundPrefix+"group", lookUp(ShapeGroup), new(func(*run, string) Group)),
		expr.Function(foundPrefix+"members", lookUp(ShapeMembers), new(func(*run, string) []GroupMember)),
		expr.Function(foundPrefix+"tags", lookUp(ShapeTags), new(func(*run, string) []Tag)),
		expr.Function(foundPrefix+"text", lookUp(ShapeText), new(func(*run, string) string)),
		expr.Function(foundPrefix+"number", lookUp(ShapeNumber), new(func(*run, string) int)),
		expr.Function(foundPrefix+"call", lookUp(ShapeCall), new(func(*run, string) CallAnswer)),
		expr.Function(foundPrefix+"broken", lookUp(ShapeBroken), new(func(*run, string) any)),
		expr.Function(foundPrefix+"has", foundHas, new(func(*run, string, string) bool)),
	}
}

// lookUp returns the function that gives a Found of the shape.
func lookUp(want Shape) func(p ...any) (any, error) {
	return func(p ...any) (any, error) {
		r, name := p[0].(*run), p[1].(string)
		if v, ok := r.found[name]; ok {
			return v, nil
		}
		f, ok := r.scope.Found[name]
		if !ok || f.Shape != want {
			return nil, because("前面没有查到 `%s`", "`%s` was not looked up before this", name)
		}
		v, size := f.view(r.clean)
		if r.found == nil {
			r.found = map[string]any{}
		}
		r.found[name] = v
		return v, r.burn(1 + size>>2)
	}
}

// view is what the expression gets, and how many entries it has.
func (f *Found) view(clean bool) (v any, size int) {
	switch f.Shape {
	case ShapeContacts:
		return cleaned(f.Contacts, clean, func(c *Contact) { c.Name, c.Remark = cleanName(c.Name), cleanName(c.Remark) }), len(f.Contacts)
	case ShapeMembers:
		return cleaned(f.Members, clean, func(m *GroupMember) { m.Name = cleanName(m.Name) }), len(f.Members)
	case ShapeGroup:
		g := cleaned([]Group{f.Group}, clean, func(g *Group) { g.Name, g.OwnerName = cleanName(g.Name), cleanName(g.OwnerName) })
		return g[0], 1
	case ShapeTags:
		return slices.Clone(f.Tags), len(f.Tags)
	case ShapeText:
		return f.Text, 1
	case ShapeNumber:
		return f.Number, 1
	case ShapeCall:
		return CallAnswer{Status: f.Call.Status, Text: f.Call.Text, Fields: maps.Clone(f.Call.Fields)}, len(f.Call.Fields)
	default:
		return slices.Clone(f.IDs), len(f.IDs)
	}
}

// cleaned copies a list, and with clean makes the names in it fit for a message.
func cleaned[T any](list []T, clean bool, names func(*T)) []T {
	out := slices.Clone(list)
	for i := range out {
		if clean {
			names(&out[i])
		}
	}
	return out
}

// foundHas is `id in NAME`: it looks, instead of walking the list each time.
func foundHas(p ...any) (any, error) {
	r, id, name := p[0].(*run), p[1].(string), p[2].(string)
	if set, ok := r.sets[name]; ok {
		return set.has(id), nil
	}
	f, ok := r.scope.Found[name]
	if !ok || f.Shape != ShapeIDs {
		return nil, because("前面没有查到 `%s`", "`%s` was not looked up before this", name)
	}
	if r.sets == nil {
		r.sets = map[string]*wordSet{}
	}
	r.sets[name] = newWordSet(f.IDs)
	return r.sets[name].has(id), r.burn(1 + len(f.IDs)>>2)
}

// found resolves the name of something that was looked up.
func (r *resolver) found(n *ast.IdentifierNode, shape Shape) ast.Node {
	r.facts = true
	return r.make(n, foundPrefix+string(shape), &ast.StringNode{Value: n.Value})
}

// foundType is what a call of one of the functions gives.
func foundType(function string) (reflect.Type, bool) {
	shape, ok := strings.CutPrefix(function, foundPrefix)
	t, known := foundTypes[Shape(shape)]
	return t, ok && known
}

// nameOfCallee is the name of a function, "" when it is called in another way.
func nameOfCallee(n *ast.IdentifierNode) string {
	if n == nil {
		return ""
	}
	return n.Value
}

// foundIDs is the name of the list of ids that n reads.
func foundIDs(n ast.Node) (name string, ok bool) {
	call, isCall := n.(*ast.CallNode)
	if !isCall || len(call.Arguments) != 2 {
		return "", false
	}
	callee, _ := call.Callee.(*ast.IdentifierNode)
	at, _ := call.Arguments[1].(*ast.StringNode)
	return nameOf(at), nameOfCallee(callee) == foundPrefix+string(ShapeIDs) && at != nil
}
