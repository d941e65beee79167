package state

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// Unfit is why a place is none for a state file.
type Unfit string

// The reasons.
const (
	UnfitFolder    Unfit = "no folder"          // what should be its folder is something else
	UnfitFile      Unfit = "no file"            // what has its name is no regular file
	UnfitNetwork   Unfit = "network"            // a file system on which locks or memory maps are not to be relied on
	UnfitReadOnly  Unfit = "read-only"          // the file system, or its mount
	UnfitRights    Unfit = "no rights"          // this user may not write in the folder
	UnfitOwner     Unfit = "owner"              // the file is of another user
	UnfitEverybody Unfit = "writable by others" // anybody could put another file in its place
)

// PlaceError says that a state file cannot be where it is to be: nothing was written.
type PlaceError struct {
	Path string // of the file
	At   string // what is wrong, which may be its folder
	Why  Unfit
	What string // the name of a file system, an owner, or a mode, by Why
}

// Error says why, in a few words.
func (e *PlaceError) Error() string {
	if e.What == "" {
		return fmt.Sprintf("state file %s cannot be kept there: %s: %s", e.Path, e.At, e.Why)
	}
	return fmt.Sprintf("state file %s cannot be kept there: %s: %s (%s)", e.Path, e.At, e.Why, e.What)
}

// Place says whether a state file can be kept at path, and makes its folder, with mode
// 0700, if it is missing. An error is a *PlaceError, or the system's.
func Place(path string) error {
	folder := filepath.Dir(path)
	if err := makeFolder(path, folder); err != nil {
		return err
	}
	if err := fitSystem(path, folder); err != nil {
		return err
	}
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return fmt.Errorf("look at state file %s: %w", path, err)
	case !info.Mode().IsRegular():
		return &PlaceError{Path: path, At: path, Why: UnfitFile, What: info.Mode().Type().String()}
	}
	return fitOwner(path, info, os.Geteuid())
}

// Real is where the file at path lies, if that is a link: whoever puts another file in
// its place puts it there, and the link stays.
func Real(path string) string {
	if info, err := os.Lstat(path); err != nil || info.Mode()&fs.ModeSymlink == 0 {
		return path
	}
	if real, err := filepath.EvalSymlinks(path); err == nil {
		return real
	}
	return path
}

// makeFolder makes sure that there is one.
func makeFolder(path, folder string) error {
	info, err := os.Stat(folder)
	if err == nil && info.IsDir() {
		return nil
	}
	if err == nil {
		return &PlaceError{Path: path, At: folder, Why: UnfitFolder}
	}
	err = os.MkdirAll(folder, 0o700)
	bad, ok := errors.AsType[*fs.PathError](err)
	if ok && isNotFolder(bad.Err) {
		return &PlaceError{Path: path, At: bad.Path, Why: UnfitFolder}
	}
	if ok {
		if why := unfitByError(bad.Err); why != "" {
			return &PlaceError{Path: path, At: nearest(bad.Path), Why: why}
		}
	}
	if err != nil {
		return fmt.Errorf("make the folder of state file %s: %w", path, err)
	}
	return nil
}

// nearest is the folder on the way to path that is there: the one that somebody can do
// something about.
func nearest(path string) string {
	for above := filepath.Dir(path); above != path; path, above = above, filepath.Dir(above) {
		if _, err := os.Stat(path); err == nil {
			break
		}
	}
	return path
}

// unfitByError is what an error of the system says about a place; "" = nothing.
func unfitByError(err error) Unfit {
	switch {
	case isReadOnly(err):
		return UnfitReadOnly
	case errors.Is(err, fs.ErrPermission):
		return UnfitRights
	default:
		return ""
	}
}
