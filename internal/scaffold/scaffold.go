// Package scaffold owns what a new project begins with: the files of `botengine init`,
// and how they are written without touching anything that is there. It refuses to
// know what the files mean.
package scaffold

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"unicode/utf8"

	"botengine"
	"botengine/internal/diag"
)

//go:embed files
var embedded embed.FS

// Templates are the rules that a project can begin with.
func Templates() []string { return []string{"faq", "welcome", "friend", "moderation"} }

// File is one file of a project: its path below the project's folder, with /.
type File struct {
	Path string
	Text []byte
}

// Schemas are the texts of the schemas, by the kind of file they are for.
type Schemas struct{ Rules, Config, Test []byte }

// Files are those of a new project that begins with a template, in one language.
func Files(template string, lang diag.Lang, schemas Schemas) ([]File, error) {
	of := func(name string) string { return string(lang) + "/" + name }
	out := []File{
		{Path: "schema/rules.schema.json", Text: schemas.Rules},
		{Path: "schema/config.schema.json", Text: schemas.Config},
		{Path: "schema/test.schema.json", Text: schemas.Test},
		{Path: "botengine.service", Text: botengine.SystemdUnit},
	}
	for _, f := range []struct{ path, source, schema string }{
		{"botengine.yaml", of("botengine.yaml"), "schema/config.schema.json"},
		{"rules/" + template + ".yaml", of(template + ".yaml"), "../schema/rules.schema.json"},
		{"rules/" + template + "_test.yaml", of(template + "_test.yaml"), "../schema/test.schema.json"},
		{".env.example", of("env.example"), ""},
		{".gitignore", "common/gitignore", ""},
		{".vscode/settings.json", "common/settings.json", ""},
		{".vscode/extensions.json", "common/extensions.json", ""},
		{".vscode/tasks.json", "common/tasks.json", ""},
		{"compose.yaml", "common/compose.yaml", ""},
	} {
		text, err := embedded.ReadFile("files/" + f.source)
		if err != nil {
			return nil, fmt.Errorf("template %s: %w", template, err)
		}
		if f.schema != "" {
			text = append([]byte("# yaml-language-server: $schema="+f.schema+"\n"), text...)
		}
		out = append(out, File{Path: f.path, Text: text})
	}
	return out, nil
}

// ExistsError says which files are there already.
type ExistsError struct{ Paths []string }

// Error names them.
func (e *ExistsError) Error() string { return "exists already: " + strings.Join(e.Paths, ", ") }

// NameError says that a folder has a name that no text can hold.
type NameError struct{ Name string }

// Error quotes the name.
func (e *NameError) Error() string { return fmt.Sprintf("the name %q is not UTF-8", e.Name) }

// Write writes the files below dir, which it makes if need be. Nothing that is there
// is touched: an *ExistsError names all that stand in the way. After any error there
// is nothing more in dir than before.
func Write(dir string, files []File) error {
	if !utf8.ValidString(dir) {
		return &NameError{Name: dir}
	}
	if info, err := os.Stat(dir); err == nil && !info.IsDir() {
		return &fs.PathError{Op: "init", Path: dir, Err: ErrNotAFolder}
	}
	if err := inTheWay(dir, files); err != nil {
		return err
	}
	var made []string // what to take away again, in the order made
	err := write(dir, files, &made)
	if err != nil {
		for _, name := range slices.Backward(made) {
			_ = os.Remove(name) // a folder that others wrote into stays
		}
	}
	return err
}

// ErrNotAFolder says that there is a file where the project's folder should be.
var ErrNotAFolder = errors.New("not a folder")

// inTheWay names the files that are there already.
func inTheWay(dir string, files []File) error {
	var there []string
	for _, f := range files {
		_, err := os.Lstat(filepath.Join(dir, filepath.FromSlash(f.Path)))
		switch {
		case err == nil:
			there = append(there, f.Path)
		case !errors.Is(err, fs.ErrNotExist):
			return err
		}
	}
	if len(there) > 0 {
		return &ExistsError{Paths: there}
	}
	return nil
}

func write(dir string, files []File, made *[]string) error {
	for _, f := range files {
		full := filepath.Join(dir, filepath.FromSlash(f.Path))
		if err := folders(filepath.Dir(full), made); err != nil {
			return err
		}
		if err := writeNew(full, f.Text, made); err != nil {
			return err
		}
	}
	return nil
}

// folders makes a folder with those above it.
func folders(dir string, made *[]string) error {
	if _, err := os.Stat(dir); err == nil || !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if parent := filepath.Dir(dir); parent != dir {
		if err := folders(parent, made); err != nil {
			return err
		}
	}
	if err := os.Mkdir(dir, 0o755); err != nil { //nolint:gosec // a project is no secret
		return err
	}
	*made = append(*made, dir)
	return nil
}

// writeNew writes a file that is not there yet.
func writeNew(name string, text []byte, made *[]string) error {
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644) //nolint:gosec // a project is no secret
	if err != nil {
		return err
	}
	*made = append(*made, name)
	if _, err := bytes.NewReader(text).WriteTo(f); err != nil {
		_ = f.Close()
		return err
	}
	return f.Close()
}
