package config

import (
	"errors"
	"io/fs"
	"os"
)

// replaceFile replaces what a file holds by moving another over it: as close to
// one step as this system comes.
func replaceFile(path string, data []byte, mode fs.FileMode) error {
	beside := path + ".new"
	if err := os.WriteFile(beside, data, mode); err != nil {
		return err
	}
	if err := os.Rename(beside, path); err != nil {
		return errors.Join(err, os.Remove(beside))
	}
	return nil
}
