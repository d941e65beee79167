package engine

import (
	"encoding/json"
	"errors"
	"fmt"

	"botengine/internal/diag"
	"botengine/internal/rule"
)

var errNoSuchRule = errors.New("the rules it began with do not have this rule")

// archivedSource is one file of an archive.
type archivedSource struct {
	Path string `json:"path"`
	Text []byte `json:"text"`
}

// ArchiveOf names the archive that a run goes on with once its rule is replaced,
// as the hash in PutArchive; "" when the data is no run's.
func ArchiveOf(runData []byte) string {
	var of struct {
		Hash string `json:"hash"`
	}
	if json.Unmarshal(runData, &of) != nil {
		return ""
	}
	return of.Hash
}

func encodeArchive(sources rule.Sources) ([]byte, error) {
	files := make([]archivedSource, len(sources))
	for i, s := range sources {
		files[i] = archivedSource{Path: s.Path, Text: s.Text}
	}
	data, err := json.Marshal(files)
	if err != nil {
		return nil, fmt.Errorf("encode the rules a run begins with: %w", err)
	}
	return data, nil
}

// archived compiles the text that a run began with and that has been replaced
// since.
func (d *decider) archived(id, hash string) (*rule.Rule, error) {
	set, err := d.in.Cache.archive(hash, func() (*rule.Set, error) {
		data, ok := d.in.Facts.Archive(hash)
		if !ok {
			return nil, errors.New("the rules it began with are gone")
		}
		return compileArchive(data)
	})
	if err != nil {
		return nil, err
	}
	r, ok := set.Rule(id)
	if !ok {
		return nil, errNoSuchRule
	}
	return r, nil
}

func compileArchive(data []byte) (*rule.Set, error) {
	var files []archivedSource
	if err := json.Unmarshal(data, &files); err != nil {
		return nil, fmt.Errorf("decode the rules it began with: %w", err)
	}
	sources := make(rule.Sources, len(files))
	for i, f := range files {
		sources[i] = rule.Source{Path: f.Path, Text: f.Text}
	}
	set, findings := rule.Compile(sources)
	if set == nil {
		return nil, fmt.Errorf("the rules it began with do not compile any more: %s", findings.Summary(diag.EN))
	}
	return set, nil
}
