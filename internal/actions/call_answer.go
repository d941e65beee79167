package actions

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"

	"botengine/internal/expression"
)

// The bounds of what is kept of an answer: the run carries it along.
const (
	maxCallFields = 500
	maxCallDepth  = 8
)

// readCall makes what expressions see of a call's answer.
func readCall(_, answer []byte) (expression.Found, error) {
	var got struct {
		Status int    `json:"status"`
		Body   string `json:"body"`
	}
	if err := json.Unmarshal(answer, &got); err != nil {
		return expression.Found{}, errors.New("the answer cannot be read")
	}
	found := expression.CallAnswer{Status: got.Status, Text: got.Body, Fields: map[string]string{}}
	if v, err := decodeAnswer([]byte(got.Body)); err == nil {
		flatten(found.Fields, "", v, maxCallDepth)
	}
	return expression.Found{Shape: expression.ShapeCall, Call: found}, nil
}

// flatten notes every value of a JSON answer under its path, as a text: numbers
// digit by digit. What is too deep, or too much, is left out.
func flatten(into map[string]string, path string, v any, depth int) {
	if len(into) >= maxCallFields || depth < 0 {
		return
	}
	switch v := v.(type) {
	case map[string]any:
		for _, name := range slices.Sorted(maps.Keys(v)) { // the same for the same answer
			flatten(into, below(path, name), v[name], depth-1)
		}
	case []any:
		for i, inner := range v {
			flatten(into, below(path, strconv.Itoa(i)), inner, depth-1)
		}
	case nil:
	case string:
		into[path] = v
	default:
		into[path] = fmt.Sprint(v)
	}
}

func below(path, name string) string {
	if path == "" {
		return name
	}
	return path + "." + name
}
