package expression

import (
	"reflect"
	"strings"
	"time"

	"botengine/internal/diag"
)

// kind is what a value is to a rule's author.
type kind uint8

const (
	unknown kind = iota
	text
	number
	yesNo
	list
	mapping
	moment
	duration
	things // an object with fields, such as sender
	nothing
)

// in is the kind in words.
func (k kind) in() diag.Text {
	switch k {
	case text:
		return diag.T("文字", "text")
	case number:
		return diag.T("数字", "a number")
	case yesNo:
		return diag.T("真假值", "a yes or no")
	case list:
		return diag.T("列表", "a list")
	case mapping:
		return diag.T("对照表", "a map")
	case moment:
		return diag.T("时间", "a time")
	case duration:
		return diag.T("时长", "a duration")
	case things:
		return diag.T("一组属性", "a set of fields")
	case nothing:
		return diag.T("空值", "nothing")
	default:
		return diag.T("未知类型", "something")
	}
}

// kindOf is the kind of a value.
func kindOf(v any) kind {
	if v == nil {
		return nothing
	}
	return kindOfType(reflect.TypeOf(v))
}

// kindOfType is the kind of the values of a type.
func kindOfType(t reflect.Type) kind {
	switch t {
	case reflect.TypeFor[time.Time]():
		return moment
	case reflect.TypeFor[time.Duration]():
		return duration
	}
	switch t.Kind() {
	case reflect.String:
		return text
	case reflect.Bool:
		return yesNo
	case reflect.Slice, reflect.Array:
		return list
	case reflect.Map:
		return mapping
	case reflect.Struct:
		return things
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64, reflect.Uint, reflect.Uint8,
		reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Float32, reflect.Float64:
		return number
	default:
		return unknown
	}
}

// kindNamed is the kind that the type checker calls name.
func kindNamed(name string) kind {
	switch {
	case name == "string":
		return text
	case name == "bool":
		return yesNo
	case name == "nil":
		return nothing
	case name == "time.Time":
		return moment
	case name == "time.Duration":
		return duration
	case strings.HasPrefix(name, "[]"):
		return list
	case strings.HasPrefix(name, "map["):
		return mapping
	case viewFields[name] != nil:
		return things
	case strings.HasPrefix(name, "int"), strings.HasPrefix(name, "uint"), strings.HasPrefix(name, "float"):
		return number
	}
	return unknown
}

// zero is what stands for an absent fact beside a value of the kind.
func (k kind) zero() any {
	switch k {
	case text:
		return ""
	case number:
		return 0
	case yesNo:
		return false
	default:
		return nil
	}
}
