package actions

import (
	"reflect"

	"go.yaml.in/yaml/v3"

	"botengine/internal/diag"
)

// value is one parameter's value: it reads itself from YAML.
type value interface {
	read(n *yaml.Node, b *Binder)
	kind() Kind
}

// shape is what the struct of an action's parameters says about itself.
type shape struct {
	params []Param
	fields map[string]int // by the parameter's name: the field's number
	rest   int            // the field that takes the keys with a dot in them; -1 = none
	main   string
}

// shapeOf reads the tags of P: yaml, zh, en, required. The yaml name "*" marks
// the field that takes every key of the form `<scope>.<name>`.
func shapeOf[P any](main string) shape {
	t := reflect.TypeFor[P]()
	s := shape{fields: make(map[string]int), rest: -1, main: main}
	for i := range t.NumField() {
		f := t.Field(i)
		p := Param{
			Name:     f.Tag.Get("yaml"),
			Kind:     reflect.New(f.Type).Interface().(value).kind(),
			Doc:      diag.Text{ZH: f.Tag.Get("zh"), EN: f.Tag.Get("en")},
			Required: f.Tag.Get("required") == "true",
		}
		v := reflect.New(f.Type).Interface()
		if c, ok := v.(interface{ choices() []string }); ok {
			p.Choices = c.choices()
		}
		if o, ok := v.(interface{ inner() []Param }); ok {
			p.Inner = o.inner()
		}
		if p.Name == "*" {
			p.Name, s.rest = "", i
		} else {
			s.fields[p.Name] = i
		}
		s.params = append(s.params, p)
	}
	return s
}

// names lists the parameters that have a name of their own.
func (s shape) names() []string {
	var names []string
	for _, p := range s.params {
		if p.Name != "" {
			names = append(names, p.Name)
		}
	}
	return names
}

// field returns the value that the parameter of that name is read into.
func (s shape) field(into any, index int) value {
	return reflect.ValueOf(into).Elem().Field(index).Addr().Interface().(value)
}
