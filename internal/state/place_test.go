package state_test

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"botengine/internal/state"
)

func TestFault63APlaceThatIsNoneForAStateFileIsRefusedAndNothingIsWritten(t *testing.T) {
	dir := t.TempDir()
	sub := func(name string, mode os.FileMode) string {
		path := filepath.Join(dir, name)
		if err := errors.Join(os.Mkdir(path, 0o700), os.Chmod(path, mode)); err != nil {
			t.Fatal(err)
		}
		return path
	}
	file := filepath.Join(dir, "file")
	if err := os.WriteFile(file, []byte("机器人"), 0o600); err != nil {
		t.Fatal(err)
	}
	cases := map[string]struct {
		path string
		why  state.Unfit
	}{
		"its folder is a file":          {filepath.Join(file, "x.db"), state.UnfitFolder},
		"a folder above it is":          {filepath.Join(file, "data", "x.db"), state.UnfitFolder},
		"it is a folder":                {sub("folder.db", 0o700), state.UnfitFile},
		"anybody may write beside it":   {filepath.Join(sub("open", 0o777), "x.db"), state.UnfitEverybody},
		"this user may not":             {filepath.Join(sub("shut", 0o500), "x.db"), state.UnfitRights},
		"nor make the folder there":     {filepath.Join(sub("closed", 0o500), "a", "b", "x.db"), state.UnfitRights},
		"each may write his own: /tmp":  {filepath.Join(sub("tmp", 0o777|os.ModeSticky), "x.db"), ""},
		"its group may, as in clusters": {filepath.Join(sub("group", 0o770), "x.db"), ""},
		"its folder is not there yet":   {filepath.Join(dir, "a", "b", "x.db"), ""},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			if c.why == state.UnfitRights && os.Geteuid() == 0 {
				t.Skip("root may write anywhere")
			}
			err := state.Place(c.path)
			var bad *state.PlaceError
			if errors.As(err, &bad); c.why == "" && err != nil || c.why != "" && (bad == nil || bad.Why != c.why || bad.Path != c.path) {
				t.Errorf("Place = %v, want %q", err, c.why)
			}
			if bad != nil && c.why == state.UnfitRights {
				if _, err := os.Stat(bad.At); err != nil {
					t.Errorf("nobody can do anything about %s: it is not there", bad.At)
				}
			}
			if _, err := os.Lstat(c.path + ".pid"); err == nil {
				t.Error("something was written")
			}
		})
	}
}
