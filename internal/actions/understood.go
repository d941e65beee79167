package actions

import (
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"botengine/internal/diag"
	"botengine/internal/expression"
)

// Understood is a parameter of a step as it was understood.
type Understood struct {
	Name   string
	Kind   Kind
	Values []string // texts as written, with their {{ }}; all else in its usual form
	// Default says that it was not written and the value is what holds then.
	Default bool
}

// Understand says how the parameters of a step were understood, in the order of the
// reference. What was left out and has no value then is not among them; a secret is
// never shown.
func Understand(step Bound) []Understood {
	if b, ok := step.(interface{ understood() []Understood }); ok {
		return b.understood()
	}
	return nil
}

func (b *bound[P]) understood() []Understood {
	return understand(shapeOf[P](b.spec.Main).params, reflect.ValueOf(b.params).Elem(), "")
}

func understand(params []Param, of reflect.Value, within string) []Understood {
	var out []Understood
	for i, p := range params {
		field := of.Field(i)
		u := Understood{Name: within + p.Name, Kind: p.Kind}
		if inner, ok := reflect.TypeAssert[interface{ parts() []reflect.Value }](field.Addr()); ok {
			for n, part := range inner.parts() {
				name := u.Name
				if p.Kind == KindObjects {
					name += "." + strconv.Itoa(n+1)
				}
				out = append(out, understand(p.Inner, part, name+".")...)
			}
			continue
		}
		if set, ok := reflect.TypeAssert[*Assignments](field.Addr()); ok {
			for _, a := range set.list {
				out = append(out, Understood{Name: a.scope + "." + a.name, Kind: p.Kind, Values: []string{a.shown()}})
			}
			continue
		}
		u.Values, u.Default = shown(field.Addr().Interface())
		if len(u.Values) > 0 {
			out = append(out, u)
		}
	}
	return out
}

// shown is what the value of a parameter looks like, and whether nobody wrote it.
func shown(v any) (values []string, byDefault bool) {
	switch v := v.(type) {
	case *Text:
		return some(v.written()), false
	case *Texts:
		for _, one := range v.list {
			values = append(values, one.written())
		}
	case *Constant:
		return some(v.text), false
	case *Constants:
		values = v.list
	case *Duration:
		return some(shortSpan(v.d)), false
	case *PauseTime:
		if v.off {
			return []string{pauseOff}, false
		}
		return some(shortSpan(v.d)), false
	case *Span:
		if v.max == v.min {
			return some(shortSpan(v.min)), false
		}
		return []string{shortSpan(v.min) + ".." + shortSpan(v.max)}, false
	case *YesNo:
		return []string{strconv.FormatBool(v.yes)}, !v.yes
	case *Count:
		if v.n > 0 {
			return []string{strconv.Itoa(v.n)}, false
		}
	case *ListName:
		return some(v.name), false
	case *NewName:
		return some(v.name), false
	case *CounterName:
		if v.name != "" {
			return []string{v.scope + "." + v.name}, false
		}
	case *Moment:
		if !v.at.IsZero() {
			return []string{v.at.Format(time.RFC3339)}, false
		}
	case *Clock:
		return some(v.text), false
	case *Target:
		if v.own {
			return []string{"true"}, false
		}
		return some(v.id.text), false
	default:
		return shownMore(v), false
	}
	return values, false
}

// shownMore is shown for what has parts of its own.
func shownMore(v any) (values []string) {
	switch v := v.(type) {
	case *Mentions:
		if v.sender {
			values = append(values, "sender")
		}
		if v.members {
			values = append(values, "members")
		}
		for _, id := range v.ids {
			values = append(values, id.written())
		}
	case *Headers:
		for name, value := range v.values {
			if headerPrivate.MatchString(name) && !strings.Contains(value, "${") {
				value = "<secret>"
			}
			values = append(values, name+": "+value)
		}
		slices.Sort(values)
	case *Fields:
		for _, e := range v.entries {
			values = append(values, e.name+": "+e.value.shown())
		}
	case *RobotGroups:
		for _, one := range v.list {
			text := strings.Join(one.groups, ", ")
			if one.robot.Given() {
				text = one.robot.text + ": " + text
			}
			values = append(values, text)
		}
	case interface{ chosen() []string }:
		values = v.chosen()
	}
	return values
}

func (c *Choice[W]) chosen() []string { return some(c.word) }

func (c *Choices[W]) chosen() []string { return c.list }

func (o *Object[P]) parts() []reflect.Value {
	if o.p == nil {
		return nil
	}
	return []reflect.Value{reflect.ValueOf(o.p).Elem()}
}

func (o *Objects[P]) parts() []reflect.Value {
	var out []reflect.Value
	for _, p := range o.list {
		out = append(out, reflect.ValueOf(p).Elem())
	}
	return out
}

func some(text string) []string {
	if text == "" {
		return nil
	}
	return []string{text}
}

func (a assignment) shown() string {
	switch constant := a.constant.(type) {
	case nil:
		if a.value == nil {
			return "null"
		}
		return writtenValue(a.value)
	default:
		return fmt.Sprint(constant)
	}
}

func writtenValue(v *expression.Value) string { return v.Template().Text() }

func (v fieldValue) shown() string {
	switch {
	case v.constant != nil:
		return string(v.constant)
	case v.text != nil:
		return strconv.Quote(writtenValue(v.text))
	}
	var parts []string
	for _, e := range v.entries {
		parts = append(parts, e.name+": "+e.value.shown())
	}
	if v.entries != nil {
		return "{" + strings.Join(parts, ", ") + "}"
	}
	for _, item := range v.items {
		parts = append(parts, item.shown())
	}
	return "[" + strings.Join(parts, ", ") + "]"
}

// shortSpan is a length of time as rules write it: 10m, 1h30m; none is "".
func shortSpan(d time.Duration) string {
	if d == 0 {
		return ""
	}
	return diag.Short(d)
}
