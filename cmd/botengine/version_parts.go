package main

import (
	"cmp"
	"encoding/json"
	"io"
	"net/url"
	"runtime/debug"
	"slices"
	"strings"
)

// The fields of a CycloneDX bill of materials, version 1.6, as far as a binary knows
// of itself. There is no time and no serial number in it: the same build says the same.
type (
	billOfMaterials struct {
		Format     string          `json:"bomFormat"`
		Spec       string          `json:"specVersion"`
		Version    int             `json:"version"`
		Metadata   billMetadata    `json:"metadata"`
		Components []billComponent `json:"components"`
	}
	billMetadata struct {
		Component billComponent `json:"component"`
	}
	billComponent struct {
		Type       string         `json:"type"`
		Ref        string         `json:"bom-ref"`
		Name       string         `json:"name"`
		Version    string         `json:"version"`
		PURL       string         `json:"purl"`
		Properties []billProperty `json:"properties,omitempty"`
	}
	billProperty struct {
		Name  string `json:"name"`
		Value string `json:"value"`
	}
)

// writeParts writes what the binary was built of: the Go release's library and every
// module, with the sum that go.sum has for it.
func writeParts(w io.Writer, info *debug.BuildInfo) error {
	bill := billOfMaterials{
		Format: "CycloneDX", Spec: "1.6", Version: 1,
		Metadata: billMetadata{moduleComponent("application", &info.Main)},
		Components: []billComponent{
			moduleComponent("library", &debug.Module{Path: "std", Version: strings.TrimPrefix(info.GoVersion, "go")}),
		},
	}
	for _, m := range info.Deps {
		if m.Replace != nil {
			m = m.Replace
		}
		bill.Components = append(bill.Components, moduleComponent("library", m))
	}
	slices.SortFunc(bill.Components, func(a, b billComponent) int { return cmp.Compare(a.PURL, b.PURL) })
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(bill)
}

func moduleComponent(kind string, m *debug.Module) billComponent {
	version := cmp.Or(m.Version, "(devel)")
	purl := "pkg:golang/" + m.Path + "@" + url.PathEscape(version)
	c := billComponent{Type: kind, Ref: purl, Name: m.Path, Version: version, PURL: purl}
	if m.Sum != "" {
		c.Properties = []billProperty{{"go:sum", m.Sum}}
	}
	return c
}
