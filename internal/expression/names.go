package expression

import (
	"maps"
	"reflect"
	"slices"
	"strings"
	"sync"

	"github.com/expr-lang/expr/builtin"

	"botengine/internal/event"
)

// root is a name at the beginning of a path.
type root struct {
	given func(event.Kind) bool // by which events; nil: by all
	typ   reflect.Type          // nil: not a value by itself, needs .NAME
	fact  bool                  // what is no field of it is a fact
}

// roots are all names of the language but functions and macros.
var roots = makeRoots()

func makeRoots() map[string]root {
	message := event.Kind.HasMessage
	person := func(k event.Kind) bool { return k.HasMessage() || k == event.FriendRequest }
	chat := func(k event.Kind) bool {
		return k.HasMessage() || k == event.MemberJoin || k == event.ChatUpdated || k == event.ScheduleChat
	}
	failed := func(k event.Kind) bool { return k == event.Result }
	only := func(want event.Kind) func(event.Kind) bool { return func(k event.Kind) bool { return k == want } }
	out := map[string]root{
		"text": {given: message}, "message": {given: message}, "sender": {given: message},
		"chat": {given: chat, fact: true}, "robot": {fact: true},
		"friend": {given: only(event.FriendRequest)}, "members": {given: only(event.MemberJoin)},
		"result": {given: failed},
		"event":  {}, "events": {}, "hit": {}, "now": {},
		"vars": {}, "inputs": {}, "lists": {}, "steps": {},
		"user": {given: person, fact: true}, "member": {given: message, fact: true}, "global": {fact: true},
	}
	fields := fieldsOf(reflect.TypeFor[env]())
	for name, r := range out {
		r.typ = fields[name]
		out[name] = r
	}
	return out
}

// missing lists the kinds that do not give the name.
func (r root) missing(kinds []event.Kind) []string {
	var out []string
	for _, k := range kinds {
		if r.given != nil && !r.given(k) {
			out = append(out, k.Trigger())
		}
	}
	return out
}

// fieldsOf gives the fields of a view by their names in the language.
func fieldsOf(t reflect.Type) map[string]reflect.Type {
	if known, ok := fieldsByType.Load(t); ok {
		return known.(map[string]reflect.Type)
	}
	fields := readFields(t)
	fieldsByType.Store(t, fields)
	return fields
}

// fieldsByType is what fieldsOf found: types are few, and reflection is slow.
var fieldsByType sync.Map

func readFields(t reflect.Type) map[string]reflect.Type {
	if t == nil || t.Kind() != reflect.Struct {
		return nil
	}
	out := make(map[string]reflect.Type, t.NumField())
	for field := range t.Fields() {
		if name := field.Tag.Get("expr"); name != "" && !strings.HasPrefix(name, hiddenPrefix) {
			out[name] = field.Type
		}
	}
	return out
}

// viewFields gives the fields of a view by the name the type checker gives it.
var viewFields = makeViewFields()

func makeViewFields() map[string][]string {
	out := map[string][]string{}
	for _, t := range []reflect.Type{
		reflect.TypeFor[eventView](), reflect.TypeFor[messageView](), reflect.TypeFor[linkView](), reflect.TypeFor[chatView](),
		reflect.TypeFor[senderView](), reflect.TypeFor[gatheredView](), reflect.TypeFor[robotView](), reflect.TypeFor[friendView](), reflect.TypeFor[memberView](),
		reflect.TypeFor[hitView](), reflect.TypeFor[spanView](), reflect.TypeFor[stepView](), reflect.TypeFor[answerView](), reflect.TypeFor[answererView](), reflect.TypeFor[resultView](),
		reflect.TypeFor[Contact](), reflect.TypeFor[Group](), reflect.TypeFor[GroupMember](), reflect.TypeFor[Tag](), reflect.TypeFor[CallAnswer](),
	} {
		out[t.String()] = slices.Sorted(maps.Keys(fieldsOf(t)))
	}
	return out
}

// timeMethods are the methods of a time that may be called, all without effect
// and without cost.
var timeMethods = map[string]kind{
	"Year": number, "Month": number, "Day": number, "Hour": number, "Minute": number, "Second": number,
	"Weekday": number, "YearDay": number, "Unix": number, "UnixMilli": number,
	"Format": text, "Before": yesNo, "After": yesNo, "Add": moment, "Sub": duration,
}

// builtins are expr's own functions that the language has, and what they give.
var builtins = map[string]kind{
	"len": number, "type": text, "abs": number, "ceil": number, "floor": number, "round": number, "int": number, "float": number,
	"trim": text, "trimPrefix": text, "trimSuffix": text, "upper": text, "lower": text,
	"indexOf": number, "lastIndexOf": number, "hasPrefix": yesNo, "hasSuffix": yesNo,
	"first": unknown, "last": unknown, "get": unknown, "duration": duration, "date": moment,
	"max": number, "min": number, "mean": number, "median": number, "take": list, "keys": list, "values": list,
	"reverse": list, "sort": list, "toPairs": list, "fromPairs": mapping,
	"bitand": number, "bitor": number, "bitxor": number, "bitnand": number, "bitnot": number, "bitshl": number, "bitshr": number, "bitushr": number,
	"all": yesNo, "none": yesNo, "any": yesNo, "one": yesNo, "filter": list, "map": list, "count": number, "sum": number,
	"find": unknown, "findIndex": number, "findLast": unknown, "findLastIndex": number, "groupBy": mapping, "sortBy": list,
}

// walkers are functions that walk a list without paying for it; a loop inside of
// a loop must not call them.
var walkers = map[string]bool{
	"max": true, "min": true, "mean": true, "median": true, "take": true, "keys": true, "values": true, "reverse": true,
	"sort": true, "toPairs": true, "fromPairs": true, "count": true, "sum": true,
}

// textFunctions are those whose cost grows with the text they are handed.
var textFunctions = map[string]bool{
	"len": true, "trim": true, "trimPrefix": true, "trimSuffix": true, "upper": true, "lower": true,
	"indexOf": true, "lastIndexOf": true, "hasPrefix": true, "hasSuffix": true, "int": true, "float": true, "date": true,
}

// forbidden are functions of expr that could eat memory or time, or that read
// more than the event; with what to write instead.
var forbidden = map[string][2]string{
	"reduce": {"请用 sum、count 或 join", "use sum, count or join"}, "repeat": {}, "toJSON": {}, "fromJSON": {}, "toBase64": {}, "fromBase64": {},
	"concat": {"文字可以用 + 相连", "texts are joined by +"}, "flatten": {}, "splitAfter": {"请用 split", "use split"},
	"timezone": {"时间总是北京时间", "times are always those of China"},
	"now":      {"`now` 后面不写括号", "`now` has no brackets behind it"},
}

// functionNames are the functions an author may call, but for those that juggle
// bits: nobody misses them in a hint.
var functionNames = slices.Sorted(func(yield func(string) bool) {
	for name := range builtins {
		if !strings.HasPrefix(name, "bit") && !yield(name) {
			return
		}
	}
	for name := range own {
		if !yield(name) {
			return
		}
	}
})

// overloads says how many types the checker tries for a call of one of expr's own
// functions. It visits the arguments for each of them, so calls within calls
// multiply.
var overloads = makeOverloads()

func makeOverloads() map[string]int {
	out := map[string]int{}
	for _, f := range builtin.Builtins {
		if len(f.Types) > 1 {
			out[f.Name] = len(f.Types)
		}
	}
	return out
}
