package scaffold

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"botengine/internal/diag"
)

func TestAProjectIsWrittenWholeOrNotAtAll(t *testing.T) {
	files, err := Files("faq", diag.ZH, Schemas{Rules: []byte("{}"), Config: []byte("{}"), Test: []byte("{}")})
	if err != nil {
		t.Fatal(err)
	}
	t.Run("a new folder, with those above it", func(t *testing.T) {
		dir := filepath.Join(t.TempDir(), "项目", "shop")
		if err := Write(dir, files); err != nil {
			t.Fatal(err)
		}
		if got := below(t, dir); len(got) != len(files) {
			t.Errorf("%d files of %d: %v", len(got), len(files), got)
		}
	})
	t.Run("beside what is there", func(t *testing.T) {
		dir := t.TempDir()
		put(t, dir, "rules/mine.yaml")
		if err := Write(dir, files); err != nil {
			t.Fatal(err)
		}
		if got := below(t, dir); len(got) != len(files)+1 {
			t.Errorf("%d files: %v", len(got), got)
		}
	})
	t.Run("all that is in the way is named, and nothing written", func(t *testing.T) {
		dir := t.TempDir()
		put(t, dir, ".gitignore", "rules/faq.yaml")
		there, ok := errors.AsType[*ExistsError](Write(dir, files))
		if !ok || !slices.Equal(there.Paths, []string{"rules/faq.yaml", ".gitignore"}) {
			t.Errorf("in the way: %+v", there)
		}
		if got := below(t, dir); len(got) != 2 {
			t.Errorf("written all the same: %v", got)
		}
	})
	t.Run("what fails in the middle leaves nothing behind", func(t *testing.T) {
		dir := t.TempDir()
		if err := os.Symlink("nowhere", filepath.Join(dir, "rules")); err != nil {
			t.Skip(err)
		}
		if err := Write(dir, files); err == nil {
			t.Fatal("a folder that cannot be made was no error")
		}
		if got := below(t, dir); len(got) != 1 {
			t.Errorf("left behind: %v", got)
		}
	})
	t.Run("a name that is not UTF-8", func(t *testing.T) {
		dir := filepath.Join(t.TempDir(), "\xd5\xe6")
		if _, ok := errors.AsType[*NameError](Write(dir, files)); !ok {
			t.Error("was taken")
		}
	})
	t.Run("a file in the folder's place", func(t *testing.T) {
		dir := t.TempDir()
		put(t, dir, "shop")
		if err := Write(filepath.Join(dir, "shop"), files); !errors.Is(err, ErrNotAFolder) {
			t.Error(err)
		}
	})
}

func TestEveryTemplateIsThereInBothLanguages(t *testing.T) {
	for _, lang := range []diag.Lang{diag.ZH, diag.EN} {
		for _, name := range Templates() {
			if _, err := Files(name, lang, Schemas{}); err != nil {
				t.Error(err)
			}
		}
	}
}

func put(t *testing.T, dir string, names ...string) {
	t.Helper()
	for _, name := range names {
		full := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(full), 0o750); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(full, []byte("mine\n"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// below are the files in a folder that are no folders.
func below(t *testing.T, dir string) (out []string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			out = append(out, path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}
