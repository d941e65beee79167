package diag

import (
	"encoding/json"
	"fmt"
	"net/url"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

const (
	sarifSchema  = "https://json.schemastore.org/sarif-2.1.0.json"
	sarifVersion = "2.1.0"
	sarifBase    = "%SRCROOT%" // the folder that relative addresses begin at
)

// The parts of a SARIF log that we write, in the words of the standard.
type (
	sarifLog struct {
		Schema  string     `json:"$schema"`
		Version string     `json:"version"`
		Runs    []sarifRun `json:"runs"`
	}
	sarifRun struct {
		Tool       sarifTool            `json:"tool"`
		Language   string               `json:"language"`
		Bases      map[string]sarifRoot `json:"originalUriBaseIds"`
		ColumnKind string               `json:"columnKind"`
		Results    []sarifResult        `json:"results"`
		Translated []sarifComponent     `json:"translations"`
	}
	sarifRoot struct {
		Description sarifMessage `json:"description"`
	}
	sarifTool struct {
		Driver sarifComponent `json:"driver"`
	}
	sarifComponent struct {
		Name     string      `json:"name"`
		Language string      `json:"language"`
		Rules    []sarifRule `json:"rules"`
	}
	sarifRule struct {
		ID    string       `json:"id"`
		Short sarifMessage `json:"shortDescription"`
		Full  sarifMessage `json:"fullDescription"`
		Help  sarifMessage `json:"help"`
	}
	sarifMessage struct {
		Text     string `json:"text"`
		Markdown string `json:"markdown,omitempty"`
	}
	sarifResult struct {
		RuleID    string          `json:"ruleId"`
		RuleIndex *int            `json:"ruleIndex,omitempty"`
		Level     Severity        `json:"level"`
		Message   sarifMessage    `json:"message"`
		Locations []sarifLocation `json:"locations,omitempty"`
		Related   []sarifLocation `json:"relatedLocations,omitempty"`
	}
	sarifLocation struct {
		ID       int           `json:"id,omitempty"`
		Physical sarifPhysical `json:"physicalLocation"`
		Message  *sarifMessage `json:"message,omitempty"`
	}
	sarifPhysical struct {
		Artifact sarifArtifact `json:"artifactLocation"`
		Region   *sarifRegion  `json:"region,omitempty"`
	}
	sarifArtifact struct {
		URI  string `json:"uri"`
		Base string `json:"uriBaseId,omitempty"`
	}
	sarifRegion struct {
		StartLine   int `json:"startLine"`
		StartColumn int `json:"startColumn"`
		EndLine     int `json:"endLine"`
		EndColumn   int `json:"endColumn"`
	}
)

// sarif writes the findings as a SARIF 2.1.0 log of one run. Its rules are the
// codes that were found, explained in the language asked for and, as a
// translation, in the other one.
func (p *printer) sarif(findings List) error {
	codes := usedCodes(findings)
	run := sarifRun{
		Tool:       sarifTool{Driver: sarifExplained(codes, p.options.Lang)},
		Language:   sarifLanguage(p.options.Lang),
		Bases:      map[string]sarifRoot{sarifBase: {Description: sarifMessage{Text: T("运行检查的文件夹", "the folder that the check was run in").In(p.options.Lang)}}},
		ColumnKind: "utf16CodeUnits",
		Results:    make([]sarifResult, 0, len(findings)),
		Translated: []sarifComponent{sarifExplained(codes, other(p.options.Lang))},
	}
	for _, f := range findings {
		run.Results = append(run.Results, p.sarifResult(f, codes))
	}
	b, err := json.MarshalIndent(sarifLog{Schema: sarifSchema, Version: sarifVersion, Runs: []sarifRun{run}}, "", "  ")
	if err != nil {
		return fmt.Errorf("encode findings: %w", err)
	}
	_, _ = p.w.Write(append(escapeHostile(b), '\n')) // Flush has the error
	return p.w.Flush()
}

// usedCodes are the codes of the findings that can be explained, each once, in
// order.
func usedCodes(findings List) []Info {
	return slices.DeleteFunc(Codes(), func(c Info) bool {
		return !slices.ContainsFunc(findings, func(f Finding) bool { return f.Code == c.Code })
	})
}

// sarifExplained is the tool with its rules in one language.
func sarifExplained(codes []Info, lang Lang) sarifComponent {
	c := sarifComponent{Name: "botengine", Language: sarifLanguage(lang), Rules: make([]sarifRule, 0, len(codes))}
	for _, info := range codes {
		var page strings.Builder
		for i, l := range []Lang{lang, other(lang)} {
			if i > 0 {
				page.WriteString("\n---\n\n")
			}
			page.WriteString(info.markdown(l))
		}
		c.Rules = append(c.Rules, sarifRule{
			ID: info.Code, Short: sarifMessage{Text: info.Title.In(lang)}, Full: sarifMessage{Text: info.Explain.In(lang)},
			Help: sarifMessage{Text: info.Explanation(lang), Markdown: page.String()},
		})
	}
	return c
}

// markdown explains the code in one language.
func (c Info) markdown(lang Lang) string {
	var b strings.Builder
	fmt.Fprintf(&b, "**%s: %s**\n\n%s\n", c.Code, c.Title.In(lang), c.Explain.In(lang))
	for _, e := range []struct {
		title Text
		text  string
	}{{T("错误写法：", "wrong:"), c.Wrong}, {T("正确写法：", "right:"), c.Right}} {
		if e.text != "" {
			fmt.Fprintf(&b, "\n%s\n\n```yaml\n%s\n```\n", e.title.In(lang), exampleLines(e.text))
		}
	}
	return b.String()
}

func (p *printer) sarifResult(f Finding, codes []Info) sarifResult {
	message := printable(f.Message.In(p.options.Lang))
	if hint := printable(f.Hint.In(p.options.Lang)); hint != "" {
		message += "\n" + hintWord(p.options.Lang) + " " + hint
	}
	out := sarifResult{RuleID: f.Code, Level: f.Severity, Message: sarifMessage{Text: message}}
	if i := slices.IndexFunc(codes, func(c Info) bool { return c.Code == f.Code }); i >= 0 {
		out.RuleIndex = &i
	}
	if f.File != "" {
		out.Locations = []sarifLocation{{Physical: p.physical(f.File, f.Range)}}
	}
	for i, r := range f.Related {
		if r.File != "" {
			text := sarifMessage{Text: printable(r.Message.In(p.options.Lang))}
			out.Related = append(out.Related, sarifLocation{ID: i + 1, Physical: p.physical(r.File, r.Range), Message: &text})
		}
	}
	return out
}

// physical is a place in a file. The standard counts columns from 1, in the units
// that the run names; the end is behind the last character, as ours is.
func (p *printer) physical(file string, r Range) sarifPhysical {
	out := sarifPhysical{Artifact: sarifAddress(file)}
	if r.IsZero() {
		return out
	}
	if r.End.Before(r.Start) {
		r.End = r.Start
	}
	out.Region = &sarifRegion{
		StartLine: r.Start.Line, StartColumn: p.texts.unitColumn(file, r.Start),
		EndLine: r.End.Line, EndColumn: p.texts.unitColumn(file, r.End),
	}
	return out
}

// unitColumn is the column of p from 1 in UTF-16 units; without the source, in
// runes.
func (t *texts) unitColumn(file string, p Position) int {
	column := max(1, p.Column)
	source, ok := t.get(file)
	if !ok || p.Line > len(source.lines) {
		return column
	}
	line := source.lines[p.Line-1]
	for _, r := range line[:min(column-1, len(line))] {
		if r > 0xffff {
			column++
		}
	}
	return column
}

// sarifAddress is the file as an address, relative to the base unless its path is
// absolute.
func sarifAddress(file string) sarifArtifact {
	slashed := path.Clean(filepath.ToSlash(file))
	if filepath.IsAbs(file) {
		if !strings.HasPrefix(slashed, "/") {
			slashed = "/" + slashed // a drive letter
		}
		return sarifArtifact{URI: (&url.URL{Scheme: "file", Path: slashed}).String()}
	}
	return sarifArtifact{URI: (&url.URL{Path: slashed}).String(), Base: sarifBase}
}

func sarifLanguage(lang Lang) string {
	if lang == EN {
		return "en-US"
	}
	return "zh-CN"
}

func other(lang Lang) Lang {
	if lang == EN {
		return ZH
	}
	return EN
}
