package diag

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"unicode/utf8"
)

// report is the JSON form of a List. A change that readers could notice gets a
// new number.
type report struct {
	V        int           `json:"v"`
	Findings []jsonFinding `json:"findings"`
	Counts
}

type jsonFinding struct {
	Code     string        `json:"code"`
	Severity Severity      `json:"severity"`
	File     string        `json:"file"`
	Range    *jsonRange    `json:"range,omitempty"`
	Message  Text          `json:"message"`
	Hint     *Text         `json:"hint,omitempty"`
	Related  []jsonRelated `json:"related,omitempty"`
	Omitted  *Counts       `json:"omitted,omitempty"`
}

type jsonRelated struct {
	File    string     `json:"file"`
	Range   *jsonRange `json:"range,omitempty"`
	Message Text       `json:"message"`
}

type jsonRange struct {
	Start jsonPosition `json:"start"`
	End   jsonPosition `json:"end"`
}

// jsonPosition has line and column from 1, in runes, and, when the source is at
// hand, how many bytes and UTF-16 units of the file stand before the place.
type jsonPosition struct {
	Line   int  `json:"line"`
	Column int  `json:"column"`
	Byte   *int `json:"byte_offset,omitempty"`
	UTF16  *int `json:"utf16_offset,omitempty"`
}

// printJSON writes {"v":1,"findings":[…],"errors":n,"warnings":n}.
func printJSON(w io.Writer, findings List, sources Sources) error {
	all := newTexts(sources)
	out := report{V: 1, Findings: make([]jsonFinding, 0, len(findings)), Counts: findings.Count()}
	for _, f := range findings {
		out.Findings = append(out.Findings, toJSON(f, all))
	}
	b, err := json.MarshalIndent(out, "", "  ")
	if err != nil {
		return fmt.Errorf("encode findings: %w", err)
	}
	_, err = w.Write(append(escapeHostile(b), '\n'))
	return err
}

// toJSON converts one finding.
func toJSON(f Finding, all *texts) jsonFinding {
	j := jsonFinding{
		Code: f.Code, Severity: f.Severity, File: f.File, Message: f.Message,
		Range: all.rangeJSON(f.File, f.Range),
	}
	if !f.Hint.IsZero() {
		j.Hint = &f.Hint
	}
	if f.Omitted != (Counts{}) {
		j.Omitted = &f.Omitted
	}
	for _, r := range f.Related {
		j.Related = append(j.Related, jsonRelated{
			File: r.File, Range: all.rangeJSON(r.File, r.Range), Message: r.Message,
		})
	}
	return j
}

// rangeJSON converts r; a range without a place has no JSON.
func (t *texts) rangeJSON(file string, r Range) *jsonRange {
	if r.IsZero() {
		return nil
	}
	if r.End.Before(r.Start) {
		r.End = r.Start
	}
	return &jsonRange{Start: t.positionJSON(file, r.Start), End: t.positionJSON(file, r.End)}
}

// positionJSON converts p, with offsets if the file is at hand.
func (t *texts) positionJSON(file string, p Position) jsonPosition {
	j := jsonPosition{Line: p.Line, Column: max(1, p.Column)}
	source, ok := t.get(file)
	if !ok {
		return j
	}
	if inBytes, inUnits, inside := source.offsets(p); inside {
		j.Byte, j.UTF16 = &inBytes, &inUnits
	}
	return j
}

// escapeHostile writes hostile runes of encoded JSON as \u escapes. They can
// stand in strings only, where the escape means the same.
func escapeHostile(b []byte) []byte {
	var out bytes.Buffer
	for len(b) > 0 {
		r, size := utf8.DecodeRune(b)
		switch {
		case r == '\n' || !hostile(r):
			out.Write(b[:size])
		case r > 0xffff:
			fmt.Fprintf(&out, `\u%04x\u%04x`, 0xd800+(r-0x10000)>>10, 0xdc00+(r-0x10000)&0x3ff)
		default:
			fmt.Fprintf(&out, `\u%04x`, r)
		}
		b = b[size:]
	}
	return out.Bytes()
}
