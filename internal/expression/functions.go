package expression

import (
	"math"
	"reflect"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/expr-lang/expr"
	"github.com/expr-lang/expr/vm/runtime"

	"botengine/internal/calendar"
)

// hiddenPrefix begins the names the resolver puts into a tree. The scanner of
// names refuses it, so no source can call them directly.
const hiddenPrefix = "__"

// functions are what programs call. The first argument of each is the run, which
// pays for them; the resolver puts it there. Each has one type only: the checker
// visits the arguments of a call once for every type its function has, which is
// exponential in the nesting of calls. What a list holds is checked when it runs.
func functions() []expr.Option {
	return append(slices.Concat(foundFunctions(), groupFunctions(), answerFunctions(), pastFunctions()),
		expr.Function("__tick", tick, new(func(*run, int) bool)),
		expr.Function("__fact", fact, new(func(*run, *factRef) any)),
		expr.Function("__step", step, new(func(*run, string) stepView)),
		expr.Function("__in", isIn, new(func(*run, string, *wordSet) bool)),
		expr.Function("__matches", matches, new(func(*run, string, *pattern) bool)),
		expr.Function("__cat", concatenate, new(func(*run, string, string) string)),
		expr.Function("__add", add, new(func(*run, any, any) any)),
		expr.Function("__substr", slice, new(func(*run, string, int, int) string)),
		expr.Function("__slice", slice, new(func(*run, any, int, int) any)),
		expr.Function("__replace", replace, new(func(*run, string, string, string, int) string)),
		expr.Function("__join", join, new(func(*run, any, string) string)),
		expr.Function("__split", split, new(func(*run, string, string) []string)),
		expr.Function("__uniq", uniq, new(func(*run, any) []any)),
		expr.Function("__string", toText, new(func(*run, any) string)),
		expr.Function("__fold", foldText, new(func(*run, string) string)),
		expr.Function("__names", names, new(func(*run, any) string)),
		expr.Function("__contains_any", containsAny, new(func(*run, string, any) bool)),
		expr.Function("__between", between, new(func(*run, *daySpan) bool)),
		expr.Function("__workday", isWorkday, new(func(*run, *calendar.Workdays) bool)),
		expr.Function("__mask_phone", maskPhone, new(func(*run, string) string)),
	)
}

// own are the functions of the language that are ours; each is "__" + its name.
var own = map[string]kind{
	"replace": text, "join": text, "split": list, "uniq": list, "string": text, "fold": text, "names": text,
	"contains_any": yesNo, "in_list": yesNo, "between": yesNo, "workday": yesNo, "mask_phone": text,
	"since": duration, "tagged": yesNo,
}

// charge pays for handling n bytes.
func charge(p any, n int) error { return p.(*run).burn(1 + n>>10) }

// tick pays for one turn of a loop whose body looks at texts weight times.
func tick(p ...any) (any, error) {
	r := p[0].(*run)
	return true, r.burn(1 + p[1].(int)*(2*r.size-1))
}

// factRef names a fact, and what stands for it when there is none.
type factRef struct {
	scope, name string
	absent      any
}

func fact(p ...any) (any, error) {
	r, ref := p[0].(*run), p[1].(*factRef)
	if r.scope.Facts == nil {
		return ref.absent, nil
	}
	v, ok := r.scope.Facts.ReadFact(ref.scope, ref.name)
	if !ok || v == nil {
		return ref.absent, nil
	}
	if ref.absent != nil && kindOf(v) != kindOf(ref.absent) {
		return nil, because("`%[1]s.%[2]s` 存的不是%[3]s", "`%[1]s.%[2]s` does not hold %[4]s",
			ref.scope, ref.name, kindOf(ref.absent).in().ZH, kindOf(ref.absent).in().EN)
	}
	return v, nil
}

func step(p ...any) (any, error) {
	s := p[0].(*run).scope.Steps[p[1].(string)]
	return stepView{Code: s.Code, Msg: s.Msg, OK: s.OK}, nil
}

func isIn(p ...any) (any, error) {
	s, ok := p[1].(string)
	return ok && p[2].(*wordSet).has(s), nil
}

func matches(p ...any) (any, error) {
	if p[1] == nil {
		return false, nil
	}
	s, pat := cutText(p[1].(string), maxSubject), p[2].(*pattern)
	if err := p[0].(*run).burn(pat.cost(s)); err != nil {
		return nil, err
	}
	return pat.re.MatchString(s), nil
}

// cutText shortens s to n bytes, never inside of a character.
func cutText(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n]
}

func concatenate(p ...any) (any, error) {
	a, b := p[1].(string), p[2].(string)
	if len(a)+len(b) > maxString {
		return nil, ErrBudget
	}
	return a + b, charge(p[0], len(a)+len(b))
}

// add is `+` where the types are known only now.
func add(p ...any) (any, error) {
	_, left := p[1].(string)
	_, right := p[2].(string)
	switch {
	case left && right:
		return concatenate(p...)
	case left != right:
		return nil, because("文字不能和别的东西相加，请用 string(…) 转换", "a text can only be added to a text: use string(…)")
	}
	return runtime.Add(p[1], p[2]), nil
}

// slice cuts texts by characters; expr itself would cut through them.
func slice(p ...any) (any, error) {
	s, ok := p[1].(string)
	from, to := p[2].(int), p[3].(int)
	if !ok {
		if to == math.MaxInt {
			to = runtime.Len(p[1])
		}
		return runtime.Slice(p[1], from, to), nil
	}
	if err := charge(p[0], len(s)); err != nil {
		return nil, err
	}
	n := utf8.RuneCountInString(s)
	from, to = clamp(from, n), clamp(to, n)
	if from >= to {
		return "", nil
	}
	start := runeIndex(s, from)
	return s[start : start+runeIndex(s[start:], to-from)], nil
}

// clamp makes i an index of n characters; a negative one counts from the end.
func clamp(i, n int) int {
	if i < 0 {
		i += n
	}
	return min(max(i, 0), n)
}

// runeIndex is the byte at which character n of s begins.
func runeIndex(s string, n int) int {
	for i := range s {
		if n == 0 {
			return i
		}
		n--
	}
	return len(s)
}

func replace(p ...any) (any, error) {
	s, old, with, n := p[1].(string), p[2].(string), p[3].(string), p[4].(int)
	if err := charge(p[0], 2*len(s)); err != nil {
		return nil, err
	}
	count := strings.Count(s, old)
	if n >= 0 {
		count = min(count, n)
	}
	size := len(s) + count*(len(with)-len(old))
	if size > maxString {
		return nil, ErrBudget
	}
	return strings.Replace(s, old, with, count), charge(p[0], size)
}

func join(p ...any) (any, error) {
	sep := p[2].(string)
	parts, err := texts(p[1])
	if err != nil {
		return nil, err
	}
	size := len(sep) * len(parts)
	for _, s := range parts {
		size += len(s)
	}
	if size > maxString {
		return nil, ErrBudget
	}
	return strings.Join(parts, sep), charge(p[0], size+len(parts)<<6)
}

// texts reads a list of texts.
func texts(v any) ([]string, error) {
	switch v := v.(type) {
	case []string:
		return v, nil
	case []any:
		out := make([]string, len(v))
		for i, e := range v {
			s, ok := e.(string)
			if !ok {
				return nil, because("列表里有不是文字的东西", "the list holds something that is not a text")
			}
			out[i] = s
		}
		return out, nil
	}
	return nil, because("这里要一个文字列表", "a list of texts is needed here")
}

func split(p ...any) (any, error) {
	s, sep := p[1].(string), p[2].(string)
	if err := charge(p[0], len(s)); err != nil {
		return nil, err
	}
	if strings.Count(s, sep) >= maxParts {
		return nil, ErrBudget
	}
	return strings.Split(s, sep), p[0].(*run).burn(strings.Count(s, sep) >> 4)
}

func uniq(p ...any) (any, error) {
	parts, err := texts(p[1])
	if err != nil {
		return nil, err
	}
	seen := make(map[string]bool, len(parts))
	out := make([]any, 0, len(parts))
	for _, s := range parts {
		if !seen[s] {
			seen[s] = true
			out = append(out, s)
		}
	}
	return out, charge(p[0], len(parts)<<9)
}

func toText(p ...any) (any, error) {
	switch p[1].(type) {
	case []string, []any, []memberView, []gatheredView, []Contact, []GroupMember, []Tag, map[string]any:
		return nil, because("列表不能转成文字，请用 join", "a list is no text: use join")
	case nil:
		return "", nil
	}
	return render(p[1])
}

func foldText(p ...any) (any, error) {
	s := p[1].(string)
	if err := charge(p[0], 8*len(s)); err != nil {
		return nil, err
	}
	return p[0].(*run).fold(s), nil
}

func names(p ...any) (any, error) {
	list := reflect.ValueOf(p[1])
	if list.Kind() != reflect.Slice {
		return nil, notPeople()
	}
	out := make([]string, list.Len())
	for i := range out {
		name, ok := nameOfPerson(list.Index(i).Interface())
		if !ok {
			return nil, notPeople()
		}
		out[i] = name
	}
	return join(p[0], out, listSeparator)
}

func notPeople() error {
	return because("names 只接受成员列表", "names takes a list of members")
}

// nameOfPerson is the name of an entry of one of the lists of people.
func nameOfPerson(v any) (string, bool) {
	switch p := v.(type) {
	case memberView:
		return p.Name, true
	case senderView:
		return p.Name, true
	case GroupMember:
		return p.Name, true
	case Contact:
		return p.Name, true
	}
	return "", false
}

func containsAny(p ...any) (any, error) {
	r := p[0].(*run)
	s, ok := p[1].(string)
	if !ok {
		return false, nil
	}
	if err := charge(r, 20*len(s)); err != nil {
		return nil, err
	}
	view := r.fold(s)
	if set, ok := p[2].(*wordSet); ok {
		return set.in(view), nil
	}
	words, err := texts(p[2])
	if err != nil {
		return nil, err
	}
	if err := r.burn(len(words) * (1 + len(view)>>10)); err != nil {
		return nil, err
	}
	return slices.ContainsFunc(words, func(w string) bool {
		return slices.ContainsFunc(folder.Words(w), func(w string) bool { return w != "" && strings.Contains(view, w) })
	}), nil
}

// daySpan is a part of every day, in minutes; it may cross midnight.
type daySpan struct{ from, to int }

// parseDaySpan reads "09:00" and "18:00".
func parseDaySpan(from, to string) (*daySpan, bool) {
	a, ok := minuteOfDay(from)
	b, fine := minuteOfDay(to)
	return &daySpan{from: a, to: b}, ok && fine
}

// minuteOfDay reads a time of day; 24:00 is its end.
func minuteOfDay(s string) (int, bool) {
	if s == "24:00" {
		return 24 * 60, true
	}
	t, err := time.Parse("15:04", s)
	return t.Hour()*60 + t.Minute(), err == nil
}

func between(p ...any) (any, error) {
	span, now := p[1].(*daySpan), p[0].(*run).env.Now
	minute := now.Hour()*60 + now.Minute()
	if span.from <= span.to {
		return span.from <= minute && minute < span.to, nil
	}
	return minute >= span.from || minute < span.to, nil
}

// maskPhone hides the middle of every mobile number: 138****1234.
func maskPhone(p ...any) (any, error) {
	s := p[1].(string)
	if err := charge(p[0], len(s)); err != nil {
		return nil, err
	}
	out := []byte(s)
	for i := 0; i < len(s); i++ {
		n := digits(s[i:])
		if n == 11 && s[i] == '1' && s[i+1] >= '3' {
			copy(out[i+3:i+7], "****")
		}
		i += n
	}
	return string(out), nil
}

// digits counts the digits s begins with.
func digits(s string) int {
	n := 0
	for n < len(s) && s[n] >= '0' && s[n] <= '9' {
		n++
	}
	return n
}
