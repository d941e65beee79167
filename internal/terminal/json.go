package terminal

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"time"
)

// version is the version of the JSON that lists are written as.
const version = 1

// writeJSON writes {"v":1,"<name>":[…],"complete":…}, a row on each line.
func (l List[T]) writeJSON(w io.Writer) error {
	out := bufio.NewWriter(w)
	fmt.Fprintf(out, "{\n  \"v\": %d,\n  %q: [", version, l.Name)
	for i, row := range l.Rows {
		object, err := l.object(row)
		if err != nil {
			return fmt.Errorf("write %s: %w", l.Name, err)
		}
		separator := ",\n    "
		if i == 0 {
			separator = "\n    "
		}
		fmt.Fprintf(out, "%s%s", separator, object)
	}
	if len(l.Rows) > 0 {
		fmt.Fprint(out, "\n  ")
	}
	fmt.Fprintf(out, "],\n  \"complete\": %t\n}\n", l.Complete)
	return out.Flush()
}

// object is a row with its columns in their order.
func (l List[T]) object(row T) ([]byte, error) {
	var b bytes.Buffer
	b.WriteByte('{')
	for i, c := range l.Columns {
		if i > 0 {
			b.WriteString(", ")
		}
		value, err := encode(c.Value(row))
		if err != nil {
			return nil, fmt.Errorf("%s: %w", c.Key, err)
		}
		fmt.Fprintf(&b, "%q: %s", c.Key, value)
	}
	if err := l.extra(&b, row); err != nil {
		return nil, err
	}
	b.WriteByte('}')
	return b.Bytes(), nil
}

// extra adds what no column has, spelt as it came.
func (l List[T]) extra(b *bytes.Buffer, row T) error {
	if l.Extra == nil {
		return nil
	}
	rest := l.Extra(row)
	if len(rest) == 0 {
		return nil
	}
	value, err := encode(rest)
	if err != nil {
		return fmt.Errorf("extra: %w", err)
	}
	fmt.Fprintf(b, ", \"extra\": %s", value)
	return nil
}

// encode writes a value as JSON, a time that is not known as null, a list that
// is empty as a list.
func encode(v any) ([]byte, error) {
	switch t := v.(type) {
	case Named:
		return encode(t.Value)
	case time.Time:
		if t.IsZero() {
			return []byte("null"), nil
		}
		v = t.UTC().Format(time.RFC3339Nano)
	case []string:
		if t == nil {
			return []byte("[]"), nil
		}
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return nil, err
	}
	return bytes.TrimSpace(b.Bytes()), nil
}
