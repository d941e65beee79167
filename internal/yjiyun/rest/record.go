package rest

import (
	"bytes"
	"encoding/json"
	"errors"
	"reflect"
	"strconv"
	"strings"
	"time"

	"botengine/internal/yjiyun"
)

// Extra are the fields of a record that the document does not name, and those it
// does whose value has another type than it says, as they came: a number in it is
// still spelt as the platform spelt it.
type Extra map[string]json.RawMessage

// records is a list of a page's records. Where there is one alone the platform
// may leave the list out (§1.2).
type records []json.RawMessage

// UnmarshalJSON reads a list, an object or null.
func (r *records) UnmarshalJSON(raw []byte) error {
	if len(raw) > 0 && raw[0] == '{' {
		*r = records{bytes.Clone(raw)}
		return nil
	}
	var list []json.RawMessage
	err := json.Unmarshal(raw, &list)
	*r = list
	return err
}

// schema knows how a record of the platform becomes a T: a struct whose fields
// bear the wire's name as `json`. Beside it `wire:"id"` makes a string an id,
// which must be readable, `wire:"key"` one that must be there too, and
// `also:"name"` gives a second spelling. What the struct does not name ends in
// its field Extra.
type schema[T any] struct {
	columns []column
	blank   T // what a field is when the platform does not say
}

// column is one field of a record.
type column struct {
	index    int
	names    []string
	id       bool
	required bool
	inner    []column // of an object inside
}

func schemaOf[T any](blank T) schema[T] {
	return schema[T]{columns: columnsOf(reflect.TypeFor[T]()), blank: blank}
}

func columnsOf(t reflect.Type) []column {
	var all []column
	for i := range t.NumField() {
		field := t.Field(i)
		name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
		if field.Type == reflect.TypeFor[Extra]() || name == "" || name == "-" {
			continue
		}
		wire := field.Tag.Get("wire")
		c := column{index: i, names: []string{name}, id: wire != "", required: wire == "key"}
		if also := field.Tag.Get("also"); also != "" {
			c.names = append(c.names, also)
		}
		if field.Type.Kind() == reflect.Struct && field.Type != reflect.TypeFor[time.Time]() {
			c.inner = columnsOf(field.Type)
		}
		all = append(all, c)
	}
	return all
}

// all reads a page's records; place is the list's name in the answer, for errors.
// One that cannot be read fails the page: nobody shall take it for absent.
func (s *schema[T]) all(place string, raw records) ([]T, error) {
	list := make([]T, 0, len(raw))
	for _, one := range raw {
		record, err := s.one(place, one)
		if err != nil {
			return nil, err
		}
		list = append(list, record)
	}
	return list, nil
}

// one reads a record.
func (s *schema[T]) one(place string, raw json.RawMessage) (T, error) {
	record := s.blank
	err := fill(reflect.ValueOf(&record).Elem(), s.columns, raw)
	if answer, ok := errors.AsType[*AnswerError](err); ok {
		answer.Field = strings.TrimSuffix(place+"."+answer.Field, ".")
	}
	return record, err
}

func fill(record reflect.Value, columns []column, raw json.RawMessage) error {
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(raw, &fields); err != nil {
		return &AnswerError{Reason: "has a type that cannot be read"}
	}
	for _, c := range columns {
		if err := c.take(record.Field(c.index), fields); err != nil {
			return err
		}
	}
	if extra := record.FieldByName("Extra"); extra.IsValid() && len(fields) > 0 {
		extra.Set(reflect.ValueOf(Extra(fields)))
	}
	return nil
}

// take moves the column's value out of the fields and into its place. What
// cannot be read is left among them, but for an id: without it the record would
// be taken for another.
func (c *column) take(into reflect.Value, fields map[string]json.RawMessage) error {
	for _, name := range c.names {
		raw, ok := fields[name]
		if !ok {
			continue
		}
		err := c.read(into, raw)
		if err != nil && c.id {
			return &AnswerError{Field: name, Reason: "has a type that cannot be read"}
		}
		if err == nil {
			delete(fields, name)
		}
		if err == nil && !isEmpty(raw) {
			break
		}
	}
	if c.required && into.IsZero() {
		return &AnswerError{Field: c.names[0], Reason: "is missing"}
	}
	return nil
}

func isEmpty(raw json.RawMessage) bool { return string(raw) == `null` || string(raw) == `""` }

// read sets one field; null leaves it as it is.
func (c *column) read(into reflect.Value, raw json.RawMessage) error {
	if string(raw) == `null` {
		return nil
	}
	switch into.Kind() {
	case reflect.String:
		return c.readText(into, raw)
	case reflect.Struct:
		if c.inner != nil {
			return fill(into, c.inner, raw)
		}
		var at yjiyun.Millis
		err := at.UnmarshalJSON(raw)
		if err == nil {
			into.Set(reflect.ValueOf(at.Time(time.Time{})))
		}
		return err
	default:
		return readNumber(into, raw)
	}
}

func (c *column) readText(into reflect.Value, raw json.RawMessage) error {
	if c.id {
		var id yjiyun.ID
		err := id.UnmarshalJSON(raw)
		into.SetString(string(id))
		return err
	}
	var text yjiyun.Text
	err := text.UnmarshalJSON(raw)
	into.SetString(string(text))
	return err
}

// readNumber sets a whole number, or a yes or no written as 1 or 0.
func readNumber(into reflect.Value, raw json.RawMessage) error {
	var n yjiyun.Number
	if err := n.UnmarshalJSON(raw); err != nil {
		return err
	}
	if into.Kind() == reflect.Bool {
		into.SetBool(n == 1)
		return nil
	}
	if into.OverflowInt(int64(n)) {
		return strconv.ErrRange
	}
	into.SetInt(int64(n))
	return nil
}
